"""Choosing: how a person wants to be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.text import Refused, say
from onex.notices import queries
from onex.notices.models import Preference
from onex.notices.rules import TEMPLATES, Pace


def choose(wanted: Mapping[str, Pace], *, by: Actor, at: datetime) -> int:
    """Keep how this person wants the e-mail of these kinds of notices; answers how many changed.

    Holds for what is told from now on. Raises Refused for a kind that is not told to anybody.
    """
    if set(wanted) - set(TEMPLATES):
        raise Refused(say("没有这类消息，请刷新后再试。"))
    before = queries.preferences_of(by)
    changed = {code: pace for code, pace in wanted.items() if before.get(code, TEMPLATES[code].pace) != pace}
    if changed:
        with tx.write():
            for code, pace in changed.items():
                row, _ = Preference.objects.update_or_create(
                    user_id=str(by.user_id), code=code, defaults={"pace": pace.value}
                )
            moves.leave_trace(row, "choose", by=by, at=at, data={"paces": {k: v.value for k, v in changed.items()}})
    return len(changed)
