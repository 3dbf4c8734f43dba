"""Named reads: the plans of provinces, and what may be applied for under one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When

from onex.accounts.models import Province
from onex.accounts.queries import province_of
from onex.catalog.models import CertificateLevel, CertificateType
from onex.common.actors import Actor
from onex.common.models import Trace
from onex.common.permits import seen
from onex.common.queries import timeline_of, with_words
from onex.pilots.models import DeclaredMajor, PilotApplication, PilotPlan
from onex.pilots.rules import (
    BATCHES,
    EDITABLE,
    GRANTED,
    ApplicationState,
    NextOpening,
    PlanPhase,
    PlanState,
    TotalFacts,
)

WAITING = (ApplicationState.CITY_REVIEW, ApplicationState.PROVINCE_REVIEW)


def cancellation_of(plan: PilotPlan) -> Trace | None:
    """Who cancelled a plan, when and why."""
    return timeline_of(plan).filter(verb="cancel").last() if plan.state == PlanState.CANCELLED else None


def plans_seen_by(actor: Actor, at: datetime) -> QuerySet[PilotPlan]:
    """The plans this actor may see, newest first, each with its `phase` at this moment."""
    rows = PilotPlan.objects.select_related("province").prefetch_related("certificates")
    return _with_phase(seen("pilots.plan_see", actor, rows), at).order_by("-year", "-batch", "province__code")


def _with_phase(rows: QuerySet[PilotPlan], at: datetime) -> QuerySet[PilotPlan]:
    # The same clock as rules.phase_of, in SQL, so that a list can be filtered by what its column shows.
    published = Q(state=PlanState.PUBLISHED.value)
    return rows.annotate(
        phase=Case(
            When(published & Q(opens_at__gt=at), then=Value(PlanPhase.NOT_STARTED.value)),
            When(published & Q(closes_at__gt=at), then=Value(PlanPhase.OPEN.value)),
            When(published, then=Value(PlanPhase.CLOSED.value)),
            default=F("state"),
            output_field=CharField(),
        )
    )


def plans_in(rows: Any, phase: str) -> Any:
    """Those of these plans (of `plans_seen_by`) that are in this phase."""
    return rows.filter(phase=phase)


def counts_by_phase(rows: Any) -> dict[str, int]:
    """How many of these plans (of `plans_seen_by`) are in each phase."""
    return dict(rows.order_by().values_list("phase").annotate(n=Count("pk")))


def next_batch(actor: Actor, year: int, at: datetime) -> int:
    """The batch a new plan of the actor's province would have: the first free one after the last of the year."""
    return free_batch(province_of(actor), year) or 1


def plans_found(rows: QuerySet[PilotPlan], words: str) -> QuerySet[PilotPlan]:
    """Those whose province, notes, batch (“第三次”) or one of whose certificates contains these words."""

    def also(word: str) -> Q:
        batches = [batch for batch, label in BATCHES.items() if word in str(label)]
        opened = PilotPlan.certificates.through.objects.filter(
            pilotplan=OuterRef("pk"), certificatetype__name__icontains=word
        )
        return Q(batch__in=batches) | Q(Exists(opened))

    return with_words(rows, words, "province__name", "notes", also=also)


def free_batch(province: Province, year: int) -> int | None:
    """The first batch after the last of the province's year that no living plan has; None when all are used."""
    used = set(
        PilotPlan.objects.filter(province=province, year=year)
        .exclude(state=PlanState.CANCELLED)
        .values_list("batch", flat=True)
    )
    after = [batch for batch in BATCHES if batch > max(used, default=0)]
    free = after or [batch for batch in BATCHES if batch not in used]
    return free[0] if free else None


def next_opening(province: Province, at: datetime) -> NextOpening | None:
    """The published plan of the province that opens next; None when none is known yet."""
    waiting = PilotPlan.objects.filter(province=province, state=PlanState.PUBLISHED, opens_at__gt=at)
    found = waiting.order_by("opens_at").first()
    return NextOpening(found.batch, found.opens_at) if found else None


def openings_after(plan: PilotPlan) -> list[NextOpening]:
    """The province's other published plans that close after this one: where to file when it is over."""
    rows = PilotPlan.objects.filter(
        province_id=plan.province_id, state=PlanState.PUBLISHED, closes_at__gt=plan.closes_at
    ).exclude(pk=plan.pk)
    return [NextOpening(*row) for row in rows.order_by("opens_at").values_list("batch", "opens_at", "closes_at")]


def years_of(rows: QuerySet[PilotPlan]) -> list[int]:
    """The years these plans are of, newest first."""
    return sorted(set(rows.order_by().values_list("year", flat=True)), reverse=True)


def submitted_under(plan: PilotPlan) -> int:
    """How many applications were ever handed in under the plan."""
    return plan.applications.filter(submitted_at__isnull=False).count()


def granted_under(plan: PilotPlan) -> dict[UUID | None, int]:
    """Places granted under the plan by certificate, and under None all together."""
    rows = plan.applications.filter(state__in=GRANTED).order_by()
    found = dict(rows.values_list("level__certificate").annotate(n=Sum("approved_count")))
    return {**found, None: sum(found.values())}


def totals_shown(plan: PilotPlan) -> list[dict[str, Any]]:
    """The running sums of the plan, all together and by certificate: granted, still to be granted, asked by who waits.

    Certificates with a total or with places asked for; `total` and `left` are None where nothing limits them.
    """
    rows = plan.applications.filter(state__in=(*WAITING, *GRANTED)).order_by()
    sums = rows.values_list("level__certificate", "level__certificate__code", "level__certificate__name").annotate(
        granted=Sum("approved_count", filter=Q(state__in=GRANTED), default=0),
        waiting=Sum("requested_count", filter=Q(state__in=WAITING), default=0),
    )
    totals = {one.certificate_id: one for one in plan.totals.select_related("certificate")}
    lines = {key: _sums(code, name, granted, waiting) for key, code, name, granted, waiting in sums}
    for key, one in totals.items():
        if one.certificate is not None:
            lines.setdefault(key, _sums(one.certificate.code, one.certificate.name, 0, 0))
    whole = _sums("", "", sum(one["granted"] for one in lines.values()), sum(one["waiting"] for one in lines.values()))
    found = [(None, whole), *sorted(lines.items(), key=lambda line: line[1]["code"])]
    for key, line in found:
        if key in totals:
            line["total"] = totals[key].total
            line["left"] = max(line["total"] - line["granted"], 0)
            line["is_short"] = line["waiting"] > line["left"]
    return [line for _key, line in found] if lines or totals else []


def _sums(code: str, name: str, granted: int, waiting: int) -> dict[str, Any]:
    return {
        "code": code, "name": name, "granted": granted, "waiting": waiting,
        "total": None, "left": None, "is_short": False,
    }  # fmt: skip


def plans_to_copy(actor: Actor, year: int) -> list[PilotPlan]:
    """The plans of the year before, oldest batch first, while the actor's province has none for this year."""
    rows = PilotPlan.objects.filter(province=province_of(actor), year__in=(year - 1, year))
    found = list(rows.exclude(state=PlanState.CANCELLED).order_by("batch"))
    return [] if any(one.year == year for one in found) else [one for one in found if one.state == PlanState.PUBLISHED]


def touched_by_change(plan: PilotPlan, certificates: Collection[CertificateType] | None) -> dict[str, int]:
    """What schools have under the plan that a change of it may touch, as counts.

    `certificates`: what would be open, None for all. Of what is still in the schools' hands: `outside` is for another
    certificate, `without_majors` declares no major, `without_city` is of a school that belongs to no city;
    `waiting_outside` is for another certificate and already handed in.
    """
    no_majors = ~Exists(DeclaredMajor.objects.filter(application=OuterRef("pk")))
    outside = Q(pk__isnull=True) if certificates is None else ~Q(level__certificate__in=certificates)
    in_hand, waiting = Q(state__in=EDITABLE), Q(state__in=WAITING)
    kinds = {
        "drafts": Q(state=ApplicationState.DRAFT),
        "returned": Q(state=ApplicationState.RETURNED),
        "waiting": waiting,
        "outside": in_hand & outside,
        "waiting_outside": waiting & outside,
        "without_majors": in_hand & Q(no_majors),
        "without_city": in_hand & Q(school__city__isnull=True),
    }
    found: dict[str, int] = plan.applications.aggregate(**{name: Count("pk", filter=of) for name, of in kinds.items()})
    return found


def certificates() -> QuerySet[CertificateType]:
    """Every certificate a plan may open, by code."""
    return CertificateType.objects.order_by("code")


def levels_open_under(plan: PilotPlan, besides: CertificateLevel | None = None) -> QuerySet[CertificateLevel]:
    """The certificate levels that may be applied for under this plan; `besides` is one to list even if not open."""
    rows = CertificateLevel.objects.select_related("certificate").order_by("certificate__code", "level")
    if plan.all_certificates:
        return rows
    opened = Q(certificate__in=plan.certificates.order_by())
    return rows.filter(opened | Q(pk=besides.pk) if besides is not None else opened)


def totals_of(plan: PilotPlan) -> dict[str, int]:
    """What was filed under a plan: applications, and places asked for, approved and used."""
    filed = plan.applications.filter(submitted_at__isnull=False).exclude(state=ApplicationState.WITHDRAWN)
    found = filed.aggregate(
        applications=Count("pk"),
        schools=Count("school", distinct=True),
        requested=Sum("requested_count"),
        approved=Sum("approved_count"),
        used=Sum("used_count"),
    )
    return {name: value or 0 for name, value in found.items()}


def totals_for(application: PilotApplication) -> list[TotalFacts]:
    """The totals of its plan that an approval of this application counts against, each with what was granted so far."""
    plan = application.plan
    certificate = application.level.certificate
    granted = PilotApplication.objects.filter(plan=plan, state__in=GRANTED).exclude(pk=application.pk)
    found = []
    for one in plan.totals.select_related("certificate"):
        if one.certificate_id not in (None, certificate.pk):
            continue
        rows = granted.filter(level__certificate=certificate) if one.certificate_id else granted
        so_far = rows.aggregate(n=Sum("approved_count"))["n"] or 0
        found.append(TotalFacts(one.certificate.name if one.certificate else "", one.total, so_far))
    return found
