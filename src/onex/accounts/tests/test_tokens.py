"""What opens once opens once, and tells nothing to whoever guesses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onex.accounts.models import OnceToken
from onex.accounts.rules import LIVES, TokenPurpose
from onex.accounts.services import issue_token, look_at_token, redeem_token, spoken_code
from onex.accounts.tests.factories import NOON, a_user
from onex.common.actors import SYSTEM
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
RESET = TokenPurpose.RESET


def test_a_token_is_redeemed_once() -> None:
    user = a_user()
    raw = issue_token(RESET, user, by=SYSTEM, at=NOON)
    assert look_at_token(raw, RESET, at=NOON).user == user
    assert redeem_token(raw, RESET, at=NOON).user == user
    with pytest.raises(Refused, match="已经用过或已经过期"):
        redeem_token(raw, RESET, at=NOON)


def test_a_token_ends_with_its_time_with_a_newer_one_and_for_another_purpose() -> None:
    user = a_user()
    first = issue_token(RESET, user, by=SYSTEM, at=NOON)
    with pytest.raises(Refused):
        look_at_token(first, TokenPurpose.ACTIVATE, at=NOON)
    with pytest.raises(Refused):
        look_at_token(first, RESET, at=NOON + LIVES[RESET])
    look_at_token(first, RESET, at=NOON + LIVES[RESET] - timedelta(seconds=1))
    issue_token(RESET, user, by=SYSTEM, at=NOON)
    with pytest.raises(Refused):
        look_at_token(first, RESET, at=NOON)


def test_only_the_digest_is_stored_and_a_slip_is_typed_as_people_type() -> None:
    code = spoken_code()
    raw = issue_token(TokenPurpose.STUDENT, a_user(), by=SYSTEM, at=NOON, secret=code)
    stored = OnceToken.objects.get()
    assert raw not in str(vars(stored))
    look_at_token(f"{code[:4]}-{code[4:8]} {code[8:]}".lower(), TokenPurpose.STUDENT, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_redeems() -> None:
    raw = issue_token(RESET, a_user(), by=SYSTEM, at=NOON)
    done, refused = told_apart(at_once(*[lambda: redeem_token(raw, RESET, at=NOON)] * 8))
    assert (len(done), len(refused)) == (1, 7)
