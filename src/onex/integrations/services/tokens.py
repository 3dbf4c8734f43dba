"""Tokens: issued in one's own hat and shown once, revoked by whoever looks after the organisation."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand, holds
from onex.common.text import Refused, say
from onex.integrations import queries
from onex.integrations.models import ApiToken
from onex.integrations.rules import digest_of, networks_of, problems_with_token, shown_once


@dataclass(frozen=True)
class TokenInput:
    """What somebody writes down; `networks` as typed, empty for everywhere."""

    name: str
    scopes: Sequence[str]
    expires_at: datetime
    networks: str = ""


def issue(values: TokenInput, *, by: Actor, at: datetime) -> tuple[ApiToken, str]:
    """A new token in the hat of whoever issues it, and its text, which is never seen again.

    Raises Refused for what the hat itself may not do, for more than a year and for too many tokens.
    """
    hat = queries.hat_of(by)
    demand("integrations.token_issue", by, hat)
    networks = networks_of(values.networks)
    with tx.write():
        moves.lock(hat)  # two at once count each other
        problems = problems_with_token(
            values.name,
            values.scopes,
            values.expires_at,
            at,
            holds=lambda permit: holds(permit, by),
            others=queries.open_token_count(hat, at),
        )
        if problems:
            raise Refused(*problems)
        secret = secrets.token_urlsafe(32)
        token = ApiToken.objects.create(
            hat=hat,
            name=values.name.strip(),
            key=base64.b32encode(secrets.token_bytes(8)).decode().lower()[:12],
            digest=digest_of(secret),
            scopes=sorted(set(values.scopes)),
            networks=networks,
            expires_at=values.expires_at,
        )
        told = {"key": token.key, "scopes": token.scopes, "networks": networks, "expires_at": values.expires_at}
        moves.leave_trace(token, "create", by=by, at=at, note=token.name, data=told)
    return token, shown_once(token.key, secret)


def revoke(token: ApiToken, *, by: Actor, at: datetime, note: str = "") -> ApiToken:
    """From now on it opens nothing. Raises Refused for whoever may not, and when it was revoked before."""
    demand("integrations.token_revoke", by, token)
    with tx.write():
        if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at) != 1:
            raise Refused(say("这个令牌已经吊销。"))
        moves.leave_trace(token, "revoke_token", by=by, at=at, note=note, data={"key": token.key})
    token.revoked_at = at
    return token
