"""A door lets in as many as its table says, whoever counts and however many count at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from onex.common import limits
from onex.common.addresses import client_address
from onex.common.limits import Door, Limit, TooMany
from onex.common.models import LimitCount
from onex.common.tests.at_once import at_once
from onex.common.text import say

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DOOR = Door("test.door", say("试验"), Limit("account", 3, 60), Limit("address", 5, 60))
BUSY = Door("test.busy", say("试验"), Limit("account", 1_000, 60))
pytestmark = pytest.mark.django_db


def test_the_fourth_try_of_an_account_is_refused_with_the_time_to_wait() -> None:
    for _ in range(3):
        limits.enter(DOOR, at=NOON, account="zhou", address="10.0.0.1")
    with pytest.raises(TooMany, match="请在 40 秒后再试") as refused:
        limits.enter(DOOR, at=NOON + timedelta(seconds=20), account="zhou", address="10.0.0.1")
    assert refused.value.wait == 40


def test_another_account_is_let_in_until_their_common_address_is_used_up() -> None:
    for account in "abcde":
        limits.enter(DOOR, at=NOON, account=account, address="10.0.0.1")
    with pytest.raises(TooMany):
        limits.enter(DOOR, at=NOON, account="f", address="10.0.0.1")
    limits.enter(DOOR, at=NOON, account="f", address="10.0.0.2")


def test_when_its_time_is_over_the_count_begins_anew() -> None:
    for _ in range(4):
        limits.strike(DOOR, at=NOON, account="zhou")
    with pytest.raises(TooMany):
        limits.look(DOOR, at=NOON + timedelta(seconds=59), account="zhou")
    limits.look(DOOR, at=NOON + timedelta(seconds=60), account="zhou")
    limits.strike(DOOR, at=NOON + timedelta(seconds=60), account="zhou")
    limits.look(DOOR, at=NOON + timedelta(seconds=61), account="zhou")


def test_looking_counts_nothing_and_forgiving_forgets() -> None:
    for _ in range(9):
        limits.look(DOOR, at=NOON, account="zhou")
    for _ in range(3):
        limits.strike(DOOR, at=NOON, account="zhou")
    limits.forgive(DOOR, account="zhou")
    limits.look(DOOR, at=NOON, account="zhou")


def test_the_table_names_nobody() -> None:
    limits.strike(DOOR, at=NOON, account="13800000000")
    assert "138" not in LimitCount.objects.get().key[:3]
    assert len(LimitCount.objects.get().key) == 64


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_are_all_counted() -> None:
    assert at_once(*[lambda: limits.strike(DOOR, at=NOON, address="10.0.0.9")] * 40) == [None] * 40
    assert LimitCount.objects.get().count == 40


@pytest.mark.django_db(transaction=True)
def test_tries_and_successes_at_once_break_nothing() -> None:
    """A success forgets the row that a try beside it has just counted in."""

    def come_and_go() -> None:
        for _ in range(40):
            limits.enter(BUSY, at=NOON, account="zhou")
            limits.forgive(BUSY, account="zhou")

    assert at_once(*[come_and_go] * 4) == [None] * 4


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "1.2.3.4", "10.0.0.5"),  # nobody of ours stands before us: whoever sends the header writes what they like
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"),
        (1, "", "10.0.0.5"),
        (1, "not an address", ""),
    ],
)
def test_abuse_31_an_address_is_believed_only_from_our_own_proxies(rf, settings, proxies, forwarded, found) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="::ffff:10.0.0.5", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == found
