"""Idempotency-Key: what was made for it once is answered again, not made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Model

from onex.common import tx
from onex.common.text import Refused, say
from onex.integrations import queries
from onex.integrations.models import ApiRequest, ApiToken

M = TypeVar("M", bound=Model)


class KeyReused(Refused):
    """The same key came with another request."""


def once(token: ApiToken, key: str, body: bytes, make: Callable[[], M], *, at: datetime) -> tuple[M | None, UUID]:
    """(what `make` made, its key); the first is None when it was made before for this key.

    Of two at once one makes and the other answers what was made. What `make` refuses leaves nothing behind, so that a
    mended request may carry the key again. Raises KeyReused, and what `make` raises.
    """
    if not key:
        made = make()
        return made, made.pk
    digest = hashlib.sha256(body).hexdigest()
    try:
        with tx.write():
            row = ApiRequest.objects.create(token=token, key=key, digest=digest, at=at)
            made = make()
            row.subject_id = made.pk
            row.save(update_fields=["subject_id"])
    except IntegrityError:
        before = ApiRequest.objects.filter(token=token, key=key).first()
        if before is None or before.subject_id is None:
            raise
        if before.digest != digest:
            raise KeyReused(say("这个 Idempotency-Key 已用于另一个请求，请换一个。")) from None
        return None, before.subject_id
    return made, made.pk


def drop_requests(at: datetime) -> int:
    """Forget keys that nobody sends again; answers how many."""
    with tx.write():
        return queries.requests_to_drop(at).delete()[0]
