"""A copy of everything, and being forgotten: nothing with the person's name, number or phone is left in any table."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from onex.accounts import middleware
from onex.accounts.models import Authenticator, OnceToken, PasswordHistory, RecoveryCode, SignIn, User
from onex.accounts.tests import factories
from onex.accounts.tests.factories import a_hat, a_school, an_actor, an_operator, signed_in_as
from onex.certificates import queries as certificate_queries
from onex.certificates import services as certificates
from onex.certificates.models import Certificate
from onex.certificates.shown import is_signed
from onex.certificates.signing import token_for
from onex.common.actors import Actor, Role
from onex.common.files import attach
from onex.common.models import Attachment, Trace
from onex.common.text import Refused
from onex.marking import queries as marking_queries
from onex.marking import services as marking
from onex.marking.models import MarkingJob
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.portal import services
from onex.portal.models import ErasureRequest
from onex.portal.queries import persons
from onex.registration import services as registration
from onex.registration.models import Entry, GuardianConsent, HeldLevel, Student
from onex.registration.tests.factories import a_photo, a_row, a_slip, a_student, a_workbook, an_activated, an_entered
from onex.results import services as results
from onex.results.models import Result
from onex.sittings.tests.factories import the_level
from onex.venues.tests.factories import a_pdf, a_pilot_school, an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])
NAME, PHONE, NUMBER = "欧阳明远", "13911112222", "X9876543"
LATER = AFTER + timedelta(days=30)
WHY = "本人毕业后不再使用"


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    for clock in (middleware, factories):  # people sign in when they ask
        monkeypatch.setattr(clock, "now", lambda: LATER)


def everything() -> list[tuple[str, str]]:
    """(where, text) of every value of every row of ours in both databases, unsealed."""
    found = []
    for model in apps.get_models():
        if model.__module__.startswith("onex."):
            alias = "room" if model._meta.app_label == "examroom" else "default"
            for row in model._base_manager.using(alias).all():
                for field in model._meta.local_fields:
                    value = getattr(row, field.attname, None)
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
                    found.append((f"{model._meta.label_lower}.{field.name}", text))
    return found


def where(*words: str) -> list[str]:
    return sorted({place for place, text in everything() if any(word in text for word in words)})


def a_certified() -> Student:
    """Somebody who was entered, sat, passed and was certified, with a photo of theirs among the files."""
    level = the_level()
    school = a_pilot_school(level)
    student = a_student(school, name=NAME, phone=PHONE, student_no=NUMBER)
    session = a_sat_session(1, school=school, students=[student])
    officer = an_org_officer()
    marking.collect(session, by=officer, at=AFTER)
    assessor = an_actor(Role.ASSESSOR, officer_organisation())
    for job in MarkingJob.objects.filter(script__session=session):
        criteria = marking_queries.scores_of(job.script)[job.item].needs_examiner
        marking.mark(job, {one.id: one.points for one in criteria}, by=assessor, at=AFTER)
    session.plan_level.refresh_from_db()
    found = results.publicise(results.compute(session.plan_level, by=officer, at=AFTER), by=officer, at=AFTER)
    found = results.release(found, by=officer, at=found.ends_at)
    certificates.issue_due(found, by=officer, at=AFTER)
    attach(student, "photo", a_pdf(f"{NAME}.pdf"), by=officer, at=AFTER, kinds=("pdf",))
    return student


def officer_organisation() -> Any:
    from onex.accounts.tests.factories import an_evaluation_org

    return an_evaluation_org()


def forget(student: Student) -> ErasureRequest:
    asked = services.file_erasure(student, WHY, by=an_actor(Role.SCHOOL, student.school), at=AFTER)
    return services.move_erasure(asked, "approve", by=an_actor(Role.OPERATOR, an_operator()), at=AFTER)


def test_after_erasure_no_row_of_any_table_has_name_number_or_phone() -> None:
    student = a_certified()
    words = (NAME, student.id_number, PHONE, NUMBER, student.masked_id_number)
    kept = Certificate.objects.get()
    level, theory, number = kept.facts["level"], kept.facts["theory"], kept.number
    seen = {"registration.student.name", "certificates.certificate.facts", "examroom.candidate.name"}
    assert seen <= set(where(*words))  # the search itself can see
    done = forget(student)
    assert where(*words) == []
    assert (done.state, done.label, done.reason) == ("done", "已注销", "")
    assert not Attachment.objects.filter(slot="photo").exists()
    kept = Certificate.objects.get(number=number)
    assert (kept.facts["level"], kept.facts["theory"], Result.objects.get().passed) == (level, theory, True)
    assert is_signed(kept)
    assert certificate_queries.verify(number, NAME) is None
    page = Client().get(reverse("certificates:verify-qr", args=[token_for(number)])).content.decode()
    assert "证书真实有效" in page
    assert "已注销" in page
    assert HeldLevel.objects.get().number == number


def test_who_was_never_entered_leaves_no_row_at_all() -> None:
    school = a_pilot_school()
    student = a_student(school, name=NAME, phone=PHONE)
    officer = an_actor(Role.SCHOOL, school)
    row = a_row(7, name=NAME, id_number=student.id_number)
    preview = registration.preview_students(school, a_workbook([row, a_row(8)]), by=officer, at=AFTER)
    forget(student)
    assert not Student.objects.exists()
    assert where(NAME, student.id_number, PHONE) == []
    preview.refresh_from_db()
    assert "2024000008" in preview.lines


GUARDIAN, GUARDIANS_PHONE = "欧阳长风", "13722223333"


def with_everything(student: Student) -> User:
    """This student with an account, a sealed photo, a guardian's consent, and all that an account gathers."""
    actor = an_activated(student, AFTER)
    user = User.objects.get(pk=actor.user_id)
    user.phone, user.email = PHONE, "oymy@example.cn"
    user.save()
    school = an_actor(Role.SCHOOL, student.school)
    registration.set_photo(student, a_photo(name=f"{student.name}.jpg"), by=school, at=AFTER)
    GuardianConsent.objects.create(
        student=student, name=GUARDIAN, relation="father", phone=GUARDIANS_PHONE, given_at=AFTER, text_version="1"
    )
    signed_in_as(Client(HTTP_USER_AGENT="Firefox"), actor)
    Authenticator.objects.create(user=user, kind="totp", name="我的手机", secret="JBSWY3DPEHPK3PXP")
    RecoveryCode.objects.create(user=user, digest="d" * 64)
    PasswordHistory.objects.create(user=user, password=user.password, set_at=AFTER)
    a_slip(student, AFTER)  # a second one, still good
    student.refresh_from_db()
    return User.objects.get(pk=user.pk)


def test_after_erasure_of_a_student_nothing_is_left_of_account_photo_or_guardian(
    django_capture_on_commit_callbacks: Any,
) -> None:
    student = a_certified()
    user = with_everything(student)
    photo = Attachment.objects.get(slot="photo", is_sealed=True).stored_name
    words = (NAME, student.id_number, PHONE, NUMBER, GUARDIAN, GUARDIANS_PHONE, user.username, "oymy@", "JBSWY3DP")
    words = (*words, user.password)
    seen = {"registration.guardianconsent.name", "accounts.user.username", "accounts.authenticator.secret"}
    assert seen <= set(where(*words))  # the search itself can see
    assert default_storage.exists(photo)
    with django_capture_on_commit_callbacks(execute=True):
        forget(student)
    # What the law wants kept: the traces of who acted with an account (0107).
    assert set(where(*words)) <= {"common.trace.actor_label"}
    assert not default_storage.exists(photo)
    user.refresh_from_db()
    assert (user.name, user.is_active, user.has_usable_password()) == ("已注销", False, False)
    for model in (SignIn, Authenticator, RecoveryCode, PasswordHistory):
        assert not model.objects.filter(user=user).exists()
    assert not OnceToken.objects.filter(pk=student.slip_id).exists()
    student.refresh_from_db()
    assert (student.user, student.account, student.slip) == (None, None, None)


def test_who_studies_elsewhere_too_keeps_the_account_until_they_ask_themselves() -> None:
    here = a_student(a_pilot_school(), name=NAME, phone=PHONE)
    user = with_everything(here)
    elsewhere = a_student(a_school(), name=NAME, id_number=here.id_number)
    Student.objects.filter(pk=elsewhere.pk).update(user=user)
    a_hat(Role.STUDENT, elsewhere.school, user)
    forget(here)
    user.refresh_from_db()
    assert (user.name, user.is_active) == (NAME, True)
    assert [hat.organisation_id for hat in user.memberships.filter(is_active=True)] == [elsewhere.school_id]
    asked = services.file_own_erasure(user, WHY, by=_student(user, elsewhere), at=AFTER)
    services.move_erasure(asked, "approve", by=an_actor(Role.OPERATOR, an_operator()), at=AFTER)
    assert set(where(NAME, PHONE, user.username)) <= {"common.trace.actor_label"}
    assert not Student.objects.exists()


def _student(user: User, student: Student) -> Actor:
    return Actor(user.pk, user.name, Role.STUDENT, student.school_id, student.school.name)


def test_one_who_asks_is_forgotten_at_every_school_and_not_while_one_of_them_examines() -> None:
    (entry,) = an_entered(1)
    other = a_student(a_school(), name=entry.student.name)
    actor = an_activated(other, AFTER)
    user = User.objects.get(pk=actor.user_id)
    Student.objects.filter(pk=entry.student_id).update(user=user)
    asked = services.file_own_erasure(user, WHY, by=actor, at=AFTER)
    with pytest.raises(Refused, match="1 项报名没有公布成绩"):
        services.move_erasure(asked, "approve", by=an_actor(Role.OPERATOR, an_operator()), at=AFTER)


def test_a_student_sees_and_takes_all_their_rows_with_consent_and_sign_ins_but_no_secret() -> None:
    student = a_student(a_pilot_school(), name=NAME, phone=PHONE)
    user = with_everything(student)
    client = signed_in_as(Client(), _student(user, student))
    data, page = unpacked(client.post(reverse("portal:my-data-export")))
    assert {"学生", "监护人同意", "登录记录", "第二重验证", "用户", "任职"} <= {one["what"] for one in data["data"]}
    for word in (NAME, student.id_number, PHONE, GUARDIAN, GUARDIANS_PHONE, user.username):
        assert word in page
    for secret in ("JBSWY3DPEHPK3PXP", user.password, "d" * 64, SignIn.objects.first().key_digest):
        assert secret not in page
    english = client.post(reverse("portal:my-data-export"), headers={"Accept-Language": "en"})
    assert ('<html lang="zh-CN">' in page, '<html lang="en">' in unpacked(english)[1]) == (True, True)


def test_nobody_is_forgotten_in_the_middle_of_an_examination() -> None:
    (entry,) = an_entered(1)
    with pytest.raises(Refused, match="1 项报名没有公布成绩"):
        forget(entry.student)
    assert Entry.objects.get().student.name == "张三"


def test_who_asks_does_not_decide_and_strangers_do_neither() -> None:
    student = a_student(a_pilot_school())
    officer = an_actor(Role.SCHOOL, student.school)
    with pytest.raises(Refused, match="无权办理"):
        services.file_erasure(student, WHY, by=an_actor(Role.SCHOOL, a_school()), at=AFTER)
    asked = services.file_erasure(student, WHY, by=officer, at=AFTER)
    with pytest.raises(Refused, match="须由另一个人办理"):
        services.move_erasure(asked, "approve", by=officer, at=AFTER)
    with pytest.raises(Refused, match="无权办理"):
        services.move_erasure(asked, "approve", by=an_actor(Role.AUDITOR, an_operator()), at=AFTER)
    with pytest.raises(Refused, match="正在办理"):
        services.file_erasure(student, WHY, by=officer, at=AFTER)
    colleague = an_actor(Role.SCHOOL, student.school)
    assert services.move_erasure(asked, "approve", by=colleague, at=AFTER).state == "done"


def test_a_refusal_needs_a_reason_and_a_withdrawn_request_may_be_made_again() -> None:
    student = a_student(a_pilot_school())
    officer = an_actor(Role.SCHOOL, student.school)
    asked = services.file_erasure(student, WHY, by=officer, at=AFTER)
    with pytest.raises(Refused, match="请写明理由"):
        services.move_erasure(asked, "refuse", by=an_actor(Role.OPERATOR, an_operator()), at=AFTER)
    services.move_erasure(asked, "withdraw", by=officer, at=AFTER)
    again = services.file_erasure(student, WHY, by=officer, at=AFTER)
    operator = an_actor(Role.OPERATOR, an_operator())
    assert services.move_erasure(again, "refuse", by=operator, at=AFTER, note="不是本人").state == "refused"
    assert Student.objects.get().name == "张三"


def test_an_erasure_that_stopped_half_way_is_finished_by_the_sweep_and_twice_is_once() -> None:
    from onex.common.moves import move
    from onex.portal.rules import ERASURE

    student = a_certified()
    asked = services.file_erasure(student, WHY, by=an_actor(Role.SCHOOL, student.school), at=AFTER)
    operator = an_actor(Role.OPERATOR, an_operator())
    move(ERASURE, asked, "approve", by=operator, at=AFTER, facts=persons.erasure_facts)  # and then the lights went out
    assert NAME in "".join(text for _, text in everything())
    found = {one.rule.code: one.count for one in services.sweep_retention(AFTER)}
    assert found["erasure"] == 1
    assert where(NAME) == []
    assert {one.rule.code: one.count for one in services.sweep_retention(AFTER)}["erasure"] == 0


def test_a_learner_asks_for_themselves_and_the_account_is_nobodys() -> None:
    learner = an_actor(Role.LEARNER, an_operator())
    User.objects.filter(pk=learner.user_id).update(name=NAME)
    user = User.objects.get(pk=learner.user_id)
    user.phone, user.email = PHONE, "oymy@example.cn"
    user.save()
    client = signed_in_as(Client(), learner)
    assert client.post(reverse("portal:my-data-erase"), {"reason": WHY}).status_code == 302
    asked = ErasureRequest.objects.get()
    services.move_erasure(asked, "approve", by=an_actor(Role.OPERATOR, an_operator()), at=AFTER)
    user.refresh_from_db()
    assert (user.name, user.phone, user.email, user.is_active) == ("已注销", "", "", False)
    assert where(PHONE, "oymy@example.cn") == []
    # What the law wants kept: who did what. Its label is the name of then.
    assert set(where(NAME)) <= {"common.trace.actor_label"}
    assert client.get(reverse("portal:my-data")).status_code == 302
    other = signed_in_as(Client(), an_actor(Role.OPERATOR, an_operator()))
    page = other.get(reverse("portal:erasure-detail", args=[asked.pk])).content.decode()
    assert "已注销" in page
    assert NAME not in page


def test_an_official_first_leaves_their_organisation() -> None:
    school = an_actor(Role.SCHOOL, a_school())
    assert signed_in_as(Client(), school).post(reverse("portal:my-data-erase"), {"reason": WHY}).status_code == 403
    learner = an_actor(Role.LEARNER, an_operator())
    user = User.objects.get(pk=learner.user_id)
    a_hat(Role.TEACHER, a_school(), user)
    asked = services.file_own_erasure(user, WHY, by=learner, at=AFTER)
    with pytest.raises(Refused, match="教师"):
        services.move_erasure(asked, "approve", by=an_actor(Role.OPERATOR, an_operator()), at=AFTER)


# --- a copy -------------------------------------------------------------------------------------------------------


def unpacked(answer: Any) -> tuple[dict[str, Any], str]:
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    return json.loads(archive.read("data.json")), archive.read("data.html").decode()


def test_a_student_gets_everything_that_is_held_about_them_and_nothing_of_others() -> None:
    student = a_certified()
    other = a_student(student.school, name="司马相如")
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, student.school))
    answer = client.post(reverse("portal:student-export", args=[student.pk]))
    data, page = unpacked(answer)
    whats = {one["what"] for one in data["data"]}
    assert {"学生", "座位", "答卷", "成绩", "职业技能等级证书", "考生", "答案"} <= whats
    text = json.dumps(data, ensure_ascii=False)
    for word in (NAME, student.id_number, PHONE, Certificate.objects.get().number):
        assert word in text
        assert word in page
    assert student.id_index not in text
    assert other.id_number not in text
    assert answer["Cache-Control"] == "private, no-store"
    trace = Trace.objects.get(verb="export_person")
    assert (trace.subject_id, trace.data) == (student.pk, {})


def test_a_copy_is_given_to_nobody_else_and_not_without_end() -> None:
    student = a_student(a_pilot_school())
    address = reverse("portal:student-export", args=[student.pk])
    assert signed_in_as(Client(), an_actor(Role.SCHOOL, a_school())).post(address).status_code == 404
    assert signed_in_as(Client(), an_org_officer()).post(address).status_code == 403
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, student.school))
    assert client.get(address).status_code == 405
    assert [client.post(address).status_code for _ in range(6)] == [200] * 5 + [429]


def test_everybody_sees_and_takes_what_is_held_about_their_account() -> None:
    actor = an_actor(Role.TEACHER, a_school())
    user = User.objects.get(pk=actor.user_id)
    user.phone = PHONE
    user.save()
    client = signed_in_as(Client(), actor)
    page = client.get(reverse("portal:my-data")).content.decode()
    assert user.username in page
    assert PHONE not in page
    assert "139****2222" in page
    data, _ = unpacked(client.post(reverse("portal:my-data-export")))
    text = json.dumps(data, ensure_ascii=False)
    assert PHONE in text
    assert user.password not in text


def test_the_pages_of_a_request_tell_who_may_do_what() -> None:
    student = a_student(a_pilot_school(), name=NAME)
    filer = signed_in_as(Client(), an_actor(Role.SCHOOL, student.school))
    form = reverse("portal:student-erase", args=[student.pk])
    assert form in filer.get(reverse("registration:student-detail", args=[student.pk])).content.decode()
    assert filer.post(form, {"reason": " "}).status_code == 409
    assert filer.post(form, {"reason": WHY}).status_code == 302
    asked = ErasureRequest.objects.get()
    detail = reverse("portal:erasure-detail", args=[asked.pk])
    assert "须由另一个人办理" in filer.get(detail).content.decode()
    operator = signed_in_as(Client(), an_actor(Role.OPERATOR, an_operator()))
    listed = operator.get(reverse("portal:erasure-list")).content.decode()
    assert NAME not in listed
    assert "欧***" in listed
    assert "同意删除" in operator.get(detail).content.decode()
    assert signed_in_as(Client(), an_actor(Role.SCHOOL, a_school())).get(detail).status_code == 404
    move = reverse("portal:erasure-move", args=[asked.pk, "approve"])
    assert filer.post(move).status_code == 409
    assert operator.post(reverse("portal:erasure-move", args=[asked.pk, "finish"])).status_code == 409
    assert operator.post(move).status_code == 302
    assert operator.get(detail).status_code == 200
    assert not Student.objects.exists()
