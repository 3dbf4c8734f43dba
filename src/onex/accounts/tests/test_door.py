"""The door under attack, and the door for who belongs inside (trust.md A.6: 14-17, 28, 31)."""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from onex.accounts import queries, services
from onex.accounts.models import NetworkRange, OnceToken, User
from onex.accounts.rules import LIVES, ChangeKind, TokenPurpose
from onex.accounts.services import door, factors
from onex.accounts.services.door import LockedOut
from onex.accounts.tests.factories import (
    NOON,
    PASSWORD,
    a_change_form,
    a_hat,
    a_letter,
    a_province,
    a_registration,
    a_school,
    a_site_organisation,
    a_user,
    an_actor,
    an_approved_registration,
    an_evaluation_org,
    an_operator,
    signed_in_as,
    signed_in_with,
)
from onex.common import captcha, limits
from onex.common.actors import SYSTEM, Role
from onex.common.clock import now
from onex.common.doors import API, CAPTCHA_PICTURE, CAPTCHA_WRONG, EXPORT
from onex.common.limits import DOORS, Door, TooMany
from onex.common.models import DENIED, FAILED, LimitCount, Trace
from onex.common.post import outbox
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
SIGN_IN, BY_CODE, HELP = "/accounts/sign-in/", "/accounts/sign-in/code/", "/accounts/password/"
RESET_CODE, LEARN, CONFIRM = "/accounts/password/code/", "/accounts/learners/new/", "/accounts/learners/confirm/"
NEW = "white crane over the lake"
OUTSIDE, ELSEWHERE, SCHOOL = "203.0.113.9", "198.51.100.7", "192.0.2.40"


@pytest.fixture(autouse=True)
def quiet(settings) -> None:
    settings.LOGIN_REDIRECT_URL = "/home-of-a-role/"
    outbox.clear()


def text_of(response: Any) -> str:
    return str(response.content.decode())


def form_of(user: User | str, password: str = PASSWORD) -> dict[str, str]:
    return {"username": user if isinstance(user, str) else user.username, "password": password}


def post(client: Client, address: str, form: dict[str, Any], ip: str = OUTSIDE) -> Any:
    return client.post(address, form, REMOTE_ADDR=ip)


def somebody(role: Role = Role.SCHOOL, **values: Any) -> User:
    user = a_hat(role, a_school()).user
    for name, value in values.items():
        setattr(user, name, value)
    user.save()
    return User.objects.get(pk=user.pk)


def picture_of(page: Any) -> dict[str, str]:
    """What a person types who reads the picture on this page."""
    found = re.search(r'name="captcha_token" value="([^"]+)"', text_of(page))
    assert found is not None
    return {"captcha_token": found[1], "captcha": captcha.answer_of(found[1])}


def digits_of(text: str) -> str:
    found = re.search(r"\b\d{6}\b", text)
    assert found is not None
    return found[0]


# --- 14: limits at every door


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

    def guess() -> None:
        try:
            services.prove(user.username, "wrong", address=OUTSIDE, at=NOON)
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
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
    assert "尝试次数过多" in answer.json()["detail"]
    assert int(answer["Retry-After"]) <= 60
    assert client.get(address, REMOTE_ADDR=ELSEWHERE).status_code == 200


def test_every_door_has_limits_and_a_name() -> None:
    ours = [one for code, one in DOORS.items() if not code.startswith("test.")]
    assert len(ours) >= 15
    for one in ours:
        assert one.limits, one.code
        assert str(one.label), one.code


# --- 15: whether an account exists


def shape(response: Any) -> tuple[int, int, str]:
    """What an onlooker compares: status, length, text; without what every page has anew or what was typed."""
    text = re.sub(r'value="[A-Za-z0-9]{64}"|csrftoken[^,}]*|"X-CSRFToken": ?"[^"]*"', "", text_of(response))
    text = re.sub(r"user\d+|nobody\d*|139\*{4}\d{4}", "NAME", text)
    text = re.sub(r"[A-Za-z0-9]{64}", "TOKEN", text)
    return response.status_code, len(text), text


def test_abuse_15_no_door_tells_whether_an_account_exists(client) -> None:
    an_operator()
    known = somebody(phone="13900000001", email="zhou@example.edu.cn")
    bare = somebody()
    disabled = somebody(is_active=False)
    unset = somebody(password="!unusable")
    sent = {"then": "send"}
    for n, user in enumerate((known, bare, disabled, unset)):
        stranger = f"nobody{n}"
        for address, form in (
            (SIGN_IN, {"password": "wrong"}),
            (BY_CODE, sent),
            (HELP, {}),
            (RESET_CODE, {"code": "123456"}),
        ):
            theirs = post(client, address, {"username": user.username, **form}, f"203.0.113.{n}")
            nobodys = post(client, address, {"username": stranger, **form}, f"203.0.113.{n}")
            assert shape(theirs) == shape(nobodys), address


def test_abuse_15_lock_outs_of_nobody_are_the_same(client) -> None:
    known = somebody()
    for _ in range(7):
        theirs, nobodys = (post(client, SIGN_IN, form_of(name, "wrong")) for name in (known.username, "nobody1"))
        assert shape(theirs) == shape(nobodys)
    assert theirs.status_code == 429


def test_abuse_15_a_phone_with_an_account_sees_the_same_pages_and_only_its_owner_is_told(client) -> None:
    an_operator()
    somebody(phone="13900000001")
    pages = []
    for phone in ("13900000001", "13900000002"):
        visitor = Client()
        assert post(visitor, LEARN, {"phone": phone}).url == CONFIRM
        form = {"code": "000000", "name": "王小明", "new": NEW, "again": NEW}
        pages.append((shape(visitor.get(CONFIRM)), shape(post(visitor, CONFIRM, form))))
    assert pages[0][0][0] == pages[1][0][0] == 200
    assert pages[0][1] == pages[1][1]
    assert "已有 OneX 账号" in outbox[0].text
    assert "验证码" in outbox[1].text


def welch(a: list[float], b: list[float]) -> float:
    """Welch's t of two samples."""
    spread = statistics.variance(a) / len(a) + statistics.variance(b) / len(b)
    return (statistics.fmean(a) - statistics.fmean(b)) / spread**0.5 if spread else 0.0


def trimmed(times: list[float]) -> list[float]:
    """The faster nine tenths: what another process took from us says nothing about the door."""
    return sorted(times)[: len(times) * 9 // 10]


def _timed(known: list[User], rounds: int = 200) -> tuple[list[float], list[float]]:
    """Seconds for somebody and for nobody, in turn; a new address each time, hours apart, so that no limit is met."""
    spent: tuple[list[float], list[float]] = ([], [])
    for n in range(rounds):
        for which in (0, 1) if n % 2 else (1, 0):
            name = f"nobody{n % 10}" if which else known[n % 10].username
            address, at = f"198.51.{n}.{which + 1}", NOON + timedelta(hours=2 * n)
            began = time.perf_counter()
            with pytest.raises(Refused):
                services.prove(name, "wrong", address=address, at=at)
            spent[which].append(time.perf_counter() - began)
    return spent


def test_abuse_15_signing_in_takes_as_long_for_nobody_as_for_somebody(settings) -> None:
    """Two hundred tries of each in turn, by Argon2; again when the machine was too noisy to tell."""
    settings.PASSWORD_HASHERS = ["onex.accounts.tests.hashers.QuickArgon2"]
    door._decoy.cache_clear()
    try:
        hashed = make_password(PASSWORD)
        users = [somebody(password=hashed) for _ in range(10)]
        for _ in range(3):
            known, unknown = _timed(users)
            apart = abs(statistics.median(known) - statistics.median(unknown))
            t = welch(trimmed(known), trimmed(unknown))
            if apart < min(0.005, 0.05 * statistics.median(known)) and abs(t) < 4.5:
                return
        raise AssertionError(f"the medians differ by {apart * 1000:.2f} ms, t = {t:.1f}")
    finally:
        door._decoy.cache_clear()


def test_abuse_15_the_measure_would_notice_a_hash_that_is_left_out(settings) -> None:
    settings.PASSWORD_HASHERS = ["onex.accounts.tests.hashers.QuickArgon2"]
    hashed = make_password(PASSWORD)
    began = time.perf_counter()
    for _ in range(5):
        check_password("wrong", hashed)
    assert (time.perf_counter() - began) / 5 > 0.002


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


# --- 17: the picture code


def test_abuse_17_the_picture_is_asked_for_and_opens_with_the_right_characters(client, settings) -> None:
    settings.CAPTCHA = True
    user = somebody()
    page = client.get(SIGN_IN)
    assert "看不清换一张" in text_of(page)
    answer = picture_of(page)
    assert post(client, SIGN_IN, {**form_of(user), **answer}).status_code == 302


def test_abuse_17_reused_empty_missing_old_and_foreign_pictures_are_refused(client, settings) -> None:
    settings.CAPTCHA = True
    user = somebody()
    answer = picture_of(client.get(SIGN_IN))
    stranger = Client()
    stranger.get(SIGN_IN)
    tries: dict[str, tuple[Client, dict[str, str]]] = {
        "missing fields": (client, {}),
        "empty": (client, {**answer, "captcha": ""}),
        "no token": (client, {"captcha": answer["captcha"]}),
        "another session's": (stranger, answer),
        "no cookie": (Client(), answer),
        "forged": (client, {**answer, "captcha_token": answer["captcha_token"][:-1] + "x"}),
        "old": (client, _old_picture(client)),
    }
    for name, (who, more) in tries.items():
        refused = post(who, SIGN_IN, {**form_of(user), **more})
        assert refused.status_code == 422, name
        assert "验证码" in text_of(refused), name
        assert "_auth_user_id" not in who.session, name
    assert post(client, SIGN_IN, {**form_of(user, "wrong"), **answer}).status_code == 422  # used up by this
    reused = post(client, SIGN_IN, {**form_of(user), **answer})
    assert reused.status_code == 422
    assert "验证码不正确或已过期" in text_of(reused)
    assert answer["captcha"] not in text_of(reused)  # the field is empty beside the new picture
    assert picture_of(reused)["captcha_token"] != answer["captcha_token"]


def _old_picture(client: Client) -> dict[str, str]:
    token = captcha.new_token(client.cookies[captcha.cookie_name()].value, now() - timedelta(seconds=121))
    return {"captcha_token": token, "captcha": captcha.answer_of(token)}


def test_abuse_17_the_answer_stands_nowhere_but_in_the_picture(client, settings) -> None:
    settings.CAPTCHA = True
    page = client.get(SIGN_IN)
    answer = picture_of(page)
    said = text_of(page) + str(page.headers) + str(page.cookies)
    assert not re.search(rf"\b{answer['captcha']}\b", said, re.I)
    shown = client.get(reverse("accounts:captcha-picture", args=[answer["captcha_token"]]))
    assert shown["Content-Type"] == "image/png"
    assert "no-store" in shown["Cache-Control"]
    assert answer["captcha"].encode() not in shown.content
    stranger = Client().get(reverse("accounts:captcha-picture", args=[answer["captcha_token"]]))
    assert stranger.status_code == 404


def test_another_picture_comes_alone_and_leaves_the_page_as_it_is(client, settings) -> None:
    settings.CAPTCHA = True
    first = picture_of(client.get(SIGN_IN))
    piece = client.get("/accounts/captcha/")
    assert "<html" not in text_of(piece)
    second = picture_of(piece)
    assert second["captcha_token"] != first["captcha_token"]
    assert post(client, SIGN_IN, {**form_of(somebody()), **second}).status_code == 302


def test_a_wrong_field_leaves_the_picture_unused(client, settings) -> None:
    settings.CAPTCHA = True
    answer = picture_of(client.get(SIGN_IN))
    user = somebody()
    assert post(client, SIGN_IN, {**form_of(user, ""), **answer}).status_code == 422
    assert captcha.is_good(answer["captcha_token"], client.cookies[captcha.cookie_name()].value, now())


@pytest.mark.parametrize("address", [HELP, LEARN])
def test_abuse_17_other_doors_ask_for_the_picture_as_well(client, settings, address: str) -> None:
    settings.CAPTCHA = True
    form = {"username": "nobody", "phone": "13900000001"}
    assert post(client, address, form).status_code == 422
    assert outbox == []
    answer = picture_of(client.get(address))
    assert post(client, address, {**form, **answer}).status_code in (200, 302)


def test_who_cannot_see_the_picture_signs_in_with_a_code_that_was_sent(client, settings) -> None:
    settings.CAPTCHA = True
    user = somebody(phone="13900000001")
    assert "看不到图片" in text_of(client.get(SIGN_IN))
    sent = post(client, BY_CODE, {"username": user.username, "then": "send"})
    assert f'value="{user.username}"' in text_of(sent)
    code = digits_of(outbox[0].text)
    assert post(client, BY_CODE, {**form_of(user, "wrong"), "code": code}).status_code == 422  # uses nothing up
    assert post(client, BY_CODE, {**form_of(user), "code": code}).status_code == 302
    assert post(Client(), BY_CODE, {**form_of(user), "code": code}).status_code == 422


def test_a_code_opens_its_own_account_only(client) -> None:
    user, other = somebody(phone="13900000001"), somebody()
    post(client, BY_CODE, {"username": user.username, "then": "send"})
    assert post(client, BY_CODE, {**form_of(other), "code": digits_of(outbox[0].text)}).status_code == 422


def test_a_code_goes_to_the_mail_box_of_who_left_no_phone(client) -> None:
    user = somebody(email="zhou@example.edu.cn")
    post(client, BY_CODE, {"username": user.username, "then": "send"})
    assert outbox == []
    assert post(client, BY_CODE, {**form_of(user), "code": digits_of(mail.outbox[0].body)}).status_code == 302


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
    assert "请输入 11 位手机号" in text_of(post(client, LEARN, {"phone": "123"}))
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


# --- registered ranges


@pytest.mark.parametrize(
    ("cidr", "sentence"),
    [
        ("", "不是网段"),
        ("10.0.0.1/33", "不是网段"),
        ("somewhere", "不是网段"),
        ("10.0.0.0/21", "最多到 /22"),
        ("0.0.0.0/0", "最多到 /22"),
        ("2001:db8::/47", "最多到 /48"),
        ("127.0.0.1", "不是学校或考点使用的地址"),
        ("192.0.2.0/25", "重叠"),
        ("192.0.2.200", "重叠"),
    ],
)
def test_a_range_is_one_place_and_nobody_elses(cidr: str, sentence: str) -> None:
    other, school = a_school(), a_school()
    services.add_network(other, "192.0.2.0/24", "", by=an_actor(Role.SCHOOL, other), at=NOON)
    with pytest.raises(Refused, match=sentence):
        services.add_network(school, cidr, "", by=an_actor(Role.SCHOOL, school), at=NOON)
    assert NetworkRange.objects.count() == 1


@pytest.mark.parametrize(
    ("cidr", "inside", "outside"),
    [
        ("10.20.0.0/22", "10.20.3.255", "10.20.4.0"),
        ("203.0.113.8", "203.0.113.8", "203.0.113.9"),
        ("2001:db8:7::/48", "2001:db8:7:ffff::1", "2001:db8:8::1"),
    ],
)
def test_an_address_is_found_in_its_range(cidr: str, inside: str, outside: str) -> None:
    school = a_school()
    row = services.add_network(school, cidr, "", by=an_actor(Role.SCHOOL, school), at=NOON)
    assert queries.range_of(inside) == row
    assert queries.range_of(outside) is None
    assert queries.range_of("") is None


def test_a_school_files_sees_and_removes_its_own_ranges_only(client) -> None:
    school, other = a_school(), a_school()
    foreign = services.add_network(other, "192.0.2.0/28", "", by=an_actor(Role.SCHOOL, other), at=NOON)
    signed_in_as(client, an_actor(Role.SCHOOL, school))
    wrong = client.post("/accounts/networks/", {"cidr": "10.0.0.0/8", "label": "三楼机房"})
    assert wrong.status_code == 422
    assert 'value="三楼机房"' in text_of(wrong)
    assert client.post("/accounts/networks/", {"cidr": "10.20.0.0/24", "label": "三楼机房"}).status_code == 302
    page = text_of(client.get("/accounts/networks/"))
    assert "10.20.0.0/24" in page
    assert "192.0.2.0/28" not in page
    assert client.post(f"/accounts/networks/{foreign.pk}/remove/").status_code == 404
    mine = NetworkRange.objects.get(organisation=school.organisation)
    assert client.post(f"/accounts/networks/{mine.pk}/remove/").status_code == 302
    assert NetworkRange.objects.count() == 1


def test_the_security_administrator_names_the_school(client) -> None:
    school = a_school()
    signed_in_as(client, an_actor(Role.SECURITY_ADMIN, an_operator()))
    form = {"organisation": "没有的学校", "cidr": "10.20.0.0/24"}
    assert "没有这个名称的学校或考点" in text_of(client.post("/accounts/networks/", form))
    assert client.post("/accounts/networks/", {**form, "organisation": school.name}).status_code == 302
    assert school.name in text_of(client.get("/accounts/networks/"))


def test_who_may_file_a_range() -> None:
    for role, organisation in (
        (Role.SITE_MANAGER, a_site_organisation()),
        (Role.ADMIN, an_evaluation_org()),
        (Role.SCHOOL, a_school()),
    ):
        by = an_actor(role, organisation)
        n = NetworkRange.objects.count()
        services.add_network(organisation, f"10.9.{n}.0/24", "", by=by, at=NOON)
    school = a_school()
    for role in (Role.TEACHER, Role.STUDENT, Role.REGISTRAR):
        with pytest.raises(Refused, match="无权办理"):
            services.add_network(school, "10.30.0.0/24", "", by=an_actor(role, school), at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.add_network(school, "10.30.0.0/24", "", by=an_actor(Role.SCHOOL, a_school()), at=NOON)
