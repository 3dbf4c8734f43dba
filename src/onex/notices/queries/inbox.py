"""Named reads: one person's inbox."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from onex.accounts.models import Membership
from onex.common.actors import Actor
from onex.common.queries import with_words
from onex.notices.models import Notice


def _mine(actor: Actor) -> QuerySet[Notice]:
    # What came for a hat goes with the hat: who left a school no longer reads what the school was told.
    hats = Membership.objects.filter(user=OuterRef("user"), is_active=True, organisation=OuterRef("organisation"))
    worn = hats.filter(role=OuterRef("role"), organisation__is_active=True)
    return Notice.objects.filter(Q(organisation=None) | Exists(worn), user=actor.user_id)


def notices_of(actor: Actor) -> QuerySet[Notice]:
    """Everything this person was sent in the hats they still wear, unread first, then the newest."""
    rows = _mine(actor).select_related("sending__sender", "organisation")
    return rows.annotate(is_read=Q(read_at__isnull=False)).order_by("is_read", "-sent_at", "-pk")


def notices_found(rows: QuerySet[Notice], words: str) -> QuerySet[Notice]:
    """Those whose words, or whose sender's name, contain these words."""
    return with_words(rows, words, "sending__subject", "sending__text", "sending__sender__name")


def inbox_counts(rows: QuerySet[Notice]) -> dict[str, int]:
    """How many of these are unread and how many were read."""
    counted: Any = rows.order_by().aggregate(all=Count("pk"), unread=Count("pk", filter=Q(read_at=None)))
    return {"unread": counted["unread"], "read": counted["all"] - counted["unread"]}


def unread_count(actor: Actor) -> int:
    """The number at the bell: of every hat, for a person has one pair of eyes."""
    return _mine(actor).filter(read_at=None).count()


def hats_with_notices(actor: Actor) -> list[tuple[str, str, Any]]:
    """(role, organisation's name, organisation's key) of every hat that something was sent to."""
    rows = _mine(actor).exclude(organisation=None).order_by("organisation__name", "role")
    return list(rows.values_list("role", "organisation__name", "organisation").distinct())
