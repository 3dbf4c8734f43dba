"""What the log keeps of the door: who came in, who could not, who went, who changed hats. Never what was typed.

An account that failed is named by its key if there is one, and always by a keyed digest of what was typed, so that
tries at one name can be counted without keeping the name: people type passwords into the wrong field.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from onex.accounts.models import User
from onex.common import tx
from onex.common.actors import Actor, visitor
from onex.common.logs import one_line
from onex.common.models import DONE, FAILED
from onex.common.moves import leave_trace
from onex.common.sealed import blind_index


def agent_of(request: Any) -> str:
    """What the browser calls itself, as one short line."""
    return one_line(str(request.META.get("HTTP_USER_AGENT", "")))[:200]


def came_in(actor: Actor, *, at: datetime, agent: str = "", door: str = "password") -> None:
    """A session has begun; `door` is how the person proved themselves."""
    _trace("sign_in", by=actor, at=at, data={"door": door, "agent": agent})


def was_refused(
    login: str, user: User | None, *, at: datetime, address: str, agent: str = "", why: str = "", door: str = "password"
) -> None:
    """Somebody did not get in. `why` is a word of ours (password, hat, factor, captcha, limit), never theirs."""
    data = {"door": door, "why": why, "agent": agent, "login": blind_index(login.strip().lower(), "trace login")[:16]}
    with tx.write():
        leave_trace(user, "sign_in", by=visitor(address), at=at, data=data, outcome=FAILED)


def went(actor: Actor, *, at: datetime) -> None:
    """Signed out by their own hand."""
    _trace("sign_out", by=actor, at=at)


def put_on(actor: Actor, *, at: datetime) -> None:
    """Another hat of one's own; `actor` is the person in the new one."""
    _trace("hat", by=actor, at=at)


def _trace(verb: str, *, by: Actor, at: datetime, data: dict[str, Any] | None = None) -> None:
    with tx.write():
        leave_trace(None, verb, by=by, at=at, data=data, outcome=DONE)
