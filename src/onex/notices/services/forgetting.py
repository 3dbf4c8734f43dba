"""Forgetting: what was kept long enough, and what belonged to somebody who asked to be forgotten."""

from __future__ import annotations

from datetime import datetime

from onex.accounts.models import User
from onex.common import tx
from onex.notices import queries


def forget_notices(user: User) -> None:
    """The inbox of an account that is erased, and what it preferred. For services that asked their own permit."""
    with tx.write():
        user.notices.all().delete()
        user.notice_preferences.all().delete()


def drop_notices(at: datetime) -> int:
    """Delete notices that were kept long enough, and sendings that nobody has any more; answers how many notices."""
    with tx.write():
        keys = queries.notices_to_drop(at)
        count = keys.count()
        keys.delete()
        queries.sendings_to_drop(at).delete()
    return count
