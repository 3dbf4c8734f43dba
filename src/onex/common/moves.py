"""The only function that changes a state, and the trace it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from onex.common import audit, tx
from onex.common.actors import Actor
from onex.common.masks import mask_personal
from onex.common.models import DONE, Trace
from onex.common.permits import allows, demand, holds
from onex.common.text import Refused, Say, say
from onex.common.workflow import Move, Workflow

M = TypeVar("M", bound=models.Model)


def move(
    flow: Workflow,
    row: M,
    name: str,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    facts: Callable[[M], Any] | None = None,
    sets: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> M:
    """Make one move of the flow's table and leave its trace, in one transaction; answers the row as it now is.

    `facts(row)` gives what the move's `problems` judge (default: the row itself), read after the row is locked.
    `sets` are columns that change with the state. Raises Refused with every reason.
    """
    with tx.write():
        fresh = lock(row)
        state = str(fresh.state)  # type: ignore[attr-defined]
        step = flow.find(name, state)
        demand(step.permit, by, fresh)
        reasons = list(_problems(step, fresh, at, note, facts))
        if reasons:
            raise Refused(*reasons)
        changed = type(row)._base_manager.filter(pk=row.pk, state=state).update(state=step.target, **(sets or {}))
        if changed != 1:
            raise Refused(say("这条记录刚刚被别人改动，请刷新后再看。"))
        leave_trace(fresh, name, by=by, at=at, note=note, from_state=state, to_state=step.target, data=data)
        return type(row)._base_manager.get(pk=row.pk)


def lock(row: M) -> M:
    """The row as it is now, held until the transaction ends (on SQLite the write transaction itself holds it)."""
    return type(row)._base_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)


def _problems(step: Move, row: Any, at: datetime, note: str, facts: Callable[[Any], Any] | None) -> list[Say]:
    found = [say("请写明理由")] if step.needs_note and not note.strip() else []
    if step.problems is not None:
        found.extend(step.problems(facts(row) if facts else row, at))
    return found


def leave_trace(
    row: models.Model | None,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    from_state: str = "",
    to_state: str = "",
    data: Mapping[str, Any] | None = None,
    outcome: str = DONE,
) -> Trace:
    """Write down who did what; call it in the transaction of the change. Neither `note` nor `data` holds a secret.

    Without a row it is about the platform itself. `outcome`: DONE, DENIED (might not) or FAILED (a wrong password).
    The trace is signed here; `common.audit_chain` gives it its place in the chain. Personal numbers and addresses are
    masked on the way in, in `note` and everywhere in `data`: a trace is kept for years and forgets nobody.
    """
    trace = Trace(
        subject_type=row._meta.label_lower if row is not None else "",
        subject_id=_key(row.pk) if row is not None else None,
        verb=verb,
        outcome=outcome,
        address=by.address[:45],
        from_state=str(from_state),
        to_state=str(to_state),
        actor_id=_key(by.user_id),
        actor_label=mask_personal(_kept(by.label))[:200],
        hat=str(by.role),
        at=at,
        note=mask_personal(_kept(note)).strip(),
        data=_clean(json.loads(json.dumps(dict(data or {}), cls=DjangoJSONEncoder))),
    )
    trace.mac = audit.sign(audit.content(trace))
    trace.save(force_insert=True)
    return trace


def _key(value: Any) -> UUID | None:
    """The key as the database will give it back: what is signed must be what is read."""
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        return None


def _kept(text: Any) -> str:
    # PostgreSQL takes no NUL and UTF-8 no lone surrogate: a trace must never fail for what somebody typed.
    return str(text).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {mask_personal(_kept(key)): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    masked = mask_personal(_kept(value))
    # A number stays one unless it is somebody's phone.
    return masked if isinstance(value, str) or masked != str(value) else value


class Offer:
    """A move as a button: allowed, or blocked with the sentences that say why."""

    def __init__(self, step: Move, reasons: list[Say]) -> None:
        self.name, self.label, self.needs_note, self.is_grave = (
            step.name,
            step.label,
            step.needs_note,
            step.is_grave,
        )
        self.reasons = reasons

    @property
    def is_open(self) -> bool:
        return not self.reasons


def offers(
    flow: Workflow, row: Any, actor: Actor, at: datetime, facts: Callable[[Any], Any] | None = None
) -> list[Offer]:
    """The moves of this person on this row now: forbidden ones are absent, blocked ones say why."""
    found = []
    for step in flow.moves_from(row.state):
        if holds(step.permit, actor) and allows(step.permit, actor, row):
            found.append(Offer(step, _problems(step, row, at, "-", facts)))
    return found
