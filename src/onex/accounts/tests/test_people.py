"""An organisation's people: who invites whom, what is refused in which words, what is traced in which hat."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from onex.accounts import queries, services
from onex.accounts.models import OnceToken, Organisation, User
from onex.accounts.rules import ADMINISTRATORS, HEADS, OrganisationKind, Standing, TokenPurpose, hats_to_give
from onex.accounts.services import Invitation
from onex.accounts.tests.colleagues import NEW, a_colleague, an_admin, own, standing, worn
from onex.accounts.tests.factories import (
    NOON,
    a_hat,
    a_province,
    a_school,
    a_site_organisation,
    a_user,
    an_actor,
    an_evaluation_org,
    an_operator,
    an_organisation_for,
    another_province,
    signed_in_as,
    signed_in_with,
)
from onex.common import post
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.common.models import Trace
from onex.common.permits import PERMITS, allows, holds
from onex.common.text import Refused

pytestmark = pytest.mark.django_db


# --- inviting ------------------------------------------------------------------------------------------------------


def test_an_invited_person_gets_a_link_by_mail_and_has_no_password_until_it_is_used(settings: Any) -> None:
    admin = an_admin()
    user, is_sent = services.invite(own(admin), NEW, [Role.REGISTRAR, Role.TEACHER], by=admin, at=NOON)
    assert is_sent
    assert not user.has_usable_password()
    assert worn(user) == {Role.REGISTRAR, Role.TEACHER}
    assert standing(user, own(admin)) == Standing.WAITING
    (letter,) = mail.outbox
    assert letter.to == ["li.mei@example.edu.cn"]
    raw = letter.body.split("/accounts/activate/")[1].split("/")[0]
    assert f"{settings.PUBLIC_URL}/accounts/activate/{raw}/" in letter.body
    assert services.redeem_token(raw, TokenPurpose.ACTIVATE, at=NOON).user == user


def test_without_an_address_the_link_goes_to_the_phone() -> None:
    post.outbox.clear()
    admin = an_admin()
    services.invite(own(admin), Invitation("li_mei", "李梅", phone="13800001234"), [Role.TEACHER], by=admin, at=NOON)
    (message,) = post.outbox
    assert message.phone == "13800001234"
    assert "/accounts/activate/" in message.text


def test_an_invitation_needs_a_name_somewhere_to_go_and_a_hat() -> None:
    admin = an_admin()
    with pytest.raises(Refused) as refused:
        services.invite(own(admin), Invitation("li_mei", " "), [], by=admin, at=NOON)
    assert {str(one) for one in refused.value.reasons} == {
        "请填写姓名",
        "请填写邮箱或手机号，激活链接将发送到那里。",
        "请至少选择一个身份",
    }
    assert not User.objects.filter(username="li_mei").exists()


class BrokenBackend:
    """A mail server that is down."""

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def send_messages(self, letters: Any) -> int:
        raise ConnectionRefusedError


def test_an_account_stays_when_its_link_could_not_be_sent_and_the_link_can_be_sent_again(settings: Any) -> None:
    admin, backend = an_admin(), settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    user, is_sent = services.invite(own(admin), NEW, [Role.TEACHER], by=admin, at=NOON)
    assert not is_sent
    assert Trace.objects.get(verb="invite_failed").outcome == "failed"
    settings.EMAIL_BACKEND = backend
    assert services.resend(user, own(admin), by=admin, at=NOON, email="li@example.edu.cn")
    assert [letter.to for letter in mail.outbox] == [["li@example.edu.cn"]]
    assert OnceToken.objects.filter(user=user, used_at=None).count() == 1  # the earlier link has ended


def test_no_link_is_sent_for_an_account_that_has_its_password() -> None:
    admin = an_admin()
    with pytest.raises(Refused, match="已经激活"):
        services.resend(a_colleague(admin, Role.TEACHER), own(admin), by=admin, at=NOON, email="thief@example.com")


def test_a_link_is_never_sent_by_an_organisation_for_an_account_that_also_belongs_to_another() -> None:
    first, second = an_admin(), an_admin()
    user, _ = services.invite(own(first), NEW, [Role.TEACHER], by=first, at=NOON)
    services.invite_existing(own(second), "li_mei", [Role.TEACHER], by=second, at=NOON)
    with pytest.raises(Refused, match="由另一机构建立"):
        services.resend(user, own(second), by=second, at=NOON, email="thief@example.com")


def test_somebody_with_an_account_accepts_before_the_hat_is_theirs(client: Any) -> None:
    admin, other = an_admin(), an_admin(Role.TEACHER, a_school())
    name = User.objects.get(pk=other.user_id).username
    user = services.invite_existing(own(admin), name.upper(), [Role.TEACHER], by=admin, at=NOON)
    assert standing(user, own(admin)) == Standing.INVITED
    signed_in_as(client, other)
    page = client.get(reverse("accounts:hat-choose")).content.decode()
    assert "待接受的邀请" in page
    hat = user.memberships.get(organisation=own(admin))
    answer = client.post(reverse("accounts:invitation-answer", args=[hat.pk]), {"answer": "accept"})
    assert answer.status_code == 302
    hat.refresh_from_db()
    assert (hat.is_active, hat.invited_at) == (True, None)
    assert client.post(reverse("accounts:invitation-answer", args=[hat.pk])).status_code == 404


def test_an_invitation_tells_nothing_of_the_account_until_it_is_accepted(client: Any) -> None:
    first, second = an_admin(), an_admin()
    teacher = an_actor(Role.TEACHER, own(first))
    user = User.objects.get(pk=teacher.user_id)
    User.objects.filter(pk=user.pk).update(email="qian.jin@example.edu.cn", phone="13800001234", last_login=NOON)
    services.unlock_account(user, by=first, at=NOON)
    services.invite_existing(own(second), user.username, [Role.TEACHER], by=second, at=NOON)
    address = reverse("accounts:person-detail", args=[own(second).pk, user.pk])
    told = ("example.edu.cn", "****1234", "其他机构", "解除登录锁定")
    page = signed_in_as(client, second).get(address).content.decode()
    assert [one for one in told if one in page] == []
    services.answer_invitation(user.memberships.get(invited_at__isnull=False), True, by=teacher, at=NOON)
    page = client.get(address).content.decode()
    assert [one for one in told if one in page] == list(told)


def test_an_invitation_may_be_declined_and_is_nobody_elses_to_answer(client: Any) -> None:
    admin, other = an_admin(), an_admin(Role.TEACHER, a_school())
    name = User.objects.get(pk=other.user_id).username
    user = services.invite_existing(own(admin), name, [Role.TEACHER], by=admin, at=NOON)
    hat = user.memberships.get(organisation=own(admin))
    stranger = an_admin()
    address = reverse("accounts:invitation-answer", args=[hat.pk])
    assert signed_in_as(client, stranger).post(address, {"answer": "accept"}).status_code == 404
    with pytest.raises(Refused, match="不是发给您的"):
        services.answer_invitation(hat, True, by=stranger, at=NOON)
    assert signed_in_as(client, other).post(address, {"answer": "decline"}).status_code == 302
    assert not queries.people_of(own(admin)).filter(pk=user.pk).exists()


def test_who_has_no_hat_left_gets_it_at_once_for_they_could_not_sign_in_to_accept() -> None:
    admin, user = an_admin(), a_user("idle")
    services.invite_existing(own(admin), "idle", [Role.TEACHER], by=admin, at=NOON)
    assert worn(user) == {Role.TEACHER}


def test_hats_that_never_sit_on_one_head_are_refused_on_accepting_across_organisations() -> None:
    admin = an_admin(Role.ADMIN, an_evaluation_org())
    author = an_actor(Role.AUTHOR, an_evaluation_org("999999998"))
    name = User.objects.get(pk=author.user_id).username
    user = services.invite_existing(own(admin), name, [Role.ASSEMBLER], by=admin, at=NOON)
    with pytest.raises(Refused, match="不能是同一个人"):
        services.answer_invitation(user.memberships.get(role=Role.ASSEMBLER), True, by=author, at=NOON)
    assert worn(user) == {Role.AUTHOR}


def test_inviting_has_a_limit_for_each_administrator() -> None:
    admin = an_admin()
    for _ in range(300):
        with pytest.raises(Refused, match="没有登录账号"):
            services.invite_existing(own(admin), "nobody", [Role.TEACHER], by=admin, at=NOON)
    with pytest.raises(Refused, match="尝试次数过多"):
        services.invite_existing(own(admin), "nobody", [Role.TEACHER], by=admin, at=NOON)
    with pytest.raises(Refused, match="没有登录账号"):
        services.invite_existing(own(admin), "nobody", [Role.TEACHER], by=admin, at=NOON + timedelta(hours=2))


# --- hats ----------------------------------------------------------------------------------------------------------


def test_hats_are_changed_with_a_reason_when_one_is_taken_and_the_trace_names_the_administrators_hat() -> None:
    admin = an_admin()
    user = a_colleague(admin, Role.TEACHER)
    services.change_hats(user, own(admin), {Role.TEACHER, Role.REGISTRAR}, by=admin, at=NOON)
    with pytest.raises(Refused, match="请写明理由"):
        services.change_hats(user, own(admin), {Role.REGISTRAR}, by=admin, at=NOON)
    services.change_hats(user, own(admin), {Role.REGISTRAR}, by=admin, at=NOON, note="不再任课。")
    assert worn(user) == {Role.REGISTRAR}
    trace = Trace.objects.get(verb="take")
    assert (trace.hat, trace.actor_id, trace.note) == (Role.SCHOOL, admin.user_id, "不再任课。")


def test_a_hat_taken_away_is_gone_at_the_next_request(client: Any) -> None:
    admin, registrar = an_admin(), None
    registrar = an_actor(Role.REGISTRAR, own(admin))
    signed_in_as(client, registrar)
    assert client.get(reverse("portal:desk")).status_code == 200
    user = User.objects.get(pk=registrar.user_id)
    services.set_suspended(user, own(admin), True, by=admin, at=NOON, note="岗位调整。")
    assert client.get(reverse("portal:desk")).status_code == 302
    services.set_suspended(user, own(admin), False, by=admin, at=NOON, note="回岗。")
    # What ended has ended: they sign in anew.
    assert signed_in_as(client, registrar).get(reverse("portal:desk")).status_code == 200


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SCHOOL, Role.SITE_MANAGER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN])
def test_nobody_touches_their_own_hats(role: Role) -> None:
    homes = {Role.ADMIN: a_province, Role.SCHOOL: a_school, Role.SITE_MANAGER: a_site_organisation}
    admin = an_actor(role, homes.get(role, an_operator)())
    an_actor(role, own(admin))  # another one is there: it is not a matter of the last
    user = User.objects.get(pk=admin.user_id)
    for act in (
        lambda: services.change_hats(user, own(admin), {Role.TECH}, by=admin, at=NOON, note="理由"),
        lambda: services.set_suspended(user, own(admin), True, by=admin, at=NOON, note="理由"),
        lambda: services.remove(user, own(admin), by=admin, at=NOON, note="理由"),
        lambda: services.invite_existing(own(admin), user.username, [Role.TECH], by=admin, at=NOON),
    ):
        with pytest.raises(Refused, match="自己"):
            act()
    if role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        with pytest.raises(Refused, match="自己"):
            services.set_account_active(user, False, by=admin, at=NOON, note="理由")
    assert worn(user) == {role}


def test_an_organisation_keeps_an_administrator_who_can_come_in() -> None:
    system = an_actor(Role.SYSTEM_ADMIN, an_operator())
    first = an_admin(Role.ADMIN, a_province())
    user, province = User.objects.get(pk=first.user_id), own(first)
    sentence = "最后一位“机构管理员”，请先任命另一位"
    second, _ = services.invite(province, NEW, [Role.ADMIN], by=first, at=NOON)
    for act in (  # the second has not come in yet, so it does not count
        lambda: services.remove(user, province, by=system, at=NOON, note="离职"),
        lambda: services.set_suspended(user, province, True, by=system, at=NOON, note="离岗"),
        lambda: services.set_account_active(user, False, by=system, at=NOON, note="疑似被盗"),
    ):
        with pytest.raises(Refused, match=sentence):
            act()
    second.set_password("correct-horse-9")
    second.save()
    services.remove(user, province, by=system, at=NOON, note="离职")
    assert worn(user) == set()
    services.set_suspended(second, province, False, by=system, at=NOON, note="无事")
    assert worn(second) == {Role.ADMIN}


def test_a_wrong_first_invitation_can_be_taken_back() -> None:
    system, province = an_actor(Role.SYSTEM_ADMIN, an_operator()), a_province()
    user, _ = services.invite(province, NEW, [Role.ADMIN], by=system, at=NOON)
    services.remove(user, province, by=system, at=NOON, note="请错了人")
    assert worn(user) == set()


def test_letting_go_ends_hats_and_invitations_here_and_leaves_other_organisations_alone() -> None:
    admin, elsewhere = an_admin(), a_school()
    user = a_colleague(admin, Role.TEACHER)
    a_hat(Role.TEACHER, elsewhere, user)
    services.remove(user, own(admin), by=admin, at=NOON, note="已离职。")
    assert not queries.people_of(own(admin)).filter(pk=user.pk).exists()
    assert user.memberships.get(organisation=elsewhere).is_active
    assert User.objects.get(pk=user.pk).is_active


def test_a_school_looks_after_its_sites_people_and_no_other_sites() -> None:
    admin = an_admin()
    site, foreign = services.open_site_unit("考点", admin_school(admin)), a_site_organisation()
    user, _ = services.invite(site, NEW, [Role.SITE_MANAGER], by=admin, at=NOON)
    assert worn(user) == {Role.SITE_MANAGER}
    with pytest.raises(Refused, match="无权办理"):
        services.invite(foreign, Invitation("x_y_z", "某人", "x@example.com"), [Role.TECH], by=admin, at=NOON)
    manager = Actor(user.pk, user.name, Role.SITE_MANAGER, site.pk, site.name)
    services.invite(site, Invitation("wang_wu", "王五", "w@example.com"), [Role.SITE_INVIGILATOR], by=manager, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.invite(own(admin), Invitation("a_b_c", "某人", "a@b.cn"), [Role.TEACHER], by=manager, at=NOON)


def admin_school(admin: Actor) -> Any:
    return queries.school_of(admin)


# --- the three administrators of 等保 ------------------------------------------------------------------------------


def test_the_three_administrators_share_nothing() -> None:
    """System: accounts and organisations. Security: the three hats themselves. Audit: looks on.

    That one person has two accounts the platform cannot know; it sees to it that one account never has two of them.
    """
    operator = OrganisationKind.OPERATOR
    assert not set(hats_to_give(Role.SYSTEM_ADMIN, operator)) & set(ADMINISTRATORS)
    assert hats_to_give(Role.SECURITY_ADMIN, operator) == ADMINISTRATORS
    for kind in OrganisationKind:
        assert hats_to_give(Role.AUDITOR, kind) == ()
        if kind != operator:
            assert hats_to_give(Role.SYSTEM_ADMIN, kind) == HEADS[kind]
            assert hats_to_give(Role.SECURITY_ADMIN, kind) == ()
    changing = ("create", "manage", "disable", "edit", "file", "review", "write", "arrange", "issue", "move", "mark")
    for code in PERMITS:
        if code.startswith("examroom.") or not any(word in code for word in changing):
            continue
        auditor = Actor(None, "严明", Role.AUDITOR, None)
        assert not holds(code, auditor), code


@pytest.mark.parametrize("second", ADMINISTRATORS)
@pytest.mark.parametrize("first", ADMINISTRATORS)
def test_one_person_is_never_two_of_the_three_administrators(first: Role, second: Role) -> None:
    if first == second:
        return
    security = an_actor(Role.SECURITY_ADMIN, an_operator())
    an_actor(first, an_operator())
    user = a_user()
    a_hat(first, an_operator(), user)
    with pytest.raises(Refused, match="不能是同一个人"):
        services.change_hats(user, an_operator(), {first, second}, by=security, at=NOON)
    assert worn(user) == {first}


def test_the_system_administrator_neither_makes_nor_unmakes_one_of_the_three() -> None:
    system, operator = an_actor(Role.SYSTEM_ADMIN, an_operator()), an_operator()
    for role in ADMINISTRATORS:
        with pytest.raises(Refused, match="不由您当前的身份"):
            services.invite(operator, NEW, [role], by=system, at=NOON)
        user = a_user()
        a_hat(role, operator, user)
        an_actor(role, operator)
        for act in (
            lambda user=user: services.remove(user, operator, by=system, at=NOON, note="理由"),
            lambda user=user: services.set_suspended(user, operator, True, by=system, at=NOON, note="理由"),
            lambda user=user: services.change_hats(user, operator, {Role.OPERATOR}, by=system, at=NOON, note="理由"),
            lambda user=user: services.set_account_active(user, False, by=system, at=NOON, note="理由"),
        ):
            with pytest.raises(Refused, match=r"不由您|只能由安全管理员"):
                act()
        assert worn(user) == {role}


def test_the_system_administrator_cannot_turn_a_waiting_auditors_link_to_an_address_of_their_own() -> None:
    system, security = an_actor(Role.SYSTEM_ADMIN, an_operator()), an_actor(Role.SECURITY_ADMIN, an_operator())
    auditor, _ = services.invite(an_operator(), NEW, [Role.AUDITOR], by=security, at=NOON)
    with pytest.raises(Refused, match="不由您当前的身份"):
        services.resend(auditor, an_operator(), by=system, at=NOON, email="system@example.com")
    auditor.refresh_from_db()
    assert auditor.email == NEW.email


def test_the_security_administrator_shuts_an_auditor_out_and_keeps_the_last_one() -> None:
    security = an_actor(Role.SECURITY_ADMIN, an_operator())
    auditor = User.objects.get(pk=an_actor(Role.AUDITOR, an_operator()).user_id)
    with pytest.raises(Refused, match="最后一位“审计员”"):
        services.set_account_active(auditor, False, by=security, at=NOON, note="疑似被盗")
    an_actor(Role.AUDITOR, an_operator())
    services.set_account_active(auditor, False, by=security, at=NOON, note="疑似被盗")
    assert not User.objects.get(pk=auditor.pk).is_active
    assert standing(auditor, an_operator()) == Standing.DISABLED


def test_abuse_16_who_was_shut_out_and_let_in_again_before_a_click_signs_in_anew(client) -> None:
    system = an_actor(Role.SYSTEM_ADMIN, an_operator())
    hat = a_hat(Role.TEACHER, a_school())
    signed_in_with(client, hat)
    for is_active in (False, True):
        services.set_account_active(hat.user, is_active, by=system, at=now(), note="疑似被盗")
    assert client.get("/accounts/security/").url.startswith("/accounts/sign-in/")


def test_abuse_16_a_hat_taken_and_given_back_before_a_click_is_not_worn_on(client) -> None:
    school = a_school()
    principal, hat = an_actor(Role.SCHOOL, school), a_hat(Role.TEACHER, school)
    signed_in_with(client, hat)
    for is_suspended in (True, False):
        services.set_suspended(hat.user, school, is_suspended, by=principal, at=now(), note="调岗")
    assert client.get("/accounts/security/").url.startswith("/accounts/sign-in/")


# --- who reaches whom ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM])
def test_people_are_managed_by_these_hats_only_and_only_at_home(role: Role) -> None:
    actor = an_actor(role, an_organisation_for(role))
    foreign = [another_province(), a_school(), a_site_organisation(), an_evaluation_org("999999998")]
    everywhere = role == Role.SYSTEM_ADMIN
    manages = role in (Role.ADMIN, Role.SCHOOL, Role.SITE_MANAGER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
    assert allows("accounts.people_manage", actor, own(actor)) == manages
    for other in foreign:
        row = Organisation.objects.get(pk=other.pk)
        assert allows("accounts.people_manage", actor, row) == everywhere
        assert allows("accounts.people_see", actor, row) == (everywhere or role in (Role.AUDITOR, Role.SECURITY_ADMIN))


# --- the first three -----------------------------------------------------------------------------------------------


def test_whoever_installs_the_platform_appoints_the_first_of_each_of_the_three_and_no_second() -> None:
    for role in ADMINISTRATORS:
        out = io.StringIO()
        call_command("appoint", role.value, f"first.{role}", "顾平", "--operator", "某平台运营", stdout=out)
        raw = out.getvalue().strip().rstrip("/").rsplit("/", 1)[1]
        assert services.look_at_token(raw, TokenPurpose.ACTIVATE, at=now()).user == User.objects.get(
            username=f"first.{role}"
        )
    assert Organisation.objects.get(kind=OrganisationKind.OPERATOR).name == "某平台运营"
    with pytest.raises(CommandError, match="已有“安全管理员”"):
        call_command("appoint", "security_admin", "second", "白守正")
    with pytest.raises(CommandError, match="登录账号"):
        call_command("appoint", "auditor", "1", "严明")
    assert not User.objects.filter(username="second").exists()
