"""An account is activated once: its password is set, and what waited for it happens in the same transaction."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password

from onex.accounts.models import User
from onex.accounts.rules import NO_LONGER_GOOD, TokenPurpose
from onex.accounts.services.changes import take_over
from onex.accounts.services.people import refuse_weak
from onex.accounts.services.tokens import look_at_token, redeem_token
from onex.common import tx
from onex.common.actors import Actor, Role
from onex.common.moves import leave_trace
from onex.common.text import Refused


def activate(raw: str, password: str, *, at: datetime) -> User:
    """Set the password of the account that this link opens, once; answers whose it is.

    Raises Refused for a link that is no longer good and for a weak password (the link stays good then).
    """
    user = look_at_token(raw, TokenPurpose.ACTIVATE, at=at).user
    if user is None:  # every activation names its person
        raise Refused(NO_LONGER_GOOD)
    refuse_weak(password, user.username, user.name)
    hashed = make_password(password)  # slow on purpose, hence outside of the transaction
    with tx.write():
        redeem_token(raw, TokenPurpose.ACTIVATE, at=at)
        User.objects.filter(pk=user.pk).update(password=hashed)
        leave_trace(user, "activate", by=Actor(user.pk, user.name, Role.SYSTEM, None), at=at)
        take_over(user, at=at)
    user.refresh_from_db()
    return user
