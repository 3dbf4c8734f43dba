"""Named reads: what an organisation sent, and how much of it arrived and was read."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.common.queries import with_words
from onex.notices.models import Delivery, Notice, Sending
from onex.notices.rules import FINAL, Channel

# Neither arrived nor waits for another try, and somebody might want to know.
LOST = Q(sent_at=None, due_at=None) & ~Q(why__in=["", *FINAL])


def sendings_seen_by(actor: Actor) -> QuerySet[Sending]:
    """What this hat's organisation sent, newest first, with `told_count`, `read_count` and `lost_count`."""
    return receipts_of(seen("notices.receipt_see", actor, Sending.objects.select_related("sender")))


def receipts_of(rows: QuerySet[Sending]) -> QuerySet[Sending]:
    """“Read by n of m”: `told_count`, `read_count`, and `lost_count` (deliveries by mail or phone that failed).

    Also for other apps' own pages: `receipts_of(Sending.objects.filter(subject_type=…, subject_id=…))`.
    """
    told: Any = Notice.objects.filter(sending=OuterRef("pk")).order_by().values("sending")
    lost: Any = Delivery.objects.filter(LOST, notice__sending=OuterRef("pk")).order_by().values("notice__sending")

    def number(counted: QuerySet[Any, Any]) -> Coalesce:
        return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)

    return rows.annotate(
        told_count=number(told.annotate(n=Count("pk"))),
        read_count=number(told.annotate(n=Count("pk", filter=Q(read_at__isnull=False)))),
        lost_count=number(lost.annotate(n=Count("pk"))),
    ).order_by("-sent_at", "-pk")


def sendings_found(rows: QuerySet[Sending], words: str) -> QuerySet[Sending]:
    """Those whose words contain these words."""
    return with_words(rows, words, "subject", "text")


def receipts_to_show(sending: Sending) -> QuerySet[Any]:
    """Each copy of a sending: the organisation and the hat it went to, `has_lost`, its deliveries in one more query.

    Nobody's name: who of a school reads it is the school's business.
    """
    lost = Delivery.objects.filter(LOST, notice=OuterRef("pk"))
    rows = Notice.objects.filter(sending=sending).select_related("organisation").prefetch_related("deliveries")
    return rows.annotate(has_lost=Exists(lost)).order_by(F("read_at").desc(nulls_last=True), "organisation__name", "pk")


def receipts_found(rows: QuerySet[Notice], words: str) -> QuerySet[Notice]:
    """Those of organisations whose name contains these words."""
    return with_words(rows, words, "organisation__name")


def by_channel(notice: Notice) -> dict[str, Delivery]:
    """The prefetched deliveries of a notice by their channel."""
    return {Channel(one.channel): one for one in notice.deliveries.all()}
