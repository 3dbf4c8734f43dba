"""What a trace says, in one fixed form; its signature, and its digest in the chain.

Three holds, each against somebody else (docs/decisions/0101-audit.md): a signature made at the write, with a key that
is not in the database; a chain that the sealer appends in commit order; a daily root that everybody may copy.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from onex.common.models import AuditRoot, Trace

FIRST_DIGEST = "0" * 64
_VERSION = 1  # in every form: a trace that gains a column is written in form 2 and old ones stay true


def content(trace: Trace) -> bytes:
    """The trace as the bytes that are signed and chained: every column but the signature and `created_at`.

    The same before the write and read from either database: times in UTC, whole floats as integers (jsonb forgets the
    difference), keys in order. `created_at` is not in it because the database library sets it; the id tells the time.
    """
    told = {
        "v": _VERSION,
        "id": str(trace.pk),
        "subject_type": trace.subject_type,
        "subject_id": str(trace.subject_id) if trace.subject_id else None,
        "verb": trace.verb,
        "outcome": trace.outcome,
        "address": trace.address,
        "from_state": trace.from_state,
        "to_state": trace.to_state,
        "actor_id": str(trace.actor_id) if trace.actor_id else None,
        "actor_label": trace.actor_label,
        "hat": str(trace.hat),
        "at": _time(trace.at),
        "note": trace.note,
        "data": _plain(trace.data),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def sign(message: bytes) -> str:
    """`key id:HMAC-SHA-256` with the current audit key."""
    key_id, key = settings.AUDIT_KEYS.current
    return f"{key_id}:{hmac.new(key, message, hashlib.sha256).hexdigest()}"


def is_signed(message: bytes, mac: str) -> bool:
    """Whether one of this installation's audit keys made this signature."""
    key_id, _, digest = mac.partition(":")
    key = settings.AUDIT_KEYS.by_id.get(key_id)
    if key is None:
        return False
    return hmac.compare_digest(hmac.new(key, message, hashlib.sha256).hexdigest(), digest)


def key_of(mac: str) -> str:
    """The id of the key that a signature names."""
    return mac.partition(":")[0]


def linked(prev: str, trace: Trace) -> str:
    """The chain's digest after this trace."""
    return hashlib.sha256(bytes.fromhex(prev) + content(trace) + trace.mac.encode()).hexdigest()


def root_words(root: AuditRoot, before: AuditRoot | None) -> bytes:
    """What a daily root signs: itself and the root before it, so that none is taken out between two others."""
    after = f"{before.day.isoformat()} {before.digest}" if before is not None else "-"
    return f"root2 {root.day.isoformat()} {root.seq} {root.digest} {_time(root.made_at)} after {after}".encode()


def is_root_signed(root: AuditRoot, before: AuditRoot | None) -> bool:
    """Whether the platform made this root after that one.

    Roots of the first form name no other. They stay true as they are: signing them anew would vouch for whatever the
    table holds at that moment. None are made any more, and without a key nobody else makes one.
    """
    form_1 = f"root {root.day.isoformat()} {root.seq} {root.digest} {_time(root.made_at)}".encode()
    return is_signed(root_words(root, before), root.mac) or is_signed(form_1, root.mac)


def is_known(mac: str) -> bool:
    """Whether the key that a signature names is one of this installation's."""
    return key_of(mac) in settings.AUDIT_KEYS.by_id
