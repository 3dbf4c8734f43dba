"""Tokens, receivers and retries: what is allowed, and why not."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.accounts.tests.factories import NOON
from onex.common.text import Refused
from onex.integrations.rules import (
    SCOPES,
    DeliveryState,
    TokenState,
    WhyRefused,
    body_of,
    delivery_state,
    digest_of,
    is_from,
    key_and_secret,
    matches,
    networks_of,
    next_try_after,
    problems_with_address,
    problems_with_events,
    problems_with_token,
    problems_with_url,
    receiver_of,
    shown_once,
    signature,
    token_state,
    why_refused,
)

DAY = timedelta(days=1)
SECRET = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", min_size=43, max_size=43)
KEY = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=12, max_size=12)


@given(KEY, SECRET)
def test_a_token_is_read_as_it_was_shown(key: str, secret: str) -> None:
    assert key_and_secret(shown_once(key, secret)) == (key, secret)
    assert matches(secret, digest_of(secret))
    assert not matches(secret[::-1] + "x", digest_of(secret))


@given(st.text())
def test_whatever_else_is_sent_is_no_token(text: str) -> None:
    assert key_and_secret(text) is None


@pytest.mark.parametrize(
    "sent",
    [
        "onex_", "onex__", f"onex_{'a' * 12}", f"onex_{'a' * 12}_{'A' * 42}", f"onex_{'a' * 11}_{'A' * 43}",
        f"onex_{'A' * 12}_{'A' * 43}", f"onex_{'a' * 12}_{'A' * 42}!", f"x onex_{'a' * 12}_{'A' * 43}",
        f"onex_{'a' * 12}-{'A' * 43}",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_token_is_none(sent: str) -> None:
    assert key_and_secret(sent) is None


def test_a_token_says_what_it_may_do_ends_within_a_year_and_gives_no_more_than_its_hat() -> None:
    def problems(
        name: str = "系统", scopes: tuple[str, ...] = ("plans:read",), days: float = 30, may: bool = True
    ) -> str:
        found = problems_with_token(name, scopes, NOON + days * DAY, NOON, holds=lambda permit: may)
        return " ".join(map(str, found))

    assert problems() == ""
    assert "请填写令牌名称" in problems(name=" ")
    assert "至少选择一项权限" in problems(scopes=())
    assert "没有“everything”这项权限" in problems(scopes=("everything",))
    assert "不能授予" in problems(may=False)
    assert "晚于现在" in problems(days=0)
    assert problems(days=366) == ""
    assert "最长一年" in problems(days=366.01)
    assert set(SCOPES) >= {"plans:read", "applications:read", "applications:write", "places:read"}
    crowded = problems_with_token("系统", ("plans:read",), NOON + DAY, NOON, holds=lambda permit: True, others=20)
    assert "最多有 20 个" in " ".join(map(str, crowded))


def test_a_token_is_good_until_it_expires_or_is_revoked() -> None:
    assert token_state(NOON + DAY, None, NOON) == TokenState.GOOD
    assert token_state(NOON, None, NOON) == TokenState.EXPIRED
    assert token_state(NOON, NOON, NOON) == TokenState.REVOKED


def test_the_secret_is_judged_before_anything_else_is_told() -> None:
    good = {
        "secret_fits": True, "state": TokenState.GOOD, "person_is_active": True, "hat_is_worn": True,
        "is_from_here": True,
    }  # fmt: skip
    assert why_refused(**good) is None
    everything = dict.fromkeys(("person_is_active", "hat_is_worn", "is_from_here"), False)
    assert why_refused(**{**everything, "secret_fits": False, "state": TokenState.REVOKED}) == WhyRefused.SECRET
    assert why_refused(**good | {"state": TokenState.EXPIRED}) == WhyRefused.EXPIRED
    assert why_refused(**good | {"person_is_active": False}) == WhyRefused.PERSON
    assert why_refused(**good | {"hat_is_worn": False}) == WhyRefused.HAT
    assert why_refused(**good | {"is_from_here": False}) == WhyRefused.ADDRESS


def test_networks_are_typed_in_many_ways_and_kept_in_one() -> None:
    assert networks_of("203.0.113.5/28，2001:db8::1\n10.0.0.1") == ["203.0.113.0/28", "2001:db8::1/128", "10.0.0.1/32"]
    assert networks_of(" ") == []
    with pytest.raises(Refused, match="不是网段"):
        networks_of("school.example")
    with pytest.raises(Refused, match="最多限定 10 个"):
        networks_of("\n".join(f"10.0.{n}.0/24" for n in range(11)))


@pytest.mark.parametrize(
    ("address", "is_in"),
    [("203.0.113.9", True), ("203.0.113.16", False), ("2001:db8::1", True), ("2001:db8::2", False), ("", False)],
)
def test_a_token_of_some_networks_works_from_there_only(address: str, is_in: bool) -> None:
    assert is_from(address, ["203.0.113.0/28", "2001:db8::1/128"]) is is_in
    assert is_from(address, [])


INSIDE = [
    "http://hooks.school.example/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f000001/",
    "https://0177.0.0.1/", "https://127.1/", "https://169.254.169.254/latest/meta-data/", "https://localhost/",
    "https://metadata.google.internal/", "https://printer.local/", "https://db/", "https://user:word@school.example/",
    "https://school.example/#x", "https://school.example:22/", "https://school.example:99999/", "ftp://school.example/",
    "javascript:alert(1)", "https://school.example/\r\nHost: db", "https://学校.example/", "//school.example/", "",
    "https://" + "a" * 500 + ".example/", "https://[::ffff:127.0.0.1]/", "https://school.example\\@127.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_a_receiver_is_a_named_public_machine_over_https(url: str) -> None:
    assert problems_with_url(url)


def test_a_usual_receiver_is_taken_apart() -> None:
    found = receiver_of("https://hooks.school.example:8443/a/b?c=d")
    assert (found.scheme, found.host, found.port, found.path) == ("https", "hooks.school.example", 8443, "/a/b?c=d")
    assert receiver_of("https://hooks.school.example").path == "/"
    with pytest.raises(Refused, match="只支持 https"):
        receiver_of("http://127.0.0.1:8000/")
    assert receiver_of("http://127.0.0.1:8000/", loopback=True).port == 8000


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2001:db8::1", "fd00:ec2::254", "somewhere",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_an_address_inside_in_whatever_clothes(address: str) -> None:
    assert problems_with_address(address)


def test_public_addresses_are_fine() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"):
        assert problems_with_address(address) == []


def test_a_delivery_is_tried_ten_times_within_two_days_and_then_given_up() -> None:
    at, tries = NOON, 1
    while (following := next_try_after(tries, at)) is not None:
        assert following > at
        at, tries = following, tries + 1
    assert tries == 10
    assert timedelta(hours=40) < at - NOON < timedelta(hours=48)


def test_where_a_delivery_stands_is_told_by_its_times() -> None:
    assert delivery_state(None, None, 0) == DeliveryState.WAITING
    assert delivery_state(None, None, 3) == DeliveryState.RETRYING
    assert delivery_state(NOON, None, 3) == DeliveryState.DELIVERED
    assert delivery_state(None, NOON, 10) == DeliveryState.STOPPED


def test_a_signature_is_checked_as_the_reference_says() -> None:
    body = body_of("01890a5d-ac96-774b-bcce-b302099a8057", "ping", NOON, {"n": 1, "名": "值"})
    assert body == body_of("01890a5d-ac96-774b-bcce-b302099a8057", "ping", NOON, {"名": "值", "n": 1})
    told = dict(part.split("=", 1) for part in signature(["one"], body, NOON).split(","))
    expected = hmac.new(b"one", f"{told['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert told["v1"] == expected
    assert signature(["two", "one"], body, NOON).endswith(f",v1={expected}")


def test_only_events_that_there_are_can_be_asked_for() -> None:
    assert problems_with_events(["pilots.application.approved", "pilots.plan.published"]) == []
    assert "至少选择一种" in str(problems_with_events([])[0])
    assert "没有“ping”" in str(problems_with_events(["ping"])[0])
