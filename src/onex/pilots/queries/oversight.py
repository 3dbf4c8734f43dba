"""Named reads: what overseers see of many applications at once. Every figure is made in SQL.

The choices of all filters are one statement, and the bars of all charts another: each reads the applications once, into
a narrow table of its own, and adds that up in as many ways as the page asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.pilots.models import PilotApplication
from onex.pilots.rules import FILED

Rows = QuerySet[PilotApplication]

# What the address may narrow by: its name → (what is compared, what people read).
FILTERS = {
    "year": ("plan__year", "plan__year"),
    "batch": ("plan__batch", "plan__batch"),
    "province": ("plan__province", "plan__province__region_name"),
    "city": ("school__city", "school__city__region_name"),
    "certificate": ("level__certificate", "level__certificate__name"),
    "level": ("level__level", "level__level"),
    "state": ("state", "state"),
}
# What places are added up by: (what is one and the same, what it is called).
PLACES_BY = {
    "year": ("plan__year", "plan__year"),
    "province": ("plan__province", "plan__province__region_name"),
    "city": ("school__city", "school__city__region_name"),
    "school": ("school", "school__name"),
    "certificate": ("level__certificate", "level__certificate__name"),
    "level": ("level__level", "level__level"),
}
_NUMBERS = {"year", "batch", "level"}  # the others are rows, told apart by their keys, and states
_IN_ORDER = {"year", "level"}  # they are few and stand in their own order, all others by how much was asked for
EVERY = 10_000


@dataclass(frozen=True)
class Places:
    """One bar of a chart of places: how many applications, and the places they asked for, were granted and used."""

    name: Any
    applications: int
    requested: int
    approved: int
    used: int


@dataclass
class Overview:
    """What a page of charts shows: all places together, the bars of each chart, and how many it would have in all."""

    places: Places = Places("", 0, 0, 0, 0)
    states: dict[str, int] = field(default_factory=dict)
    bars: dict[str, list[Places]] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)


def applications_overseen_by(actor: Actor) -> Rows:
    """The applications whose figures this overseer is shown: exactly those its list of applications shows."""
    return seen("pilots.oversight", actor, PilotApplication.objects.order_by())


def choices_in(rows: Rows, names: Sequence[str]) -> dict[str, list[tuple[str, Any]]]:
    """What these applications can be narrowed to by each of the filters: (value, what people read), in order."""
    found: dict[str, list[tuple[str, Any]]] = {name: [] for name in names}
    if not names:
        return found
    narrow, values = _narrow(rows, {name: FILTERS[name] for name in names})
    # Each key is named once, and by the whole of its name: a constant of this file.
    parts = [_CHOICES.format(name=name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(f"with seen as ({narrow}) {' union all '.join(parts)} order by 1, 4", values)
        for name, key, word, _place in cursor.fetchall():
            value = int(word) if name in _NUMBERS else word
            found[name].append((key if name in _NUMBERS or name == "state" else str(UUID(key)), value))
    return found


def applications_chosen(rows: Rows, chosen: Mapping[str, str]) -> Rows:
    """Those of the applications that the filters leave; `chosen` holds values of `choices_in`."""
    return rows.filter(**{FILTERS[name][0]: value for name, value in chosen.items()})


def overview_of(rows: Rows, names: Sequence[str], most: int, year: str = "") -> Overview:
    """All places of these applications, their states, and the `most` first bars by each of PLACES_BY; one statement.

    Of years and levels it is every bar. `rows` are of any year: the bars by year compare them all, whatever else is
    said is of `year` if one is given. What was withdrawn asks for no places.
    """
    narrow, values = _narrow(rows, {name: PLACES_BY[name] for name in {*names, "year"}})
    parts = [_STATES, _ALL, *(_bars(name) for name in names)]
    sql = _OVERVIEW.format(narrow=narrow, filed=", ".join(["%s"] * len(FILED)), parts=" union all ".join(parts))
    of_year = [int(year or 0)] * 2
    given = [*values, *map(str, FILED), *of_year, *of_year, *(EVERY if name in _IN_ORDER else most for name in names)]
    found = Overview(bars={name: [] for name in names}, groups=dict.fromkeys(names, 0))
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        for name, word, *sums, groups, _place in cursor.fetchall():
            if name == "state":
                found.states[word] = sums[0]
            elif name == "all":
                found.places = Places("", *map(int, sums))
            else:
                found.bars[name].append(Places(int(word) if name in _NUMBERS else word, *map(int, sums)))
                found.groups[name] = groups
    return found


def _narrow(rows: Rows, told: Mapping[str, tuple[str, str]]) -> tuple[str, Any]:
    """These applications as a statement of few columns: `<name>_key` and `<name>_word`, the state and the places."""
    columns = {
        f"{name}_{part}": F(path)
        for name, pair in told.items()
        for part, path in zip(("key", "word"), pair, strict=True)
    }
    counts = {"requested": F("requested_count"), "approved": F("approved_count"), "used": F("used_count")}
    sql, values = rows.order_by().values(now=F("state"), **counts, **columns).query.sql_with_params()
    return sql, list(values)


def _bars(name: str) -> str:
    order = "{name}_word, {name}_key" if name in _IN_ORDER else "sum(requested) desc, {name}_word, {name}_key"
    return _BARS.format(name=name, order=order.format(name=name), rows="filed" if name == "year" else "chosen")


# Django has no grouping of one table in several ways, so these are written out; who sees what is still Django's.
_CHOICES = """
select '{name}' as name, cast({name}_key as text) as value, cast({name}_word as text) as word,
  row_number() over (order by {name}_word, {name}_key) as place
from seen where {name}_key is not null group by {name}_key, {name}_word
"""
_OVERVIEW = """
with seen as ({narrow}),
filed as (select * from seen where now in ({filed})),
chosen as (select * from filed where %s = 0 or year_key = %s)
{parts}
order by 1, 8
"""
_STATES = """
select 'state' as name, now as word, count(*) as applications, 0 as requested, 0 as approved, 0 as used, 0 as bars,
  0 as place
from seen where %s = 0 or year_key = %s group by now
"""
_ALL = """
select 'all' as name, '' as word, count(*) as applications, coalesce(sum(requested), 0) as requested,
  coalesce(sum(approved), 0) as approved, coalesce(sum(used), 0) as used,
  0 as bars, 0 as place
from chosen
"""
_BARS = """
select * from (
  select '{name}' as name, cast({name}_word as text) as word, count(*) as applications,
    coalesce(sum(requested), 0) as requested, coalesce(sum(approved), 0) as approved, coalesce(sum(used), 0) as used,
    count(*) over () as bars, row_number() over (order by {order}) as place
  from {rows} group by {name}_key, {name}_word
) as {name}_bars where place <= %s
"""


def counts_in_states(rows: Rows) -> dict[str, int]:
    """How many of these applications are in each state."""
    return dict(rows.values_list("state").annotate(n=Count("pk")))


def places_by(rows: Rows, name: str) -> list[Places]:
    """The places of these applications by one of PLACES_BY, who asked for most first (years in their order)."""
    return [Places(**line) for line in places_lines(rows, name)]


def places_lines(rows: Rows, name: str) -> Any:
    """The same as a queryset of dicts, for a list that pages."""
    key, label = PLACES_BY[name]
    order = ("name",) if name in _IN_ORDER else ("-requested", "name", key)
    lines = rows.filter(state__in=FILED).values(key).annotate(name=F(label), **_SUMS)
    return lines.values("name", *_SUMS).order_by(*order)


_SUMS: dict[str, Any] = {
    "applications": Count("pk"),
    "requested": Coalesce(Sum("requested_count"), 0),
    "approved": Coalesce(Sum("approved_count"), 0),
    "used": Coalesce(Sum("used_count"), 0),
}
