"""What is left of an account whose person asked to be forgotten, and what goes by itself when its time is over."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.hashers import make_password

from onex.accounts import queries
from onex.accounts.models import User
from onex.common import files, moves, tx
from onex.common.queries import attachments_of

ERASED = "已注销"


def erase_account(user: User) -> User:
    """Take name, account, phone, address, passwords, factors and sign-ins away; what the person did stays under the
    account's key, and so do the traces' network addresses, as long as the law wants them.

    For services that have asked their own permit. Twice is once.
    """
    with tx.write():
        user = moves.lock(user)
        if user.username.startswith("erased-"):
            return user
        user.username, user.name = f"erased-{secrets.token_hex(8)}", ERASED
        user.phone = user.email = ""
        user.password, user.is_active = make_password(None), False
        user.save()
        user.memberships.update(is_active=False)
        for own in (user.once_tokens, user.sign_ins, user.authenticators, user.recovery_codes, user.passwords):
            own.all().delete()
    return user


def drop_registrations(at: datetime) -> int:
    """Delete registrations that were begun or rejected long ago, with their files; answers how many."""
    rows = list(queries.registrations_to_drop(at))
    for row in rows:
        with tx.write():
            for one in attachments_of(row):
                files.remove(one)
            row.delete()
    return len(rows)


def drop_sign_ins(at: datetime) -> int:
    """Delete sign-ins that ended long ago; answers how many."""
    with tx.write():
        return queries.sign_ins_to_drop(at).delete()[0]


def drop_tokens(at: datetime) -> int:
    """Delete once-only tokens that ended long ago; answers how many."""
    with tx.write():
        return queries.tokens_to_drop(at).delete()[0]
