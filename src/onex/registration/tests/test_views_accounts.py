"""The pages of students' accounts: slips on paper, the way in by slip, photos, and who may look at whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onex.accounts.models import OnceToken, User
from onex.accounts.tests.factories import a_hat, a_school, an_actor, an_evaluation_org, signed_in_as
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.common.queries import timeline_of
from onex.registration import queries, services
from onex.registration.models import GuardianConsent, Student
from onex.registration.printing import in_groups
from onex.registration.tests.factories import (
    STUDENTS_PASSWORD,
    a_photo,
    a_slip,
    a_student,
    an_activated,
    an_entered,
    an_id_number,
    some_students,
)

pytestmark = pytest.mark.django_db
ACTIVATE, CONFIRM = "/s/", "/s/confirm/"
AGREED = {"is_mine": "on", "agrees": "on", "agrees_sensitive": "on"}
PASSWORDS = {"password": STUDENTS_PASSWORD, "password_again": STUDENTS_PASSWORD}
REFUSED = "激活码或姓名不正确"


def at_desk(client, student: Student, role: Role = Role.SCHOOL) -> Actor:
    actor = an_actor(role, student.school)
    signed_in_as(client, actor)
    return actor


def text(response) -> str:
    return response.content.decode()


# --- slips -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.REGISTRAR])
def test_a_class_gets_its_slips_as_one_pdf(client, role: Role) -> None:
    school = a_school()
    student, *_ = some_students(school, 23, name="阿卜杜拉·买买提")
    a_student(school, class_name="")
    at_desk(client, student, role)
    page = client.get(reverse("registration:account-list"))
    assert "电商2401" in text(page)
    assert "未填班级" in text(page)
    answer = client.post(reverse("registration:slip-issue"), {"class": "2024:电商2401"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content.startswith(b"%PDF")
    assert OnceToken.objects.count() == 23
    again = client.post(reverse("registration:slip-issue"), {"class": "2024:电商2401"})
    assert again.status_code == 409  # everybody has a good one
    assert "没有需要发放激活单的学生" in text(again)
    anew = client.post(reverse("registration:slip-issue"), {"class": ["2024:电商2401", "2024:"], "again": "yes"})
    assert anew.status_code == 200
    assert OnceToken.objects.filter(used_at__isnull=True).count() == 24


def test_slips_are_for_chosen_classes_that_exist(client) -> None:
    student = a_student(a_school())
    at_desk(client, student)
    for chosen in ({}, {"class": "电商2401"}, {"class": "'; drop table"}):
        answer = client.post(reverse("registration:slip-issue"), chosen)
        assert answer.status_code == 422
        assert "请先勾选班级" in text(answer)
    assert client.post(reverse("registration:slip-issue"), {"class": "1999:没有"}).status_code == 409
    assert not OnceToken.objects.exists()


def test_one_student_gets_a_new_slip_and_the_page_tells_the_state(client) -> None:
    student = a_student(a_school())
    at_desk(client, student)
    page = reverse("registration:student-detail", args=[student.pk])
    assert "未发放激活单" in text(client.get(page))
    assert client.post(reverse("registration:slip-reissue", args=[student.pk])).status_code == 200
    assert "已发放，待激活" in text(client.get(page))
    assert client.post(reverse("registration:account-move", args=[student.pk, "revoke"])).status_code == 302
    assert "未发放激活单" in text(client.get(page))
    assert client.post(reverse("registration:account-move", args=[student.pk, "delete"])).status_code == 409


def test_the_list_of_accounts_costs_the_same_with_three_students_and_with_thirty(client) -> None:
    school = a_school()
    student, *_ = some_students(school, 3)
    at_desk(client, student)
    address = reverse("registration:account-students")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    some_students(school, 26)
    for one in Student.objects.filter(school=school)[:5]:
        a_slip(one, now())
    with CaptureQueriesContext(connection) as many:
        answer = client.get(address)
    assert "已发放，待激活" in text(answer)
    assert len(many) == len(few)


def test_a_roster_of_ten_thousand_costs_as_many_queries_as_one_of_thirty(client, monkeypatch) -> None:
    school, at = a_school(), now()
    one = some_students(school, 30)[0]
    at_desk(client, one)
    monkeypatch.setattr("onex.accounts.middleware.now", lambda: at)  # after a minute "last seen" is written anew
    address = reverse("registration:account-students")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    values = {name: getattr(one, name) for name in ("name", "gender", "birth_on", "major_code", "major_name", "phone")}
    Student.objects.bulk_create(
        Student(school=school, id_number=str(n), id_index=str(n), student_no=str(n), **values,
                entry_year=2023 + n % 3, class_name=f"电商{n % 250}")
        for n in range(9_970)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        answer = client.get(address)
    assert "10,000" in text(answer)
    assert text(answer).count("<tr>") == 31  # a page of them, and the head
    assert len(many) == len(few)
    for narrowed in ({"page": "334"}, {"state": "none"}, {"class": "2024:电商1"}, {"q": "电商249"}):
        with CaptureQueriesContext(connection) as same:
            assert client.get(address, narrowed).status_code == 200
        assert len(same) == len(few), narrowed


def test_the_list_narrows_by_class_and_state(client) -> None:
    school = a_school()
    one, other = a_student(school, name="王雨桐"), a_student(school, name="陈浩然", class_name="电商2402")
    a_slip(one, now())
    at_desk(client, one)
    address = reverse("registration:account-students")
    assert "陈浩然" not in text(client.get(address, {"class": "2024:电商2401"}))
    assert "王雨桐" not in text(client.get(address, {"state": "none"}))
    assert "陈浩然" in text(client.get(address, {"state": "none"}))
    assert other.name in text(client.get(address, {"state": "x", "class": "y", "page": "999999"}))


def test_codes_are_read_out_four_by_four() -> None:
    assert in_groups("K7QM2ZPA9XWD") == "K7QM 2ZPA 9XWD"


# --- the way in ------------------------------------------------------------------------------------------------------


def test_a_student_comes_in_by_slip_name_password_and_consent(client) -> None:
    student = a_student(a_school(), name="李思源")
    slip = a_slip(student, now())
    assert client.get(ACTIVATE).status_code == 200
    answer = client.post(ACTIVATE, {"code": in_groups(slip.code).lower(), "name": "李思源"})
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    page = client.get(CONFIRM)
    assert student.id_number not in text(page)
    assert student.masked_id_number in text(page)
    assert slip.student.account in text(page)
    assert "身份证号和证件照属于敏感个人信息" in text(page)
    assert "监护人" not in text(page).split("告知书")[0]
    done = client.post(CONFIRM, PASSWORDS | AGREED)
    assert (done.status_code, done["Location"]) == (302, reverse("portal:desk"))
    assert "学生" in text(client.get(reverse("portal:desk")))
    client.logout()
    signed_in = client.post(
        reverse("accounts:sign-in"), {"username": slip.student.account, "password": STUDENTS_PASSWORD}
    )
    assert signed_in.status_code == 302


def test_every_wrong_slip_is_answered_with_the_same_page(client) -> None:
    student = a_student(a_school(), name="李思源")
    slip = a_slip(student, now())
    pages = []
    for code, name in (("AAAABBBBCCCC", "李思源"), (slip.code, "李思远"), (slip.code[::-1], "李思源")):
        answer = client.post(ACTIVATE, {"code": code, "name": name})
        assert answer.status_code == 422
        assert REFUSED in text(answer)
        assert name in text(answer)  # nothing typed is lost
        page = re.sub(r"\b[A-Za-z0-9]{64}\b", "CSRF", text(answer))
        pages.append(page.replace(code, "CODE").replace(name, "NAME"))
    assert len(set(pages)) == 1


def test_too_many_wrong_slips_from_one_address_are_slowed_down(client) -> None:
    said = [client.post(ACTIVATE, {"code": f"{n:012d}", "name": "李思源"}).status_code for n in range(61)]
    assert said == [422] * 60 + [429]
    answer = client.post(ACTIVATE, {"code": "AAAABBBBCCCC", "name": "李思源"})
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("missing", ["is_mine", "agrees", "agrees_sensitive", "password", "password_again"])
def test_without_consent_or_password_there_is_no_account(client, missing: str) -> None:
    student = a_student(a_school())
    slip = a_slip(student, now())
    client.post(ACTIVATE, {"code": slip.code, "name": student.name})
    given = PASSWORDS | AGREED
    del given[missing]
    answer = client.post(CONFIRM, given)
    assert answer.status_code == 422
    assert f"field-{missing}" in text(answer)
    assert not User.objects.filter(username=slip.student.account).exists()
    assert client.post(CONFIRM, PASSWORDS | AGREED).status_code == 302


@pytest.mark.parametrize("password", ["short", "1234567890", "password"])
def test_a_weak_password_is_said_beside_the_field(client, password: str) -> None:
    student = a_student(a_school())
    client.post(ACTIVATE, {"code": a_slip(student, now()).code, "name": student.name})
    answer = client.post(CONFIRM, {"password": password, "password_again": password} | AGREED)
    assert answer.status_code == 422
    assert 'id="field-password-error"' in text(answer)


def test_the_second_page_needs_the_first_and_does_not_stay_open(client) -> None:
    student = a_student(a_school())
    assert client.get(CONFIRM)["Location"] == ACTIVATE
    assert client.post(CONFIRM, PASSWORDS | AGREED)["Location"] == ACTIVATE
    client.post(ACTIVATE, {"code": a_slip(student, now()).code, "name": student.name})
    session = client.session
    session["student_slip"] = [session["student_slip"][0], 1]
    session.save()
    assert client.get(CONFIRM)["Location"] == ACTIVATE
    a_slip(student, now())  # printed again
    assert client.post(CONFIRM, PASSWORDS | AGREED)["Location"] == ACTIVATE


def test_under_fourteen_a_guardian_fills_in_and_agrees(client) -> None:
    born = f"{now().year - 13}0101"
    student = a_student(a_school(), id_number=an_id_number(21, born))
    client.post(ACTIVATE, {"code": a_slip(student, now()).code, "name": student.name})
    assert "您未满 14 周岁" in text(client.get(CONFIRM))
    guardian = {"guardian_name": "李建国", "guardian_relation": "father", "guardian_phone": "139 0000 １１１１"}
    for given in (
        {},
        guardian,
        guardian | {"guardian_agrees": "on", "guardian_phone": "12345"},
        guardian | {"guardian_agrees": "on", "guardian_relation": "friend"},
    ):
        assert client.post(CONFIRM, PASSWORDS | AGREED | given).status_code == 422
    assert client.post(CONFIRM, PASSWORDS | AGREED | guardian | {"guardian_agrees": "on"}).status_code == 302
    assert GuardianConsent.objects.get().name == "李建国"
    assert "李建国（父亲）" in text(client.get(reverse("registration:own-data")))


def test_who_has_an_account_at_another_school_gives_its_password(client) -> None:
    first = a_student(a_school(), name="李思源")
    me = an_activated(first, now())
    second = a_student(a_school(), id_number=first.id_number, name="李思源")
    client.post(ACTIVATE, {"code": a_slip(second, now()).code, "name": "李思源"})
    page = text(client.get(CONFIRM))
    assert "您已有账号" in page
    assert User.objects.get(pk=me.user_id).username not in page
    assert client.post(CONFIRM, {"password": "wrong-word-77"} | AGREED).status_code == 422
    done = client.post(CONFIRM, {"password": STUDENTS_PASSWORD} | AGREED)
    assert done["Location"] == reverse("accounts:hat-choose")


def test_a_new_password_by_slip_asks_for_nothing_else(client) -> None:
    student = a_student(a_school())
    an_activated(student, now())
    client.post(ACTIVATE, {"code": a_slip(student, now()).code, "name": student.name})
    assert "设置新密码" in text(client.get(CONFIRM))
    assert client.post(CONFIRM, {"password": "a-second-word-9", "password_again": "a-second-word-9"}).status_code == 302


def test_a_disabled_student_is_out_at_the_next_request(client) -> None:
    student = a_student(a_school())
    me = signed_in_as(client, an_activated(student, now()))
    assert me.get(reverse("registration:own-data")).status_code == 200
    services.disable_account(student, by=an_actor(Role.SCHOOL, student.school), at=now())
    assert me.get(reverse("registration:own-data")).status_code == 302


# --- photos ----------------------------------------------------------------------------------------------------------


def test_the_school_puts_a_photo_and_it_is_shown_to_school_and_student(client) -> None:
    student = a_student(a_school())
    at_desk(client, student)
    page = reverse("registration:student-detail", args=[student.pk])
    photo = reverse("registration:student-photo", args=[student.pk])
    assert client.get(photo).status_code == 404
    answer = client.post(reverse("registration:photo-set", args=[student.pk]), {"photo": a_photo()})
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert photo in text(client.get(page))
    shown = client.get(photo)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert shown["Cache-Control"] == "private, no-store"
    assert b"".join(shown.streaming_content)[:2] == b"\xff\xd8"
    wrong = client.post(reverse("registration:photo-set", args=[student.pk]), {"photo": a_photo(100, 140)})
    assert wrong.status_code == 422
    assert "会模糊" in text(wrong)
    assert client.post(reverse("registration:photo-set", args=[student.pk])).status_code == 422
    signed_in_as(client, an_activated(student, now()))
    assert photo in text(client.get(reverse("registration:own-data")))
    mine = client.get(photo)
    assert b"".join(mine.streaming_content)[:2] == b"\xff\xd8"
    at_desk(client, student)
    assert client.post(reverse("registration:photo-remove", args=[student.pk])).status_code == 302
    assert queries.photo_of(student) is None


# --- who may look at whom --------------------------------------------------------------------------------------------


def test_abuse_01_a_school_does_nothing_with_another_schools_students_accounts(client) -> None:
    student = a_student(a_school(), name="别校学生")
    services.set_photo(student, a_photo(), by=an_actor(Role.SCHOOL, student.school), at=now())
    slip = a_slip(student, now())
    own = a_student(a_school())
    at_desk(client, own)
    for name, args in (
        ("slip-reissue", []),
        ("account-move", ["disable"]),
        ("account-move", ["revoke"]),
        ("photo-set", []),
        ("photo-remove", []),
    ):
        answer = client.post(reverse(f"registration:{name}", args=[student.pk, *args]), {"photo": a_photo()})
        assert answer.status_code == 404, name
    for name in ("student-detail", "student-photo"):
        assert client.get(reverse(f"registration:{name}", args=[student.pk])).status_code == 404
    client.post(
        reverse("registration:slip-issue"), {"class": "2024:电商2401", "again": "yes", "school": student.school_id}
    )
    assert services.look_at_slip(slip.code, "别校学生", address="", at=now())[1] == student
    assert (
        "别校学生"
        not in text(client.get(reverse("registration:account-students"), {"q": "别校学生"})).split("<table")[1]
    )


def test_abuse_04_a_student_sees_neither_photo_nor_entry_nor_data_of_another(client) -> None:
    mine, theirs = an_entered(2)
    services.set_photo(theirs.student, a_photo(), by=an_actor(Role.SCHOOL, theirs.student.school), at=now())
    me = an_activated(mine.student, now())
    signed_in_as(client, me)
    assert client.get(reverse("registration:entry-detail", args=[mine.pk])).status_code == 200
    for name, pk in (
        ("entry-detail", theirs.pk),
        ("student-photo", theirs.student_id),
    ):
        assert client.get(reverse(f"registration:{name}", args=[pk])).status_code == 404, name
    listed = text(client.get(reverse("registration:entry-list")))
    assert str(mine.pk) in listed
    assert str(theirs.pk) not in listed
    assert str(theirs.pk) not in text(client.get(reverse("registration:entry-list"), {"q": theirs.student.student_no}))
    assert theirs.student.student_no not in text(client.get(reverse("registration:own-data")))
    # What schools do is not a student's at all.
    for name, args in (
        ("student-list", []),
        ("student-detail", [mine.student_id]),
        ("account-list", []),
        ("account-students", []),
        ("fee-statement", []),
        ("fee-export", []),
    ):
        assert client.get(reverse(f"registration:{name}", args=args)).status_code == 403, name
    for name, args in (
        ("slip-issue", []),
        ("slip-reissue", [mine.student_id]),
        ("photo-set", [mine.student_id]),
        ("photo-remove", [mine.student_id]),
    ):
        assert client.post(reverse(f"registration:{name}", args=args)).status_code == 403, name
    cancel = client.post(reverse("registration:entry-move", args=[mine.pk, "cancel"]), {"note": "不考了"})
    assert cancel.status_code == 409


def test_abuse_04_a_photo_is_not_found_by_another_organisation(client) -> None:
    student = an_entered(1)[0].student
    services.set_photo(student, a_photo(), by=an_actor(Role.SCHOOL, student.school), at=now())
    photo = reverse("registration:student-photo", args=[student.pk])
    assert client.get(photo).status_code == 302  # to the sign-in page
    signed_in_as(client, an_actor(Role.ORG, an_evaluation_org()))
    assert client.get(photo).status_code == 403
    signed_in_as(client, an_activated(a_student(student.school), now()))  # a classmate
    assert client.get(photo).status_code == 404


def test_a_teachers_hat_opens_no_students_pages(client) -> None:
    student = a_student(a_school())
    me = an_activated(student, now())
    a_hat(Role.TEACHER, student.school, User.objects.get(pk=me.user_id))
    signed_in_as(client, Actor(me.user_id, me.name, Role.TEACHER, me.organisation_id, me.organisation_name))
    assert client.get(reverse("registration:own-data")).status_code == 403


def test_every_print_and_every_change_of_an_account_leaves_a_trace(client) -> None:
    student = a_student(a_school())
    at_desk(client, student)
    client.post(reverse("registration:slip-reissue", args=[student.pk]))
    client.post(reverse("registration:account-move", args=[student.pk, "revoke"]))
    an_activated(student, now() + timedelta(minutes=1))
    client.post(reverse("registration:account-move", args=[student.pk, "disable"]))
    client.post(reverse("registration:account-move", args=[student.pk, "enable"]))
    verbs = sorted(trace.verb for trace in timeline_of(student))
    assert verbs == ["activate", "disable_account", "enable_account", "issue_slip", "issue_slip", "revoke_slip"]
