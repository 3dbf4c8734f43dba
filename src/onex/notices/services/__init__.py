"""Named writes: telling people, sending what is due, reading, choosing, wording, and forgetting."""

from onex.notices.services.choosing import choose
from onex.notices.services.delivering import deliver, sweep_notices
from onex.notices.services.forgetting import drop_notices, forget_notices
from onex.notices.services.reading import mark_read
from onex.notices.services.telling import Letter, tell, tell_each, tell_people
from onex.notices.services.wording import reset_template, save_template

__all__ = [
    "Letter",
    "choose",
    "deliver",
    "drop_notices",
    "forget_notices",
    "mark_read",
    "reset_template",
    "save_template",
    "sweep_notices",
    "tell",
    "tell_each",
    "tell_people",
]
