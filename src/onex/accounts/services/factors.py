"""Second factors: enrolled, proved once per code, taken away by their owner, reset by an administrator."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from onex.accounts import passkeys
from onex.accounts.models import Authenticator, Membership, RecoveryCode, User
from onex.accounts.queries import authenticators_of
from onex.accounts.rules import FactorKind, WhyEnded
from onex.accounts.rules.factors import (
    CODES,
    MOST_FACTORS,
    WRONG_CODE,
    WRONG_RECOVERY,
    grouped,
    matching_step,
    problems_on_removal,
    problems_on_reset,
    tidy_code,
    tidy_recovery,
)
from onex.accounts.services.door import is_own_password
from onex.accounts.services.sessions import end_all
from onex.accounts.services.tokens import spoken_code
from onex.common import limits, moves, tx
from onex.common.actors import Actor, visitor
from onex.common.limits import Door, Limit
from onex.common.models import FAILED
from onex.common.moves import leave_trace
from onex.common.origins import household
from onex.common.permits import demand
from onex.common.sealed import blind_index
from onex.common.text import Refused, Say, say

# Every way to prove the second factor passes here, so that no two of them together give more tries than one.
FACTOR_DOOR = Door("second_factor", say("第二重验证"), Limit("account", 5, 900), Limit("address", 300, 900))


def new_secret() -> str:
    """160 random bits as authenticator apps want them typed."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


# --- enrolling


def enrol_totp(user: User, secret: str, code: str, name: str, *, by: Actor, at: datetime) -> Authenticator:
    """Keep an authenticator app whose first code is right; that code opens nothing any more.

    Raises Refused for a wrong code and past the most that one person may have.
    """
    step = matching_step(secret, tidy_code(code), at)
    if step is None:
        raise Refused(WRONG_CODE)
    return _enrol(user, FactorKind.TOTP, name, secret, step, by=by, at=at)


def enrol_passkey(
    user: User, state: Any, answer: Mapping[str, Any], name: str, *, by: Actor, at: datetime
) -> Authenticator:
    """Keep the passkey that the browser has just made. Raises Refused when its answer does not fit the question."""
    credential, count = passkeys.finish_making(state, answer)
    return _enrol(user, FactorKind.PASSKEY, name, credential, count, by=by, at=at)


def _enrol(
    user: User, kind: FactorKind, name: str, secret: str, counter: int, *, by: Actor, at: datetime
) -> Authenticator:
    with tx.write():
        moves.lock(user)
        if len(authenticators_of(user)) >= MOST_FACTORS:
            raise Refused(say("最多绑定 {n} 个第二重验证，请先移除不用的。", n=MOST_FACTORS))
        row = Authenticator.objects.create(
            user=user, kind=kind.value, name=name.strip() or str(kind.label), secret=secret, counter=counter
        )
        leave_trace(user, "factor_add", by=by, at=at, data={"kind": kind.value, "name": row.name})
    return row


def renew_recovery_codes(user: User, *, by: Actor, at: datetime) -> list[str]:
    """Ten new codes, answered once; the old ones open nothing any more."""
    codes = [spoken_code(10) for _ in range(CODES)]
    with tx.write():
        moves.lock(user)
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
        leave_trace(user, "recovery_codes_renew", by=by, at=at)
    return [grouped(code) for code in codes]


def _digest(user: User, code: str) -> str:
    return blind_index(tidy_recovery(code), f"recovery {user.pk}")


# --- proving


def prove(
    user: User,
    *,
    at: datetime,
    address: str,
    code: str = "",
    recovery: str = "",
    passkey: tuple[Any, Mapping[str, Any]] | None = None,
) -> None:
    """One try to prove the second factor: an app's code, a recovery code or a passkey's (question, answer).

    Raises Refused when it is wrong or was used before, TooMany after too many tries; both are traced.
    """
    by = visitor(address)
    keys = {"account": str(user.pk), "address": household(address)}
    try:
        limits.enter(FACTOR_DOOR, at=at, **keys)  # counted before it is judged: forty at once are forty tries
        if passkey is not None:
            how, problems = "passkey", _passkey_problems(user, *passkey, at=at)
        elif recovery:
            how, problems = "recovery", _recovery_problems(user, recovery, at=at)
        else:
            how, problems = "totp", _totp_problems(user, code, at=at)
        if problems:
            raise Refused(*problems)
    except Refused as refused:
        locked = isinstance(refused, limits.TooMany)
        leave_trace(user, "second_factor", by=by, at=at, outcome=FAILED, data={"locked": locked})
        raise
    limits.forgive(FACTOR_DOOR, account=str(user.pk))
    leave_trace(user, "second_factor", by=by, at=at, data={"how": how})


def prove_password(user: User, password: str, *, at: datetime, address: str) -> None:
    """The password asked for again, of who has no second factor. Raises Refused, or TooMany after too many tries."""
    by = visitor(address)
    try:
        limits.enter(FACTOR_DOOR, at=at, account=str(user.pk), address=household(address))
        if not is_own_password(user, password):
            raise Refused(say("密码不正确。"))
    except Refused:
        leave_trace(user, "password_again", by=by, at=at, outcome=FAILED)
        raise
    limits.forgive(FACTOR_DOOR, account=str(user.pk))


def _totp_problems(user: User, code: str, *, at: datetime) -> list[Say]:
    code = tidy_code(code)
    for row in authenticators_of(user):
        if row.kind != FactorKind.TOTP:
            continue
        step = matching_step(row.secret, code, at)
        if step is not None and _take(row, step, at=at):
            return []
    return [WRONG_CODE]


def _take(row: Authenticator, counter: int, *, at: datetime) -> bool:
    """Use this count up; of two at once, and of an old one, none wins."""
    unused = Authenticator.objects.filter(pk=row.pk, counter__lt=counter)
    return unused.update(counter=counter, used_at=at) == 1


def _recovery_problems(user: User, code: str, *, at: datetime) -> list[Say]:
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at__isnull=True)
    return [] if unused.update(used_at=at) == 1 else [WRONG_RECOVERY]


def _passkey_problems(user: User, state: Any, answer: Mapping[str, Any], *, at: datetime) -> list[Say]:
    known = {row.secret: row for row in authenticators_of(user) if row.kind == FactorKind.PASSKEY}
    try:
        credential, count = passkeys.finish_asking(state, list(known), answer)
    except Refused as refused:
        return [reason for reason in refused.reasons if isinstance(reason, Say)]
    row = known[credential]
    if count == 0 and row.counter == 0:  # most passkeys are synchronised and do not count
        Authenticator.objects.filter(pk=row.pk).update(used_at=at)
        return []
    return [] if _take(row, count, at=at) else [say("这个通行密钥的计数异常，可能被复制过。请移除它并重新绑定。")]


# --- taking away


def remove_factor(row: Authenticator, *, by: Actor, at: datetime, is_required: bool) -> None:
    """Its owner takes a factor away; with the last one go the recovery codes. Raises Refused when one is required."""
    with tx.write():
        user = moves.lock(row.user)
        others = Authenticator.objects.filter(user=user).exclude(pk=row.pk).count()
        if problems := problems_on_removal(others, is_required):
            raise Refused(*problems)
        Authenticator.objects.filter(pk=row.pk).delete()
        if not others:
            RecoveryCode.objects.filter(user=user).delete()
        leave_trace(user, "factor_remove", by=by, at=at, data={"kind": row.kind, "name": row.name})


def reset_second_factor(user: User, *, by: Actor, at: datetime, note: str) -> None:
    """Somebody lost their second factor: all of it is taken away, they are out everywhere and enrol anew.

    Raises Refused for whoever may not, for oneself, without a reason, and, for an organisation's own administrator,
    when the person has a hat elsewhere too.
    """
    demand("accounts.factor_reset", by, user)
    if not note.strip():
        raise Refused(say("请写明理由"))
    with tx.write():
        moves.lock(user)
        elsewhere = Membership.objects.filter(Q(user=user, is_active=True) & ~Q(organisation=by.organisation_id))
        if problems := problems_on_reset(by.role, by.user_id == user.pk, elsewhere.exists()):
            raise Refused(*problems)
        count, _ = Authenticator.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        leave_trace(user, "factor_reset", by=by, at=at, note=note, data={"count": count})
        end_all(user, by=by, at=at, why=WhyEnded.FACTOR_RESET, note=note)
    limits.forgive(FACTOR_DOOR, account=str(user.pk))
