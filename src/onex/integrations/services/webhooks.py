"""Receivers of an organisation: made, changed, paused, given a new secret, tried out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from onex.accounts.models import Organisation
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.ids import uuid7
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.integrations.models import WebhookDelivery, WebhookEndpoint
from onex.integrations.rules import MOST_ENDPOINTS, PING, problems_with_events
from onex.integrations.services.announcing import send_later
from onex.integrations.services.wire import Resolve, addresses_of, resolved

OVERLAP = timedelta(hours=24)  # how long the old secret signs beside the new one


@dataclass(frozen=True)
class EndpointInput:
    """What somebody writes down of a receiver."""

    name: str
    url: str
    events: Sequence[str]


def _judge(values: EndpointInput, resolve: Resolve) -> None:
    problems = problems_with_events(values.events)
    if not values.name.strip():
        problems.insert(0, say("请填写名称，例如接收事件的系统。"))
    if problems:
        raise Refused(*problems)
    addresses_of(values.url, resolve)  # asks the name service: outside the transaction


def _new_secret() -> str:
    return f"onexwh_{secrets.token_urlsafe(32)}"


def create_endpoint(
    organisation: Organisation, values: EndpointInput, *, by: Actor, at: datetime, resolve: Resolve = resolved
) -> tuple[WebhookEndpoint, str]:
    """A new receiver and its secret, which is never shown again.

    Raises Refused for an address that nothing may be sent to, unknown events and too many receivers.
    """
    demand("integrations.webhook_create", by, organisation)
    _judge(values, resolve)
    secret = _new_secret()
    with tx.write():
        moves.lock(organisation)
        if WebhookEndpoint.objects.filter(organisation_id=organisation.pk).count() >= MOST_ENDPOINTS:
            raise Refused(say("一个机构最多有 {n} 个接收地址，请先删除不再使用的。", n=MOST_ENDPOINTS))
        row = WebhookEndpoint.objects.create(
            organisation_id=organisation.pk,
            name=values.name.strip(),
            url=values.url.strip(),
            events=sorted(set(values.events)),
            secret=secret,
        )
        moves.leave_trace(row, "create", by=by, at=at, note=row.name, data={"url": row.url, "events": row.events})
    return row, secret


def update_endpoint(
    row: WebhookEndpoint, values: EndpointInput, *, by: Actor, at: datetime, resolve: Resolve = resolved
) -> WebhookEndpoint:
    """Another name, address or choice of events. Raises Refused as for a new one."""
    demand("integrations.webhook_manage", by, row)
    _judge(values, resolve)
    with tx.write():
        row = moves.lock(row)
        was = {"url": row.url, "events": row.events}
        row.name, row.url, row.events = values.name.strip(), values.url.strip(), sorted(set(values.events))
        row.save(update_fields=["name", "url", "events"])
        told = {"url": row.url, "events": row.events, "was": was}
        moves.leave_trace(row, "update", by=by, at=at, note=row.name, data=told)
    return row


def rotate_secret(row: WebhookEndpoint, *, by: Actor, at: datetime) -> str:
    """A new secret, shown once; the old one signs beside it for a day, so that nothing is lost meanwhile."""
    demand("integrations.webhook_manage", by, row)
    secret = _new_secret()
    with tx.write():
        row = moves.lock(row)
        row.old_secret, row.old_until, row.secret = row.secret, at + OVERLAP, secret
        row.save(update_fields=["secret", "old_secret", "old_until"])
        moves.leave_trace(row, "webhook_rotate", by=by, at=at, note=row.name)
    return secret


def set_paused(row: WebhookEndpoint, paused: bool, *, by: Actor, at: datetime) -> None:
    """Nothing is sent while paused: new events are not kept for it, and what is under way waits. Twice is once."""
    demand("integrations.webhook_manage", by, row)
    with tx.write():
        rows = WebhookEndpoint.objects.filter(pk=row.pk, paused_at__isnull=paused)
        if rows.update(paused_at=at if paused else None):
            moves.leave_trace(row, "webhook_pause" if paused else "webhook_resume", by=by, at=at, note=row.name)


def remove_endpoint(row: WebhookEndpoint, *, by: Actor, at: datetime) -> None:
    """Take a receiver away with everything that was sent to it; the trace stays."""
    demand("integrations.webhook_manage", by, row)
    with tx.write():
        moves.leave_trace(row, "remove", by=by, at=at, note=row.name, data={"url": row.url})
        row.delete()


def ping(row: WebhookEndpoint, *, by: Actor, at: datetime) -> WebhookDelivery:
    """Send a try-out to one receiver. Raises Refused while it is paused."""
    demand("integrations.webhook_manage", by, row)
    if row.paused_at is not None:
        raise Refused(say("这个接收地址已暂停，请先恢复再测试。"))
    with tx.write():
        delivery = WebhookDelivery.objects.create(
            endpoint=row, event_id=uuid7(), event=PING, facts={"endpoint": str(row.pk)}, at=at, next_try_at=at
        )
        moves.leave_trace(row, "webhook_ping", by=by, at=at, note=row.name)
        send_later([delivery])
    return delivery
