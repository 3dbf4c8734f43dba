"""What makes a reviewer look twice, as columns of a query: for a queue of thousands, and for one application."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat, Replace

from onex.common.models import Attachment
from onex.pilots.models import PilotApplication, PlanMaterial, SignalWeight
from onex.pilots.rules import DEFAULT_WEIGHTS, GRANTED, Signal


def weights_of(province: Any) -> dict[str, int]:
    """How much each signal counts in this province: its own weights over the defaults."""
    found = {signal.value: weight for signal, weight in DEFAULT_WEIGHTS.items()}
    rows = SignalWeight.objects.filter(Q(province__isnull=True) | Q(province__in=[province]))
    for code, weight in rows.order_by(F("province").asc(nulls_first=True)).values_list("code", "weight"):
        found[code] = weight
    return found


def default_weights() -> dict[str, int]:
    """What counts until a province says otherwise."""
    rows = SignalWeight.objects.filter(province__isnull=True).values_list("code", "weight")
    return {signal.value: weight for signal, weight in DEFAULT_WEIGHTS.items()} | dict(rows)


def with_signals(rows: QuerySet[PilotApplication]) -> QuerySet[Any]:
    """The applications with what `signals_in` reads: figures, and whether a text or a material is amiss."""
    return rows.annotate(
        last_approved=_last_year("approved_count"),
        last_used=_last_year("used_count"),
        has_same_text=_same_text("staff_digest") | _same_text("facilities_digest"),
        lacks_material=Exists(_lacking()),
    )


def signals_in(row: Any, rostered: int) -> set[Signal]:
    """The signals of a row of `with_signals` that would let in so many students of the roster (`rostered_counts`)."""
    signs = {
        # A school without a roster has no students of these majors: that is worth a look too.
        Signal.MORE_THAN_ROSTER: row.requested_count > rostered,
        Signal.LITTLE_USED: bool(row.last_approved) and row.last_used * 2 < row.last_approved,
        Signal.SAME_TEXT: bool(row.has_same_text),
        Signal.FEW_MACHINES: row.machine_count is not None and row.machine_count * 4 < row.requested_count,
        Signal.MATERIAL_MISSING: bool(row.lacks_material),
    }
    return {signal for signal, is_there in signs.items() if is_there}


def _last_year(column: str) -> Any:
    """Over all batches of the year before, for the same school and level."""
    before = PilotApplication.objects.filter(
        school=OuterRef("school"),
        level=OuterRef("level"),
        plan__year=OuterRef("plan__year") - 1,
        state__in=GRANTED,
    )
    return Coalesce(_total(before.order_by(), column), 0)


def _total(rows: QuerySet[Any], column: str) -> Subquery:
    return Subquery(rows.values("school").annotate(n=Sum(column)).values("n"))


def _same_text(digest: str) -> Any:
    same = PilotApplication.objects.filter(submitted_at__isnull=False, **{digest: OuterRef(digest)})
    return Q(~Q(**{digest: ""}), Exists(same.exclude(school=OuterRef("school"))))


def _lacking() -> QuerySet[PlanMaterial]:
    """The materials the plan asks for that this application has no file for."""
    hexadecimal = Replace(Cast("pk", CharField()), Value("-"), Value(""))
    given = Attachment.objects.filter(
        subject_type=PilotApplication._meta.label_lower,
        subject_id=OuterRef(OuterRef("pk")),
        slot=OuterRef("asked_slot"),
    )
    asked = PlanMaterial.objects.filter(plan=OuterRef("plan"), is_required=True).order_by()
    return asked.alias(asked_slot=Concat(Value("asked-"), hexadecimal)).filter(~Exists(given))
