"""Named reads: sittings of the year and their levels."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from onex.accounts.models import EvaluationOrg, School
from onex.catalog.models import CalendarSitting, CertificateLevel
from onex.catalog.queries import guide_in_force, scheme_in_force
from onex.common.actors import Actor
from onex.common.permits import seen
from onex.pilots.models import PilotApplication
from onex.pilots.rules import ApplicationState
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel, PlanSlot
from onex.registration.rules.entries import (
    LIVE,
    EntryState,
)
from onex.registration.rules.months import SittingShown
from onex.registration.rules.plans import (
    ClosingFacts,
    LevelFacts,
    PlanFacts,
    PlanLevelState,
    SiteCount,
    Window,
)

OVER = (PlanLevelState.PUBLICISED, PlanLevelState.FINISHED)


def plans_seen_by(actor: Actor) -> QuerySet[ExamPlan]:
    """The sittings this actor may see, newest first, with slots; levels come through `levels_seen_by`."""
    rows = ExamPlan.objects.select_related("organisation").prefetch_related("slots")
    return seen("registration.plan_see", actor, rows).order_by("-year", "-number")


def levels_seen_by(actor: Actor) -> QuerySet[ExamPlanLevel]:
    """The levels of sittings this actor may see, with live and accepted entries counted."""
    rows = ExamPlanLevel.objects.select_related("plan__organisation", "level__certificate", "scheme")
    return seen("registration.plan_level_see", actor, rows).order_by(
        "-plan__year", "-plan__number", "level__certificate__code", "level__level"
    )


def years_of(rows: QuerySet[ExamPlanLevel]) -> list[int]:
    """The years of these levels' sittings, the latest first."""
    return sorted(set(rows.order_by().values_list("plan__year", flat=True)), reverse=True)


def sittings_shown(rows: QuerySet[ExamPlanLevel]) -> list[SittingShown]:
    """The sittings of these levels with their slots, as months tell of them."""
    found: dict[Any, list[ExamPlanLevel]] = {}
    for row in rows.prefetch_related("plan__slots"):
        found.setdefault(row.plan_id, []).append(row)
    return [
        SittingShown(group[0].plan, sorted(slot.window for slot in group[0].plan.slots.all()), group)
        for group in found.values()
    ]


def with_counts(rows: QuerySet[ExamPlanLevel], school: School | None = None) -> QuerySet[ExamPlanLevel]:
    """Each level with `live_count`, `accepted_count` and `waiting_count`, of one school or of all."""
    own = Q(entries__student__school=school) if school is not None else Q()
    return rows.annotate(
        live_count=Count("entries", filter=own & Q(entries__state__in=LIVE)),
        accepted_count=Count("entries", filter=own & Q(entries__state=EntryState.ACCEPTED)),
        waiting_count=Count("entries", filter=own & Q(entries__state=EntryState.SUBMITTED)),
    )


def schools_concerned(plan_level: ExamPlanLevel) -> QuerySet[School]:
    """The schools whose application for this level was approved for the sitting's year."""
    approved = PilotApplication.objects.filter(
        level=plan_level.level_id, plan__year=plan_level.plan.year, state=ApplicationState.APPROVED
    )
    return School.objects.filter(pk__in=approved.values("school")).order_by("pk")


def plan_facts(plan_level: ExamPlanLevel) -> PlanFacts:
    """What is judged when this level is announced."""
    scheme = plan_level.scheme
    return PlanFacts(
        slots=windows_of(plan_level.plan),
        registration=plan_level.registration,
        minutes_needed=scheme.theory_minutes + scheme.practical_minutes,
        notice_days=scheme.notice_days,
    )


def windows_of(plan: ExamPlan) -> tuple[Window, ...]:
    """The sitting's slots as windows, in the order of time."""
    return tuple(slot.window for slot in plan.slots.all())


def closing_facts(plan_level: ExamPlanLevel, reason: str) -> ClosingFacts:
    """What is judged when registration of this level is closed."""
    return ClosingFacts(
        sites=site_counts(plan_level),
        minimum=plan_level.scheme.minimum_candidates,
        closes_at=plan_level.registration_closes_at,
        reason=reason,
    )


def level_facts(plan_level: ExamPlanLevel, reason: str) -> LevelFacts:
    """Everything the table of a level judges, as it stands now; `reason` is what the organisation wrote."""
    return LevelFacts(
        plan=plan_facts(plan_level),
        closing=closing_facts(plan_level, reason),
        entry_count=Entry.objects.filter(plan_level=plan_level).count(),
    )


def site_counts(plan_level: ExamPlanLevel) -> tuple[SiteCount, ...]:
    """Per site of this level: everybody accepted there in the whole sitting, and who still waits for this level.

    The guide counts the candidates of a site per exam, so all levels of the sitting count together.
    """
    live = Entry.objects.filter(plan_level__plan=plan_level.plan_id, state__in=LIVE)
    rows = (
        live.order_by("site__name")
        .values("site", "site__name")
        .annotate(
            accepted=Count("pk", filter=Q(state=EntryState.ACCEPTED)),
            waiting=Count("pk", filter=Q(state=EntryState.SUBMITTED, plan_level=plan_level)),
            here=Count("pk", filter=Q(plan_level=plan_level)),
        )
    )
    return tuple(SiteCount(row["site__name"], row["accepted"], row["waiting"]) for row in rows if row["here"])


def scheme_labels() -> list[str]:
    """The schemes a sitting may be held under: "" is the one in force for everybody."""
    rows = guide_in_force().schemes.order_by("label").values_list("label", flat=True)
    return list(rows.distinct())


def levels_issued_by(organisation: EvaluationOrg) -> QuerySet[CertificateLevel]:
    """The certificate levels that this organisation may examine."""
    rows = CertificateLevel.objects.select_related("certificate")
    return rows.filter(certificate__issuer=organisation).order_by("certificate__code", "level")


def organisation_of(actor: Actor) -> EvaluationOrg:
    """The evaluation organisation this hat belongs to. Raises EvaluationOrg.DoesNotExist for other hats."""
    return EvaluationOrg.objects.get(organisation__in=[actor.organisation_id])


def calendar_windows(organisation: EvaluationOrg, number: int) -> tuple[tuple[Window, ...], list[CertificateLevel]]:
    """The slots and levels of the guide's sitting of this number, over all certificates of the organisation."""
    rows = CalendarSitting.objects.filter(
        guide=guide_in_force(), number=number, certificate__issuer=organisation
    ).prefetch_related("slots")
    windows = {Window(slot.starts_at, slot.ends_at) for row in rows for slot in row.slots.all()}
    wanted = {(row.certificate_id, level) for row in rows for level in row.levels}
    levels = [one for one in levels_issued_by(organisation) if (one.certificate_id, one.level) in wanted]
    return tuple(sorted(windows)), levels


def next_number(organisation: EvaluationOrg, year: int) -> int:
    """The number the next sitting of the year gets."""
    last = ExamPlan.objects.filter(organisation=organisation, year=year).order_by("-number").first()
    return last.number + 1 if last else 1


def scheme_for(level: CertificateLevel, label: str) -> Any:
    """The scheme a sitting freezes for a level. Raises AssessmentScheme.DoesNotExist."""
    return scheme_in_force(level, label or None)


def no_levels() -> QuerySet[CertificateLevel]:
    return CertificateLevel.objects.none()


def no_plan_levels() -> QuerySet[ExamPlanLevel]:
    return ExamPlanLevel.objects.none()


def no_slots() -> QuerySet[PlanSlot]:
    return PlanSlot.objects.none()
