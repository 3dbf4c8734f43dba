"""What a once-only token is for, how long it lives, and why one is no longer good."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from onex.common.text import Say, say


class TokenPurpose(StrEnum):
    """Whoever holds a token may do this one thing, once."""

    ACTIVATE = "activate"  # a new account of a school or an invited colleague sets its password
    RESET = "reset"  # a forgotten password
    STUDENT = "student"  # the printed slip of a student
    PHONE = "phone"  # six digits sent to a phone that is to be proved
    SIGN_IN = "sign_in"  # six digits sent instead of the picture's


LIVES = {
    TokenPurpose.ACTIVATE: timedelta(days=7),
    TokenPurpose.RESET: timedelta(minutes=30),
    TokenPurpose.STUDENT: timedelta(days=7),
    TokenPurpose.PHONE: timedelta(minutes=10),
    TokenPurpose.SIGN_IN: timedelta(minutes=10),
}
NO_LONGER_GOOD = say("这个链接或代码不正确、已经用过或已经过期。")


def problems_with_token(used_at: datetime | None, expires_at: datetime, at: datetime) -> list[Say]:
    """Why this token opens nothing any more; one sentence for every case, so that guessing teaches nothing."""
    return [NO_LONGER_GOOD] if used_at is not None or at >= expires_at else []
