"""What is on disk after a change of a school's name or administrator, who was told, and what was refused."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import pytest
from django.contrib.auth import authenticate
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from onex.accounts import queries, services
from onex.accounts.models import InstitutionChange, Membership, School, User
from onex.accounts.rules import (
    CHANGE_FLOWS,
    ChangeFacts,
    ChangeKind,
    ChangeState,
    problems_with_change,
)
from onex.accounts.rules.changes import problems_on_approve_change
from onex.accounts.tests.factories import (
    NOON,
    PASSWORD,
    PEOPLE,
    a_change,
    a_change_form,
    a_hat,
    a_letter,
    a_recovery,
    a_school,
    a_school_actor,
    a_submitted_registration,
    a_user,
    activated,
    an_actor,
    an_organisation_for,
    another_province,
)
from onex.common.actors import SYSTEM, Role
from onex.common.limits import TooMany
from onex.common.permits import allows
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
NAME, ADMINISTRATOR, RECOVERY = ChangeKind.NAME, ChangeKind.ADMINISTRATOR, ChangeKind.RECOVERY
S = ChangeState


CALLED = "已致电学校总机，核实无误"


def decide(row: InstitutionChange, move: str, note: str = "", by=None) -> InstitutionChange:
    return services.move_change(row, move, by=by or an_actor(Role.PROVINCE, row.school.province), at=NOON, note=note)


def link_in(message) -> str:
    """The secret of the activation link in an e-mail."""
    return re.search(r"/accounts/activate/([^/\s]+)/", message.body).group(1)


def holders(school: School) -> set[str]:
    return set(queries.administrators_of(school).values_list("user__username", flat=True))


# --- the rules: every sentence

SOUND_NAME = ChangeFacts(kind=NAME, old_name="旧名学院", new_name="新名学院", reason="更名", has_proof=True)
SOUND_PERSON = ChangeFacts(
    kind=ADMINISTRATOR,
    reason="人员调整",
    person_name="林岚",
    person_phone="13900000000",
    person_email="lin@example.edu.cn",
    username="linlan",
    has_proof=True,
)


def test_a_careful_request_has_no_problem() -> None:
    assert problems_with_change(SOUND_NAME) == {}
    assert problems_with_change(SOUND_PERSON) == {}
    assert problems_with_change(replace(SOUND_PERSON, kind=RECOVERY, keeps_administrator=True, username="")) == {}


@pytest.mark.parametrize(
    ("facts", "changes", "field", "sentence"),
    [
        (SOUND_NAME, {"new_name": " "}, "new_name", "请填写新的学校全称"),
        (SOUND_NAME, {"new_name": "旧名学院"}, "new_name", "新的学校全称与现在的相同"),
        (SOUND_NAME, {"name_taken": True}, "new_name", "该校名已被其他院校使用或正在审核"),
        (SOUND_NAME, {"reason": ""}, "reason", "请写明原因"),
        (SOUND_NAME, {"has_proof": False}, "proof", "请上传加盖公章的证明材料扫描件"),
        (SOUND_PERSON, {"person_name": ""}, "person_name", "请填写姓名"),
        (SOUND_PERSON, {"person_name": "林 岚"}, "person_name", "姓名中不能有空格"),
        (SOUND_PERSON, {"person_phone": ""}, "person_phone", "请填写联系电话"),
        (SOUND_PERSON, {"person_phone": "1390000"}, "person_phone", "手机号"),
        (SOUND_PERSON, {"person_email": ""}, "person_email", "请填写邮箱"),
        (SOUND_PERSON, {"person_email": "lin@localhost"}, "person_email", "有效的邮箱"),
        (SOUND_PERSON, {"username": "1lin"}, "username", "以字母开头"),
        (SOUND_PERSON, {"username_taken": True}, "username", "该登录账号已被使用"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(facts, changes: dict, field: str, sentence: str) -> None:
    (problems,) = [problems_with_change(replace(facts, **changes))]
    assert list(problems) == [field]
    assert sentence in str(problems[field][0])


@pytest.mark.parametrize(
    ("facts", "changes", "sentence"),
    [
        (SOUND_NAME, {"is_school_open": False}, "该院校已暂停"),
        (SOUND_NAME, {"name_taken": True}, "该校名已被其他院校使用"),
        (SOUND_PERSON, {"username_taken": True}, "登录账号“linlan”已被他人使用"),
        (SOUND_PERSON, {"kind": RECOVERY, "keeps_administrator": True}, "该校没有名为“林岚”的管理员"),
    ],
)
def test_what_changed_meanwhile_keeps_an_approval_back(facts, changes: dict, sentence: str) -> None:
    (problem,) = problems_on_approve_change(replace(facts, **changes), NOON)
    assert sentence in str(problem)


@pytest.mark.parametrize("kind", list(ChangeKind))
@pytest.mark.parametrize("state", list(S))
def test_each_kind_has_exactly_these_moves(kind: ChangeKind, state: ChangeState) -> None:
    filed = kind != RECOVERY
    expected = {
        S.SUBMITTED: {"approve", "refuse"} | ({"return", "withdraw"} if filed else set()),
        S.RETURNED: {"resubmit", "withdraw"} if filed else set(),
        S.APPROVED: {"take_over"} if kind != NAME else set(),
    }
    assert {move.name for move in CHANGE_FLOWS[kind].moves_from(state)} == expected.get(state, set())


# --- permits


@pytest.mark.parametrize("role", PEOPLE)
def test_only_the_school_its_province_the_operator_and_the_auditor_see_a_request(role: Role) -> None:
    row = a_change()
    actor = an_actor(role, row.school if role == Role.SCHOOL else an_organisation_for(role))
    assert allows("accounts.change_see", actor, row) == (
        role in {Role.SCHOOL, Role.PROVINCE, Role.OPERATOR, Role.AUDITOR}
    )
    assert allows("accounts.change_review", actor, row) == (role in {Role.PROVINCE, Role.OPERATOR})
    assert allows("accounts.change_amend", actor, row) == (role == Role.SCHOOL)
    assert allows("accounts.change_file", actor, row.school) == (role == Role.SCHOOL)
    assert not allows("accounts.change_take_over", actor, row)
    assert allows("accounts.institution_see", actor, row.school) == (
        role in {Role.PROVINCE, Role.OPERATOR, Role.AUDITOR}
    )
    assert allows("accounts.institution_suspend", actor, row.school) == (role in {Role.PROVINCE, Role.OPERATOR})


def test_neither_another_school_nor_another_province_sees_or_decides() -> None:
    row = a_change()
    for stranger in (an_actor(Role.PROVINCE, another_province()), a_school_actor()):
        for code in ("accounts.change_see", "accounts.change_review", "accounts.change_amend"):
            assert not allows(code, stranger, row)
        assert not allows("accounts.institution_see", stranger, row.school)
    with pytest.raises(Refused, match="无权办理"):
        decide(row, "approve", by=an_actor(Role.PROVINCE, another_province()))


# --- another name


def test_an_approved_name_is_the_schools_name_and_the_old_one_is_kept() -> None:
    school = a_school("南京示范学院")
    row = decide(a_change(NAME, by=a_school_actor(school), new_name=" 南京 示范大学"), "approve")
    school.refresh_from_db()
    assert (row.state, school.name) == ("approved", "南京示范大学")
    (was,) = queries.names_of(school)
    assert (was.old_name, was.decided_at) == ("南京示范学院", NOON)
    assert timeline_of(school).get().verb == "rename"


def test_what_a_school_was_called_at_a_time_is_known() -> None:
    school = a_school("甲校")
    for n, name in enumerate(("乙校", "丙校"), start=1):
        row = a_change(NAME, by=a_school_actor(school), new_name=name)
        services.move_change(
            row, "approve", by=an_actor(Role.PROVINCE, school.province), at=NOON.replace(month=11, day=24 + n)
        )
        school.refresh_from_db()
    assert queries.name_at(school, NOON) == "甲校"
    assert queries.name_at(school, NOON.replace(day=25, hour=12)) == "乙校"
    assert queries.name_at(school, NOON.replace(day=27)) == queries.name_at(school, None) == "丙校"


def test_a_name_of_another_school_or_of_a_waiting_registration_is_refused() -> None:
    other, waiting = a_school(), a_submitted_registration()
    for name in (other.name, waiting.name):
        with pytest.raises(Refused, match="该校名已被其他院校使用或正在审核"):
            a_change(NAME, new_name=name)


def test_a_returned_request_is_corrected_and_handed_in_again() -> None:
    by = a_school_actor()
    row = decide(a_change(NAME, by=by, new_name="南京错字大学"), "return", "校名有错字")
    services.amend_change(row, a_change_form(NAME, new_name="南京正字大学"), None, by=by, at=NOON)
    row.refresh_from_db()
    assert (row.state, row.new_name) == ("submitted", "南京正字大学")
    assert [trace.verb for trace in timeline_of(row)] == ["submit", "return", "resubmit"]


def test_what_is_under_review_is_not_changed_under_the_reviewers_eyes() -> None:
    by = a_school_actor()
    row = a_change(NAME, by=by, new_name="南京正字大学")
    with pytest.raises(Refused, match="当前状态为“待审核”，不能“重新提交”"):
        services.amend_change(row, a_change_form(NAME, new_name="南京别名大学"), None, by=by, at=NOON)
    row.refresh_from_db()
    assert row.new_name == "南京正字大学"


def test_one_request_of_a_kind_is_open_at_a_time() -> None:
    by = a_school_actor()
    row = a_change(NAME, by=by)
    with pytest.raises(Refused, match="尚未办结"):
        a_change(NAME, by=by)
    services.move_change(row, "withdraw", by=by, at=NOON)
    assert a_change(NAME, by=by).state == "submitted"


def test_a_letter_is_what_its_content_says() -> None:
    with pytest.raises(Refused, match="不是可接受的类型"):
        services.file_change(a_change_form(), SimpleUploadedFile("函.pdf", b"MZ no"), by=a_school_actor(), at=NOON)
    assert not InstitutionChange.objects.exists()


def test_a_request_approved_twice_is_approved_once() -> None:
    row = a_change()
    decide(row, "approve")
    with pytest.raises(Refused, match="当前状态为“已通过”，不能“通过”"):
        decide(row, "approve")


@pytest.mark.django_db(transaction=True)
def test_two_officers_approving_at_once_make_one_new_administrator() -> None:
    row = a_change(ADMINISTRATOR)
    officers = [an_actor(Role.PROVINCE, row.school.province) for _ in range(2)]
    done, refused = told_apart(at_once(*(partial(decide, row, "approve", by=officer) for officer in officers)))
    assert (len(done), len(refused)) == (1, 1)
    assert User.objects.filter(username=row.username).count() == 1


# --- another administrator


def test_the_hat_passes_over_when_the_new_administrator_opens_the_link_and_not_before() -> None:
    by = a_school_actor(email="zhou@example.edu.cn")
    row = decide(a_change(ADMINISTRATOR, by=by, username="linlan", person_email="lin@example.edu.cn"), "approve")
    school = row.school
    told, link = mail.outbox
    assert (told.to, link.to) == (["zhou@example.edu.cn"], ["lin@example.edu.cn"])
    assert "新的管理员是林岚" in told.body
    assert (holders(school), authenticate(username="linlan", password="")) == (
        {User.objects.get(pk=by.user_id).username},
        None,
    )
    activated(link_in(link))
    assert holders(school) == {"linlan"}
    assert authenticate(username="linlan", password=PASSWORD) is not None
    row.refresh_from_db()
    assert row.state == "taken_over"
    with pytest.raises(Refused, match="已经用过"):
        activated(link_in(link))


def test_a_colleague_who_has_an_account_takes_over_with_it() -> None:
    by = a_school_actor()
    school = School.objects.get(pk=by.organisation_id)
    colleague = a_user("linlan", "林岚")
    a_hat(Role.REGISTRAR, school, colleague)
    decide(a_change(ADMINISTRATOR, by=by, username="LinLan"), "approve")
    activated(link_in(mail.outbox[-1]))
    assert holders(school) == {"linlan"}
    assert User.objects.filter(username__iexact="linlan").count() == 1


def test_an_account_of_another_school_does_not_take_over() -> None:
    a_hat(Role.SCHOOL, a_school(), a_user("linlan"))
    with pytest.raises(Refused, match="该登录账号已被使用"):
        a_change(ADMINISTRATOR, username="linlan")


def test_an_account_taken_while_waiting_keeps_the_change_from_being_approved() -> None:
    row = a_change(ADMINISTRATOR, username="linlan")
    a_user("linlan")
    with pytest.raises(Refused, match="登录账号“linlan”已被他人使用"):
        decide(row, "approve")
    row.refresh_from_db()
    assert row.state == "submitted"


def test_a_weak_password_leaves_the_link_good() -> None:
    decide(a_change(ADMINISTRATOR), "approve")
    raw = link_in(mail.outbox[-1])
    with pytest.raises(Refused):
        activated(raw, "12345678")
    assert activated(raw).check_password(PASSWORD)


def test_a_mail_server_that_is_down_does_not_undo_the_approval_and_the_link_is_sent_again(settings) -> None:
    settings.EMAIL_BACKEND = "onex.accounts.tests.dead_mail.EmailBackend"
    row = decide(a_change(ADMINISTRATOR), "approve")
    assert row.state == "approved"
    assert [trace.verb for trace in timeline_of(row)] == ["submit", "approve", "told_failed", "link_failed"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    officer = an_actor(Role.PROVINCE, row.school.province)
    assert services.send_change_link_again(row, by=officer, at=NOON)
    activated(link_in(mail.outbox[-1]))
    row.refresh_from_db()
    with pytest.raises(Refused, match="没有待启用的管理员账号"):
        services.send_change_link_again(row, by=officer, at=NOON)


# --- the way back


def test_a_school_that_lost_its_account_comes_back_with_the_administrator_it_has() -> None:
    by = a_school_actor(email="zhou@example.edu.cn")
    school = School.objects.get(pk=by.organisation_id)
    row = a_recovery(school, person_name="周敏", person_email="new@example.edu.cn", keeps_administrator=True)
    decide(row, "approve", CALLED)
    told, link = mail.outbox
    assert (told.to, link.to) == (["zhou@example.edu.cn"], ["new@example.edu.cn"])
    user = activated(link_in(link), "another-horse-7")
    assert (user.pk, user.email) == (by.user_id, "new@example.edu.cn")
    assert holders(school) == {user.username}


def test_a_lost_account_is_not_given_out_without_saying_what_was_checked() -> None:
    """One click did it, and the record did not show that anybody had rung the school up."""
    row = a_recovery(a_school(), username="linlan")
    with pytest.raises(Refused, match="请写明理由"):
        decide(row, "approve")
    assert decide(row, "approve", CALLED).state == "approved"
    assert timeline_of(row).get(verb="approve").note == CALLED


def test_whoever_replaces_a_lost_administrator_is_the_only_one() -> None:
    school = a_school()
    a_school_actor(school), a_school_actor(school, email="")
    row = decide(a_recovery(school, username="linlan"), "approve", CALLED)
    activated(link_in(mail.outbox[-1]))
    assert holders(school) == {"linlan"}
    assert Membership.objects.filter(organisation_id=school.pk, is_active=False).count() == 2
    row.refresh_from_db()
    assert row.state == "taken_over"


def test_a_recovery_for_a_person_the_school_does_not_have_is_not_approved() -> None:
    school = a_school()
    a_school_actor(school)
    with pytest.raises(Refused, match="该校没有名为“林岚”的管理员"):
        decide(a_recovery(school, keeps_administrator=True), "approve", CALLED)


def test_a_refused_recovery_is_told_by_mail_with_its_reason() -> None:
    decide(a_recovery(a_school()), "refuse", "申请函没有盖章")
    (message,) = mail.outbox
    assert "申请函没有盖章" in message.body


def test_recoveries_of_strangers_do_not_keep_the_schools_own_requests_out() -> None:
    by = a_school_actor()
    school = School.objects.get(pk=by.organisation_id)
    a_recovery(school), a_recovery(school)
    assert a_change(ADMINISTRATOR, by=by).state == "submitted"


def test_an_unknown_school_is_counted_like_a_known_one_and_keeps_nothing() -> None:
    form = a_change_form(RECOVERY)
    for _ in range(3):
        assert services.ask_for_recovery("4132099998", form, a_letter(), address="10.0.0.1", at=NOON) is None
    with pytest.raises(TooMany):
        services.ask_for_recovery("4132099998", form, a_letter(), address="10.0.0.2", at=NOON)
    assert not InstitutionChange.objects.exists()


# --- suspended schools


def test_a_suspended_schools_people_are_out_until_it_is_restored() -> None:
    actor = a_school_actor()
    school = School.objects.get(pk=actor.organisation_id)
    officer = an_actor(Role.PROVINCE, school.province)
    with pytest.raises(Refused, match="请写明理由"):
        services.move_school(school, "suspend", by=officer, at=NOON)
    services.move_school(school, "suspend", by=officer, at=NOON, note="办学资质失效")
    user = User.objects.get(pk=actor.user_id)
    assert queries.hats_of(user) == []
    with pytest.raises(Refused, match="当前状态为“已暂停”，不能“暂停”"):
        services.move_school(school, "suspend", by=officer, at=NOON, note="再次")
    services.move_school(school, "restore", by=officer, at=NOON, note="资质已恢复")
    assert len(queries.hats_of(user)) == 1


def test_another_province_does_not_suspend() -> None:
    school = a_school()
    with pytest.raises(Refused, match="无权办理"):
        services.move_school(school, "suspend", by=an_actor(Role.PROVINCE, another_province()), at=NOON, note="x")
    school.refresh_from_db()
    assert school.is_active


def test_nothing_is_approved_for_a_suspended_school() -> None:
    row = a_change()
    services.move_school(row.school, "suspend", by=an_actor(Role.PROVINCE, row.school.province), at=NOON, note="x")
    with pytest.raises(Refused, match="该院校已暂停"):
        decide(row, "approve")


def test_only_opening_the_link_passes_the_hat_over() -> None:
    row = decide(a_change(ADMINISTRATOR), "approve")
    with pytest.raises(Refused, match="无权办理"):
        decide(row, "take_over")
    assert allows("accounts.change_take_over", SYSTEM, row)
