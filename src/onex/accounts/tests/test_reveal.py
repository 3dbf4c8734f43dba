"""Numbers of colleagues, of a school's contact and of a new administrator: masked on pages, whole for a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onex.accounts.models import Organisation, User
from onex.accounts.rules import ChangeKind
from onex.accounts.tests.factories import (
    a_change,
    a_hat,
    a_school,
    a_school_actor,
    a_site_organisation,
    a_user,
    an_actor,
    an_evaluation_org,
    an_operator,
    another_province,
    signed_in_as,
)
from onex.common.actors import Role
from onex.common.models import Trace

pytestmark = pytest.mark.django_db
WHY = {"note": "学生家长要求回电"}
PHONE, EMAIL = "13712345678", "chenli@example.edu.cn"


def by(role: Role, organisation: Any) -> Client:
    return signed_in_as(Client(), an_actor(role, organisation))


def somebody(role: Role, organisation: Any, **hat: Any) -> User:
    user = a_user(name="陈立")
    user.phone, user.email = PHONE, EMAIL
    user.save()
    row = a_hat(role, organisation, user)
    type(row).objects.filter(pk=row.pk).update(**hat)
    return user


def person(user: User, field: str = "phone") -> str:
    return reverse("accounts:person-reveal", args=[user.pk, field])


def test_an_administrator_sees_a_colleagues_numbers_masked_and_whole_for_a_reason() -> None:
    school = a_school()
    user = somebody(Role.TEACHER, school)
    client = by(Role.SCHOOL, school)
    address = reverse("accounts:person-detail", args=[school.pk, user.pk])
    page = client.get(address).content.decode()
    assert "137****5678" in page
    assert PHONE not in page
    assert EMAIL not in page
    assert person(user) in page
    assert client.post(person(user)).status_code == 422
    told = client.post(person(user), WHY)
    assert (told.status_code, told["Cache-Control"]) == (200, "private, no-store")
    assert PHONE in told.content.decode()
    assert EMAIL in client.post(person(user, "email"), WHY).content.decode()
    assert client.post(person(user, "password"), WHY).status_code == 404
    assert PHONE not in client.get(address).content.decode()
    trace = Trace.objects.filter(verb="reveal").first()
    assert trace is not None
    assert (trace.subject_id, trace.note, trace.data) == (user.pk, WHY["note"], {"field": "phone"})
    assert WHY["note"] not in client.get(address).content.decode()  # the audit's, not the record's story


def test_numbers_of_other_organisations_people_students_and_guests_are_no_administrators_business() -> None:
    school, other = a_school(), a_school()
    client = by(Role.SCHOOL, school)
    assert client.post(person(somebody(Role.TEACHER, other)), WHY).status_code == 404
    User.objects.update(phone="", phone_index=None)
    pupil = somebody(Role.STUDENT, school)
    assert client.post(person(pupil), WHY).status_code == 404
    User.objects.update(phone="", phone_index=None)
    guest = somebody(Role.TEACHER, school, is_active=False, invited_at="2026-11-01T00:00:00Z")
    assert client.post(person(guest), WHY).status_code == 404  # inviting by account name must not tell a number
    page = client.get(reverse("accounts:person-detail", args=[school.pk, guest.pk])).content.decode()
    assert person(guest) not in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.SYSTEM_ADMIN, 200),
        (Role.SECURITY_ADMIN, 404),
        (Role.OPERATOR, 403),
        (Role.AUDITOR, 403),
    ],
)
def test_who_of_the_platform_may_see_a_teachers_number(role: Role, status: int) -> None:
    assert by(role, an_operator()).post(person(somebody(Role.TEACHER, a_school())), WHY).status_code == status


def test_a_teacher_sees_nobodys_number_and_a_security_administrator_their_own_houses() -> None:
    school = a_school()
    user = somebody(Role.REGISTRAR, school)
    assert by(Role.TEACHER, school).post(person(user), WHY).status_code == 403
    User.objects.update(phone="", phone_index=None)
    mine = somebody(Role.OPERATOR, an_operator())
    assert by(Role.SECURITY_ADMIN, an_operator()).post(person(mine), WHY).status_code == 200
    User.objects.update(phone="", phone_index=None)
    office = an_evaluation_org()
    clerk = somebody(Role.ORG, office)
    assert by(Role.ADMIN, office).post(person(clerk), WHY).status_code == 200


def test_a_school_calls_the_people_of_its_site_too() -> None:
    school, site = a_school(), a_site_organisation()
    Organisation.objects.filter(pk=site.pk).update(parent=school.pk)
    invigilator = somebody(Role.SITE_INVIGILATOR, site)
    assert by(Role.SCHOOL, school).post(person(invigilator), WHY).status_code == 200
    assert by(Role.SITE_MANAGER, site).post(person(invigilator), WHY).status_code == 200
    assert by(Role.SCHOOL, a_school()).post(person(invigilator), WHY).status_code == 404


def test_the_contact_of_a_school_is_masked_for_its_province_and_the_auditor() -> None:
    school = a_school(contact_phone=PHONE, contact_email=EMAIL)
    address = reverse("accounts:institution-detail", args=[school.pk])
    reveal = reverse("accounts:institution-reveal", args=[school.pk, "contact_phone"])
    province, auditor = by(Role.PROVINCE, school.province), by(Role.AUDITOR, an_operator())
    for client in (province, auditor):
        page = client.get(address).content.decode()
        assert "137****5678" in page
        assert PHONE not in page
        assert EMAIL not in page
        assert (reveal in page) == (client is province)
    assert PHONE in province.post(reveal, WHY).content.decode()
    assert auditor.post(reveal, WHY).status_code == 403
    assert by(Role.PROVINCE, another_province()).post(reveal, WHY).status_code == 404
    assert province.get(reveal).status_code == 405


def test_a_new_administrators_numbers_are_masked_until_somebody_says_why() -> None:
    school = a_school()
    change = a_change(ChangeKind.ADMINISTRATOR, by=a_school_actor(school))
    type(change).objects.filter(pk=change.pk).update(person_phone=PHONE, person_email=EMAIL)
    address = reverse("accounts:change-detail", args=[change.pk])
    reveal = reverse("accounts:change-reveal", args=[change.pk, "person_email"])
    for client in (by(Role.PROVINCE, school.province), by(Role.SCHOOL, school), by(Role.OPERATOR, an_operator())):
        page = client.get(address).content.decode()
        assert PHONE not in page
        assert EMAIL not in page
        assert "137****5678" in page
        assert EMAIL in client.post(reveal, WHY).content.decode()
    assert by(Role.PROVINCE, another_province()).post(reveal, WHY).status_code == 404
    assert by(Role.AUDITOR, an_operator()).post(reveal, WHY).status_code == 403
    assert reveal not in by(Role.AUDITOR, an_operator()).get(address).content.decode()
