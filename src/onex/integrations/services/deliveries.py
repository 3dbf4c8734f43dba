"""One delivery on its way: claimed, sent, tried again, given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.jobs import Swept, for_each
from onex.common.logs import mask_secrets, one_line
from onex.common.masks import mask_personal
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.integrations import queries
from onex.integrations.models import WebhookDelivery, WebhookEndpoint
from onex.integrations.rules import EXCERPT, LEASE, body_of, next_try_after, signature, was_taken
from onex.integrations.services.announcing import send_later
from onex.integrations.services.wire import Answer, Resolve, post, resolved

AGENT = "OneX-Webhooks/1"


def deliver(delivery_id: str, *, at: datetime, resolve: Resolve = resolved) -> bool:
    """Try once, if it is due; answers whether the receiver has it now. Twice is once: who claims it sends it.

    The request is made outside any transaction. If the process dies meanwhile, the claim ends and the sweep goes on;
    the receiver tells the two apart by the event's id.
    """
    row = queries.delivery_to_send(delivery_id)
    if row is None or not _claim(row, at):
        return False
    endpoint = row.endpoint
    body = body_of(row.event_id, row.event, row.at, row.facts)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": AGENT,
        "X-OneX-Event": row.event,
        "X-OneX-Id": str(row.event_id),
        "X-OneX-Signature": signature(_secrets(endpoint, at), body, at),
    }
    return _note(row, post(endpoint.url, body, headers, resolve), at)


def _claim(row: WebhookDelivery, at: datetime) -> bool:
    due = WebhookDelivery.objects.filter(pk=row.pk, tries=row.tries, next_try_at__lte=at)
    return due.update(tries=F("tries") + 1, tried_at=at, next_try_at=at + LEASE) == 1


def _secrets(endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    is_kept = endpoint.old_until is not None and at < endpoint.old_until
    return [endpoint.secret, *([endpoint.old_secret] if is_kept else [])]


def _note(row: WebhookDelivery, answer: Answer, at: datetime) -> bool:
    taken = answer.status is not None and was_taken(answer.status)
    following = None if taken else next_try_after(row.tries + 1, at)
    told = {
        "last_status": answer.status,
        "excerpt": mask_personal(mask_secrets(one_line(answer.text)))[:EXCERPT],
        "next_try_at": following,
        "delivered_at": at if taken else None,
        "stopped_at": at if not taken and following is None else None,
    }
    with tx.write():
        # Only the try that was made: a person may have sent it again meanwhile.
        WebhookDelivery.objects.filter(pk=row.pk, tries=row.tries + 1).update(**told)
        endpoint = WebhookEndpoint.objects.filter(pk=row.endpoint_id)
        if taken:
            endpoint.update(failure_count=0, delivered_at=at)
        else:
            endpoint.update(failure_count=F("failure_count") + 1)
    return taken


def resend(row: WebhookDelivery, *, by: Actor, at: datetime) -> None:
    """Send a delivery that arrived or was given up once more, from the first try on, with the same id.

    Raises Refused for whoever may not, while the receiver is paused, and while it is on its way.
    """
    demand("integrations.webhook_manage", by, row.endpoint)
    if row.endpoint.paused_at is not None:
        raise Refused(say("这个接收地址已暂停，请先恢复再发送。"))
    with tx.write():
        again = WebhookDelivery.objects.filter(pk=row.pk).exclude(tried_at__gt=at - timedelta(seconds=30))
        if again.update(next_try_at=at, tries=0, delivered_at=None, stopped_at=None) != 1:
            raise Refused(say("刚刚发送过，请等半分钟再试。"))
        moves.leave_trace(
            row.endpoint, "webhook_resend", by=by, at=at, data={"event": row.event, "event_id": row.event_id}
        )
        send_later([row])


def sweep_deliveries(*, at: datetime) -> Swept:
    """Send what is due: retries, and whatever the queue did not send."""
    return for_each(queries.deliveries_due(at), lambda row: deliver(str(row.pk), at=at))


def drop_deliveries(at: datetime) -> int:
    """Forget deliveries after thirty days; answers how many."""
    with tx.write():
        return queries.deliveries_to_drop(at).delete()[0]
