"""What a school is told before it enters anybody, what a list costs, and what is owed."""

from __future__ import annotations

from typing import Any

import pytest

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org
from onex.catalog.models import CertificateLevel
from onex.catalog.tests.factories import a_level as a_guide_level
from onex.common.actors import Role
from onex.pilots.tests.factories import NOON, a_level
from onex.registration import queries, services
from onex.registration.models import Entry
from onex.registration.tests.factories import a_plan_level, a_student, an_entered, an_id_number, some_students
from onex.venues.tests.factories import a_pilot_school, a_site, an_org_officer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [3, 30])
def test_a_rehearsal_costs_the_same_for_three_students_and_for_thirty(
    count: int, django_assert_num_queries: Any
) -> None:
    school = a_pilot_school()
    site, level, students = a_site(school), a_plan_level(), some_students(school, count)
    services.register(school, a_plan_level(), students[:2], site, by=an_actor(Role.SCHOOL, school), at=NOON)
    offer = queries.offer_to(school, level, site)
    with django_assert_num_queries(4):
        found = queries.rehearse(offer, students)
    assert [one.may for one in found] == [False, False] + [True] * (count - 2)


def test_the_rehearsal_and_the_registration_agree() -> None:
    school = a_pilot_school()
    site, level = a_site(school), a_plan_level()
    good, bad = a_student(school), a_student(school, major_code="530302", major_name="大数据与会计")
    found = queries.rehearse(queries.offer_to(school, level, site), [good, bad])
    assert [(one.student, one.may) for one in found] == [(good, True), (bad, False)]
    officer = an_actor(Role.SCHOOL, school)
    with pytest.raises(services.NotEligible) as refused:
        services.register(school, level, [good, bad], site, by=officer, at=NOON)
    assert refused.value.by_student == {bad.pk: found[1].reasons}
    assert services.register(school, level, [good], site, by=officer, at=NOON)


@pytest.mark.parametrize("count", [3, 30])
def test_the_entry_list_costs_one_query_however_long(count: int, django_assert_num_queries: Any) -> None:
    an_entered(count)
    officer = an_org_officer()
    with django_assert_num_queries(1):
        rows = queries.entries_seen_by(officer)
        shown = [(r.student.school.name, r.plan_level.level.short_name, r.site.school.name, r.slot) for r in rows]
    assert len(shown) == count


@pytest.mark.parametrize("count", [3, 30])
def test_the_roster_list_costs_one_query_however_long(count: int, django_assert_num_queries: Any) -> None:
    school = a_school()
    some_students(school, count)
    officer = an_actor(Role.SCHOOL, school)
    with django_assert_num_queries(1):
        assert len([row.masked_id_number for row in queries.students_seen_by(officer)]) == count


def test_a_student_is_found_by_part_of_the_name_and_by_the_whole_id_number_only() -> None:
    school = a_school()
    student = a_student(school, name="欧阳若曦", id_number=an_id_number(7))
    a_student(school, name="李四")
    rows = queries.students_seen_by(an_actor(Role.SCHOOL, school))
    for words in ("若曦", student.student_no[-4:], an_id_number(7), an_id_number(7).lower(), "电商 欧阳"):
        assert student in queries.students_found(rows, words)
    assert list(queries.students_found(rows, an_id_number(7)[:10])) == []


def test_fees_are_the_sum_of_what_was_accepted_at_the_price_of_the_day() -> None:
    entries = an_entered(3)
    officer = an_org_officer()
    services.accept_entries(entries[:2], by=officer, at=NOON)
    CertificateLevel.objects.filter(pk=a_level().pk).update(fee_fen=99_900)
    more = an_entered(1, entries[0].student.school, plan_level=entries[0].plan_level)
    services.accept_entries(more, by=officer, at=NOON)
    rows = queries.statement(queries.entries_seen_by(officer))
    assert [(r["fee_fen"], r["accepted_count"], r["waiting_count"], r["amount_fen"]) for r in rows] == [
        (28_000, 2, 1, 56_000),
        (99_900, 1, 0, 99_900),
    ]
    total = queries.totals_of(rows)
    assert total == {"accepted_count": 3, "waiting_count": 1, "amount_fen": 155_900}
    assert total["amount_fen"] == sum(entry.fee_fen for entry in Entry.objects.filter(state="accepted"))


def test_returned_and_cancelled_entries_cost_nothing() -> None:
    entries = an_entered(2)
    services.move_entry(entries[0], "return", by=an_org_officer(), at=NOON, note="重复")
    services.move_entry(entries[1], "cancel", by=an_actor(Role.SCHOOL, entries[1].student.school), at=NOON)
    assert queries.statement(queries.entries_seen_by(an_org_officer())) == []


def test_the_guides_calendar_gives_a_sitting_its_levels_and_half_days() -> None:
    a_guide_level()
    organisation = an_evaluation_org()
    windows, levels = queries.calendar_windows(organisation, 2)
    assert [str(window) for window in windows] == ["2024-06-21 14:00–18:00", "2024-06-22 08:30–12:30"]
    assert [(one.certificate.code, one.level) for one in levels] == [
        (code, level) for code in ("101", "102") for level in (1, 2, 3)
    ]
    assert [one.level for one in queries.calendar_windows(organisation, 1)[1]] == [1, 2, 1, 2]
    assert queries.calendar_windows(organisation, 9) == ((), [])
    assert queries.scheme_labels() == ["", "演示"]


def test_ones_own_site_is_offered_first_and_far_ones_never() -> None:
    school, neighbour = a_pilot_school(), a_pilot_school()
    theirs, mine = a_site(neighbour), a_site(school)
    level = a_plan_level()
    assert list(queries.sites_for(school, level)) == [mine, theirs]
    assert list(queries.sites_for(neighbour, level)) == [theirs, mine]
