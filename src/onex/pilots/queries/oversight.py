"""Named reads: what overseers see of many applications at once. Every figure is made in SQL, a query a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
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


@dataclass(frozen=True)
class Places:
    """One bar of a chart of places: how many applications, and the places they asked for, were granted and used."""

    name: Any
    applications: int
    requested: int
    approved: int
    used: int


def applications_overseen_by(actor: Actor) -> Rows:
    """The applications whose figures this overseer is shown: exactly those its list of applications shows."""
    return seen("pilots.oversight", actor, PilotApplication.objects.order_by())


def choices_in(rows: Rows, name: str) -> list[tuple[str, Any]]:
    """What these applications can be narrowed to by one filter: (value, what people read), in order."""
    key, label = FILTERS[name]
    found = rows.filter(**{f"{key}__isnull": False}).values_list(key, label).distinct().order_by(label, key)
    return [(str(value), word) for value, word in found]


def applications_chosen(rows: Rows, chosen: Mapping[str, str]) -> Rows:
    """Those of the applications that the filters leave; `chosen` holds values of `choices_in`."""
    return rows.filter(**{FILTERS[name][0]: value for name, value in chosen.items()})


def counts_in_states(rows: Rows) -> dict[str, int]:
    """How many of these applications are in each state."""
    return dict(rows.values_list("state").annotate(n=Count("pk")))


def places_in_all(rows: Rows) -> Places:
    """All places of these applications together; what was withdrawn asks for none."""
    found = rows.filter(state__in=FILED).aggregate(**_SUMS)
    return Places("", found["applications"], found["requested"], found["approved"], found["used"])


def places_by(rows: Rows, name: str, most: int | None = None) -> list[Places]:
    """The places of these applications by one of PLACES_BY, who asked for most first (years in their order)."""
    lines = places_lines(rows, name)
    return [Places(**line) for line in (lines if most is None else lines[:most])]


def places_lines(rows: Rows, name: str) -> Any:
    """The same as a queryset of dicts, for a list that pages."""
    key, label = PLACES_BY[name]
    order = ("name",) if name in ("year", "level") else ("-requested", "name", key)
    lines = rows.filter(state__in=FILED).values(key).annotate(name=F(label), **_SUMS)
    return lines.values("name", *_SUMS).order_by(*order)


def groups_in(rows: Rows, names: list[str]) -> dict[str, int]:
    """How many bars a chart by each of these would have if it showed them all."""
    counts: dict[str, Any] = {}
    for name in names:
        key = PLACES_BY[name][0]
        counts[f"n_{name}"] = Count(key, distinct=True)
        counts[f"no_{name}"] = Count("pk", filter=Q(**{f"{key}__isnull": True}))  # those without a city are a bar, too
    found = rows.filter(state__in=FILED).aggregate(**counts)
    return {name: found[f"n_{name}"] + (1 if found[f"no_{name}"] else 0) for name in names}


_SUMS: dict[str, Any] = {
    "applications": Count("pk"),
    "requested": Coalesce(Sum("requested_count"), 0),
    "approved": Coalesce(Sum("approved_count"), 0),
    "used": Coalesce(Sum("used_count"), 0),
}
