"""Named reads: what has been kept long enough."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from onex.notices.models import Notice, Sending
from onex.notices.rules import READ_KEPT, UNREAD_KEPT


def notices_to_drop(at: datetime) -> QuerySet[Notice]:
    """Notices read a year ago, and those that nobody read in two."""
    return Notice.objects.filter(Q(read_at__lt=at - READ_KEPT) | Q(read_at=None, sent_at__lt=at - UNREAD_KEPT))


def sendings_to_drop(at: datetime) -> QuerySet[Sending]:
    """Sendings of more than a year ago that are in nobody's inbox any more."""
    return Sending.objects.filter(sent_at__lt=at - READ_KEPT, notices=None)
