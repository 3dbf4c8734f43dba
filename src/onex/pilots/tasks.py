"""What runs without being asked: who forgets a deadline is reminded of it, once."""

from __future__ import annotations

from datetime import datetime

from onex.common.jobs import Swept, for_each
from onex.pilots import queries, services


def remind(*, at: datetime) -> Swept:
    """Reviewers of plans to be decided, schools with drafts and with returned applications; harmless to repeat."""
    parts = (
        for_each(queries.plans_to_remind_of(at), lambda plan: services.remind_reviewers(plan, at=at)),
        for_each(queries.drafts_to_remind_of(at), lambda row: services.remind_of_draft(row, at=at)),
        for_each(queries.returned_to_remind_of(at), lambda row: services.remind_of_correction(row, at=at)),
    )
    return Swept(sum(one.done for one in parts), tuple(reason for one in parts for reason in one.failed))
