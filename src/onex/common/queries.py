"""Named reads of what any subject may have: its timeline and its files, and words to find it by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from onex.common.actors import Actor
from onex.common.models import Attachment, Trace

M = TypeVar("M", bound=Model)

# Looks and refusals are for the auditor, not for a row's own story.
LOOKS = ("view", "view_photo", "export", "denied", "alarm", "sign_in", "sign_out", "hat", "reveal", "reveal_alarm")


def timeline_of(row: Model) -> QuerySet[Trace]:
    """Everything that was done to this row, oldest first; who only looked, or was turned away, is for the auditor."""
    rows = Trace.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk)
    return rows.exclude(verb__in=LOOKS)


def attachments_of(row: Model, slot: str | None = None) -> QuerySet[Attachment]:
    """The files of this row, all or those of one slot."""
    found = Attachment.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk)
    return found.filter(slot=slot) if slot else found


def denied_lately(actor: Actor, at: datetime) -> int:
    """How many attempts of this person came to nothing in the last hour."""
    span = {"at__gt": at - timedelta(hours=1), "at__lte": at}
    return Trace.objects.filter(actor_id=actor.user_id, verb="denied", **span).order_by().count()


def with_words(rows: QuerySet[M], words: str, *fields: str, also: Callable[[str], Q] | None = None) -> QuerySet[M]:
    """The rows of a search box: every word, in whatever case, stands in one of these fields or is what `also` asks."""
    for word in words.split():
        hit = Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)
        rows = rows.filter(hit | also(word) if also else hit)
    return rows
