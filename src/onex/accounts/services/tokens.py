"""Once-only tokens: given out once, redeemed once, and never stored as they are."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from onex.accounts.identifiers import normalised
from onex.accounts.models import OnceToken, User
from onex.accounts.rules import LIVES, NO_LONGER_GOOD, TokenPurpose, problems_with_token
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.text import Refused

# No 0/O, 1/I/L: what is typed from a printed slip. 12 of 31 characters are 59 random bits.
SPOKEN = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def issue_token(
    purpose: TokenPurpose,
    user: User | None,
    *,
    by: Actor,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    secret: str = "",
) -> str:
    """A new token, answered once and stored as a digest; earlier ones of this purpose and person end.

    `secret` is for codes that are short and therefore bound to something else as well (a phone, a session).
    """
    raw = secret or secrets.token_urlsafe(32)
    with tx.write():
        if user is not None:
            OnceToken.objects.filter(purpose=purpose, user=user, used_at__isnull=True).update(used_at=at)
        OnceToken.objects.create(
            purpose=purpose,
            user=user,
            digest=digest_of(raw, purpose),
            data=dict(data or {}),
            expires_at=at + LIVES[purpose],
            issued_by=by.label,
        )
    return raw


def look_at_token(raw: str, purpose: TokenPurpose, *, at: datetime) -> OnceToken:
    """The token that this secret opens, unused: for showing the form behind it.

    Raises Refused with one sentence for unknown, used and expired ones.
    """
    found = OnceToken.objects.select_related("user").filter(digest=digest_of(raw, purpose), purpose=purpose).first()
    if found is None or problems_with_token(found.used_at, found.expires_at, at):
        raise Refused(NO_LONGER_GOOD)
    return found


def redeem_token(raw: str, purpose: TokenPurpose, *, at: datetime) -> OnceToken:
    """Use it up; of two at once one wins. Call it in the transaction of what it allows.

    Raises Refused with one sentence for unknown, used and expired ones.
    """
    with tx.write():
        found = moves.lock(look_at_token(raw, purpose, at=at))
        use_up(found, at=at)
    return found


def use_up(token: OnceToken, *, at: datetime) -> None:
    """Use up a token that was looked at before, in the transaction of what it allows; of two at once one wins.

    Raises Refused when it was used, ended or went out of date in between.
    """
    if OnceToken.objects.filter(pk=token.pk, used_at__isnull=True, expires_at__gt=at).update(used_at=at) != 1:
        raise Refused(NO_LONGER_GOOD)


def issue_tokens(purpose: TokenPurpose, count: int, *, by: Actor, at: datetime) -> list[tuple[OnceToken, str]]:
    """So many tokens for people without an account yet, each with its spoken code; a few statements for thousands."""
    codes = [spoken_code() for _ in range(count)]
    tokens = OnceToken.objects.bulk_create(
        (
            OnceToken(
                purpose=purpose, digest=digest_of(code, purpose), expires_at=at + LIVES[purpose], issued_by=by.label
            )
            for code in codes
        ),
        batch_size=1_000,
    )
    return list(zip(tokens, codes, strict=True))


def end_tokens(tokens: Iterable[UUID], *, at: datetime) -> None:
    """Nobody can use these any more; harmless for those that were used."""
    OnceToken.objects.filter(pk__in=list(tokens), used_at__isnull=True).update(used_at=at)


def spoken_code(length: int = 12) -> str:
    """Random characters that survive being printed, read out and typed."""
    return "".join(secrets.choice(SPOKEN) for _ in range(length))


def digest_of(raw: str, purpose: TokenPurpose) -> str:
    """What is stored of a token; codes are typed with blanks, dashes, full width and in either case."""
    if purpose == TokenPurpose.STUDENT:
        raw = normalised(raw).replace("-", "")
    return hashlib.sha256(f"{purpose}:{raw}".encode()).hexdigest()
