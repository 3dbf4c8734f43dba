"""Named reads: who is to be reminded of a deadline and has not been."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Greatest

from onex.accounts.models import City, Organisation, Province, School
from onex.common.actors import Role
from onex.common.models import Trace
from onex.common.queries import timeline_of
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import SOON, ApplicationState, PlanState, Reminder

S = ApplicationState


def plans_to_remind_of(at: datetime) -> list[PilotPlan]:
    """Plans to be decided within three days under which something waits, and whose reviewers do not know yet."""
    waiting = PilotApplication.objects.filter(plan=OuterRef("pk"), state__in=(S.CITY_REVIEW, S.PROVINCE_REVIEW))
    rows = PilotPlan.objects.filter(
        Exists(waiting), state=PlanState.PUBLISHED, reviews_until__gt=at, reviews_until__lte=at + SOON
    )
    return [
        plan for plan in rows.select_related("province") if not was_reminded(plan, Reminder.REVIEWS, plan.reviews_until)
    ]


def reviewers_of(plan: PilotPlan) -> list[tuple[UUID, Role, int]]:
    """Which offices have how much waiting under the plan."""
    found: Counter[tuple[UUID, Role]] = Counter()
    rows = plan.applications.filter(state__in=(S.CITY_REVIEW, S.PROVINCE_REVIEW)).order_by()
    for state, city in rows.values_list("state", "school__city"):
        if state == S.PROVINCE_REVIEW:
            found[plan.province_id, Role.PROVINCE] += 1
        elif city is not None:
            found[city, Role.CITY] += 1
    return [(organisation, role, n) for (organisation, role), n in found.items()]


def drafts_to_remind_of(at: datetime) -> list[PilotApplication]:
    """Drafts whose plan closes within three days and whose school does not know yet."""
    rows = _schools_rows().filter(state=S.DRAFT, plan__closes_at__gt=at, plan__closes_at__lte=at + SOON)
    return _unknown(rows, Reminder.DRAFT, lambda row: row.plan.closes_at)


def returned_to_remind_of(at: datetime) -> list[PilotApplication]:
    """Returned applications that may be corrected for three days at most and whose school does not know yet."""
    rows = _schools_rows().filter(state=S.RETURNED)
    rows = rows.annotate(ends_at=Greatest("plan__closes_at", Coalesce("plan__corrections_until", F("plan__closes_at"))))
    rows = rows.filter(ends_at__gt=at, ends_at__lte=at + SOON)
    return _unknown(rows, Reminder.CORRECTION, lambda row: row.ends_at)


def _schools_rows() -> QuerySet[PilotApplication]:
    rows = PilotApplication.objects.filter(plan__state=PlanState.PUBLISHED)
    return rows.select_related("plan", "school", "level").order_by("pk")


def _unknown(rows: Any, reminder: Reminder, ends_at: Any) -> list[PilotApplication]:
    """Those without a reminder of this very deadline: a plan whose end is moved reminds again."""
    told = Trace.objects.filter(subject_type=PilotApplication._meta.label_lower, verb=reminder.value)
    known = {
        (key, data.get("until"))
        for key, data in told.filter(subject_id__in=rows.values("pk")).values_list("subject_id", "data")
    }
    return [row for row in rows if (row.pk, ends_at(row).isoformat()) not in known]


def was_reminded(row: PilotPlan | PilotApplication, reminder: Reminder, until: datetime | None) -> bool:
    """Whether this very deadline was reminded of; a deadline that is moved is another."""
    told = timeline_of(row).filter(verb=reminder.value).values_list("data", flat=True)
    return until is not None and any(data.get("until") == until.isoformat() for data in told)


def offices(organisation: UUID) -> QuerySet[Organisation]:
    """The office of this key, as whoever is told."""
    return Organisation.objects.filter(pk=organisation)


def offices_of(province: Province) -> list[tuple[QuerySet[Organisation], Role]]:
    """Everybody in a province who is told of its plans: schools in use and cities, each with the role to tell."""
    active = Organisation.objects.filter(is_active=True)
    schools = School.objects.filter(province=province).values("pk")
    cities = City.objects.filter(province=province).values("pk")
    return [(active.filter(pk__in=schools), Role.SCHOOL), (active.filter(pk__in=cities), Role.CITY)]
