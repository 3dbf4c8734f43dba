"""院校: suspended and restored by its province."""

from __future__ import annotations

from datetime import datetime

from onex.accounts.models import School
from onex.accounts.rules import SCHOOL
from onex.common import moves
from onex.common.actors import Actor


def move_school(school: School, move: str, *, by: Actor, at: datetime, note: str = "") -> School:
    """Suspend or restore: a suspended school's people have no hat at their next request. Raises Refused."""
    return moves.move(SCHOOL, school, move, by=by, at=at, note=note, sets={"is_active": move == "restore"})
