"""Reminders: the right people, in the last three days, once; and again when the deadline is moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from onex.accounts.tests.factories import a_city, an_actor
from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.pilots import queries, services, tasks
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_draft,
    a_filed_application,
    a_plan,
    a_province_officer,
    a_school_officer,
)

pytestmark = pytest.mark.django_db


def a_returned(plan: PilotPlan) -> PilotApplication:
    row = a_filed_application(plan)
    return services.move_application(row, "return", by=a_province_officer(), at=NOON, note="请补充")


def reminded(row: Any) -> list[str]:
    return [one.verb for one in timeline_of(row) if one.verb.startswith("remind_")]


def test_reviewers_are_reminded_once_of_what_is_to_be_decided_within_three_days() -> None:
    plan = a_plan(reviews_until=NOON + 3 * DAY)
    a_filed_application(plan)
    assert tasks.remind(at=NOON).done == 1
    assert tasks.remind(at=NOON + DAY).done == 0
    assert reminded(plan) == ["remind_reviews"]
    told = timeline_of(plan).get(verb="remind_reviews")
    assert told.data["waiting"] == {str(plan.province_id): 1}


def test_under_a_plan_with_city_review_each_office_has_its_own_waiting() -> None:
    plan = a_plan(requires_city_approval=True)
    first = a_filed_application(plan)
    a_filed_application(plan)
    services.move_application(first, "pass", by=an_actor(Role.CITY, a_city()), at=NOON)
    found = {(organisation, str(role)): n for organisation, role, n in queries.reviewers_of(plan)}
    assert found == {(a_city().pk, "city"): 1, (plan.province_id, "province"): 1}


@pytest.mark.parametrize("reviews_until", [None, NOON, NOON + 3 * DAY + timedelta(minutes=1)])
def test_no_reviewer_is_reminded_too_early_too_late_or_without_a_deadline(reviews_until: datetime | None) -> None:
    a_filed_application(a_plan(reviews_until=reviews_until))
    assert tasks.remind(at=NOON).done == 0


def test_nobody_is_reminded_of_a_plan_under_which_nothing_waits() -> None:
    a_plan(reviews_until=NOON + DAY)
    assert tasks.remind(at=NOON).done == 0


def test_a_school_is_reminded_once_of_its_draft_before_the_window_closes() -> None:
    plan = a_plan()
    draft = a_draft(plan)
    a_filed_application(plan)
    assert tasks.remind(at=plan.closes_at - 4 * DAY).done == 0
    assert tasks.remind(at=plan.closes_at - 3 * DAY).done == 1
    assert tasks.remind(at=plan.closes_at - DAY).done == 0
    assert tasks.remind(at=plan.closes_at).done == 0
    assert reminded(draft) == ["remind_draft"]


def test_a_school_is_reminded_once_of_what_it_may_correct_until() -> None:
    plan = a_plan(corrections_until=NOON + 12 * DAY)
    row = a_returned(plan)
    assert tasks.remind(at=NOON + 8 * DAY).done == 0
    assert tasks.remind(at=NOON + 9 * DAY).done == 1
    assert tasks.remind(at=NOON + 10 * DAY).done == 0
    assert reminded(row) == ["remind_correction"]


def test_without_a_date_for_corrections_the_window_itself_is_the_deadline() -> None:
    row = a_returned(a_plan())
    assert tasks.remind(at=NOON + 8 * DAY).done == 1
    assert reminded(row) == ["remind_correction"]


def test_a_deadline_that_is_moved_is_reminded_of_again() -> None:
    plan = a_plan(reviews_until=NOON + DAY)
    a_filed_application(plan)
    tasks.remind(at=NOON)
    PilotPlan.objects.filter(pk=plan.pk).update(reviews_until=NOON + 2 * DAY)
    assert tasks.remind(at=NOON).done == 1


def test_what_was_handed_in_meanwhile_is_not_reminded_of() -> None:
    officer = a_school_officer()
    draft = a_draft(a_plan(), officer)
    at = NOON + 8 * DAY
    services.move_application(draft, "submit", by=officer, at=at)
    services.remind_of_draft(draft, at=at)
    assert reminded(draft) == []


def test_nobody_is_reminded_under_a_cancelled_plan() -> None:
    draft = a_draft()
    PilotPlan.objects.update(state="cancelled")
    assert tasks.remind(at=NOON + 8 * DAY).done == 0
    assert reminded(draft) == []
