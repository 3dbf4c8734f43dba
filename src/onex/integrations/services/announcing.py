"""Telling whoever asked to be told: rows in the transaction of what happened, sent after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from onex.common.ids import uuid7
from onex.common.jobs import later
from onex.integrations import queries
from onex.integrations.models import WebhookDelivery, WebhookEndpoint

AT_A_TIME = 500


def announce(event: str, facts: Mapping[str, Any], *, organisations: Any, at: datetime) -> int:
    """Tell the receivers of these organisations (a queryset, or keys) that something happened; answers how many.

    Call it in the transaction of what happened: without that nothing is told, and what is told did happen. `facts` are
    keys, states and figures that JSON has words for, nothing about a person. One query where nobody asked.
    """
    event_id = uuid7()
    rows = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=one, event_id=event_id, event=event, facts=dict(facts), at=at, next_try_at=at)
        for one in queries.endpoints_to_tell(organisations, event)
    )
    send_later(rows)
    return len(rows)


def announce_each(event: str, told: Iterable[tuple[Mapping[str, Any], set[Any]]], *, at: datetime) -> int:
    """What `announce` does for each of many, `told` being the facts and the keys of the organisations concerned.

    One query for five hundred organisations, where nobody asked no other; answers how many receivers are told.
    """
    todo = list(told)
    keys = sorted(set().union(*(concerned for _, concerned in todo)))
    asking: dict[Any, list[WebhookEndpoint]] = {}
    for start in range(0, len(keys), AT_A_TIME):
        for one in queries.endpoints_to_tell(keys[start : start + AT_A_TIME], event):
            asking.setdefault(one.organisation_id, []).append(one)
    rows = []
    for facts, concerned in todo:
        event_id = uuid7()
        rows += [
            WebhookDelivery(endpoint=one, event_id=event_id, event=event, facts=dict(facts), at=at, next_try_at=at)
            for key in sorted(concerned & asking.keys())
            for one in asking[key]
        ]
    WebhookDelivery.objects.bulk_create(rows, batch_size=AT_A_TIME)
    send_later(rows)
    return len(rows)


def send_later(rows: Iterable[WebhookDelivery]) -> None:
    """A job for each; if the queue is dead the sweep sends them."""
    from onex.integrations.tasks import send_delivery  # the task calls a service: neither can come first

    for row in rows:
        later(send_delivery, delivery_id=str(row.pk))
