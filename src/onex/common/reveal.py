"""A whole number is shown to who may see it, with a reason, once, and traced: never by opening a page.

A page shows the masked value with `{% ui_reveal %}`; its button posts the reason to a view of the app, which asks its
own permit for the row and hands over to `answer`. The trace says who saw which field of which row and why, never what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import render

from onex.common import tx
from onex.common.exports import ALARM
from onex.common.limits import Door, Limit, TooMany, enter
from onex.common.masks import bare
from onex.common.models import DENIED
from onex.common.moves import leave_trace
from onex.common.pages import typed
from onex.common.text import Say, say

REVEAL = "reveal"  # the verb of the trace; `timeline_of` leaves it out
DOOR = Door("reveal", say("查看完整号码"), Limit("account", 40, 3600))
REASONS = (say("核对本人身份"), say("电话联系本人"), say("核实举报或异议"))
MOST = 200  # characters of a reason


@dataclass(frozen=True)
class Fact:
    """A personal fact of a row: its word, the path of attributes to the value, and how it is masked."""

    label: Say
    path: str
    mask: Callable[[str], str]

    def of(self, row: Any) -> str:
        return str(attrgetter(self.path)(row) or "")


Facts = Mapping[str, Fact]


def masked(facts: Facts, row: Any) -> dict[str, str]:
    """Every one of the facts as pages show it."""
    return {name: fact.mask(fact.of(row)) for name, fact in facts.items()}


def answer(request: Any, row: Model, facts: Facts, name: str) -> HttpResponse:
    """The answer to a POST with a `note`: the whole value (200), or what the reason lacks (422).

    Call it behind the permit, with a row that the actor may reveal. Raises TooMany, and alarms by a trace, above the
    limit of the account; Http404 for a fact that the row does not have.
    """
    fact = facts.get(name)
    if fact is None:
        raise Http404
    note, value = typed(request.POST, "note").strip(), fact.of(row)
    problem = _problem(note, value)
    if problem is None:
        _count(request, row, name)
        with tx.write():
            leave_trace(row, REVEAL, by=request.actor, at=request.at, note=note, data={"field": name})
    context = {
        "label": fact.label,
        "shown": value if problem is None else fact.mask(value),
        "is_whole": problem is None,
        "action": request.path,
        "id": place_of(row.pk, name),
        "problem": problem,
        "note": note,
        "reasons": REASONS,
        "most": MOST,
    }
    template = "common/ui/reveal.html" if getattr(request, "htmx", False) else "common/revealed.html"
    response = render(request, template, context, status=200 if problem is None else 422)
    response.content = response.content.strip()  # a line break at its end would show
    response["Cache-Control"] = "no-store"
    return response


def place_of(pk: Any, name: str) -> str:
    """The id of the element that the answer replaces."""
    return f"reveal-{name}-{pk}"


def _problem(note: str, value: str) -> Say | None:
    if not note:
        return say("请写明查看的理由")
    if len(note) > MOST:
        return say("理由最多 {n} 个字", n=MOST)
    if (number := bare(value)) and number in bare(note):
        return say("理由里不要写号码本身")
    return None


def _count(request: Any, row: Model, name: str) -> None:
    try:
        enter(DOOR, at=request.at, account=str(request.actor.user_id))
    except TooMany:
        with tx.write():
            told = {"kind": REVEAL, "field": name}
            leave_trace(row, ALARM, by=request.actor, at=request.at, data=told, outcome=DENIED)
        raise
