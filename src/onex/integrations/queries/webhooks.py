"""Named reads: receivers as their organisation sees them, and the deliveries that are due."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.integrations.models import WebhookDelivery, WebhookEndpoint
from onex.integrations.rules import KEPT, DeliveryState

AT_ONCE, OF_ONE = 100, 5  # how many one sweep sends, and of them to one receiver: one that hangs keeps no other waiting


def endpoints_seen_by(actor: Actor) -> QuerySet[WebhookEndpoint]:
    """The receivers of this actor's organisation, with how many deliveries were given up."""
    rows = WebhookEndpoint.objects.annotate(
        stopped_count=Count("deliveries", filter=Q(deliveries__stopped_at__isnull=False))
    )
    return seen("integrations.webhook_manage", actor, rows).order_by("created_at", "id")


def endpoint_of(actor: Actor) -> QuerySet[WebhookEndpoint]:
    """The same, bare: for changing one."""
    return seen("integrations.webhook_manage", actor, WebhookEndpoint.objects.select_related("organisation"))


def deliveries_of(endpoint: WebhookEndpoint) -> QuerySet[Any]:
    """What was sent to a receiver or will be, newest first, each with its `word` of state."""
    state = Case(
        When(delivered_at__isnull=False, then=Value(DeliveryState.DELIVERED.value)),
        When(stopped_at__isnull=False, then=Value(DeliveryState.STOPPED.value)),
        When(tries__gt=0, then=Value(DeliveryState.RETRYING.value)),
        default=Value(DeliveryState.WAITING.value),
        output_field=CharField(),
    )
    return endpoint.deliveries.annotate(word=state).order_by("-at", "-id")


def deliveries_in(rows: QuerySet[Any], word: str) -> QuerySet[Any]:
    """Those of `deliveries_of` that stand there."""
    return rows.filter(word=word)


def counts_by_state(rows: QuerySet[Any]) -> dict[str, int]:
    """How many of `deliveries_of` stand where."""
    return dict(rows.order_by().values_list("word").annotate(n=Count("pk")))


def deliveries_seen_by(actor: Actor) -> QuerySet[WebhookDelivery]:
    """The deliveries to this actor's receivers."""
    rows = WebhookDelivery.objects.select_related("endpoint")
    return rows.filter(endpoint__in=seen("integrations.webhook_manage", actor, WebhookEndpoint.objects.all()))


def endpoints_to_tell(organisations: Any, event: str) -> list[WebhookEndpoint]:
    """The receivers of these organisations (a queryset, or keys) that asked for this event and are not paused."""
    rows = WebhookEndpoint.objects.filter(
        organisation__in=organisations, organisation__is_active=True, paused_at__isnull=True
    )
    return [row for row in rows.defer("secret", "old_secret") if event in row.events]


def deliveries_due(at: datetime) -> list[WebhookDelivery]:
    """What a sweep sends now: the longest waiting, a few for each receiver."""
    rows = WebhookDelivery.objects.filter(
        next_try_at__lte=at, endpoint__paused_at__isnull=True, endpoint__organisation__is_active=True
    )
    counts: dict[UUID, int] = {}
    found: list[WebhookDelivery] = []
    for row in rows.order_by("next_try_at", "id").only("pk", "endpoint_id", "event", "event_id")[: AT_ONCE * 10]:
        counts[row.endpoint_id] = counts.get(row.endpoint_id, 0) + 1
        if counts[row.endpoint_id] <= OF_ONE and len(found) < AT_ONCE:
            found.append(row)
    return found


def delivery_to_send(pk: str) -> WebhookDelivery | None:
    """One delivery with its receiver, if it is still to be sent."""
    rows = WebhookDelivery.objects.select_related("endpoint").filter(next_try_at__isnull=False)
    return rows.filter(pk=pk, endpoint__paused_at__isnull=True, endpoint__organisation__is_active=True).first()


def deliveries_to_drop(at: datetime) -> QuerySet[WebhookDelivery]:
    """Deliveries whose thirty days are over."""
    return WebhookDelivery.objects.filter(created_at__lt=at - KEPT)
