"""What runs without being asked: rooms that have not taken their published session get it again."""

from __future__ import annotations

from datetime import datetime

from onex.common.jobs import Swept, for_each
from onex.sittings import queries, services


def load_rooms(*, at: datetime) -> Swept:
    """Load every published session that its room does not have yet; harmless to repeat."""
    return for_each(queries.sessions_to_load(), lambda session: services.load_into_room(session, at=at))
