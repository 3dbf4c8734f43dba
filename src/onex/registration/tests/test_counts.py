"""What pilots know of a roster is what the roster is, after whatever happens to it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onex.accounts.models import School
from onex.accounts.tests.factories import a_school, an_actor
from onex.common.actors import Role
from onex.common.models import Trace
from onex.common.tests.at_once import at_once
from onex.common.text import Refused
from onex.pilots.models import RosterCount
from onex.pilots.tests.factories import DAY, NOON
from onex.registration import queries, services
from onex.registration.models import Student
from onex.registration.queries import judged_rows
from onex.registration.rules.merging import Ticks, seen_of
from onex.registration.rules.plans import BEIJING
from onex.registration.rules.roster import FIELDS
from onex.registration.tests.factories import a_row, a_student, a_workbook, an_entered

pytestmark = pytest.mark.django_db
MAJORS = {"530701": "电子商务", "530605": "市场营销", "530802": "现代物流管理"}


def kept(school: School) -> dict[str, int]:
    return dict(RosterCount.objects.filter(school=school).values_list("major_code", "count"))


def rostered(school: School) -> dict[str, int]:
    return dict(Counter(Student.objects.filter(school=school).values_list("major_code", flat=True)))


def bring_in(school: School, *rows: dict[str, str]) -> None:
    officer = an_actor(Role.SCHOOL, school)
    roster = services.preview_students(school, a_workbook(rows), by=officer, at=NOON)
    seen = seen_of(judged_rows(roster, NOON.astimezone(BEIJING).date()))
    ticks = Ticks(columns=frozenset(FIELDS), seen=seen)
    services.import_students(roster, by=officer, at=NOON, ticks=ticks)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("import"), st.dictionaries(st.integers(1, 6), st.sampled_from(sorted(MAJORS)), min_size=1)),
        st.tuples(st.just("remove"), st.integers(1, 6)),
        st.tuples(st.just("erase"), st.integers(1, 6)),
        st.tuples(st.just("drop"), st.just(0)),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_changes_of_a_roster_its_counts_are_its_students(steps, db) -> None:
    with transaction.atomic():
        school = a_school(majors=MAJORS)
        officer = an_actor(Role.SCHOOL, school)
        for what, detail in steps:
            if what == "import":
                with suppress(Refused):  # nothing in the file is new
                    bring_in(school, *(a_row(n, major_code=code) for n, code in detail.items()))
            elif what == "drop":
                services.drop_unused_students(NOON + 9 * 366 * DAY)
            elif (student := school.students.filter(student_no=f"2024{detail:06d}").first()) and what == "remove":
                services.remove_student(student, by=officer, at=NOON)
            elif student:
                services.erase_student(student, at=NOON)
            assert kept(school) == rostered(school)
        assert queries.schools_miscounted() == []
        transaction.set_rollback(True)


def test_a_nameless_row_that_results_stand_on_is_counted_on() -> None:
    student = an_entered(1)[0].student
    services.repair_counts(at=NOON)
    assert services.erase_student(student, at=NOON)
    assert kept(student.school) == rostered(student.school) == {"530701": 1}


def test_a_refused_import_counts_nothing() -> None:
    school = a_school()
    with pytest.raises(Refused):
        bring_in(school, a_row(1), a_row(2, phone="1"))
    assert kept(school) == {}


def test_the_nightly_check_finds_and_repairs_a_wrong_count_and_says_so() -> None:
    right, wrong, gone = a_school(), a_school(), a_school()
    bring_in(right, a_row(1))
    a_student(wrong)
    RosterCount.objects.create(school=gone, major_code="530605", count=7)
    assert set(queries.schools_miscounted()) == {wrong, gone}
    assert services.repair_counts(at=NOON).done == 2
    assert (kept(right), kept(wrong), kept(gone)) == ({"530701": 1}, {"530701": 1}, {})
    told = Trace.objects.filter(verb="recount_roster").values_list("data", flat=True)
    assert {one["school"] for one in told} == {wrong.name, gone.name}
    assert services.repair_counts(at=NOON).done == 0


def test_looking_for_wrong_counts_costs_the_same_however_many_schools(django_assert_num_queries) -> None:
    for count in (2, 10):
        for _ in range(count):
            a_student(a_school())
        with django_assert_num_queries(3):
            queries.schools_miscounted()


@pytest.mark.django_db(transaction=True)
def test_students_removed_at_the_same_moment_are_all_counted_off() -> None:
    school = a_school()
    officer = an_actor(Role.SCHOOL, school)
    students = [a_student(school) for _ in range(8)]
    services.repair_counts(at=NOON)
    at_once(*(lambda one=one: services.remove_student(one, by=officer, at=NOON) for one in students[1:]))
    assert kept(school) == rostered(school) == {"530701": 1}
