"""A log with a few traces, and the hands of somebody who owns the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from onex.common import audit, audit_chain, audit_check, audit_guard
from onex.common.actors import Actor, Role
from onex.common.ids import uuid7
from onex.common.models import AuditLink, Trace
from onex.common.moves import leave_trace

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
SCHOOL = Actor(uuid7(), "周敏", Role.SCHOOL, uuid7(), "南京第一职业技术学院", address="10.1.2.3")


def some_traces(number: int = 5, at: datetime = NOON) -> list[Trace]:
    """Traces as services leave them, sealed."""
    found = [
        leave_trace(None, "export", by=SCHOOL, at=at + timedelta(seconds=n), note=f"第 {n} 次", data={"count": n})
        for n in range(number)
    ]
    audit_chain.seal()
    return found


@contextmanager
def as_owner_of_the_database() -> Iterator[Any]:
    """What a database administrator can do and the application cannot: change rows past the triggers."""
    with transaction.atomic(), audit_guard.opened(), connection.cursor() as cursor:
        yield cursor


def key(value: UUID) -> str:
    return str(value) if connection.vendor == "postgresql" else value.hex


def found() -> list[audit_check.Finding]:
    return list(audit_check.verify())


def kinds() -> list[tuple[str, UUID | None]]:
    return [(finding.kind, finding.trace_id) for finding in found()]


def rewritten_from(seq: int) -> None:
    """A chain recomputed by somebody who owns the database and has stolen the key as well."""
    digest = AuditLink.objects.get(seq=seq - 1).digest if seq > 1 else audit.FIRST_DIGEST
    for link in AuditLink.objects.filter(seq__gte=seq).order_by("seq"):
        digest = audit.linked(digest, Trace.objects.get(pk=link.trace_id))
        AuditLink.objects.filter(seq=link.seq).update(digest=digest)


def cut_out(*rows: Trace) -> None:
    """These traces deleted and the whole chain made again without them: its digests need no key."""
    AuditLink.objects.filter(trace_id__in=[row.pk for row in rows]).delete()
    Trace.objects.filter(pk__in=[row.pk for row in rows]).delete()
    digest, links = audit.FIRST_DIGEST, []
    for seq, link in enumerate(AuditLink.objects.order_by("seq"), start=1):
        digest = audit.linked(digest, Trace.objects.get(pk=link.trace_id))
        links.append(AuditLink(seq=seq, trace_id=link.trace_id, digest=digest))
    AuditLink.objects.all().delete()
    AuditLink.objects.bulk_create(links)
