"""People and the hats they wear."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import is_password_usable, make_password
from django.db import IntegrityError

from onex.accounts import queries
from onex.accounts.models import Membership, Organisation, User
from onex.accounts.rules import name_taken, problems_with_hat, problems_with_username
from onex.accounts.services.passwords import hashed_password, refuse_weak, remember_password
from onex.common import moves, tx
from onex.common.actors import Actor, Role
from onex.common.moves import leave_trace
from onex.common.permits import PERMITS, demand, holds
from onex.common.text import Refused, say

PHONE_TAKEN = say("这个手机号已用于另一个账号，请换一个。")


def create_user(
    username: str, name: str, password: str, *, by: Actor, at: datetime, phone: str = "", email: str = ""
) -> User:
    """A person with an account and no hat yet.

    Raises Refused for a name that cannot be or is taken, and for a weak password.
    """
    if not holds("accounts.user_create", by):
        raise Refused(
            say(
                "您当前的身份（{role}）无权办理：{action}",
                role=by.role.label,
                action=PERMITS["accounts.user_create"].label,
            )
        )
    problems = problems_with_username(username)
    if problems:
        raise Refused(*problems)
    refuse_weak(password, username, name)
    return open_account(username, name, hashed_password(password), by=by, at=at, phone=phone, email=email)


def open_account(
    username: str, name: str, hashed: str, *, by: Actor, at: datetime, phone: str = "", email: str = ""
) -> User:
    """The account itself, its password already hashed; for services that have asked their own permit.

    Without a hash nobody can sign in until an activation link has set a password. Raises Refused when somebody else has
    the name, in whatever case it is written, or the phone.
    """
    taken = name_taken(username)
    try:
        with tx.write():
            if User.objects.filter(username__iexact=username).exists():
                raise Refused(taken)
            if phone and queries.user_by_phone(phone) is not None:
                raise Refused(PHONE_TAKEN)
            stored = hashed or make_password(None)
            user = User.objects.create(username=username, name=name, password=stored, phone=phone, email=email)
            if is_password_usable(stored):
                remember_password(user, stored, at=at)
            leave_trace(user, "create", by=by, at=at)
    except IntegrityError as clash:
        raise Refused(taken) from clash
    return user


def free_phone(phone: str) -> str:
    """This phone, unless it already opens an account: an office's number then stays the office's contact only."""
    return "" if queries.user_by_phone(phone) is not None else phone


def give_hat(user: User, role: Role, organisation: Organisation, *, by: Actor, at: datetime) -> Membership:
    """Let this person act in this role for this organisation; a hat taken away is given back.

    Raises Refused for whoever may not give hats, for a hat that this organisation does not have, and for one that may
    not sit on the same head as another of theirs.
    """
    demand("accounts.hat_give", by, Organisation.objects.get(pk=organisation.pk))
    return put_on(user, role, organisation, by=by, at=at)


def put_on(user: User, role: Role, organisation: Organisation, *, by: Actor, at: datetime) -> Membership:
    """The hat itself; for services that have asked their own permit. Raises Refused for a hat that does not fit."""
    with tx.write():
        moves.lock(user)  # two hats at once are judged one after the other
        held = [Role(role) for role in user.memberships.filter(is_active=True).values_list("role", flat=True)]
        kind = Organisation.objects.values_list("kind", flat=True).get(pk=organisation.pk)
        if problems := problems_with_hat(role, kind, held):
            raise Refused(*problems)
        hat, _ = Membership.objects.update_or_create(
            user=user, role=role.value, organisation_id=organisation.pk, defaults={"is_active": True}
        )
        leave_trace(hat, "give", by=by, at=at)
    return hat
