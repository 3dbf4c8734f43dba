"""Named reads: who may be entered for what, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from onex.accounts.models import School
from onex.catalog.queries import level_majors_of, recognition, today
from onex.catalog.rules import is_mapped_on
from onex.common.text import Say
from onex.pilots.models import PilotApplication
from onex.pilots.queries import approved_applications
from onex.registration.models import Entry, ExamPlanLevel, HeldLevel, PlanSlot, Student
from onex.registration.queries.plans import OVER, windows_of
from onex.registration.rules.entries import (
    LIVE,
    EntryFacts,
    OfferFacts,
    OtherEntry,
    problems_with_candidate,
    problems_with_offer,
)
from onex.registration.rules.plans import (
    Window,
)
from onex.venues.models import ExamSite
from onex.venues.queries import seats_at_once
from onex.venues.rules import Standing


@dataclass(frozen=True)
class Grant:
    """An approved application with the places it leaves and the majors it allows."""

    application: PilotApplication
    left: int
    codes: frozenset[str]
    is_declared: bool


@dataclass(frozen=True)
class Offer:
    """What one registration offers a school: a level of a sitting at a site, in a fixed slot or any."""

    school: School
    plan_level: ExamPlanLevel
    site: ExamSite
    slot: PlanSlot | None
    grants: Sequence[Grant]
    facts: OfferFacts
    windows: tuple[Window, ...]

    @property
    def allowed_major_codes(self) -> frozenset[str]:
        giving = [grant for grant in self.grants if grant.left > 0] or self.grants
        return frozenset().union(*(grant.codes for grant in giving))

    def problems(self, at: datetime) -> list[Say]:
        return problems_with_offer(self.facts, at)


@dataclass(frozen=True)
class Candidate:
    """A student with every reason why they may not be entered; none when they may."""

    student: Student
    reasons: Sequence[Say]

    @property
    def may(self) -> bool:
        return not self.reasons


def grants_of(school: School, plan_level: ExamPlanLevel) -> list[Grant]:
    """The school's approved applications of the sitting's year for this level; one for each batch.

    What an application declared was frozen with it. One that declared nothing allows what was mapped on the day it was
    decided and what is mapped today: a mapping that ends takes nothing from who has been approved. Old codes of rosters
    count as what became of them.
    """
    level = plan_level.level
    mappings = [(row.from_on, row.until_on, row.major.code) for row in level_majors_of(level)]
    known = recognition()

    def mapped(*days: date) -> frozenset[str]:
        return frozenset(
            code for from_on, until_on, code in mappings if any(is_mapped_on(from_on, until_on, day) for day in days)
        )

    rows = approved_applications(school, level, plan_level.plan.year).prefetch_related("declared_majors")
    found = []
    for row in rows:
        declared = frozenset(major.code for major in row.declared_majors.all())
        codes = declared or mapped(today(row.decided_at), today())
        found.append(Grant(row, row.left_count, known.spellings(codes), bool(declared)))
    return found


def offer_to(school: School, plan_level: ExamPlanLevel, site: ExamSite, slot: PlanSlot | None = None) -> Offer:
    """What this school may use of this level at this site; a handful of queries, however many students."""
    grants = grants_of(school, plan_level)
    slots = windows_of(plan_level.plan)
    live = Entry.objects.filter(plan_level__plan=plan_level.plan_id, site=site, state__in=LIVE)
    machines = seats_at_once(site)
    seats_left = machines * len(slots) - live.count()
    if slot is not None:
        seats_left = min(seats_left, machines - live.filter(slot=slot).count())
    facts = OfferFacts(
        state=plan_level.state,
        registration=plan_level.registration,
        places_left=sum(grant.left for grant in grants) if grants else None,
        is_site_active=site.is_active,
        does_site_hold_level=site.levels.filter(pk=plan_level.level_id).exists(),
        is_site_near=site.school.province_id == school.province_id,
        seats_left=max(seats_left, 0),
    )
    return Offer(school, plan_level, site, slot, grants, facts, (slot.window,) if slot is not None else slots)


def rehearse(offer: Offer, students: Iterable[Student]) -> list[Candidate]:
    """Each student with every reason why not; the same number of queries for one and for ten thousand."""
    rows = list(students)
    indexes = [student.id_index for student in rows]
    level = offer.plan_level
    live = Entry.objects.filter(id_index__in=indexes, state__in=LIVE)
    entered = set(live.filter(plan_level=level).values_list("id_index", flat=True))
    held = set(HeldLevel.objects.filter(level=level.level_id, id_index__in=indexes).values_list("id_index", flat=True))
    others = _others(live.exclude(plan_level=level))
    allowed = offer.allowed_major_codes
    declared = any(grant.is_declared for grant in offer.grants)
    found = []
    for student in rows:
        facts = EntryFacts(
            offer=offer.facts,
            is_own_student=student.school_id == offer.school.pk,
            major_code=student.major_code,
            major_name=student.major_name,
            allowed_major_codes=allowed,
            are_majors_declared=declared,
            is_entered=student.id_index in entered,
            holds_level=student.id_index in held,
            windows=offer.windows,
            others=others.get(student.id_index, ()),
        )
        found.append(Candidate(student, problems_with_candidate(facts)))
    return found


def _others(live: QuerySet[Entry]) -> dict[str, list[OtherEntry]]:
    """The other live entries of these people, with the windows each may take."""
    rows = live.exclude(plan_level__state__in=OVER).select_related("slot", "plan_level__plan", "plan_level__level")
    plans: dict[Any, tuple[Window, ...]] = {}
    found: dict[str, list[OtherEntry]] = {}
    entries = list(rows)
    for slot in PlanSlot.objects.filter(plan__in={entry.plan_level.plan_id for entry in entries}):
        plans[slot.plan_id] = (*plans.get(slot.plan_id, ()), slot.window)
    for entry in entries:
        windows = (entry.slot.window,) if entry.slot is not None else plans.get(entry.plan_level.plan_id, ())
        found.setdefault(entry.id_index, []).append(OtherEntry(str(entry.plan_level), windows))
    return found


def sites_for(school: School, plan_level: ExamPlanLevel) -> QuerySet[ExamSite]:
    """The sites where this school may enter candidates for this level: its own first, then others of its province."""
    holds = ExamSite.levels.through.objects.filter(examsite=OuterRef("pk"), certificatelevel=plan_level.level_id)
    rows = ExamSite.objects.filter(
        Exists(holds),
        state=Standing.ACTIVE,
        organisation=plan_level.plan.organisation_id,
        school__province=school.province_id,
    )
    own = Exists(ExamSite.objects.filter(pk=OuterRef("pk"), school=school))
    return rows.annotate(is_own=own).order_by("-is_own", "name")


def no_sites() -> QuerySet[ExamSite]:
    return ExamSite.objects.none()
