"""Who sees and does what in registration: every other school, every other organisation."""

from __future__ import annotations

import pytest
from django.urls import reverse

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, another_province, signed_in_as
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.ids import uuid7
from onex.common.permits import PERMITS, allows, holds, seen
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel, RosterImport, Student
from onex.registration.tests.factories import a_draft_plan, a_plan_level, a_student, an_entered
from onex.venues.tests.factories import a_pilot_school, an_org_officer

pytestmark = pytest.mark.django_db
STRANGE = "999999998"


def test_a_draft_sitting_is_its_organisations_own_business() -> None:
    plan = a_draft_plan()
    rows, levels = ExamPlan.objects.all(), ExamPlanLevel.objects.all()
    assert list(seen("registration.plan_see", an_org_officer(), rows)) == [plan]
    for actor in (an_actor(Role.SCHOOL, a_school()), an_org_officer(an_evaluation_org(STRANGE))):
        assert not seen("registration.plan_see", actor, rows).exists()
        assert not seen("registration.plan_level_see", actor, levels).exists()


def test_an_announced_sitting_is_seen_by_every_school_with_its_announced_levels_only() -> None:
    level = a_plan_level()
    school = an_actor(Role.SCHOOL, a_school(province=another_province()))
    assert list(seen("registration.plan_see", school, ExamPlan.objects.all())) == [level.plan]
    assert list(seen("registration.plan_level_see", school, ExamPlanLevel.objects.all())) == [level]
    assert not allows("registration.plan_manage", school, level)


def test_a_roster_is_seen_by_nobody_but_its_school() -> None:
    school = a_pilot_school()
    student = a_student(school)
    RosterImport.objects.create(school=school, file_name="名单.xlsx", actor_label="周敏")
    assert list(seen("registration.student_see", an_actor(Role.SCHOOL, school), Student.objects.all())) == [student]
    for actor in (
        an_actor(Role.SCHOOL, a_school()),
        an_org_officer(),
        an_actor(Role.PROVINCE, school.province),
        Actor(uuid7(), "某人", Role.OPERATOR, uuid7()),
        Actor(uuid7(), "某人", Role.AUDITOR, uuid7()),
    ):
        assert not seen("registration.student_see", actor, Student.objects.all()).exists()
        assert not seen("registration.student_see", actor, RosterImport.objects.all()).exists()


def test_entries_are_seen_by_school_organisation_and_province() -> None:
    entry = an_entered(1)[0]
    school = entry.student.school
    rows = Entry.objects.all()
    for actor in (an_actor(Role.SCHOOL, school), an_org_officer(), an_actor(Role.PROVINCE, school.province)):
        assert list(seen("registration.entry_see", actor, rows)) == [entry]
    for actor in (
        an_actor(Role.SCHOOL, a_school()),
        an_org_officer(an_evaluation_org(STRANGE)),
        an_actor(Role.PROVINCE, another_province()),
    ):
        assert not seen("registration.entry_see", actor, rows).exists()


@pytest.mark.parametrize(
    ("code", "roles"),
    [
        ("registration.plan_open", {Role.ORG}),
        ("registration.plan_edit", {Role.ORG}),
        ("registration.plan_manage", {Role.ORG}),
        ("registration.plan_progress", {Role.ORG, Role.SYSTEM}),
        ("registration.student_import", {Role.SCHOOL, Role.REGISTRAR}),
        ("registration.student_write", {Role.SCHOOL, Role.REGISTRAR}),
        ("registration.student_see", {Role.SCHOOL, Role.REGISTRAR}),
        ("registration.student_account", {Role.SCHOOL, Role.REGISTRAR}),
        ("registration.photo_write", {Role.SCHOOL, Role.REGISTRAR}),
        ("registration.photo_see", {Role.SCHOOL, Role.REGISTRAR, Role.STUDENT}),
        ("registration.own_data", {Role.STUDENT}),
        (
            "registration.fee_see",
            {Role.SCHOOL, Role.REGISTRAR, Role.ORG, Role.FINANCE, Role.PROVINCE, Role.OPERATOR, Role.AUDITOR},
        ),
        ("registration.entry_create", {Role.SCHOOL, Role.REGISTRAR}),
        ("registration.entry_cancel", {Role.SCHOOL, Role.REGISTRAR}),
        ("registration.entry_review", {Role.ORG}),
    ],
)
def test_each_action_belongs_to_these_roles(code: str, roles: set[Role]) -> None:
    assert set(PERMITS[code].reaches) == roles
    assert holds(code, SYSTEM) == (Role.SYSTEM in roles)


def test_whoever_keeps_the_books_sees_sums_and_no_candidate(client) -> None:
    entry = an_entered(2)[0]
    organisation = entry.plan_level.plan.organisation
    signed_in_as(client, an_actor(Role.FINANCE, organisation))
    page = client.get("/registration/fees/").content.decode()
    assert entry.student.school.name in page
    assert client.get("/registration/fees/export/").status_code == 200
    # Searching by a candidate's name would tell by the sum whether they are among them.
    assert client.get("/registration/fees/", {"q": "没有这个人"}).content.decode().count(entry.student.school.name) == 1
    for address in ("/registration/entries/", f"/registration/entries/{entry.pk}/", "/registration/students/"):
        assert client.get(address).status_code == 403
    signed_in_as(client, an_actor(Role.FINANCE, an_evaluation_org(STRANGE)))
    assert entry.student.school.name not in client.get("/registration/fees/").content.decode()


def test_a_registrar_works_with_the_schools_students_and_entries_and_files_nothing_else(client) -> None:
    entry = an_entered(1)[0]
    signed_in_as(client, an_actor(Role.REGISTRAR, entry.student.school))
    for address in (
        "/registration/students/", "/registration/students/import/", "/registration/entries/", "/registration/plans/",
        f"/registration/plans/{entry.plan_level.plan_id}/", f"/registration/entries/{entry.pk}/", "/registration/fees/",
        "/results/", reverse("certificates:certificate-list"), "/sittings/sessions/", "/venues/sites/",
    ):  # fmt: skip
        assert client.get(address).status_code == 200, address
    for address in ("/pilots/plans/", "/venues/applications/new/", "/accounts/people/", "/accounts/school/"):
        assert client.get(address).status_code == 403, address
