"""Reading: what a person has seen."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from onex.common import tx
from onex.common.actors import Actor
from onex.notices import queries
from onex.notices.models import Notice


def mark_read(rows: QuerySet[Notice], *, by: Actor, at: datetime) -> int:
    """Mark these as read, as far as they are the person's own; answers how many were not. The first reading counts."""
    keys = rows.order_by().values("pk")
    mine = queries.notices_of(by).order_by().filter(pk__in=keys, read_at=None, sent_at__lte=at).values("pk")
    with tx.write():
        return Notice.objects.filter(pk__in=mine).update(read_at=at)
