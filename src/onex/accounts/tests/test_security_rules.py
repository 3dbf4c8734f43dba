"""When a sign-in is over, what a code is, and what keeps a factor: pure rules."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from onex.accounts.rules import WhyEnded
from onex.accounts.rules.factors import (
    code_at,
    grouped,
    matching_step,
    problems_on_removal,
    problems_on_reset,
    provisioning_uri,
    step_of,
    tidy_code,
    tidy_recovery,
)
from onex.accounts.rules.sessions import SENTENCES, short_agent, why_over
from onex.common.actors import Role

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LIMITS = {"staff": (1800, 43200), "learner": (7200, 43200)}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STAFF, LEARNER = [Role.SCHOOL], [Role.STUDENT]
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("roles", "idle_for", "expected"),
    [
        (STAFF, 29 * MINUTE, None),
        (STAFF, 30 * MINUTE, WhyEnded.IDLE),
        ([Role.STUDENT, Role.ASSESSOR], 30 * MINUTE, WhyEnded.IDLE),
        (LEARNER, 119 * MINUTE, None),
        (LEARNER, 120 * MINUTE, WhyEnded.IDLE),
    ],
)
def test_a_sign_in_is_over_after_a_while_without_a_click(roles, idle_for, expected) -> None:
    assert why_over(NOON - 3 * HOUR, NOON - idle_for, NOON, roles, LIMITS) is expected


@pytest.mark.parametrize("roles", [STAFF, LEARNER])
def test_no_sign_in_lasts_longer_than_twelve_hours_however_busy(roles) -> None:
    assert why_over(NOON - 12 * HOUR + MINUTE, NOON, NOON, roles, LIMITS) is None
    assert why_over(NOON - 12 * HOUR, NOON, NOON, roles, LIMITS) is WhyEnded.TOO_LONG


def test_every_end_has_its_sentence() -> None:
    assert set(SENTENCES) == set(WhyEnded)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/109.0.0.0 Safari/537.36",
         "Chrome 109 · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge 130 · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1",
         "Safari 17 · iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120.0 Mobile MicroMessenger/8.0", "微信 8 · Android"),
        ("curl/8.0", ""),
        ("", ""),
        ("x" * 100_000 + "Windows", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_its_owner_knows_it(agent: str, expected: str) -> None:
    assert short_agent(agent) == expected


# --- codes


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert code_at(RFC_SECRET, seconds // 30) == code


@pytest.mark.parametrize(("drift", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_half_a_minute_off_and_no_more(drift: int, is_good: bool) -> None:
    code = code_at(RFC_SECRET, step_of(NOON) + drift)
    assert (matching_step(RFC_SECRET, code, NOON) is not None) is is_good


def test_codes_are_read_as_people_type_them() -> None:
    assert tidy_code(" 287 082 ") == "287082"
    assert tidy_code("２８７０８２") == "287082"
    assert tidy_code("not a code") == "notacode"
    assert matching_step(RFC_SECRET, "中文", NOON) is None
    assert tidy_recovery("abcde-fgh jk") == tidy_recovery("ABCDEFGHJK") == "ABCDEFGHJK"
    assert grouped("ABCDEFGHJK") == "ABCDE-FGHJK"


def test_a_secret_that_is_no_base32_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="base32"):
        code_at("not base 32!", 1)


def test_the_picture_names_the_account() -> None:
    uri = provisioning_uri("ABC", "南京 school", "OneX")
    assert uri == "otpauth://totp/OneX:%E5%8D%97%E4%BA%AC%20school?secret=ABC&issuer=OneX&digits=6&period=30"


# --- who may take one away


def test_the_last_required_factor_stays() -> None:
    assert problems_on_removal(0, is_required=True)
    assert problems_on_removal(1, is_required=True) == []
    assert problems_on_removal(0, is_required=False) == []


def test_nobody_resets_their_own_factor_and_no_school_that_of_a_province() -> None:
    assert "另一位管理员" in str(problems_on_reset(Role.SECURITY_ADMIN, True, False)[0])
    assert "平台安全管理员" in str(problems_on_reset(Role.SCHOOL, False, True)[0])
    assert problems_on_reset(Role.SCHOOL, False, False) == []
    assert problems_on_reset(Role.SECURITY_ADMIN, False, True) == []
