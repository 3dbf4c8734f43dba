"""What everybody may read: the guide's figures in the shape of the pages, and the sittings that are announced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Prefetch, QuerySet

from onex.catalog import queries as catalog
from onex.catalog.models import (
    AssessmentScheme,
    CalendarSitting,
    CertificateType,
    GuideVersion,
    Major,
    RegionalContact,
    Textbook,
    TrainingClassPlan,
)
from onex.catalog.queries import CertificatePage, LevelPage
from onex.catalog.rules import ItemKind, Level, Province, Stage, provinces
from onex.portal.rules import (
    SITTING_NEWS,
    CalendarRow,
    HalfDay,
    Held,
    Occasion,
    in_order,
    next_occasion,
    occasions_of,
)
from onex.registration.models import ExamPlan, ExamPlanLevel
from onex.registration.rules.plans import ANNOUNCED_STATES, PlanLevelState

# --- the guide -----------------------------------------------------------------------------------------------------


def guide() -> GuideVersion | None:
    """The guide in force; None before the first load."""
    return GuideVersion.objects.order_by("year").last()


def certificates() -> QuerySet[CertificateType]:
    """Every certificate that has a page, with its levels."""
    return catalog.printed_certificates()


def certificate_codes() -> list[str]:
    """The codes of every certificate there is, whichever organisation examines it."""
    return list(CertificateType.objects.order_by("code").values_list("code", flat=True))


@dataclass(frozen=True)
class Comparison:
    """One level beside the others of its certificate: what a table of levels shows."""

    page: LevelPage
    task_count: int
    point_count: int
    item_count: int  # items of the theory part
    sitting_count: int
    class_count: int
    stages: Sequence[tuple[Stage, Sequence[Major]]]  # mapped majors, by stage of education


@dataclass(frozen=True)
class StandardPage:
    """A certificate with its levels compared."""

    page: CertificatePage
    levels: Sequence[Comparison]
    point_count: int  # names that are at hand, drafts included

    @property
    def certificate(self) -> CertificateType:
        return self.page.certificate

    @property
    def scheme(self) -> AssessmentScheme:
        """The scheme of the first level; parts, marks and rules are the same for all in the guide."""
        return self.page.levels[0].scheme


def standard_page(code: str) -> StandardPage | None:
    """Everything the guide says of one certificate; None when there is no such code."""
    page = catalog.certificate_page(code)
    if page is None:
        return None
    levels = [_compared(page, level) for level in page.levels]
    return StandardPage(page, levels, sum(level.point_count for level in levels))


def _compared(page: CertificatePage, level: LevelPage) -> Comparison:
    number = level.level.level
    tasks = [task for domain in level.domains for task in domain.tasks.all()]
    return Comparison(
        page=level,
        task_count=len(tasks),
        point_count=sum(len(task.skill_points.all()) for task in tasks),
        item_count=sum(section["count"] for section in level.scheme.theory_sections),
        sitting_count=sum(number in sitting.levels for sitting in page.sittings),
        class_count=sum(row.level == number for row in page.training),
        stages=[(one, found) for one in Stage if (found := [m for m in level.majors if m.stage == one])],
    )


def sections_of(scheme: AssessmentScheme) -> list[dict[str, Any]]:
    """The kinds of items of the theory part: kind, count, points each and in all."""
    return [section | {"label": ItemKind(section["kind"]).label} for section in scheme.theory_sections]


# --- calendars -----------------------------------------------------------------------------------------------------


def calendar_rows(guide: GuideVersion) -> list[CalendarRow]:
    """The sittings of a guide's calendar by date."""
    rows = CalendarSitting.objects.filter(guide=guide).select_related("certificate").prefetch_related("slots")
    return in_order(_row(sitting) for sitting in rows)


def rows_of(page: CertificatePage) -> list[CalendarRow]:
    """The sittings of one certificate by date."""
    return in_order(_row(sitting) for sitting in page.sittings)


def _row(sitting: CalendarSitting) -> CalendarRow:
    return CalendarRow(
        number=sitting.number,
        name=sitting.name,
        held=Held(sitting.certificate, tuple(Level(level) for level in sitting.levels)),
        half_days=_half_days(sitting.slots.all()),
    )


def _half_days(slots: Iterable[Any]) -> tuple[HalfDay, ...]:
    return tuple(sorted(HalfDay(slot.starts_at, slot.ends_at) for slot in slots))


def training_rows(guide: GuideVersion) -> QuerySet[TrainingClassPlan]:
    """The teacher-training calendar of every certificate, in the order of the guide."""
    return TrainingClassPlan.objects.filter(guide=guide).select_related("certificate")


# --- announced sittings --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnnouncedSitting:
    """A sitting that the organisation announced, as the public may know it."""

    plan: ExamPlan
    levels: Sequence[ExamPlanLevel]
    occasion: Occasion
    is_open: bool  # schools register now

    @property
    def slug(self) -> str:
        """The address of its notice."""
        return f"{SITTING_NEWS}-{self.plan.pk}"

    @property
    def registration_closes_at(self) -> datetime:
        return max(level.registration_closes_at for level in self.levels)

    @property
    def registration_opens_at(self) -> datetime:
        return min(level.registration_opens_at for level in self.levels)


def announced_plans() -> QuerySet[ExamPlan]:
    """Sittings of which some level is announced, with those levels and the slots."""
    announced = ExamPlanLevel.objects.filter(state__in=ANNOUNCED_STATES).select_related("level__certificate", "scheme")
    shown = Prefetch("levels", announced.order_by("level__certificate__code", "level__level"), to_attr="announced")
    has_some = ExamPlanLevel.objects.filter(state__in=ANNOUNCED_STATES).values("plan")
    return ExamPlan.objects.filter(pk__in=has_some).select_related("organisation").prefetch_related("slots", shown)


def announced_sittings(at: datetime) -> list[AnnouncedSitting]:
    """Announced sittings that are not over, the next one first."""
    ahead = announced_plans().annotate(last_end=Max("slots__ends_at")).filter(last_end__gt=at)
    return sorted((shown_sitting(plan, at) for plan in ahead), key=lambda one: one.occasion.half_days)


def shown_sitting(plan: Any, at: datetime) -> AnnouncedSitting:
    """A plan of `announced_plans` as the pages show it."""
    levels: list[ExamPlanLevel] = plan.announced
    by_certificate: dict[Any, list[Level]] = {}
    for row in levels:
        by_certificate.setdefault(row.level.certificate, []).append(Level(row.level.level))
    held = tuple(Held(certificate, tuple(found)) for certificate, found in by_certificate.items())
    is_open = any(
        row.state == PlanLevelState.ANNOUNCED and row.registration_opens_at <= at < row.registration_closes_at
        for row in levels
    )
    return AnnouncedSitting(plan, levels, Occasion(plan.title, _half_days(plan.slots.all()), held), is_open)


def announced_rows(sittings: Iterable[AnnouncedSitting]) -> list[CalendarRow]:
    """Announced sittings in the shape of the guide's calendar: one row for each certificate, by date."""
    return in_order(
        CalendarRow(one.plan.number, one.occasion.name, held, one.occasion.half_days, one.plan.pk)
        for one in sittings
        for held in one.occasion.held
    )


@dataclass(frozen=True)
class NextSitting:
    """What a visitor asks first: when is the next one? `announced` when the organisation has opened it already."""

    occasion: Occasion
    announced: AnnouncedSitting | None = None


def next_sitting(guide: GuideVersion, at: datetime) -> NextSitting | None:
    """The next sitting: an announced one, else one of the guide's calendar; None when all are over."""
    ahead = announced_sittings(at)
    if ahead:
        return NextSitting(ahead[0].occasion, ahead[0])
    found = next_occasion(occasions_of(calendar_rows(guide)), at)
    return NextSitting(found) if found else None


# --- books and people ----------------------------------------------------------------------------------------------


def textbooks(guide: GuideVersion) -> QuerySet[Textbook]:
    """The textbooks with their certificates."""
    return catalog.textbooks(guide)


@dataclass(frozen=True)
class Region:
    """A jurisdiction that somebody may look up."""

    code: str
    name: str
    authority: str


@dataclass(frozen=True)
class ContactLine:
    """A regional contact with the names of the provinces."""

    contact: RegionalContact
    regions: Sequence[str]
    is_asked_for: bool


def regions() -> list[Region]:
    """Every jurisdiction, in the order of the codes."""
    return [Region(one.code, one.name, one.authority) for one in provinces()]


def region_by_code(code: str) -> Province | None:
    """The jurisdiction with this code; None for any other text."""
    return next((one for one in provinces() if one.code == code), None)


def contact_lines(guide: GuideVersion, asked: Province | None = None) -> list[ContactLine]:
    """The regional contacts in the order of the guide; marked is whom a school of the asked province calls."""
    names = {one.code: one.name for one in provinces()}
    wanted = (asked.within or asked.code) if asked is not None else ""
    return [
        ContactLine(contact, [names[code] for code in contact.provinces], wanted in contact.provinces)
        for contact in catalog.contacts(guide)
    ]


def figures_of(guide: GuideVersion) -> AssessmentScheme | None:
    """A scheme of the guide for the figures that all of its schemes share (notice days, candidates of a site)."""
    return AssessmentScheme.objects.filter(guide=guide, label="").order_by("level__level", "code").first()
