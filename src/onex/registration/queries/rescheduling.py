"""Named reads: whom it concerns when a sitting is put off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from onex.accounts.models import School, User
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel
from onex.registration.queries.plans import windows_of
from onex.registration.rules.entries import LIVE
from onex.registration.rules.plans import ANNOUNCED_STATES, PlanLevelState, Window
from onex.registration.rules.rescheduling import MOVABLE, NewTimes, RescheduleEffect, RescheduleFacts, SiteEffect
from onex.venues.models import ExamSite


def reschedule_facts(plan: ExamPlan, asked: NewTimes) -> RescheduleFacts:
    """What is judged when this sitting is put off, as it stands now."""
    levels = list(plan.levels.select_related("scheme"))
    needed = [row.scheme.theory_minutes + row.scheme.practical_minutes for row in levels]
    return RescheduleFacts(
        before=windows_of(plan),
        states=[row.state for row in levels],
        minutes_needed=max(needed, default=0),
        registration=registration_of(plan),
        asked=asked,
    )


def registration_of(plan: ExamPlan) -> Window:
    """The window of those levels that schools may still be entering for, else of all."""
    levels = list(plan.levels.all())
    rows = [row for row in levels if row.state == PlanLevelState.ANNOUNCED] or levels
    return Window(min(row.registration_opens_at for row in rows), max(row.registration_closes_at for row in rows))


def deadline_of(plan: ExamPlan) -> datetime | None:
    """Until when schools enter candidates; None when registration is closed for every level."""
    rows = plan.levels.filter(state=PlanLevelState.ANNOUNCED)
    return max((row.registration_closes_at for row in rows), default=None)


def may_be_put_off(plan: ExamPlan, at: datetime) -> bool:
    """Whether there is anything to put off: somebody was told of it, and it has not begun."""
    levels = list(plan.levels.all())
    told = any(row.state in ANNOUNCED_STATES for row in levels)
    if not told or any(row.state not in MOVABLE for row in levels):
        return False
    return all(slot.starts_at > at for slot in windows_of(plan))


def announced_levels(plan: ExamPlan) -> QuerySet[ExamPlanLevel]:
    """The levels of this sitting that people know of."""
    rows = plan.levels.filter(state__in=ANNOUNCED_STATES).select_related("plan", "level__certificate")
    return rows.order_by("level__certificate__code", "level__level")


def reschedule_effect(plan: ExamPlan, slots: Sequence[Window]) -> RescheduleEffect:
    """How many entries, schools and sites a new time concerns, and who would have to be in two places at once."""
    live = _live(plan)
    sites = live.order_by("site__name").values_list("site__name").annotate(n=Count("pk"))
    return RescheduleEffect(
        entry_count=live.count(),
        school_count=live.order_by().values("student__school").distinct().count(),
        sites=[SiteEffect(name, count) for name, count in sites],
        clashing_count=_clashing(plan, live, slots).count(),
    )


def _live(plan: ExamPlan) -> QuerySet[Entry]:
    return Entry.objects.filter(plan_level__plan=plan, state__in=LIVE)


def _clashing(plan: ExamPlan, live: QuerySet[Entry], slots: Sequence[Window]) -> QuerySet[Entry]:
    """Entries whose people are entered elsewhere at one of these times: in that slot, or in none yet."""
    others = Entry.objects.filter(state__in=LIVE).exclude(plan_level__plan=plan)
    there = Q()
    for slot in slots:
        bound = Q(slot__starts_at__lt=slot.ends_at, slot__ends_at__gt=slot.starts_at)
        open_ = Q(
            plan_level__plan__slots__starts_at__lt=slot.ends_at, plan_level__plan__slots__ends_at__gt=slot.starts_at
        )
        there |= bound | (Q(slot=None) & open_)
    if not slots:
        return live.none()
    return live.filter(id_index__in=others.filter(there).values("id_index"))


def schools_entered(plan: ExamPlan) -> list[tuple[School, int]]:
    """Schools with live entries in this sitting, and how many."""
    counts = dict(_live(plan).order_by().values_list("student__school").annotate(n=Count("pk")))
    return [(school, counts[school.pk]) for school in School.objects.filter(pk__in=counts).order_by("pk")]


def sites_entered(plan: ExamPlan) -> list[tuple[ExamSite, int]]:
    """Sites with live entries of this sitting, and how many."""
    counts = dict(_live(plan).order_by().values_list("site").annotate(n=Count("pk")))
    rows = ExamSite.objects.filter(pk__in=counts).select_related("unit", "school").order_by("pk")
    return [(site, counts[site.pk]) for site in rows]


def candidates_with_accounts(plan: ExamPlan) -> QuerySet[User]:
    """The students entered in this sitting who have an account of their own."""
    return User.objects.filter(students__in=_live(plan).values("student")).distinct()


def has_tickets_out(plan: ExamPlan) -> bool:
    """Whether a level of this sitting has its tickets released."""
    return plan.levels.filter(state=PlanLevelState.READY).exists()


def times_of(windows: Sequence[Window]) -> list[list[datetime]]:
    """Windows as a trace keeps them."""
    return [[slot.starts_at, slot.ends_at] for slot in sorted(windows)]
