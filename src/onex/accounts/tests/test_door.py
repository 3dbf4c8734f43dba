"""The door under attack, and the door for who belongs inside (trust.md A.6: 16, 28, 31)."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from onex.accounts import queries, services
from onex.accounts.models import OnceToken, User
from onex.accounts.rules import LIVES, TokenPurpose
from onex.accounts.tests.doors import (
    CONFIRM,
    ELSEWHERE,
    HELP,
    LEARN,
    NEW,
    OUTSIDE,
    RESET_CODE,
    SIGN_IN,
    digits_of,
    form_of,
    post,
    somebody,
    text_of,
)
from onex.accounts.tests.factories import (
    NOON,
    PASSWORD,
    a_hat,
    a_school,
    an_actor,
    an_operator,
)
from onex.common.actors import SYSTEM, Role
from onex.common.clock import now
from onex.common.models import DENIED, FAILED, Trace
from onex.common.post import outbox
from onex.common.text import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]


# --- 16: sessions after a change of password


def test_abuse_16_a_changed_password_ends_every_other_session_at_its_next_request(client, settings) -> None:
    settings.LOGIN_REDIRECT_URL = "portal:desk"
    user = somebody()
    here, there = Client(), Client()
    for one in (here, there):
        post(one, SIGN_IN, form_of(user))
        assert one.get("/desk/").status_code == 200
    form = {"password-old": PASSWORD, "password-new": NEW, "password-again": NEW}
    assert here.post("/accounts/password/change/", form).status_code == 302
    assert here.get("/desk/").status_code == 200
    assert "/accounts/sign-in/" in there.get("/desk/").url
    assert post(Client(), SIGN_IN, form_of(user)).status_code == 422
    assert post(Client(), SIGN_IN, form_of(user, NEW)).status_code == 302


def test_abuse_16_a_reset_password_ends_every_session_and_the_key_of_the_new_one_is_new(client) -> None:
    user = somebody(email="zhou@example.edu.cn")
    there = Client()
    post(there, SIGN_IN, form_of(user))
    post(client, HELP, {"username": user.username})
    link = re.search(r"/accounts/password/reset/[^/]+/", mail.outbox[0].body)
    assert link is not None
    assert post(client, link[0], {"new": NEW, "again": NEW}).url == "/home-of-a-role/"
    assert there.get("/desk/").url.startswith("/accounts/sign-in/")
    assert client.session["_auth_user_id"] == str(user.pk)


# --- 31: hosts that somebody else named


@pytest.mark.parametrize(
    "header",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_FORWARDED": "host=evil.example"},
    ],
)
def test_abuse_31_the_link_of_a_reset_names_our_host_whatever_the_request_said(client, settings, header) -> None:
    settings.PUBLIC_URL = "https://onex.example.edu.cn"
    user = somebody(email="zhou@example.edu.cn")
    response = client.post(HELP, {"username": user.username}, **header)
    if header.get("HTTP_HOST"):
        assert response.status_code == 400
        assert mail.outbox == []
    else:
        assert "evil.example" not in mail.outbox[0].body
        assert "https://onex.example.edu.cn/accounts/password/reset/" in mail.outbox[0].body
    assert services.activation_url("raw") == "https://onex.example.edu.cn/accounts/activate/raw/"


def test_abuse_31_a_forwarded_address_changes_neither_the_count_nor_the_trace(client) -> None:
    user = somebody()
    for n in range(5):
        client.post(SIGN_IN, form_of(user, "wrong"), REMOTE_ADDR=OUTSIDE, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}")
    assert client.post(SIGN_IN, form_of(user), REMOTE_ADDR=OUTSIDE, HTTP_X_FORWARDED_FOR="10.1.1.1").status_code == 429
    assert set(Trace.objects.filter(verb="sign_in").values_list("address", flat=True)) == {OUTSIDE}


# --- 28: what people type is no template


def test_abuse_28_names_in_messages_are_literal(client) -> None:
    user = somebody(email="zhou@example.edu.cn", name="{url} {{x.SECRET_KEY}} {name.__class__}")
    post(client, HELP, {"username": user.username})
    assert "{url} {{x.SECRET_KEY}} {name.__class__}：" in mail.outbox[0].body


# --- traces, unlocking, resets, activation, learners


def test_failures_and_refusals_are_traced_without_what_was_typed(client) -> None:
    user = somebody()
    for _ in range(6):
        post(client, SIGN_IN, form_of(user, "my-secret-typed"))
    post(client, SIGN_IN, form_of("my-password-in-the-wrong-field", "x"))
    rows = Trace.objects.filter(verb="sign_in")
    assert [row.outcome for row in rows.filter(subject_id=user.pk)] == [FAILED] * 5
    assert rows.filter(outcome=DENIED).count() == 1
    assert len({row.data["account"] for row in rows}) == 2
    assert not any(word in str([vars(row) for row in rows]) for word in ("my-secret", "my-password"))


def test_an_administrator_lets_a_locked_person_try_again_at_once() -> None:
    school = a_school()
    user = a_hat(Role.TEACHER, school).user
    for address in (OUTSIDE, ELSEWHERE):
        for _ in range(5):
            with pytest.raises(Refused):
                services.prove(user.username, "wrong", address=address, at=NOON)
    for stranger in (
        an_actor(Role.SCHOOL, a_school()),
        an_actor(Role.TEACHER, school),
        an_actor(Role.AUDITOR, an_operator()),
    ):
        with pytest.raises(Refused, match="无权办理：解除登录锁定"):
            services.unlock_account(user, by=stranger, at=NOON)
    services.unlock_account(user, by=an_actor(Role.SCHOOL, school), at=NOON)
    for address in (OUTSIDE, ELSEWHERE):
        assert services.prove(user.username, PASSWORD, address=address, at=NOON) == user
    services.unlock_account(user, by=an_actor(Role.SECURITY_ADMIN, an_operator()), at=NOON)


def test_a_forgotten_password_is_set_by_the_link_once_and_within_half_an_hour(client) -> None:
    user = somebody(email="zhou@example.edu.cn", phone="13900000001")
    for _ in range(5):
        post(client, SIGN_IN, form_of(user, "wrong"))
    post(client, HELP, {"username": user.username})
    assert outbox == []  # the link went by e-mail
    address = re.search(r"/accounts/password/reset/[^/]+/", mail.outbox[0].body)[0]
    assert user.username in text_of(client.get(address))
    assert "两次输入的密码不一致" in text_of(post(client, address, {"new": NEW, "again": "other"}))
    assert "至少 12 位" in text_of(post(client, address, {"new": "short", "again": "short"}))
    assert post(client, address, {"new": NEW, "again": NEW}).url == "/home-of-a-role/"
    again = post(Client(), address, {"new": "another crane over it", "again": "another crane over it"})
    assert again.status_code == 404
    assert "重新申请" in text_of(again)
    assert post(Client(), SIGN_IN, form_of(user, NEW)).status_code == 302  # the lock-out is over as well
    raw = services.issue_token(TokenPurpose.RESET, user, by=SYSTEM, at=NOON)
    with pytest.raises(Refused):
        services.token_of(raw, TokenPurpose.RESET, at=NOON + LIVES[TokenPurpose.RESET])


def test_who_left_only_a_phone_gets_a_code(client) -> None:
    user = somebody(phone="13900000001")
    page = text_of(post(client, HELP, {"username": user.username}))
    assert "收到短信验证码的" in page
    code = digits_of(outbox[0].text)
    opened = post(client, RESET_CODE, {"username": user.username, "code": f" {code[:3]} {code[3:]}"})
    assert "/accounts/password/reset/" in opened.url
    assert post(client, opened.url, {"new": NEW, "again": NEW}).url == "/home-of-a-role/"
    assert post(client, RESET_CODE, {"username": user.username, "code": code}).status_code == 422


def test_a_disabled_person_and_one_without_address_get_nothing(client) -> None:
    for user in (somebody(is_active=False, email="a@example.edu.cn"), somebody()):
        page = post(client, HELP, {"username": user.username})
        assert "机构管理员" in text_of(page)
    assert mail.outbox == []
    assert outbox == []
    assert not OnceToken.objects.exists()


def test_a_new_account_is_activated_once_by_its_address(client) -> None:
    school = a_school()
    user = a_hat(Role.SCHOOL, school).user
    User.objects.filter(pk=user.pk).update(password="!none")
    address = services.activation_url(services.issue_token(TokenPurpose.ACTIVATE, user, by=SYSTEM, at=now()))
    path = "/accounts/" + address.split("/accounts/")[1]
    page = text_of(client.get(path))
    for word in (user.name, user.username, school.name, "试点院校"):
        assert word in page
    assert post(client, path, {"new": "", "again": ""}).status_code == 422
    assert post(client, path, {"new": NEW, "again": NEW}).url == "/home-of-a-role/"
    ended = client.get(path)
    assert ended.status_code == 404
    assert "让给您链接的机构管理员重新发一个" in text_of(ended)
    assert post(Client(), SIGN_IN, form_of(user, NEW)).status_code == 302
    assert Trace.objects.filter(verb="activate", subject_id=user.pk, actor_id=user.pk).exists()


def test_a_disabled_account_is_not_activated(client) -> None:
    user = somebody(is_active=False)
    raw = services.issue_token(TokenPurpose.ACTIVATE, user, by=SYSTEM, at=now())
    assert client.get(f"/accounts/activate/{raw}/").status_code == 404


def test_a_phone_becomes_an_account_of_the_cloud_courses(client) -> None:
    operator = an_operator()
    for wrong in ("123", "13" + "٠" * 9):  # digits of other scripts ring nobody up
        assert "请输入 11 位手机号" in text_of(post(client, LEARN, {"phone": wrong}))
    assert post(client, LEARN, {"phone": "+86 139-0000-0001"}).url == CONFIRM
    assert "139****0001" in text_of(client.get(CONFIRM))
    form = {"code": digits_of(outbox[0].text), "name": "王小明", "new": "kq7vzp2m", "again": "kq7vzp2m"}
    weak = post(client, CONFIRM, {**form, "new": "13900000001", "again": "13900000001"})
    assert weak.status_code == 422
    assert 'value="王小明"' in text_of(weak)
    assert post(client, CONFIRM, form).url == "/home-of-a-role/"
    user = queries.user_by_phone("13900000001")
    assert (user.username, user.name) == ("13900000001", "王小明")
    hat = user.memberships.get()
    assert (hat.role, hat.organisation_id) == (Role.LEARNER, operator.pk)
    assert client.get(CONFIRM).url == LEARN
    assert post(Client(), SIGN_IN, form_of("13900000001", "kq7vzp2m")).status_code == 302


def test_a_newer_code_ends_the_older_one() -> None:
    services.send_phone_code("13900000001", at=NOON)
    services.send_phone_code("13900000001", at=NOON)
    first, second = (digits_of(one.text) for one in outbox)
    if first != second:
        with pytest.raises(Refused):
            services.redeem_code(TokenPurpose.PHONE, "13900000001", first, at=NOON)
    with pytest.raises(Refused):
        services.redeem_code(TokenPurpose.PHONE, "13900000002", second, at=NOON)
    services.redeem_code(TokenPurpose.PHONE, "13900000001", second, at=NOON)
