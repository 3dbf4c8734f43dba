"""Which table lives where: exactly `examroom` in `room`, everything else in `default`."""

from __future__ import annotations

from typing import Any

ROOM_APPS = {"examroom"}


class RoomRouter:
    """Reads, writes and migrations of the sealed room go to its own database."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "room" if model._meta.app_label in ROOM_APPS else "default"

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return (one._meta.app_label in ROOM_APPS) == (other._meta.app_label in ROOM_APPS)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (app_label in ROOM_APPS) == (db == "room")
