"""Schools name files by ID number: what is kept, shown, traced and downloaded tells none of them."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from onex.accounts import middleware
from onex.accounts.tests.factories import NOON, a_school, an_actor, an_evaluation_org, signed_in_as
from onex.common.actors import Role
from onex.common.models import Attachment, Trace
from onex.pilots.tests.factories import a_level
from onex.registration.models import RosterImport
from onex.registration.tests.factories import a_photo, a_row, a_student, a_workbook
from onex.venues.models import SiteApplication
from onex.venues.tests.factories import WORDS, a_pdf, a_pilot_school

pytestmark = pytest.mark.django_db
ID, PHONE = "320101200502290013", "13812345678"


@pytest.fixture(autouse=True)
def _this_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "now", lambda: NOON)


def tells(answer) -> str:
    """All that an answer says: its page and the name it would be saved under."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return ("" if answer.streaming else body.decode()) + unquote(answer.headers.get("Content-Disposition", ""))


@pytest.mark.parametrize(
    "name", [f"{ID}.jpg", f"李思源{ID}（正面）.jpeg", f"{ID[:6]} {ID[6:14]} {ID[14:]}.jpg", "李思源.jpg"]
)
def test_a_photo_is_called_by_its_place_whatever_the_school_called_it(name: str) -> None:
    student = a_student(a_school())
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, student.school))
    answer = client.post(reverse("registration:photo-set", args=[student.pk]), {"photo": a_photo(name=name)})
    assert answer.status_code == 302
    assert Attachment.objects.get().original_name == "photo.jpg"
    shown = client.get(reverse("registration:student-photo", args=[student.pk]))
    assert tells(shown) == "attachment; filename*=UTF-8''photo.jpg"


def test_a_refused_photo_is_named_without_its_number() -> None:
    student = a_student(a_school())
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, student.school))
    upload = a_photo(kind="GIF", name=f"{ID}.jpg")
    answer = client.post(reverse("registration:photo-set", args=[student.pk]), {"photo": upload})
    assert answer.status_code == 422
    assert "320***********0013.jpg" in tells(answer)
    assert ID not in tells(answer)


def test_an_uploaded_roster_keeps_its_name_without_numbers() -> None:
    school = a_school()
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, school))
    upload = a_workbook([a_row(1)], name=f"名单 王老师{PHONE}.xlsx")
    assert client.post(reverse("registration:student-import"), {"file": upload}).status_code == 302
    roster = RosterImport.objects.get()
    assert roster.file_name == "名单 王老师138****5678.xlsx"
    for page in ("student-list", "student-import"):
        assert "138****5678" in tells(client.get(reverse(f"registration:{page}")))


def test_a_material_that_is_taken_away_leaves_no_number_in_the_trace() -> None:
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, a_pilot_school()))
    body = WORDS | {"organisation": str(an_evaluation_org().pk), "levels": [str(a_level().pk)], "then": "save"}
    answer = client.post(
        reverse("venues:application-create"), body | {"stamped_form": a_pdf(f"{ID} zhou@example.cn.pdf")}
    )
    application, kept = SiteApplication.objects.get(), Attachment.objects.get()
    assert answer.status_code == 302
    assert kept.original_name == "320***********0013 z***@example.cn.pdf"
    address = reverse("venues:file-download", args=[application.pk, kept.pk])
    assert tells(client.get(address)) == f"attachment; filename*=UTF-8''{kept.original_name}"
    edit = reverse("venues:application-edit", args=[application.pk])
    assert client.post(f"{edit}?remove={kept.pk}", body).status_code == 302
    assert Trace.objects.get(verb="detach").note == kept.original_name
    assert not Trace.objects.filter(note__contains=ID).exists()


def test_names_that_are_there_already_are_mended_once_and_for_all() -> None:
    school = a_school()
    common = {"subject_type": "accounts.school", "subject_id": school.pk, "size": 1, "actor_label": "周敏"}
    for name, is_sealed in ((f"{ID}.jpeg", True), (f"执照 {PHONE}.pdf", False), ("执照.pdf", False)):
        ending = "jpg" if is_sealed else "pdf"
        Attachment.objects.create(
            **common, slot="photo", original_name=name, stored_name=f"x/{name}.{ending}", is_sealed=is_sealed
        )
    RosterImport.objects.create(school=school, file_name=f"{ID}.xlsx", actor_label="周敏")
    for migration in ("common.migrations.0006", "registration.migrations.0005"):
        module = importlib.import_module(f"onex.{migration}_file_names_without_numbers")
        for _twice in range(2):
            module.rename(apps, SimpleNamespace(connection=connection))
    assert {one.original_name for one in Attachment.objects.all()} == {"photo.jpg", "执照 138****5678.pdf", "执照.pdf"}
    assert RosterImport.objects.get().file_name == "320***********0013.xlsx"
