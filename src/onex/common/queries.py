"""Named reads of what any subject may have: its timeline and its files."""

from __future__ import annotations

from django.db.models import Model, QuerySet

from onex.common.models import Attachment, Trace

LOOKS = ("reveal", "reveal_alarm")  # see common.reveal


def timeline_of(row: Model) -> QuerySet[Trace]:
    """Everything that was done to this row, oldest first. Who merely looked at a number stands in the audit alone."""
    done = Trace.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk)
    return done.exclude(verb__in=LOOKS)


def attachments_of(row: Model, slot: str | None = None) -> QuerySet[Attachment]:
    """The files of this row, all or those of one slot."""
    found = Attachment.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk)
    return found.filter(slot=slot) if slot else found
