"""Named reads: the ledger of places over many applications, its sums, and whether counters and lines agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.common.queries import with_words
from onex.pilots.models import PilotApplication, PlacesMove
from onex.pilots.rules import GRANTED, GRANTING, USING, ApplicationState, year_of

MOST_SCHOOLS = 300  # in a list to choose from; where there are more, the search box finds them


@dataclass(frozen=True)
class LedgerAsked:
    """What the address asks of the ledger, as it was typed; an empty word means any."""

    words: str = ""
    year: str = ""
    batch: str = ""
    province: str = ""
    city: str = ""
    school: str = ""
    certificate: str = ""
    level: str = ""
    state: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> LedgerAsked:
        names = {name: str(given.get(name, "")).replace("\x00", "") for name in cls.__dataclass_fields__}
        return cls(**names | {"words": str(given.get("q", "")).replace("\x00", "")})

    @property
    def in_any_state(self) -> LedgerAsked:
        return replace(self, state="")


def places_seen_by(actor: Actor) -> QuerySet[PilotApplication]:
    """The applications whose ledger this actor may open."""
    rows = PilotApplication.objects.select_related("plan__province", "school__city", "level__certificate")
    return seen("pilots.places_see", actor, rows)


def places_to_adjust(actor: Actor) -> QuerySet[PilotApplication]:
    """The applications whose granted places this actor may change."""
    rows = PilotApplication.objects.select_related("plan__province", "school__city", "level__certificate")
    return seen("pilots.places_adjust", actor, rows)


def ledger_seen_by(actor: Actor, at: datetime) -> QuerySet[PilotApplication]:
    """What was granted as far as this actor sees, each with the places `left` now and those `lapsed` with the year."""
    rest = F("approved_count") - F("used_count")
    is_over = Q(state=ApplicationState.EXPIRED) | Q(plan__year__lt=year_of(at))
    rows = places_seen_by(actor).filter(state__in=GRANTED)
    return rows.annotate(
        left=Case(When(is_over, then=Value(0)), default=rest, output_field=IntegerField()),
        lapsed=Case(When(is_over, then=rest), default=Value(0), output_field=IntegerField()),
    ).order_by("-plan__year", "-plan__batch", "school__name", "level__certificate__code", "level__level", "pk")


def ledger_of(rows: Any, asked: LedgerAsked) -> Any:
    """Those of these rows (of `ledger_seen_by`) that were asked for; none for a word that is no such thing."""
    rows = with_words(rows, asked.words, "school__name", "level__name")
    numbers = {"plan__year": asked.year, "plan__batch": asked.batch, "level__level": asked.level}
    keys = {
        "plan__province": asked.province,
        "school__city": asked.city,
        "school": asked.school,
        "level__certificate": asked.certificate,
    }
    for field, word in numbers.items():
        if word:
            rows = rows.filter(**{field: int(word)}) if _is_number(word) else rows.none()
    for field, word in keys.items():
        if word:
            rows = rows.filter(**{field: key}) if (key := _key(word)) else rows.none()
    if asked.state:
        rows = rows.filter(state=asked.state) if asked.state in set(GRANTED) else rows.none()
    return rows


def ledger_listed(rows: Any) -> Any:
    """These rows with what the page's columns show: thousands are sorted for a page, so their texts stay behind."""
    return rows.select_related(None).select_related("plan", "school__city", "level").only(
        "state", "requested_count", "approved_count", "used_count", "plan__year", "plan__batch", "school__name",
        "school__city__region_name", "level__short_name",
    )  # fmt: skip


def ledger_lines(rows: Any) -> Any:
    """The same as plain values, for a sheet of thousands: making seven objects of each row cost half of its time."""
    return rows.select_related(None).values(
        "state", "requested_count", "approved_count", "used_count", "left", "lapsed", "plan__year", "plan__batch",
        "school__name", "school__city__region_name", "level__name", "level__certificate__issuer_name",
    )  # fmt: skip


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 4


def _key(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


def ledger_sums(rows: Any) -> dict[str, int]:
    """The foot of the ledger: applications and their places added up."""
    found: dict[str, int] = rows.order_by().aggregate(
        applications=Count("pk"),
        requested=Sum("requested_count", default=0),
        approved=Sum("approved_count", default=0),
        used=Sum("used_count", default=0),
        all_left=Sum("left", default=0),
        all_lapsed=Sum("lapsed", default=0),
    )
    return found


def ledger_by_level(rows: Any, most: int) -> list[dict[str, Any]]:
    """Places approved and used of each certificate level, the largest first."""
    found = rows.order_by().values("level", name=F("level__short_name"))
    sums = found.annotate(approved=Sum("approved_count"), used=Sum("used_count"))
    return list(sums.order_by("-approved", "name", "level")[:most])


def ledger_choices(rows: Any, asked: LedgerAsked) -> dict[str, list[Any]]:
    """What the ledger may be filtered by, as it occurs in it; the schools only where they are few enough to choose."""
    rows = rows.order_by()
    plans = sorted(set(rows.values_list("plan__year", "plan__batch").distinct()), reverse=True)
    certificate = ("level__certificate", "level__certificate__name")
    city = ("school__city", "school__city__region_name")
    province = ("plan__province", "plan__province__region_name")
    schools = rows.filter(school__city=key) if (key := _key(asked.city)) else rows
    named = list(schools.values_list("school", "school__name").distinct().order_by("school__name")[: MOST_SCHOOLS + 1])
    return {
        "years": sorted({year for year, _ in plans}, reverse=True),
        "batches": sorted({batch for _, batch in plans}),
        "certificates": list(rows.values_list(*certificate).distinct().order_by("level__certificate__code")),
        "cities": list(rows.filter(school__city__isnull=False).values_list(*city).distinct().order_by(city[1])),
        "provinces": list(rows.values_list(*province).distinct().order_by(province[1])),
        "schools": named if len(named) <= MOST_SCHOOLS else [],
    }


def ledger_counts(rows: Any) -> dict[str, int]:
    """How many of these are in force and how many have lapsed, by state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def ledger_lines_of(application: PilotApplication) -> QuerySet[PlacesMove]:
    """The ledger of one application, newest first, each line with what was `approved_then` and `used_then` after it."""

    def running(kinds: Any) -> Window:
        counted = Case(When(kind__in=kinds, then=F("count")), default=Value(0))
        return Window(Sum(counted), order_by=[F("at").asc(), F("id").asc()])

    rows = application.places_moves.annotate(approved_then=running(GRANTING), used_then=running(USING))
    return rows.order_by("-at", "-id")


def with_ledger_sums(rows: Any) -> Any:
    """These applications with what the lines of their ledgers add up to: `granted` and `taken`."""
    return rows.annotate(granted=_sum_of(GRANTING), taken=_sum_of(USING))


def _sum_of(kinds: Any) -> Coalesce:
    lines = PlacesMove.objects.filter(application=OuterRef("pk"), kind__in=kinds).order_by()
    return Coalesce(Subquery(lines.values("application").annotate(n=Sum("count")).values("n")), 0)


def ledger_agrees() -> Q:
    """The words of `rules.problems_with_ledger` in SQL, for applications of `with_ledger_sums`."""
    approved = Coalesce(F("approved_count"), 0)
    return Q(used_count__gte=0, used_count__lte=approved, granted=approved, taken=F("used_count"))


def applications_to_expire(at: datetime) -> QuerySet[PilotApplication]:
    """Approvals in force whose year is over, the oldest first."""
    rows = PilotApplication.objects.select_related("plan__province", "school", "level")
    return rows.filter(state=ApplicationState.APPROVED, plan__year__lt=year_of(at)).order_by("plan__year", "pk")
