"""What registration asks of an approval, and what each list costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onex.accounts.tests.factories import a_city, a_school, an_actor
from onex.common.actors import SYSTEM, Role
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication
from onex.pilots.rules import PlanPhase, PlanState, phase_of
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_draft,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
    an_approved_application,
)

pytestmark = pytest.mark.django_db


def test_the_approval_of_a_school_level_and_year_is_found_and_no_other() -> None:
    row = an_approved_application()
    school, level = row.school, row.level
    assert queries.approved_application(school, level, 2026) == row
    assert queries.approved_application(school, level, 2025) is None
    assert queries.approved_application(school, a_level(2), 2026) is None
    assert queries.approved_application(a_school(), level, 2026) is None


def test_a_filed_or_returned_application_gives_no_places() -> None:
    row = a_filed_application()
    assert queries.approved_application(row.school, row.level, 2026) is None


def test_places_are_taken_from_the_earliest_batch_that_has_some() -> None:
    officer = a_school_officer()
    second = an_approved_application(10, plan=a_plan(batch=2), officer=officer)
    first = an_approved_application(10, plan=a_plan(batch=1), officer=officer)
    assert queries.approved_application(first.school, first.level, 2026) == first
    services.take_places(first, 10, subject=first.school, by=SYSTEM, at=NOON)
    assert queries.approved_application(first.school, first.level, 2026) == second


def test_no_declared_major_allows_every_mapped_one() -> None:
    plan = a_plan()
    assert queries.allowed_major_codes(a_draft(plan)) is None
    assert queries.allowed_major_codes(a_draft(plan, major_codes=["530701"])) == {"530701"}


def test_majors_to_choose_are_offered_by_the_school_and_mapped_to_the_level() -> None:
    school = a_school(majors={"530701": "电子商务", "570102": "早期教育"})
    level = a_level()
    assert [major.code for major in queries.majors_to_choose(school, a_plan(), level)] == ["530701"]


def test_the_levels_of_a_pilot_school_are_those_of_the_year() -> None:
    row = an_approved_application()
    assert list(queries.approved_levels(row.school, 2026)) == [row.level]
    assert not queries.approved_levels(row.school, 2027).exists()
    assert queries.is_pilot_school(row.school, 2026)
    assert not queries.is_pilot_school(row.school, 2027)


def test_the_phase_in_a_list_is_the_phase_of_the_rules() -> None:
    moments = (-2 * DAY, -DAY, 0 * DAY, 9 * DAY, 20 * DAY)
    for n, state in enumerate(PlanState, start=1):
        a_plan(state, batch=n)
    officer = a_province_officer()
    for shift in moments:
        at = NOON + shift
        for plan in queries.plans_seen_by(officer, at):
            assert PlanPhase(plan.phase) == phase_of(plan.state, plan.opens_at, plan.closes_at, at)
    counts = queries.counts_by_phase(queries.plans_seen_by(officer, NOON))
    assert counts == {"draft": 1, "open": 1, "cancelled": 1}


def test_the_next_batch_follows_the_last_one_that_was_not_cancelled() -> None:
    officer = a_province_officer()
    assert queries.next_batch(officer, 2026, NOON) == 1
    a_plan(batch=2)
    a_plan("cancelled", batch=5)
    assert queries.next_batch(officer, 2026, NOON) == 3
    assert queries.next_batch(officer, 2027, NOON) == 1


def test_reviewers_have_their_own_queue_the_longest_waiting_first() -> None:
    by_city, direct = a_plan(batch=1, requires_city_approval=True), a_plan(batch=2)
    city, province = an_actor(Role.CITY, a_city()), a_province_officer()
    first, second = a_filed_application(by_city), a_filed_application(direct)
    PilotApplication.objects.filter(pk=first.pk).update(submitted_at=NOON - timedelta(hours=1))
    first.refresh_from_db()
    assert list(queries.applications_waiting_for(city)) == [first]
    assert list(queries.applications_waiting_for(province)) == [second]
    services.move_application(first, "pass", by=city, at=NOON)
    assert list(queries.applications_waiting_for(province)) == [first, second]
    assert queries.neighbours_in_queue(queries.queue_of(province), first) == (None, second.pk)
    assert not queries.applications_waiting_for(a_school_officer()).exists()


def test_the_totals_of_a_plan_leave_out_drafts_and_withdrawn_applications() -> None:
    plan, leaver = a_plan(), a_school_officer()
    an_approved_application(60, plan=plan)
    a_draft(plan)
    services.move_application(a_filed_application(plan, leaver), "withdraw", by=leaver, at=NOON)
    assert queries.totals_of(plan) == {"applications": 1, "schools": 1, "requested": 80, "approved": 60, "used": 0}


def test_a_word_of_the_schools_or_the_certificates_name_finds_an_application() -> None:
    officer = a_school_officer(a_school("苏州工业职业技术学院"))
    row = a_filed_application(officer=officer)
    seen = queries.applications_seen_by(a_province_officer())
    assert list(queries.applications_found(seen, "苏州 直播")) == [row]
    assert list(queries.applications_found(seen, "苏州 新媒体")) == []
    assert list(queries.applications_under(seen, str(row.plan_id))) == [row]
    assert list(queries.applications_under(seen, "nonsense")) == []


@pytest.mark.parametrize("count", [3, 30])
def test_the_application_list_costs_one_query_however_long(count: int, django_assert_num_queries) -> None:
    plan = a_plan()
    for _ in range(count):
        a_filed_application(plan)
    province = a_province_officer()
    with django_assert_num_queries(1):
        rows = list(queries.applications_seen_by(province))
        assert (
            len({(row.school.name, row.level.certificate.issuer_name, row.plan.province.name) for row in rows}) == count
        )


@pytest.mark.parametrize("count", [3, 30])
def test_the_plan_list_costs_two_queries_however_long(count: int, django_assert_num_queries) -> None:
    province = a_province_officer()
    for n in range(count):
        a_plan(year=2030 + n)
    with django_assert_num_queries(2):
        found = [(plan.province.name, list(plan.certificates.all())) for plan in queries.plans_seen_by(province, NOON)]
    assert len(found) == count
