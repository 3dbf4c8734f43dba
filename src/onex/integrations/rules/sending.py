"""How a webhook is signed, when it is tried again, and when we stop."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from onex.common.text import say

# After the first try: ten in all, over two days. A receiver that is mended overnight misses nothing.
_WAITS = tuple(timedelta(minutes=n) for n in (1, 5, 20, 60, 120, 240, 480, 720, 1200))
LEASE = timedelta(minutes=2)  # how long one try may take before another process tries again
KEPT = timedelta(days=30)
CAP = 16_384  # bytes that are read of an answer
EXCERPT = 200  # characters that are kept of it
MOST_ENDPOINTS = 10  # of one organisation


class DeliveryState(StrEnum):
    """Where a delivery stands, told by its times; never a column."""

    WAITING = "waiting"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    STOPPED = "stopped"


DELIVERY_LABELS = {
    DeliveryState.WAITING: say("待发送"),
    DeliveryState.RETRYING: say("重试中"),
    DeliveryState.DELIVERED: say("已送达"),
    DeliveryState.STOPPED: say("已停止"),
}
DELIVERY_TONES = {
    DeliveryState.WAITING: "info",
    DeliveryState.RETRYING: "warn",
    DeliveryState.DELIVERED: "good",
    DeliveryState.STOPPED: "bad",
}


def delivery_state(delivered_at: datetime | None, stopped_at: datetime | None, tries: int) -> DeliveryState:
    """Delivered, stopped after the last try, or still on its way."""
    if delivered_at is not None:
        return DeliveryState.DELIVERED
    if stopped_at is not None:
        return DeliveryState.STOPPED
    return DeliveryState.RETRYING if tries else DeliveryState.WAITING


def next_try_after(tries: int, at: datetime) -> datetime | None:
    """When to try again after so many tries failed; None: not any more."""
    return at + _WAITS[tries - 1] if 1 <= tries <= len(_WAITS) else None


def was_taken(status: int) -> bool:
    """Whether the receiver has it: any 2xx. A redirect is not followed and counts as a failure."""
    return 200 <= status < 300


def body_of(event_id: Any, event: str, happened_at: datetime, facts: Mapping[str, Any]) -> bytes:
    """The bytes that are sent and signed; the same for every try."""
    told = {"id": str(event_id), "type": event, "at": happened_at.isoformat(), "data": dict(facts)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signature(secrets: Sequence[str], body: bytes, at: datetime) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA-256 over `<seconds>.<body>`; one `v1` for each secret while it changes."""
    seconds = str(int(at.timestamp()))
    signed = seconds.encode() + b"." + body
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join((f"t={seconds}", *(f"v1={mark}" for mark in marks)))
