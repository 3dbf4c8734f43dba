"""Named reads: plans and applications as each hat sees them, and what registration asks about places and majors."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When

from onex.accounts.models import School, SchoolMajor
from onex.catalog.models import CertificateLevel, CertificateType, LevelMajor
from onex.common.actors import Actor
from onex.common.models import Attachment, Trace
from onex.common.permits import seen
from onex.common.queries import attachments_of, timeline_of, with_words
from onex.pilots.models import PilotApplication, PilotPlan, PlacesMove
from onex.pilots.rules import BATCHES, ApplicationState, PlanPhase, PlanState

MATERIAL = "material"  # the slot of 其他佐证材料


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
    """The batch after the last one of the actor's province in this year."""
    last = plans_seen_by(actor, at).filter(year=year).exclude(state=PlanState.CANCELLED).first()
    return last.batch + 1 if last is not None and last.batch < max(BATCHES) else 1


def applications_seen_by(actor: Actor) -> QuerySet[PilotApplication]:
    """The applications this actor may see, newest first, with what the list shows."""
    rows = PilotApplication.objects.select_related("plan__province", "school__city", "level__certificate")
    return seen("pilots.application_see", actor, rows).order_by("-plan__year", "-plan__batch", "-created_at")


def applications_found(rows: QuerySet[PilotApplication], words: str) -> QuerySet[PilotApplication]:
    """Those whose school or certificate contains these words."""
    return with_words(rows, words, "school__name", "level__name")


def applications_under(rows: QuerySet[PilotApplication], plan: str) -> QuerySet[PilotApplication]:
    """Those of one plan; none when it is no plan's key."""
    try:
        return rows.filter(plan_id=UUID(plan))
    except ValueError:
        return rows.none()


def applications_waiting_for(actor: Actor) -> QuerySet[PilotApplication]:
    """What this reviewer has to decide now, the longest waiting first."""
    rows = PilotApplication.objects.select_related("plan", "school", "level")
    by_city = seen("pilots.review_city", actor, rows.filter(state=ApplicationState.CITY_REVIEW))
    by_province = seen("pilots.review", actor, rows.filter(state=ApplicationState.PROVINCE_REVIEW))
    return (by_city | by_province).order_by("submitted_at")


def certificates() -> QuerySet[CertificateType]:
    """Every certificate a plan may open, by code."""
    return CertificateType.objects.order_by("code")


def no_levels() -> QuerySet[CertificateLevel]:
    """What may be applied for before a plan is chosen."""
    return CertificateLevel.objects.none()


def levels_open_under(plan: PilotPlan) -> QuerySet[CertificateLevel]:
    """The certificate levels that may be applied for under this plan."""
    rows = CertificateLevel.objects.select_related("certificate").order_by("certificate__code", "level")
    return rows if plan.all_certificates else rows.filter(certificate__pilot_plans=plan)


def majors_to_choose(school: School, plan: PilotPlan, level: CertificateLevel | None = None) -> QuerySet[SchoolMajor]:
    """拟申报专业 a school may pick: what it offers and the level maps (any open level's, before one is chosen)."""
    levels = levels_open_under(plan) if level is None else levels_open_under(plan).filter(pk=level.pk)
    mapped = LevelMajor.objects.filter(level__in=levels.order_by(), major__code=OuterRef("code"))
    return SchoolMajor.objects.filter(Exists(mapped), school=school)


def materials_of(application: PilotApplication) -> QuerySet[Attachment]:
    """其他佐证材料 of this application."""
    return attachments_of(application, MATERIAL)


def material_of(application: PilotApplication, key: str) -> QuerySet[Attachment]:
    """One of them by its key; none when it is no key."""
    try:
        return materials_of(application).filter(pk=UUID(key))
    except ValueError:
        return materials_of(application).none()


def has_other_application(
    plan: PilotPlan, school: School, level: CertificateLevel, besides: UUID | None = None
) -> bool:
    """Whether the school already has a live application for this level in this batch."""
    rows = PilotApplication.objects.filter(plan=plan, school=school, level=level)
    others = rows.exclude(pk=besides) if besides is not None else rows
    return others.exclude(state=ApplicationState.WITHDRAWN).exists()


def approved_applications(school: School, level: CertificateLevel, year: int) -> QuerySet[PilotApplication]:
    """Every approval of the year for this level; a school may have one in each batch."""
    return (
        PilotApplication.objects.select_related("plan")
        .filter(school=school, level=level, plan__year=year, state=ApplicationState.APPROVED)
        .annotate(is_used_up=Case(When(used_count__gte=F("approved_count"), then=Value(1)), default=Value(0)))
        .order_by("is_used_up", "plan__batch")
    )


def approved_application(school: School, level: CertificateLevel, year: int) -> PilotApplication | None:
    """The approval whose places are taken next: the earliest batch with places left, else any; None without one."""
    return approved_applications(school, level, year).first()


def allowed_major_codes(application: PilotApplication) -> set[str] | None:
    """The major codes whose students may register; None means every major mapped to the level."""
    return set(application.declared_majors.values_list("code", flat=True)) or None


def approved_levels(school: School, year: int) -> QuerySet[CertificateLevel]:
    """The levels for which the school is a pilot this year."""
    approved = PilotApplication.objects.filter(
        level=OuterRef("pk"), school=school, plan__year=year, state=ApplicationState.APPROVED
    )
    return CertificateLevel.objects.select_related("certificate").filter(Exists(approved))


def is_pilot_school(school: School, year: int) -> bool:
    """Whether any application of the year was approved."""
    return PilotApplication.objects.filter(school=school, plan__year=year, state=ApplicationState.APPROVED).exists()


def places_of(application: PilotApplication) -> QuerySet[PlacesMove]:
    """The ledger, newest first."""
    return application.places_moves.order_by("-at", "-id")


def places_held(application: PilotApplication, subject_type: str, subject_id: UUID) -> int:
    """How many places this subject holds now."""
    held = application.places_moves.filter(subject_type=subject_type, subject_id=subject_id).aggregate(n=Sum("count"))
    return held["n"] or 0


def counts_by_state(rows: QuerySet[PilotApplication]) -> dict[str, int]:
    """How many of these applications are in each state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


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


def submission_before(application: PilotApplication) -> dict[str, Any] | None:
    """What the school had handed in the time before the latest, for a reviewer to compare; None the first time."""
    handed_in = list(timeline_of(application).filter(verb="submit"))
    return handed_in[-2].data if len(handed_in) > 1 else None


def last_return_of(application: PilotApplication) -> Trace | None:
    """Why the application came back, while it has not been handed in again."""
    if application.state != ApplicationState.RETURNED:
        return None
    return timeline_of(application).filter(verb="return").last()


def neighbours_in_queue(actor: Actor, application: PilotApplication) -> tuple[PilotApplication | None, ...]:
    """The waiting applications before and after this one in the reviewer's queue."""
    waiting = applications_waiting_for(actor).exclude(pk=application.pk)
    submitted_at = application.submitted_at
    return (
        waiting.filter(submitted_at__lt=submitted_at).last(),
        waiting.filter(submitted_at__gte=submitted_at).first(),
    )
