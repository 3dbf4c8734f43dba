"""The only function that changes a state, and the trace it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from onex.common import tx
from onex.common.actors import Actor
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
    """
    return Trace._base_manager.create(
        subject_type=row._meta.label_lower if row is not None else "",
        subject_id=row.pk if row is not None else None,
        verb=verb,
        outcome=outcome,
        address=by.address,
        from_state=from_state,
        to_state=to_state,
        actor_id=by.user_id,
        actor_label=by.label,
        hat=by.role,
        at=at,
        note=note.strip(),
        data=dict(data or {}),
    )


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
