"""Now, in one place: services take `at=`, so only edges (requests, tasks, commands) ask the clock."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The present, aware, UTC."""
    return timezone.now()


def to_ms(at: datetime) -> int:
    """Milliseconds since the epoch: the exam room's measure of time."""
    return int(at.timestamp() * 1000)
