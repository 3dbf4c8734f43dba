"""Named reads: how long applications wait for an answer. Percentiles are nearest-rank, on both databases alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncMonth

from onex.catalog.rules import BEIJING
from onex.common.models import Trace
from onex.pilots.models import PilotApplication
from onex.pilots.rules import GRANTED, ApplicationState

S = ApplicationState
TIMES_BY = ("batch", "month")
STEPS = (S.CITY_REVIEW, S.PROVINCE_REVIEW)


@dataclass(frozen=True)
class Times:
    """How long so many took: half of them no longer than the median, nine in ten no longer than `p90`."""

    group: Any
    count: int
    median: timedelta
    p90: timedelta


def times_by(rows: QuerySet[PilotApplication], name: str) -> list[Times]:
    """From the last submission to the conclusion, by batch (year, batch) or by the local month of the conclusion.

    An application that came back counts from when it was handed in again; while it waits, it counts for nothing.
    """
    decided = rows.filter(state__in=(*GRANTED, S.REJECTED), decided_at__gte=F("submitted_at"))
    by: tuple[Any, ...] = ("plan__year", "plan__batch")
    if name == "month":
        decided = decided.annotate(month=TruncMonth("decided_at", tzinfo=BEIJING))
        by = ("month",)
    ranked = decided.annotate(
        took=F("decided_at") - F("submitted_at"),
        n=Window(Count("pk"), partition_by=[F(one) for one in by]),
        place=Window(RowNumber(), partition_by=[F(one) for one in by], order_by=[F("took"), F("pk")]),
    )
    # Two rows of each group are read, however many it has: number ⌈n/2⌉ and number ⌈9n/10⌉.
    ends = ranked.filter(Q(place=(F("n") + 1) / 2) | Q(place=(F("n") * 9 + 9) / 10))
    found: dict[Any, list[Any]] = {}
    for *group, n, took in ends.order_by(*by, "place").values_list(*by, "n", "took"):
        found.setdefault(tuple(group), []).append((n, took))
    return [Times(group, lines[0][0], lines[0][1], lines[-1][1]) for group, lines in found.items()]


def times_by_step(rows: QuerySet[PilotApplication]) -> list[Times]:
    """Each stay at the city and at the province, as the traces tell it: from coming in to going out again.

    A stay that a return or a withdrawal ended counts too; one that has not ended does not.
    """
    inner, values = rows.order_by().values("pk").query.sql_with_params()
    # PostgreSQL ranks the intervals themselves: as numbers they take half as long again.
    took = "ended - began" if connection.vendor == "postgresql" else _SECONDS_ON_SQLITE
    sql = _STAYS.format(seen=inner, took=took, trace=Trace._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, PilotApplication._meta.label_lower, *map(str, STEPS)])
        lines = {step: Times(step, n, *map(_time, ends)) for step, n, *ends in cursor.fetchall()}
    return [lines[step] for step in STEPS if step in lines]


def _time(took: Any) -> timedelta:
    return took if isinstance(took, timedelta) else timedelta(seconds=round(float(took), 3))


_SECONDS_ON_SQLITE = "round((julianday(ended) - julianday(began)) * 86400, 3)"
# Django cannot rank over what a window gave (lead), so this one is written out; who sees what is still Django's.
_STAYS = """
with seen as ({seen}),
stay as (
  select t.to_state as step, t.at as began, lead(t.at) over (partition by t.subject_id order by t.at, t.id) as ended
  from {trace} t where t.subject_id in (select * from seen) and t.subject_type = %s and t.to_state <> ''
),
took as (select step, {took} as time from stay where ended is not null and step in (%s, %s)),
ranked as (
  select step, time, row_number() over (partition by step order by time) as place,
    count(*) over (partition by step) as n
  from took
)
select step, n,
  min(case when place = (n + 1) / 2 then time end),
  min(case when place = (n * 9 + 9) / 10 then time end)
from ranked group by step, n
"""
