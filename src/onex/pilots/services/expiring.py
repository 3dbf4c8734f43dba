"""Places lapse with the year of their plan: at once by the rule of taking, as a traced move when the sweep comes by."""

from __future__ import annotations

from datetime import datetime

from onex.common import jobs
from onex.common.actors import SYSTEM
from onex.pilots import queries
from onex.pilots.services.moving import move_application

BATCH = 500  # applications in one round of the sweep: the others have the next one


def expire_places(*, at: datetime) -> jobs.Swept:
    """Let approvals of past years lapse, each with its trace and its line in the ledger; twice is once."""
    rows = list(queries.applications_to_expire(at)[:BATCH])
    return jobs.for_each(rows, lambda row: move_application(row, "expire", by=SYSTEM, at=at))
