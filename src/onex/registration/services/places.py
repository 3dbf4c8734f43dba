"""Watching over places: what does not add up is told to the auditor, once for each state it is found in."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from onex.common import jobs, moves, tx
from onex.common.actors import SYSTEM
from onex.common.exports import ALARM
from onex.common.models import Trace
from onex.registration import queries

KIND = "places"


def check_places(*, at: datetime) -> jobs.Swept:
    """Raise an alarm for each application whose places do not add up; the same finding is not told twice."""
    rows = list(queries.broken_applications())
    told: dict[Any, Any] = {}
    alarms = Trace.objects.filter(verb=ALARM, data__kind=KIND, subject_id__in=[row.pk for row in rows]).order_by("at")
    for subject, data in alarms.values_list("subject_id", "data"):
        told[subject] = data
    news = [(row, data) for row in rows if (data := _finding(row)) != told.get(row.pk)]

    def tell(one: tuple[Any, dict[str, Any]]) -> None:
        with tx.write():
            moves.leave_trace(one[0], ALARM, by=SYSTEM, at=at, data=one[1])

    return jobs.for_each(news, tell)


def _finding(row: Any) -> dict[str, Any]:
    return {"kind": KIND, **asdict(queries.facts_of(row))}
