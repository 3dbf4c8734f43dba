"""What the log keeps of the door besides failed and successful sign-ins: who went, and who changed hats."""

from __future__ import annotations

from datetime import datetime

from onex.common import tx
from onex.common.actors import Actor
from onex.common.moves import leave_trace


def went(actor: Actor, *, at: datetime) -> None:
    """Signed out by their own hand."""
    _trace("sign_out", by=actor, at=at)


def put_on(actor: Actor, *, at: datetime) -> None:
    """Another hat of one's own; `actor` is the person in the new one."""
    _trace("hat", by=actor, at=at)


def _trace(verb: str, *, by: Actor, at: datetime) -> None:
    with tx.write():
        leave_trace(None, verb, by=by, at=at)
