"""A slip opens one account, once, for its student alone; printing again ends it; the school keeps the reins."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from onex.accounts.models import Membership, OnceToken, User
from onex.accounts.queries import hats_of
from onex.accounts.services.people import create_user
from onex.accounts.tests.factories import NOON, a_school, an_actor
from onex.common.actors import SYSTEM, Actor, Role, visitor
from onex.common.limits import TooMany
from onex.common.models import Attachment, Trace
from onex.common.queries import timeline_of
from onex.common.text import Refused
from onex.registration import queries, services
from onex.registration.models import GuardianConsent, Student
from onex.registration.rules.students import NOT_THIS_SLIP, NOTICE_VERSION, AccountState, Relation
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
DOOR = "192.0.2.7"
DAY = timedelta(days=1)


def principal(student: Student) -> Actor:
    return an_actor(Role.SCHOOL, student.school)


def state_of(student: Student, at=NOON) -> AccountState:
    return queries.account_state_of(queries.with_account(Student.objects.all()).get(pk=student.pk), at)


def looked(code: str, name: str, at=NOON, address: str = DOOR):
    return services.look_at_slip(code, name, address=address, at=at)


# --- slips -----------------------------------------------------------------------------------------------------------


def test_a_slip_is_random_lives_seven_days_and_is_stored_as_a_digest() -> None:
    student = a_student(a_school())
    assert state_of(student) is AccountState.NONE
    slip = a_slip(student)
    token = OnceToken.objects.get(student=student)
    assert len(slip.code) == 12
    assert slip.expires_at == NOON + 7 * DAY
    assert slip.code not in str(vars(token))
    assert not set(slip.code) & set("01OIL")
    assert slip.code not in student.id_number
    assert state_of(student) is AccountState.ISSUED
    assert state_of(student, NOON + 7 * DAY) is AccountState.LAPSED
    assert Student.objects.get(pk=student.pk).account == slip.student.account != ""


def test_printing_again_ends_the_earlier_code_and_keeps_the_account_name() -> None:
    student = a_student(a_school())
    first, second = a_slip(student), a_slip(student, NOON + DAY)
    assert first.student.account == second.student.account
    with pytest.raises(Refused, match="激活码或姓名不正确"):
        looked(first.code, student.name)
    assert looked(second.code, student.name)[1] == student


def test_three_thousand_slips_are_issued_in_a_handful_of_statements(django_assert_max_num_queries) -> None:
    school = a_school()
    Student.objects.bulk_create(
        Student(
            school=school, name="张三", id_number="", id_index=f"{n}", gender="male", birth_on="2005-09-01",
            student_no=f"N{n:05d}", entry_year=2024, major_code="530701", major_name="电子商务",
            class_name=f"{n // 50} 班", phone="",
        )
        for n in range(3_000)
    )  # fmt: skip
    with django_assert_max_num_queries(60):
        slips = services.issue_slips(Student.objects.all(), by=an_actor(Role.SCHOOL, school), at=NOON)
    assert len({slip.code for slip in slips}) == len({slip.student.account for slip in slips}) == 3_000
    assert [slip.student.class_name for slip in slips] == sorted(slip.student.class_name for slip in slips)
    trace = Trace.objects.get(verb="issue_slips")
    assert trace.data["count"] == 3_000


def test_a_name_that_no_font_has_ends_no_code() -> None:
    school = a_school()
    good, rare = a_student(school), a_student(school, name="\U00031350某")
    slip = a_slip(good)
    with pytest.raises(Refused, match="不在打印字库中"):
        services.issue_slips(Student.objects.all(), by=principal(good), at=NOON)
    assert looked(slip.code, good.name)[1] == good
    assert state_of(rare) is AccountState.NONE


def test_nobody_prints_slips_of_another_school() -> None:
    student = a_student(a_school())
    for stranger in (an_actor(Role.SCHOOL, a_school()), an_actor(Role.STUDENT, student.school)):
        with pytest.raises(Refused, match="没有需要发放"):
            services.issue_slips(Student.objects.all(), by=stranger, at=NOON)
        for act in (services.revoke_slip, services.disable_account, services.enable_account):
            with pytest.raises(Refused, match="无权办理"):
                act(student, by=stranger, at=NOON)
    assert not OnceToken.objects.exists()


def test_a_slip_taken_back_opens_nothing() -> None:
    student = a_student(a_school())
    slip = a_slip(student)
    services.revoke_slip(student, by=principal(student), at=NOON)
    assert state_of(student) is AccountState.NONE
    with pytest.raises(Refused):
        looked(slip.code, student.name)
    with pytest.raises(Refused, match="没有未使用的激活单"):
        services.revoke_slip(student, by=principal(student), at=NOON)


# --- the student's side ----------------------------------------------------------------------------------------------


def test_code_and_name_open_the_account_once() -> None:
    student = a_student(a_school(), name="李思源")
    slip = a_slip(student)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in slip.code[4:8])  # a Chinese keyboard in full width
    token, found = looked(f"{slip.code[:4].lower()}-{wide}　{slip.code[8:]}", " 李思源 ")
    assert found == student
    user = services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=NOON)
    assert (user.username, user.name) == (slip.student.account, "李思源")
    assert user.check_password(STUDENTS_PASSWORD)
    (hat,) = hats_of(user)
    assert (hat.role, hat.organisation_id) == (Role.STUDENT, student.school_id)
    assert state_of(student) is AccountState.ACTIVE
    trace = timeline_of(student).get(verb="activate")
    assert trace.data == {"notice": NOTICE_VERSION, "guardian": False}
    assert trace.address == DOOR
    with pytest.raises(Refused):
        looked(slip.code, "李思源")
    with pytest.raises(Refused, match="激活码或姓名不正确"):
        services.activate(token.pk, "another-word-88", by=visitor(DOOR), at=NOON)
    assert User.objects.get(pk=user.pk).check_password(STUDENTS_PASSWORD)


def test_wrong_code_wrong_name_used_and_late_are_one_sentence() -> None:
    school = a_school()
    used, late, good = (a_student(school, name=name) for name in ("王雨桐", "陈浩然", "李思源"))
    an_activated(used)
    late_slip, good_slip = a_slip(late), a_slip(good)
    said = []
    for code, name, at in (
        ("AAAABBBBCCCC", "李思源", NOON),
        (good_slip.code, "李思远", NOON),
        (good_slip.code, "", NOON),
        (late_slip.code, "陈浩然", NOON + 7 * DAY),
        ("", "李思源", NOON),
        (good.id_number[-6:], "李思源", NOON),  # the tail of the ID number is nobody's key
    ):
        with pytest.raises(Refused) as refused:
            looked(code, name, at)
        said.append(refused.value.reasons)
    assert set(said) == {(NOT_THIS_SLIP,)}


def test_a_class_of_fifty_activates_from_one_address_within_minutes() -> None:
    school = a_school()
    slips = services.issue_slips(
        Student.objects.filter(pk__in=[s.pk for s in some_students(school, 50)]),
        by=an_actor(Role.SCHOOL, school),
        at=NOON,
    )
    for n, slip in enumerate(slips):
        at = NOON + timedelta(seconds=2 * n)
        with pytest.raises(Refused, match="激活码或姓名"):
            looked(slip.code[:-1] + "?", slip.student.name, at)  # every one of them mistypes once
        token, _ = looked(slip.code, slip.student.name, at)
        services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=at)
    assert User.objects.filter(students__school=school).count() == 50


def test_trying_codes_is_stopped_at_the_address_and_trying_names_at_the_slip() -> None:
    student = a_student(a_school(), name="李思源")
    slip = a_slip(student)
    for n in range(5):
        with pytest.raises(Refused, match="激活码或姓名"):
            looked(slip.code, f"李{n}", address=f"198.51.100.{n}")
    with pytest.raises(TooMany):
        looked(slip.code, "李思源", address="198.51.100.99")
    assert looked(slip.code, "李思源", NOON + timedelta(minutes=16))
    for n in range(60):
        with pytest.raises(Refused, match="激活码或姓名"):
            looked(f"{n:012d}", "李思源", address="203.0.113.5")
    with pytest.raises(TooMany):
        looked("AAAABBBBCCCC", "李思源", address="203.0.113.5")


def test_a_weak_password_leaves_the_slip_good() -> None:
    student = a_student(a_school())
    token, _ = looked(a_slip(student).code, student.name)
    for weak in ("short", "12345678901", "password123"):
        with pytest.raises(Refused):
            services.activate(token.pk, weak, by=visitor(DOOR), at=NOON)
    assert services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=NOON)


def test_a_slip_printed_again_while_the_form_is_open_ends_the_form() -> None:
    student = a_student(a_school())
    token, _ = looked(a_slip(student).code, student.name)
    a_slip(student)
    with pytest.raises(Refused, match="激活码或姓名不正确"):
        services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=NOON)
    assert not User.objects.filter(name=student.name, students__isnull=False).exists()


def test_below_fourteen_the_guardians_consent_is_kept_sealed_with_its_words() -> None:
    student = a_student(a_school(), id_number=an_id_number(9, "20140901"))
    token, _ = looked(a_slip(student).code, student.name)
    with pytest.raises(Refused, match="监护人同意"):
        services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=NOON)
    guardian = services.Guardian("李建国", Relation.FATHER, "13900001111")
    services.activate(token.pk, STUDENTS_PASSWORD, guardian=guardian, by=visitor(DOOR), at=NOON)
    consent = GuardianConsent.objects.get(student=student)
    assert (consent.name, consent.relation, consent.phone) == ("李建国", Relation.FATHER, "13900001111")
    assert (consent.given_at, consent.text_version) == (NOON, NOTICE_VERSION)
    assert timeline_of(student).get(verb="activate").data["guardian"] is True


# --- one person, two rosters -----------------------------------------------------------------------------------------


def the_same_person_elsewhere(student: Student) -> Student:
    return a_student(a_school(), id_number=student.id_number, name=student.name)


def test_a_person_on_two_rosters_keeps_one_account_by_its_password() -> None:
    first = a_student(a_school(), name="李思源")
    me = an_activated(first)
    second = the_same_person_elsewhere(first)
    token, _ = looked(a_slip(second).code, "李思源")
    with pytest.raises(Refused, match="已有账号的密码不正确"):
        services.activate(token.pk, "not-my-word-1", by=visitor(DOOR), at=NOON)
    user = services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=NOON)
    assert user.pk == me.user_id
    assert {hat.organisation_id for hat in hats_of(user)} == {first.school_id, second.school_id}
    assert set(queries.own_rows(me)) == {first, second}


def test_another_schools_slip_never_sets_the_password_of_an_account() -> None:
    """A school that puts somebody's ID number on its roster must not get into their account."""
    first = a_student(a_school(), name="李思源")
    me = an_activated(first)
    second = the_same_person_elsewhere(first)
    slip = a_slip(second)
    token, _ = looked(slip.code, "李思源")
    for n in range(5):
        with pytest.raises(Refused, match="密码不正确"):
            services.activate(token.pk, f"guess-number-{n}", by=visitor(DOOR), at=NOON)
    with pytest.raises(TooMany):
        services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=NOON)
    later = NOON + timedelta(minutes=16)
    services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=later)
    with pytest.raises(Refused, match="其他院校开通的账号"):
        a_slip(second, later)
    assert User.objects.get(pk=me.user_id).check_password(STUDENTS_PASSWORD)


def test_abuse_14_slip_after_slip_of_another_school_guesses_no_further_at_an_account() -> None:
    first = a_student(a_school(), name="李思源")
    an_activated(first)
    second = the_same_person_elsewhere(first)

    def guess(n: int) -> None:
        token, _ = looked(a_slip(second).code, "李思源", address=f"198.51.100.{n}")
        services.activate(token.pk, f"guess-number-{n}", by=visitor(f"198.51.100.{n}"), at=NOON)

    for n in range(5):
        with pytest.raises(Refused, match="密码不正确"):
            guess(n)
    with pytest.raises(TooMany):
        guess(6)


def test_a_disabled_account_is_not_joined() -> None:
    first = a_student(a_school(), name="李思源")
    me = an_activated(first)
    User.objects.filter(pk=me.user_id).update(is_active=False)
    token, _ = looked(a_slip(the_same_person_elsewhere(first)).code, "李思源")
    with pytest.raises(Refused, match="密码不正确"):
        services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=NOON)


# --- afterwards ------------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_set_by_a_new_slip_of_the_same_school() -> None:
    student = a_student(a_school(), id_number=an_id_number(11, "20140901"))
    token, _ = looked(a_slip(student).code, student.name)
    guardian = services.Guardian("李建国", Relation.OTHER, "13900001111")
    user = services.activate(token.pk, STUDENTS_PASSWORD, guardian=guardian, by=visitor(DOOR), at=NOON)
    token, _ = looked(a_slip(student).code, student.name)
    again = services.activate(token.pk, "a-second-word-9", by=visitor(DOOR), at=NOON)
    assert again.pk == user.pk
    assert again.check_password("a-second-word-9")
    assert GuardianConsent.objects.count() == 1
    assert timeline_of(student).last().verb == "set_password"


def test_a_disabled_student_is_out_until_enabled_and_gets_no_slip() -> None:
    student = a_student(a_school())
    me = an_activated(student)
    waiting = a_slip(student)
    school = principal(student)
    services.disable_account(student, by=school, at=NOON)
    assert hats_of(User.objects.get(pk=me.user_id)) == []
    assert state_of(student) is AccountState.DISABLED
    with pytest.raises(Refused):
        looked(waiting.code, student.name)
    with pytest.raises(Refused, match="先启用"):
        a_slip(student)
    with pytest.raises(Refused, match="没有启用中的账号"):
        services.disable_account(student, by=school, at=NOON)
    services.enable_account(student, by=school, at=NOON)
    assert state_of(student) is AccountState.ACTIVE


def test_an_account_is_not_enabled_before_there_is_one() -> None:
    student = a_student(a_school())
    with pytest.raises(Refused, match="还没有账号"):
        services.enable_account(student, by=principal(student), at=NOON)


def test_who_leaves_the_roster_loses_slip_hat_and_photo() -> None:
    student = a_student(a_school())
    me = an_activated(student)
    school = principal(student)
    services.set_photo(student, a_photo(), by=school, at=NOON)
    slip = a_slip(student)
    services.remove_student(student, by=school, at=NOON)
    assert hats_of(User.objects.get(pk=me.user_id)) == []
    assert not Attachment.objects.exists()
    with pytest.raises(Refused):
        looked(slip.code, student.name)


def test_an_import_that_changes_a_student_keeps_the_account() -> None:
    student = an_entered(1)[0].student
    me = an_activated(student)
    Student.objects.filter(pk=student.pk).update(name="李四")
    assert Student.objects.get(pk=student.pk).user_id == me.user_id
    assert state_of(student) is AccountState.ACTIVE


def test_a_reserved_name_is_nobody_elses() -> None:
    slip = a_slip(a_student(a_school()))
    account = slip.student.account
    assert account is not None
    create_user(account, "别人", "correct-horse-9", by=SYSTEM, at=NOON)
    token, _ = looked(slip.code, slip.student.name)
    with pytest.raises(Refused, match="已被使用"):
        services.activate(token.pk, STUDENTS_PASSWORD, by=visitor(DOOR), at=NOON)
    assert not Membership.objects.filter(role=Role.STUDENT).exists()
    assert looked(slip.code, slip.student.name)  # the slip is not lost


# --- photos ----------------------------------------------------------------------------------------------------------


def test_a_new_photo_takes_the_place_of_the_old_one(settings, tmp_path, django_capture_on_commit_callbacks) -> None:
    settings.MEDIA_ROOT = tmp_path
    student = a_student(a_school())
    school = principal(student)
    services.set_photo(student, a_photo(), by=school, at=NOON)
    first = queries.photo_of(student)
    with django_capture_on_commit_callbacks(execute=True):
        advice = services.set_photo(student, a_photo(700, 980, "PNG", "照片.png"), by=school, at=NOON)
    assert "KB" in str(advice[0])
    photo = queries.photo_of(student)
    assert photo is not None
    assert (photo.content_type, Attachment.objects.count()) == ("image/jpeg", 1)
    assert first is not None
    assert not (tmp_path / first.stored_name).exists()
    assert queries.photos_for_print([student])[student.pk].startswith("data:image/jpeg;base64,")
    services.remove_photo(student, by=school, at=NOON)
    assert queries.photo_of(student) is None
    with pytest.raises(Refused, match="没有照片"):
        services.remove_photo(student, by=school, at=NOON)
    assert [t.verb for t in timeline_of(student)] == ["set_photo", "set_photo", "remove_photo"]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: a_photo(200, 280), "会模糊"),
        (lambda: a_photo(500, 358), "会模糊"),
        (lambda: a_photo(500, 500), "竖版"),
        (lambda: a_photo(kind="GIF"), "不是可接受的类型"),
        (lambda: _cut(a_photo()), "打不开|已损坏"),
        (lambda: _bomb(), "像素的上限"),
    ],
)
def test_what_is_no_photo_is_refused_and_the_earlier_one_stays(upload, words: str) -> None:
    student = a_student(a_school())
    school = principal(student)
    services.set_photo(student, a_photo(), by=school, at=NOON)
    kept = queries.photo_of(student)
    with pytest.raises(Refused, match=words):
        services.set_photo(student, upload(), by=school, at=NOON)
    assert queries.photo_of(student) == kept


def test_a_photo_is_measured_upright_and_by_the_airlock_alone(monkeypatch) -> None:
    def opens_nothing(*args, **options):
        raise AssertionError("a picture was opened in the process that holds the keys")

    student = a_student(a_school())
    school = principal(student)
    turned, upright = _turned(a_photo(500, 358)), _turned(a_photo(358, 500))
    monkeypatch.setattr("PIL.Image.open", opens_nothing)
    services.set_photo(student, turned, by=school, at=NOON)
    with pytest.raises(Refused, match="500×358"):
        services.set_photo(student, upright, by=school, at=NOON)


def _turned(upload):
    """As a camera held on its side writes it: the pixels lie, and a mark says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    body = io.BytesIO()
    Image.open(upload).save(body, "JPEG", exif=exif)
    return type(upload)("turned.jpg", body.getvalue())


def _cut(upload):
    content = upload.read()
    return type(upload)("cut.jpg", content[: len(content) // 2])


def _bomb():
    """A PNG of 30,000 × 30,000 pixels in a few kilobytes: the head alone is enough to be refused."""
    import struct
    import zlib

    from django.core.files.uploadedfile import SimpleUploadedFile

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")
    return SimpleUploadedFile("bomb.png", b"\x89PNG\r\n\x1a\n" + head + body)


def test_nobody_puts_a_photo_on_another_schools_student() -> None:
    student = a_student(a_school())
    for stranger in (an_actor(Role.SCHOOL, a_school()), an_activated(student)):
        with pytest.raises(Refused, match="无权办理"):
            services.set_photo(student, a_photo(), by=stranger, at=NOON)
