"""The door of programs: which hat a token opens now, and the trace of every one that was turned away."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from onex.accounts.queries import actor_in
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.limits import enter, look, strike
from onex.common.models import DENIED
from onex.common.origins import household
from onex.common.text import say
from onex.integrations import queries
from onex.integrations.doors import USE, WRITE, WRONG
from onex.integrations.models import ApiToken
from onex.integrations.rules import WhyRefused, is_from, key_and_secret, matches, token_state, why_refused

SEEN = timedelta(minutes=1)


def let_in(
    sent: str, scope: str, *, address: str, at: datetime, path: str, writes: bool
) -> tuple[ApiToken, Actor] | None:
    """The token and the person in the hat it acts in, or None for one that opens nothing (every reason is traced).

    One query besides the counts. Raises TooMany; answers a token that lacks the scope too: the caller asks that.
    """
    look(WRONG, at=at, address=household(address))
    parts = key_and_secret(sent)
    token = queries.token_by_key(parts[0]) if parts else None
    if parts is None or token is None:
        matches("", "0" * 64)  # an unknown key takes as long as a wrong secret
        strike(WRONG, at=at, address=household(address))
        return None
    hat = token.hat
    why = why_refused(
        secret_fits=matches(parts[1], token.digest),
        state=token_state(token.expires_at, token.revoked_at, at),
        person_is_active=hat.user.is_active,
        hat_is_worn=hat.is_active and hat.organisation.is_active,
        is_from_here=is_from(address, token.networks),
    )
    if why is not None:
        strike(WRONG, at=at, address=household(address))
        note_refusal(token, why, address=address, at=at, path=path)
        return None
    enter(USE, at=at, token=token.key)
    actor = actor_of(token, address)
    if writes:
        enter(WRITE, at=at, token=token.key)
    if scope and scope not in token.scopes:
        note_refusal(token, WhyRefused.SCOPE, address=address, at=at, path=path, scope=scope)
    elif writes:
        with tx.write():
            moves.leave_trace(token, "api_write", by=actor, at=at, data={"path": path})
    if token.used_at is None or at - token.used_at >= SEEN:
        ApiToken.objects.filter(pk=token.pk).update(used_at=at)
    return token, actor


def actor_of(token: ApiToken, address: str = "") -> Actor:
    """The person in the hat; traces name the token beside them, so that nobody takes a program for its owner."""
    worn = actor_in(token.hat)
    return replace(worn, name=str(say("{name}〔接口：{token}〕", name=worn.name, token=token.name)), address=address)


def note_refusal(token: ApiToken, why: WhyRefused, *, address: str, at: datetime, path: str, **more: Any) -> None:
    """Write down that a known token was turned away, and why."""
    told = {"why": why.value, "key": token.key, "path": path, **more}
    with tx.write():
        moves.leave_trace(token, "denied", by=actor_of(token, address), at=at, data=told, outcome=DENIED)
