"""How often each door is tried, for each account, address and target (trust.md A.6: 14)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onex.accounts import services
from onex.accounts.models import User
from onex.accounts.rules import ChangeKind
from onex.accounts.services import factors
from onex.accounts.services.door import LockedOut
from onex.accounts.tests.doors import (
    BY_CODE,
    CONFIRM,
    ELSEWHERE,
    HELP,
    LEARN,
    NEW,
    OUTSIDE,
    RESET_CODE,
    SCHOOL,
    SIGN_IN,
    digits_of,
    form_of,
    picture_of,
    post,
    somebody,
    text_of,
)
from onex.accounts.tests.factories import (
    NOON,
    PASSWORD,
    a_change_form,
    a_hat,
    a_letter,
    a_province,
    a_registration,
    a_school,
    a_user,
    an_actor,
    an_approved_registration,
    an_operator,
    signed_in_as,
    signed_in_with,
)
from onex.common import limits
from onex.common.actors import SYSTEM, Role
from onex.common.doors import API, CAPTCHA_PICTURE, CAPTCHA_WRONG, EXPORT
from onex.common.limits import DOORS, Door, TooMany
from onex.common.models import DENIED, FAILED, LimitCount, Trace
from onex.common.post import outbox
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]


def test_abuse_14_five_wrong_passwords_shut_the_door_for_an_account_from_there(client) -> None:
    user = somebody()
    for _ in range(4):
        assert post(client, SIGN_IN, form_of(user, "wrong")).status_code == 422
    fifth = post(client, SIGN_IN, form_of(user, "wrong"))
    assert fifth.status_code == 429
    assert int(fifth["Retry-After"]) == 15 * 60
    assert "暂停登录 15 分钟" in text_of(fifth)
    assert "忘记密码" in text_of(fifth)
    right = post(client, SIGN_IN, form_of(user))
    assert right.status_code == 429
    assert f'value="{user.username}"' in text_of(right)
    assert post(Client(), SIGN_IN, form_of(user), ELSEWHERE).status_code == 302
    assert post(Client(), SIGN_IN, form_of(somebody()), OUTSIDE).status_code == 302


def test_abuse_14_each_further_lock_out_is_twice_as_long_and_ends() -> None:
    user, at = somebody(), NOON
    for minutes in (15, 30, 60, 120, 240, 240):
        for _ in range(4):
            with pytest.raises(Refused, match="账号或密码不正确"):
                services.prove(user.username, "wrong", address=OUTSIDE, at=at)
        with pytest.raises(LockedOut) as shut:
            services.prove(user.username, "wrong", address=OUTSIDE, at=at)
        assert shut.value.wait == minutes * 60
        with pytest.raises(LockedOut):
            services.prove(user.username, PASSWORD, address=OUTSIDE, at=at + timedelta(minutes=minutes, seconds=-1))
        at += timedelta(minutes=minutes, seconds=1)
    assert services.prove(user.username, PASSWORD, address=OUTSIDE, at=at) == user


def test_abuse_14_one_account_is_not_tried_from_many_addresses_without_end() -> None:
    user, refusals = somebody(), 0
    for n in range(40):
        try:
            services.prove(user.username, "wrong", address=f"198.51.100.{n}", at=NOON)
        except TooMany:
            refusals += 1
        except Refused:
            continue
    assert refusals == 10


def test_abuse_14_capitals_blanks_and_full_width_letters_are_the_same_account() -> None:
    user = somebody()
    for name in (user.username, user.username.upper(), f" {user.username}", "ｕ" + user.username[1:]):
        with pytest.raises(Refused):
            services.prove(name, "wrong", address=OUTSIDE, at=NOON)
    with pytest.raises(LockedOut):
        services.prove(user.username, "wrong", address=OUTSIDE, at=NOON)


def test_a_success_forgets_the_failures_before_it() -> None:
    user = somebody()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Refused, match="不正确"):
                services.prove(user.username, "wrong", address=OUTSIDE, at=NOON)
        services.prove(user.username, PASSWORD, address=OUTSIDE, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_abuse_14_guesses_at_once_are_counted_before_they_are_judged_and_lock_once() -> None:
    user = somebody()
    guess = partial(services.prove, user.username, "wrong", address=OUTSIDE, at=NOON)
    _, refused = told_apart(at_once(*[guess] * 12))
    assert len(refused) == 12
    said = list(Trace.objects.filter(verb="sign_in").values_list("outcome", flat=True))
    assert (said.count(FAILED), said.count(DENIED)) == (5, 7)
    with pytest.raises(LockedOut) as shut:
        services.prove(user.username, PASSWORD, address=OUTSIDE, at=NOON)
    assert shut.value.wait == 15 * 60


def test_abuse_14_one_password_over_a_thousand_accounts_is_stopped_at_its_address() -> None:
    names = [a_user().username for _ in range(20)] + [f"guess{n}" for n in range(980)]
    judged = 0
    for name in names:
        try:
            services.prove(name, "Spring2026!", address=ELSEWHERE, at=NOON)
        except TooMany:
            continue
        except Refused:
            judged += 1
    assert judged == 30


def test_abuse_14_one_subscribers_ipv6_network_counts_as_one_address() -> None:
    judged = 0
    for n in range(60):
        try:
            services.prove(f"guess{n}", "Spring2026!", address=f"2001:db8:1:2::{n + 1:x}", at=NOON)
        except TooMany:
            continue
        except Refused:
            judged += 1
    assert judged == 30


def test_a_hundred_candidates_and_three_staff_of_a_registered_address_are_all_let_in() -> None:
    school = a_school()
    services.add_network(school, f"{SCHOOL}/32", "机房", by=an_actor(Role.SCHOOL, school), at=NOON)
    people = [a_hat(Role.STUDENT, school).user for _ in range(100)]
    people += [a_hat(Role.REGISTRAR, school).user for _ in range(3)]
    for n, user in enumerate(people):
        at = NOON + timedelta(seconds=n * 60 / len(people))
        if n % 2 == 0:  # every second one mistypes once
            with pytest.raises(Refused, match="不正确"):
                services.prove(user.username, "mistyped", address=SCHOOL, at=at)
        assert services.prove(user.username, PASSWORD, address=SCHOOL, at=at) == user
    judged = 0
    for n in range(1_000):
        try:
            services.prove(f"guess{n}", "Spring2026!", address=ELSEWHERE, at=NOON)
        except TooMany:
            continue
        except Refused:
            judged += 1
    assert judged == 30


def test_a_full_computer_room_comes_in_by_the_page_with_its_pictures_within_a_minute(client, settings) -> None:
    settings.CAPTCHA = True
    school = a_school()
    services.add_network(school, f"{SCHOOL}/32", "机房", by=an_actor(Role.SCHOOL, school), at=NOON)
    here = {"REMOTE_ADDR": SCHOOL}
    for n in range(103):
        user = a_hat(Role.REGISTRAR if n < 3 else Role.STUDENT, school).user
        browser = Client()
        answer = picture_of(browser.get(SIGN_IN, **here))
        for _ in range(2 if n % 2 else 3):  # every second one asks for another picture
            shown = browser.get(reverse("accounts:captcha-picture", args=[answer["captcha_token"]]), **here)
            assert shown.status_code == 200
        assert post(browser, SIGN_IN, {**form_of(user), **answer}, SCHOOL).status_code == 302


def test_strangers_failures_do_not_shut_an_account_for_its_own_school() -> None:
    school = a_school()
    services.add_network(school, f"{SCHOOL}/32", "", by=an_actor(Role.SCHOOL, school), at=NOON)
    user = a_hat(Role.SCHOOL, school).user
    for n in range(60):
        with pytest.raises(Refused):
            services.prove(user.username, "wrong", address=f"198.51.100.{n}", at=NOON)
    with pytest.raises(TooMany):
        services.prove(user.username, PASSWORD, address="198.51.100.99", at=NOON)
    assert services.prove(user.username, PASSWORD, address=SCHOOL, at=NOON) == user


def _tries(count: int, step: Callable[[int], Any]) -> list[int]:
    return [step(n).status_code for n in range(count)]


def test_abuse_14_codes_and_reset_links_are_sent_three_times(client) -> None:
    user = somebody(phone="13900000001")
    for address, form in ((BY_CODE, {"username": user.username, "then": "send"}), (HELP, {"username": "nobody"})):
        assert _tries(4, lambda _, a=address, f=form: post(client, a, f)) == [200, 200, 200, 429]
    assert len(outbox) == 3


def test_abuse_14_codes_are_not_asked_for_account_after_account(client) -> None:
    found = _tries(16, lambda n: post(client, HELP, {"username": f"guess{n}"}))
    assert found == [200] * 15 + [429]


def test_abuse_14_a_reset_code_is_guessed_five_times(client) -> None:
    user = somebody(phone="13900000001")
    post(client, HELP, {"username": user.username})
    code = digits_of(outbox[0].text)
    wrong = "000000" if code != "000000" else "111111"
    found = _tries(6, lambda _: post(client, RESET_CODE, {"username": user.username, "code": wrong}))
    assert found == [422] * 5 + [429]
    assert post(client, RESET_CODE, {"username": user.username, "code": code}).status_code == 429


def test_abuse_14_a_phone_gets_one_code_a_minute_and_an_address_asks_for_fifteen(client) -> None:
    assert _tries(2, lambda _: post(client, LEARN, {"phone": "13900000001"})) == [302, 429]
    found = _tries(15, lambda n: post(client, LEARN, {"phone": f"139000001{n:02d}"}))
    assert found == [302] * 13 + [429] * 2


def test_abuse_14_a_phone_code_is_guessed_five_times(client) -> None:
    an_operator()
    post(client, LEARN, {"phone": "13900000001"})
    wrong = f"{(int(digits_of(outbox[0].text)) + 1) % 1_000_000:06d}"
    form = {"code": wrong, "name": "王小明", "new": NEW, "again": NEW}
    assert _tries(6, lambda _: post(client, CONFIRM, form)) == [422] * 5 + [429]
    assert not User.objects.filter(username="13900000001").exists()


@pytest.mark.parametrize("address", ["/accounts/activate/guess/", "/accounts/password/reset/guess/"])
def test_abuse_14_links_are_not_guessed_without_end(client, address: str) -> None:
    assert _tries(61, lambda _: client.get(address, REMOTE_ADDR=OUTSIDE)) == [404] * 60 + [429]


def test_abuse_14_registrations_are_followed_and_filed_within_limits(client) -> None:
    address = "/accounts/registration/by/guess/"
    assert _tries(61, lambda _: client.get(address, REMOTE_ADDR=OUTSIDE)) == [404] * 60 + [429]
    create = "/accounts/registration/"
    assert _tries(31, lambda _: post(client, create, {"name": ""})) == [422] * 30 + [429]
    assert client.get(create, REMOTE_ADDR=OUTSIDE).status_code == 200


def test_abuse_15_a_kept_registration_tries_account_names_no_faster_than_a_new_one(client) -> None:
    """That a wished account name is taken must be told, so telling is counted wherever the form is sent to."""
    row, token = a_registration()
    form = {"province": str(row.province_id), "name": row.name, "then": "submit"}
    edit = f"/accounts/registration/by/{token}/edit/"
    said = _tries(31, lambda n: post(client, edit, {**form, "username": f"guess{n}"}))
    assert said == [422] * 30 + [429]
    assert client.get(edit, REMOTE_ADDR=OUTSIDE).status_code == 200


def _second_factor(address: str) -> None:
    factors.prove(a_user(), at=NOON, address=address, code="000000")


def _recovery(address: str) -> None:
    form = a_change_form(ChangeKind.RECOVERY)
    services.ask_for_recovery(f"41320{form.username[3:]:0>5}", form, a_letter(), address=address, at=NOON)


def _activation_again(address: str) -> None:
    row = an_approved_registration()
    services.ask_for_link(row, address=address, at=NOON)


@pytest.mark.parametrize(
    ("door_", "tried"),
    [
        ("second_factor", _second_factor),
        ("accounts.recovery", _recovery),
        ("accounts.activation_again", _activation_again),
    ],
)
def test_abuse_14_no_door_takes_one_ipv6_subscriber_for_many(door_: str, tried: Callable[[str], None]) -> None:
    with suppress(Refused):
        tried("2001:db8:1:2::1")
    most = next(limit.most for limit in DOORS[door_].limits if limit.per == "address")
    LimitCount.objects.update(count=most)
    with pytest.raises(TooMany):
        tried("2001:db8:1:2:ffff::2")
    with suppress(Refused):
        tried("2001:db8:1:3::1")
    assert LimitCount.objects.filter(count=1).exists()


def test_abuse_14_pictures_are_answered_wrongly_within_limits(client, settings) -> None:
    settings.CAPTCHA = True
    user = somebody()
    wrong = {**picture_of(client.get(SIGN_IN)), "captcha": "****"}
    assert post(client, SIGN_IN, {**form_of(user), **wrong}).status_code == 422
    LimitCount.objects.filter(key__in=_keys_of(CAPTCHA_WRONG, OUTSIDE)).update(count=299)
    right = picture_of(client.get(SIGN_IN))
    assert post(client, SIGN_IN, {**form_of(user), **right}).status_code == 302  # and counts for nothing
    client.logout()
    for status in (422, 429):
        assert post(client, SIGN_IN, {**form_of(user), **wrong}).status_code == status
    assert post(client, SIGN_IN, {**form_of(user), **wrong}, ELSEWHERE).status_code == 422


def _keys_of(door_: Door, address: str) -> list[str]:
    return [key for _, key in limits._counted(door_, {"address": address})]


def _nearly_used_up(door: Door) -> None:
    """As if all tries but the last had been made."""
    LimitCount.objects.update(count=door.limits[0].most - 1)


def test_abuse_14_pictures_are_fetched_within_limits(client) -> None:
    address = reverse("accounts:captcha-picture", args=["guess"])
    assert client.get(address, REMOTE_ADDR=OUTSIDE).status_code == 404
    _nearly_used_up(CAPTCHA_PICTURE)
    assert _tries(2, lambda _: client.get(address, REMOTE_ADDR=OUTSIDE)) == [404, 429]
    assert client.get("/accounts/captcha/", REMOTE_ADDR=OUTSIDE).status_code == 429
    assert client.get(address, REMOTE_ADDR=ELSEWHERE).status_code == 404


def test_abuse_14_the_old_password_is_guessed_five_times(client) -> None:
    hat = a_hat(Role.SCHOOL, a_school())
    signed_in_with(client, hat)
    form = {"password-old": "wrong", "password-new": NEW, "password-again": NEW}
    assert _tries(6, lambda _: client.post("/accounts/password/change/", form)) == [422] * 5 + [429]


def test_abuse_14_what_is_refused_as_a_new_password_does_not_tell_the_old_one(client, settings) -> None:
    """Whoever finds a session open may not try out its password as a new one, uncounted."""
    settings.PASSWORD_PROFILE = "mlps3"
    hat = a_hat(Role.SCHOOL, a_school())
    own = "White-crane-lake"
    services.set_password(hat.user, own, by=SYSTEM, at=NOON)
    signed_in_with(client, hat)
    form = {"password-old": "wrong", "password-new": own, "password-again": own}
    answers = [client.post("/accounts/password/change/", form) for _ in range(6)]
    assert [one.status_code for one in answers] == [422] * 5 + [429]
    assert all(dict(one.context["form"].errors) == {"old": ["当前密码不正确"]} for one in answers[:5])


def test_abuse_14_exports_are_counted_for_each_account(client) -> None:
    signed_in_as(client, an_actor(Role.PROVINCE, a_province()))
    address = "/accounts/registrations/export/"
    assert client.get(address).status_code == 200
    _nearly_used_up(EXPORT)
    assert _tries(2, lambda _: client.get(address)) == [200, 429]
    other = signed_in_as(Client(), an_actor(Role.PROVINCE, a_province()))
    assert other.get(address).status_code == 200


def test_abuse_14_the_api_is_counted_for_each_address(client) -> None:
    address = "/api/v1/openapi.json"
    assert client.get(address, REMOTE_ADDR=OUTSIDE).status_code == 200
    _nearly_used_up(API)
    assert _tries(2, lambda _: client.get(address, REMOTE_ADDR=OUTSIDE)) == [200, 429]
    answer = client.get(address, REMOTE_ADDR=OUTSIDE)
    assert "尝试次数过多" in answer.json()["reasons"][0]
    assert int(answer["Retry-After"]) <= 60
    assert client.get(address, REMOTE_ADDR=ELSEWHERE).status_code == 200


def test_every_door_has_limits_and_a_name() -> None:
    ours = [one for code, one in DOORS.items() if not code.startswith("test.")]
    assert len(ours) >= 15
    for one in ours:
        assert one.limits, one.code
        assert str(one.label), one.code
