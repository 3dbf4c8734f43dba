"""No door tells whether an account exists, in words or in time (trust.md A.6: 15)."""

from __future__ import annotations

import re
import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.test import Client

from onex.accounts import services
from onex.accounts.models import User
from onex.accounts.services import door
from onex.accounts.tests.doors import (
    BY_CODE,
    CONFIRM,
    HELP,
    LEARN,
    NEW,
    RESET_CODE,
    SIGN_IN,
    form_of,
    post,
    somebody,
    text_of,
)
from onex.accounts.tests.factories import (
    NOON,
    PASSWORD,
    an_operator,
)
from onex.common.post import outbox
from onex.common.text import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]


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
