"""Keeping true what pilots know of rosters: how many students a school has of each major."""

from __future__ import annotations

from datetime import datetime

from onex.accounts.models import School
from onex.common import jobs, moves, tx
from onex.common.actors import SYSTEM
from onex.pilots.services import count_roster
from onex.registration import queries


def recount(school: School) -> None:
    """Count the school's roster anew; call it in the transaction that changed the roster, after the change.

    The school is held meanwhile: of two changes at once the second one counts when the first is on disk.
    """
    with tx.write():
        count_roster(moves.lock(school), queries.students_by_major(school))


def repair_counts(*, at: datetime) -> jobs.Swept:
    """Count again what does not agree, with a trace for each school: no change of a roster should leave any."""

    def repair(school: School) -> None:
        with tx.write():
            recount(school)
            moves.leave_trace(None, "recount_roster", by=SYSTEM, at=at, data={"school": school.name})

    return jobs.for_each(queries.schools_miscounted(), repair)
