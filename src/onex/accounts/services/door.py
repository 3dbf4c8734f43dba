"""Who may come in: credentials proved at one cost for everybody, counted, locked and unlocked.

Nothing here tells an account that exists from one that does not: the same reads, one hash, the same rows written, the
same sentence (trust.md A.6 15).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.contrib.auth.hashers import is_password_usable, make_password, verify_password
from django.utils.crypto import get_random_string

from onex.accounts import queries
from onex.accounts.doors import LOCK_SECONDS, LOCKED, LONGEST_LOCK_SECONDS, PAIR, SIGN_IN, UNLOCKED
from onex.accounts.models import User
from onex.accounts.rules import normalised_password
from onex.accounts.services.passwords import rehash_password
from onex.common import limits, tx
from onex.common.actors import Actor, visitor
from onex.common.limits import TooMany
from onex.common.models import DENIED, FAILED
from onex.common.moves import leave_trace
from onex.common.origins import household
from onex.common.permits import demand
from onex.common.sealed import blind_index
from onex.common.text import Refused, say

WRONG = say("账号或密码不正确。")
WRONG_CODE = say("账号、密码或验证码不正确。")


class LockedOut(TooMany):
    """Too many failures for this account from here: says for how long, and what to do meanwhile."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        minutes = -(-wait // 60)
        self.reasons = (
            say("连续多次未能登录，这个账号从您这里暂停登录 {n} 分钟。", n=minutes),
            say("请稍后再试，或用“忘记密码”重设；急需时请联系所在机构的管理员解除。"),
        )
        self.args = self.reasons


@dataclass(frozen=True)
class Spot:
    """Where somebody stands at the door: an address of nobody in particular, or one of a registered range."""

    address: str
    is_registered: bool

    @property
    def keys(self) -> dict[str, str]:
        """What the doors count for this address: `site` in a registered range, `address` anywhere else."""
        return {"site" if self.is_registered else "address": household(self.address)}


def spot_of(address: str) -> Spot:
    """The address of a request as the doors see it."""
    return Spot(address, queries.range_of(address) is not None)


def counted_account(account: str) -> str:
    """One key for an account, however it is typed: full-width, capitals, blanks."""
    return unicodedata.normalize("NFKC", account).strip().casefold()


def prove(
    account: str,
    password: str,
    *,
    address: str,
    at: datetime,
    also: Callable[[User | None, bool], bool] | None = None,
) -> User:
    """The person whose account and password these are.

    `also` proves something more (a code that was sent); it is asked for nobody as well, and told whether the password
    was right. Raises Refused with one sentence for
    every kind of wrong, LockedOut after five failures from one address, TooMany when the account or the address has
    failed too often.
    """
    spot, key = spot_of(address), counted_account(account)
    pair = f"{key}|{household(address)}|{limits.tally(UNLOCKED, at=at, account=key)}"
    # Counted before it is judged: a thousand guesses at once are a thousand tries. Failures of outsiders do not shut an
    # account for its own school's computer rooms.
    tried = {"account": f"{key}|site" if spot.is_registered else key, **spot.keys}
    try:
        count = _enter_pair(pair, at)
        limits.enter(SIGN_IN, at=at, **tried)
    except TooMany:
        _note(key, None, DENIED, address, at)
        raise
    user = queries.user_by_account(account)
    is_right, is_outdated = _is_password(user, password)
    is_proved = is_right if also is None else also(user, is_right) and is_right
    if user is None or not is_proved or not user.is_active:
        _note(key, user, FAILED, address, at)
        if count == PAIR.limits[0].most:  # of several at once only the last one counted locks, and once
            raise _lock(pair, at)
        raise Refused(WRONG if also is None else WRONG_CODE)
    limits.forgive(PAIR, pair=pair)
    limits.give_back(SIGN_IN, at=at, **tried)
    return rehash_password(user, password) if is_outdated else user


def _enter_pair(pair: str, at: datetime) -> int:
    try:
        return limits.enter(PAIR, at=at, pair=pair)
    except TooMany as shut:
        raise LockedOut(shut.wait) from None


def _lock(pair: str, at: datetime) -> LockedOut:
    """Shut the door for this account from here: 15 minutes, and twice as long each further time within a day."""
    limits.strike(LOCKED, at=at, pair=pair)
    times = limits.tally(LOCKED, at=at, pair=pair)
    seconds = min(LOCK_SECONDS * 2 ** min(times - 1, 10), LONGEST_LOCK_SECONDS)
    limits.hold(PAIR, at=at, seconds=seconds, pair=pair)
    return LockedOut(seconds)


def _is_password(user: User | None, password: str) -> tuple[bool, bool]:
    """Whether it is theirs, and whether its hash is of an older kind.

    One hash, whoever asks: an unknown account and one without a password are checked against a stranger's.
    """
    decoy = _decoy()
    hashed = user.password if user is not None and is_password_usable(user.password) else decoy
    is_right, is_outdated = verify_password(normalised_password(password), hashed)
    return is_right and hashed != decoy, is_outdated


@cache
def _decoy() -> str:
    return make_password(get_random_string(40))


def _note(key: str, user: User | None, outcome: str, address: str, at: datetime) -> None:
    # The name as typed may be a password in the wrong field: only its fingerprint is kept.
    data = {"account": blind_index(key, "traced account")[:16]}
    leave_trace(user, "sign_in", by=visitor(address), at=at, outcome=outcome, data=data)


def is_own_password(user: User, password: str) -> bool:
    """Whether this is their present password: for who is signed in already."""
    return _is_password(user, password)[0]


def unlock_account(user: User, *, by: Actor, at: datetime) -> None:
    """Let this person try again at once, from everywhere.

    Raises Refused for whoever does not administer them.
    """
    demand("accounts.unlock", by, user)
    with tx.write():
        leave_trace(user, "unlock", by=by, at=at)
    forgive_failures(user, at=at)


def forgive_failures(user: User, *, at: datetime) -> None:
    """Begin to count this person's failures anew: by an administrator, or once they proved who they are otherwise."""
    key = counted_account(user.username)
    limits.strike(UNLOCKED, at=at, account=key)  # what is counted for account and address begins anew
    for tried in (key, f"{key}|site"):
        limits.forgive(SIGN_IN, account=tried)
