"""Who sees, files and decides: role by role, and always the other school, city and province."""

from __future__ import annotations

import pytest

from onex.accounts.models import Organisation
from onex.accounts.services import ensure_operator
from onex.accounts.tests.factories import a_city, a_province, a_school, an_actor, an_evaluation_org, another_province
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.permits import allows
from onex.pilots import services
from onex.pilots.tests.factories import NOON, a_draft, a_filed_application, a_plan, a_school_officer

pytestmark = pytest.mark.django_db
PEOPLE = [role for role in Role if role != Role.SYSTEM]


def home_of(role: Role, school: Organisation) -> Organisation:
    """The organisation in whose name this role would be concerned with the school's application."""
    if role in (Role.SCHOOL, Role.TEACHER):
        return school
    return {
        Role.PROVINCE: a_province,
        Role.CITY: a_city,
        Role.OPERATOR: lambda: ensure_operator("平台"),
        Role.AUDITOR: lambda: ensure_operator("平台"),
    }.get(role, an_evaluation_org)()


@pytest.fixture
def filed():
    school = a_school()
    officer = an_actor(Role.SCHOOL, school)
    return a_filed_application(a_plan(requires_city_approval=True), officer)


def allowed(code: str, row) -> set[Role]:
    return {role for role in PEOPLE if allows(code, an_actor(role, home_of(role, row.school)), row)}


def test_a_filed_application_is_seen_by_those_it_concerns(filed) -> None:
    expected = {Role.SCHOOL, Role.CITY, Role.PROVINCE, Role.OPERATOR, Role.AUDITOR}
    assert allowed("pilots.application_see", filed) == expected


def test_the_school_files_the_city_looks_first_and_the_province_decides(filed) -> None:
    assert allowed("pilots.application_file", filed) == {Role.SCHOOL}
    assert allowed("pilots.review_city", filed) == {Role.CITY}
    assert allowed("pilots.review", filed) == {Role.PROVINCE}


def test_a_draft_is_its_schools_own_business() -> None:
    draft = a_draft(a_plan(requires_city_approval=True))
    assert allowed("pilots.application_see", draft) == {Role.SCHOOL}


def test_what_was_filed_and_withdrawn_stays_in_sight_of_its_reviewers(filed) -> None:
    row = services.move_application(filed, "withdraw", by=an_actor(Role.SCHOOL, filed.school), at=NOON)
    assert Role.PROVINCE in allowed("pilots.application_see", row)


def test_a_city_sees_nothing_of_plans_that_do_not_ask_it() -> None:
    assert Role.CITY not in allowed("pilots.application_see", a_filed_application(a_plan()))


def strangers() -> list[Actor]:
    return [
        an_actor(Role.SCHOOL, a_school()),
        an_actor(Role.CITY, a_city(code="320200", region="无锡市")),
        an_actor(Role.PROVINCE, another_province()),
    ]


@pytest.mark.parametrize(
    "code", ["pilots.application_see", "pilots.application_file", "pilots.review_city", "pilots.review"]
)
def test_another_school_city_or_province_has_nothing_to_do_with_it(code: str, filed) -> None:
    assert [allows(code, stranger, filed) for stranger in strangers()] == [False, False, False]


def test_published_plans_are_seen_in_their_province_and_by_those_above() -> None:
    school = a_school()
    draft, published = a_plan("draft", batch=1), a_plan(batch=2)

    def seers(plan) -> set[Role]:
        return {role for role in PEOPLE if allows("pilots.plan_see", an_actor(role, home_of(role, school)), plan)}

    above = {Role.PROVINCE, Role.OPERATOR, Role.AUDITOR}
    assert seers(draft) == above
    assert seers(published) == above | {Role.CITY, Role.SCHOOL, Role.ORG}
    assert [allows("pilots.plan_see", stranger, published) for stranger in strangers()] == [True, True, False]


def test_plans_are_made_and_managed_by_their_province_only() -> None:
    school, plan = a_school(), a_plan("draft")
    actors = {role: an_actor(role, home_of(role, school)) for role in PEOPLE}
    assert {role for role, actor in actors.items() if allows("pilots.plan_manage", actor, plan)} == {Role.PROVINCE}
    assert {role for role, actor in actors.items() if allows("pilots.plan_create", actor, plan.province)} == {
        Role.PROVINCE
    }
    assert not allows("pilots.plan_manage", an_actor(Role.PROVINCE, another_province()), plan)


def test_a_school_files_under_published_plans_of_its_own_province_only() -> None:
    officer = a_school_officer()
    assert allows("pilots.application_create", officer, a_plan())
    assert not allows("pilots.application_create", officer, a_plan("draft", batch=2))
    assert not allows("pilots.application_create", officer, a_plan(province=another_province()))
    assert not allows("pilots.application_create", SYSTEM, a_plan(batch=3))
