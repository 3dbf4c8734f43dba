"""Named reads: what is to be sent now, and what did not arrive."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from onex.accounts.models import Membership, User
from onex.notices.models import Delivery
from onex.notices.queries.sent import LOST
from onex.notices.rules import Channel


def _due(at: datetime) -> QuerySet[Delivery]:
    """Due deliveries, the longest waiting first; `is_theirs` while the person still wears the hat it is for."""
    hats = Membership.objects.filter(
        user=OuterRef("notice__user"), is_active=True, organisation=OuterRef("notice__organisation")
    )
    worn = hats.filter(role=OuterRef("notice__role"), organisation__is_active=True)
    theirs = Q(notice__user__is_active=True) & (Q(notice__organisation=None) | Exists(worn))
    rows = Delivery.objects.filter(due_at__lte=at, sent_at=None).exclude(channel=Channel.INBOX)
    rows = rows.annotate(is_theirs=theirs).select_related("notice__sending", "notice__user", "notice__organisation")
    return rows.order_by("due_at", "pk")


def due_now(at: datetime, sending: UUID | None = None) -> QuerySet[Delivery]:
    """What goes by itself now, of one sending or of all."""
    rows = _due(at).filter(in_digest=False)
    return rows.filter(notice__sending=sending) if sending is not None else rows


def people_with_digests(at: datetime) -> QuerySet[User]:
    """Whose daily mail is due."""
    rows = Delivery.objects.filter(due_at__lte=at, sent_at=None, in_digest=True)
    return User.objects.filter(Exists(rows.filter(notice__user=OuterRef("pk")))).order_by("pk")


def due_by_mail_of_the_day(user: User, at: datetime) -> QuerySet[Delivery]:
    """What one person's daily mail is to tell, in the order it was said."""
    return _due(at).filter(in_digest=True, notice__user=user).order_by("notice__sent_at", "pk")


def failed_lately(since: datetime, until: datetime) -> int:
    """How many deliveries were given up in this time, though there was an address."""
    return Delivery.objects.filter(LOST, tried_at__gte=since, tried_at__lt=until).count()
