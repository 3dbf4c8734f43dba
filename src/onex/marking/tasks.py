"""What runs without being asked: rooms that have closed are collected."""

from __future__ import annotations

from datetime import datetime

from onex.common.actors import SYSTEM
from onex.common.jobs import Swept, for_each
from onex.marking import queries, services


def collect_rooms(*, at: datetime) -> Swept:
    """Collect every session whose room is closed; harmless to repeat."""
    return for_each(queries.closed_sessions(at), lambda session: services.collect(session, by=SYSTEM, at=at))
