"""Whole numbers: only with a reason, only for whose business it is, counted, and traced without the number."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onex.accounts import middleware
from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, an_operator, signed_in_as
from onex.common import reveal
from onex.common.actors import Role
from onex.common.models import Trace
from onex.common.queries import timeline_of
from onex.pilots.tests.factories import NOON
from onex.registration.models import Student
from onex.registration.tests.factories import a_student, an_entered
from onex.venues.tests.factories import a_pilot_school, a_site, an_org_officer

pytestmark = pytest.mark.django_db
WHY = {"note": "核对本人身份"}
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "now", lambda: NOON)


@pytest.fixture
def student() -> Student:
    return a_student(a_pilot_school())


def by(role: Role, organisation: Any) -> Client:
    return signed_in_as(Client(), an_actor(role, organisation))


def at(noun: str, row: Any, field: str) -> str:
    return reverse(f"registration:{noun}-reveal", args=[row.pk, field])


def test_a_page_shows_the_number_masked_and_its_button_shows_it_whole_once(student: Student) -> None:
    client = by(Role.SCHOOL, student.school)
    page = reverse("registration:student-detail", args=[student.pk])
    before = client.get(page).content.decode()
    assert student.id_number not in before
    assert student.phone not in before
    assert student.masked_id_number in before
    told = client.post(at("student", student, "id_number"), WHY, **HTMX)
    assert student.id_number in told.content.decode()
    assert "no-store" in told["Cache-Control"]
    assert "<html" not in told.content.decode()
    assert student.id_number not in client.get(page).content.decode()


def test_without_htmx_the_answer_is_a_page(student: Student) -> None:
    answer = by(Role.SCHOOL, student.school).post(at("student", student, "phone"), WHY)
    assert student.phone in answer.content.decode()
    assert "</html>" in answer.content.decode()


@pytest.mark.parametrize("note", ["", "   ", "长" * 201])
def test_a_reason_is_needed_and_what_was_typed_stays(student: Student, note: str) -> None:
    answer = by(Role.SCHOOL, student.school).post(at("student", student, "id_number"), {"note": note}, **HTMX)
    assert answer.status_code == 422
    assert student.id_number not in answer.content.decode()
    assert note.strip() in answer.content.decode()
    assert not Trace.objects.filter(verb=reveal.REVEAL).exists()


def test_the_trace_names_the_field_and_the_reason_and_never_the_number(student: Student) -> None:
    client = by(Role.SCHOOL, student.school)
    sly = f"他的号码是 {student.id_number[:6]} {student.id_number[6:]}"
    assert client.post(at("student", student, "id_number"), {"note": sly}).status_code == 422
    client.post(at("student", student, "id_number"), WHY)
    (trace,) = Trace.objects.filter(verb=reveal.REVEAL)
    assert (trace.subject_id, trace.data, trace.note) == (student.pk, {"field": "id_number"}, "核对本人身份")
    assert student.id_number not in f"{trace.__dict__}"
    assert not timeline_of(student).filter(verb=reveal.REVEAL).exists()


def test_nobody_reveals_what_is_not_their_business(student: Student) -> None:
    for client, code in (
        (by(Role.SCHOOL, a_school()), 404),
        (signed_in_as(Client(), an_org_officer()), 403),
        (by(Role.PROVINCE, student.school.province), 403),
        (by(Role.AUDITOR, an_operator()), 403),
        (by(Role.OPERATOR, an_operator()), 403),
    ):
        answer = client.post(at("student", student, "id_number"), WHY)
        assert answer.status_code == code
        assert student.id_number not in answer.content.decode()
    assert Client().post(at("student", student, "id_number"), WHY).status_code == 302
    assert by(Role.SCHOOL, student.school).get(at("student", student, "id_number")).status_code == 405
    assert by(Role.SCHOOL, student.school).post(at("student", student, "school"), WHY).status_code == 404


def test_the_organisation_reveals_candidates_of_its_own_sittings() -> None:
    (entry,) = an_entered(1)
    client = signed_in_as(Client(), an_org_officer())
    assert entry.student.id_number in client.post(at("entry", entry, "id_number"), WHY).content.decode()
    stranger = signed_in_as(Client(), an_org_officer(an_evaluation_org("999999998")))
    assert stranger.post(at("entry", entry, "id_number"), WHY).status_code == 404
    assert by(Role.AUDITOR, an_operator()).post(at("entry", entry, "phone"), WHY).status_code == 403


def test_the_registrar_reveals_students_of_their_school(student: Student) -> None:
    answer = by(Role.REGISTRAR, student.school).post(at("student", student, "phone"), WHY)
    assert student.phone in answer.content.decode()


def test_too_many_in_an_hour_are_refused_and_alarm(student: Student) -> None:
    client = by(Role.SCHOOL, student.school)
    most = reveal.DOOR.limits[0].most
    codes = [client.post(at("student", student, "phone"), WHY).status_code for _ in range(most + 1)]
    assert codes == [200] * most + [429]
    alarm = Trace.objects.get(verb="alarm")
    assert (alarm.outcome, alarm.data, alarm.subject_id) == ("denied", {"kind": "reveal", "field": "phone"}, student.pk)


def test_a_sites_contact_is_masked_and_revealed_to_whom_it_concerns() -> None:
    site = a_site(a_pilot_school())
    client = signed_in_as(Client(), an_org_officer(site.organisation))
    page = client.get(reverse("venues:site-detail", args=[site.pk])).content.decode()
    assert site.contact_phone not in page
    assert site.contact_email not in page
    told = client.post(reverse("venues:site-reveal", args=[site.pk, "contact_phone"]), WHY)
    assert site.contact_phone in told.content.decode()
    auditor = by(Role.AUDITOR, an_operator())
    assert auditor.post(reverse("venues:site-reveal", args=[site.pk, "contact_phone"]), WHY).status_code == 403
