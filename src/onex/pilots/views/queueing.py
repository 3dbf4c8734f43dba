"""What the address asks of the queue: the same choice on the workbench, in its sheet and record by record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from onex.common.pages import ActorRequest, typed
from onex.pilots import queries
from onex.pilots.queries import Waiting

# What each parameter keeps of the queue.
_KEEPS: dict[str, Callable[[Waiting, str, Any], bool]] = {
    "plan": lambda one, value, _me: str(one.plan_id) == value,
    "batch": lambda one, value, _me: str(one.batch) == value,
    "certificate": lambda one, value, _me: str(one.certificate_id) == value,
    "level": lambda one, value, _me: str(one.level) == value,
    "city": lambda one, value, _me: str(one.city_id) == value,
    "signal": lambda one, value, _me: value in one.signals or (value == "none" and not one.signals),
    "who": lambda one, value, me: one.assignee_id == (me if value == "mine" else None),
}
WHOSE = ("mine", "free")
_SORTS: dict[str, Callable[[Waiting], Any]] = {
    "risk": lambda one: one.risk,
    "submitted_at": lambda one: one.submitted_at,
    "requested": lambda one: one.requested_count,
    "school": lambda one: one.school,
    "certificate": lambda one: (one.certificate, one.level),
}


def asked_of(given: Mapping[str, Any]) -> str:
    """The part of an address that chooses among the queue, to be carried along."""
    names = ("q", *_KEEPS, "sort")
    return urlencode({name: typed(given, name) for name in names if typed(given, name)})


def address_of(key: UUID, asked: str) -> str:
    """A record as it is opened from the queue."""
    return reverse("pilots:application-detail", args=[key]) + "?from=queue" + (f"&{asked}" if asked else "")


def queue_asked(request: ActorRequest) -> list[Waiting]:
    """The queue as the address wants it: its search, filters and order."""
    return chosen(queries.queue_of(request.actor, typed(request.GET, "q")), request)


def chosen(queue: list[Waiting], request: ActorRequest, besides: str = "") -> list[Waiting]:
    """Those of the queue that the address asks for, in its order; `besides` names a parameter to leave out."""
    me = request.actor.user_id
    for name, keeps in _KEEPS.items():
        value = typed(request.GET, name)
        if value and name != besides and (name != "who" or value in WHOSE):
            queue = [one for one in queue if keeps(one, value, me)]
    sort = typed(request.GET, "sort")
    order = _SORTS.get(sort.removeprefix("-"))
    return sorted(queue, key=order, reverse=sort.startswith("-")) if order else queue
