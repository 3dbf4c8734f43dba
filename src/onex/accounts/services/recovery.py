"""Getting in for the first time and getting back in: whoever holds a token sets the password of its account."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from onex.accounts import queries
from onex.accounts.models import OnceToken, User
from onex.accounts.rules import NO_LONGER_GOOD, TokenPurpose
from onex.accounts.services.changes import take_over
from onex.accounts.services.codes import NOBODY, redeem_code
from onex.accounts.services.door import forgive_failures
from onex.accounts.services.passwords import hashed_password, keep_password, refuse_password, refuse_weak
from onex.accounts.services.people import open_account, put_on
from onex.accounts.services.tokens import issue_token, look_at_token, redeem_token
from onex.common import tx
from onex.common.actors import SYSTEM, Actor, Role, visitor
from onex.common.moves import leave_trace
from onex.common.text import Refused, say


def owner_of(user: User, address: str = "") -> Actor:
    """A person acting on their own account, in the hat they wear first; for traces."""
    worn = queries.worn_hat(queries.hats_of(user), None)
    actor = worn or replace(visitor(), user_id=user.pk, name=user.name)
    return replace(actor, address=address)


def token_of(raw: str, purpose: TokenPurpose, *, at: datetime) -> OnceToken:
    """The token behind an address, for showing whose account it opens.

    Raises Refused with one sentence for unknown, used and expired ones, and for those of disabled accounts.
    """
    token = look_at_token(raw, purpose, at=at)
    if token.user is None or not token.user.is_active:
        raise Refused(NO_LONGER_GOOD)
    return token


def set_password_by_token(raw: str, purpose: TokenPurpose, password: str, *, address: str, at: datetime) -> User:
    """Set the password of the token's account and use the token up; every session of the account ends.

    Raises Refused when the token is no longer good or the password may not be.
    """
    user = token_of(raw, purpose, at=at).user
    assert user is not None  # noqa: S101  (token_of saw to it)
    refuse_password(user, password)
    hashed, by = hashed_password(password), owner_of(user, address)
    with tx.write():
        redeem_token(raw, purpose, at=at)
        leave_trace(user, purpose.value, by=by, at=at)
        keep_password(user, hashed, by=by, at=at)
        if purpose == TokenPurpose.ACTIVATE:
            take_over(user, at=at)  # an office that was handed over passes on with the activation
    forgive_failures(user, at=at)
    user.refresh_from_db()
    return user


def reset_by_code(account: str, code: str, *, at: datetime) -> str:
    """Exchange a code that came by text message for the secret of a reset address.

    Raises Refused with one sentence, whether or not there is such an account.
    """
    user = queries.user_by_account(account)
    with tx.write():
        redeem_code(TokenPurpose.RESET, str(user.pk) if user is not None else NOBODY, code, at=at)
        if user is None or not user.is_active:
            raise Refused(NO_LONGER_GOOD)
        return issue_token(TokenPurpose.RESET, user, by=SYSTEM, at=at)


def register_learner(phone: str, code: str, name: str, password: str, *, address: str, at: datetime) -> User:
    """An account of the cloud courses for who holds this phone; they sign in by its number.

    Raises Refused when the code is not the one that was sent, and for a weak password.
    """
    refuse_weak(password, phone, name, is_staff=False)
    hashed, operator = hashed_password(password), queries.operator()
    if operator is None:
        raise Refused(say("平台尚未设置运营单位，暂时不能注册。请联系平台。"))
    with tx.write():
        redeem_code(TokenPurpose.PHONE, phone, code, at=at)
        if queries.user_by_phone(phone) is not None:
            raise Refused(NO_LONGER_GOOD)
        by = visitor(address)
        user = open_account(phone, name, hashed, by=by, at=at, phone=phone)
        put_on(user, Role.LEARNER, operator, by=by, at=at)
    return user
