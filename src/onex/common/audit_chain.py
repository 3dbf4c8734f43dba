"""The sealer: gives traces their place in the chain, makes the daily root, and drops what is old enough.

Before and after each of these the file with the chain's head is held against the chain (`audit_head`).

Whoever writes a trace never waits for the chain: no head is locked at the write. The one sealer comes after, in the
sweep and before each verification, and appends what it finds committed.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from onex.common import audit, audit_guard, audit_head, tx
from onex.common.actors import SYSTEM
from onex.common.ids import uuid7
from onex.common.jobs import Swept
from onex.common.models import AuditLink, AuditRoot, Trace
from onex.common.moves import leave_trace
from onex.common.text import Refused, say

log = logging.getLogger("onex.audit")
BATCH = 1_000
# A transaction is minutes long at most; what commits later still is found by the whole search of a verification.
_LATE = timedelta(hours=1)
RETENTION = "audit_retention"
LEAST_YEARS = 3  # exam records
LEAST_DAYS = 184  # 网络安全法: six months, whatever anybody configures


def sweep(*, at: datetime) -> Swept:
    """The sealer's turn: seal what is new, and the root of yesterday when it has none."""
    sealed = seal()
    make_root(at=at)
    return Swept(sealed)


def seal(*, whole: bool = False) -> int:
    """Append every trace that has no link; answers how many.

    It looks at the last hour's ids alone (keys are ordered by time); `whole` looks at every trace there is.
    """
    audit_head.follow()
    sealed = 0
    while n := _seal_batch(whole):
        sealed += n
        if n < BATCH:
            break
    if sealed:
        head = AuditLink.objects.latest("seq")
        log.info("sealed %d, head %d %s", sealed, head.seq, head.digest)
        audit_head.follow()
    return sealed


def _seal_batch(whole: bool) -> int:
    with audit_head.alone():
        last = AuditLink.objects.order_by("-seq").first()
        rows = unsealed() if whole or last is None else unsealed(since=_earlier(min(last.trace_id, uuid7())))
        seq, digest = (last.seq, last.digest) if last is not None else (0, audit.FIRST_DIGEST)
        links = []
        # One without a signature is chained as well: what the chain holds cannot be tidied away before it is named.
        for trace in rows.order_by("created_at", "pk")[:BATCH]:
            seq, digest = seq + 1, audit.linked(digest, trace)
            links.append(AuditLink(seq=seq, trace_id=trace.pk, digest=digest))
        AuditLink.objects.bulk_create(links)
    return len(links)


def unsealed(*, since: UUID | None = None) -> QuerySet[Trace]:
    """Traces that have no link yet."""
    rows = Trace.objects.exclude(Exists(AuditLink.objects.filter(trace_id=OuterRef("pk"))))
    return rows if since is None else rows.filter(pk__gte=since)


def _earlier(key: UUID) -> UUID:
    """The least key of the moment an hour before this key (UUIDv7: milliseconds first)."""
    ms = max(0, (key.int >> 80) - int(_LATE.total_seconds() * 1000))
    return UUID(int=ms << 80)


def make_root(*, at: datetime) -> AuditRoot | None:
    """The root of yesterday: the head of the chain once the day is over. None while there is nothing to show."""
    day = timezone.localtime(at).date() - timedelta(days=1)
    with audit_head.alone():  # two sweeps at once: the first one's stands
        head = AuditLink.objects.order_by("-seq").first()
        before = AuditRoot.objects.order_by("-day").first()
        if head is None or (before is not None and before.day >= day):
            return None
        root = AuditRoot(day=day, seq=head.seq, digest=head.digest, made_at=at)
        root.mac = audit.sign(audit.root_words(root, before))
        root.save(force_insert=True)
    log.info("root %s %d %s", root.day, root.seq, root.digest)
    audit_head.follow()
    return root


def oldest_kept(at: datetime, years: int) -> datetime:
    """Traces before this moment may go. Raises Refused when they would be kept too short."""
    if years < LEAST_YEARS:
        raise Refused(say("操作记录至少保存 {n} 年，不能设为 {years} 年。", n=LEAST_YEARS, years=years))
    local = timezone.localtime(at)
    try:
        edge = local.replace(year=local.year - years)
    except ValueError:  # 29 February
        edge = local.replace(year=local.year - years, day=28)
    return edge


def retain(*, at: datetime, years: int | None = None, dry: bool = False) -> int:
    """Drop the traces that every rule allows to go, and say so in the chain; answers how many (or would be).

    Only a beginning of the chain goes, whole: up to the last trace before the first that must stay. Its links stay,
    and a signed trace names the range with its digest, so that the chain still verifies. Raises Refused.
    """
    edge = oldest_kept(at, settings.AUDIT_YEARS if years is None else years)
    seal(whole=True)
    with tx.write():
        last = _last_to_go(edge)
        first = dropped_to() + 1
        if last < first:
            return 0
        going = AuditLink.objects.filter(seq__gte=first, seq__lte=last)
        rows = Trace.objects.filter(pk__in=going.values("trace_id")).exclude(verb=RETENTION)
        found = rows.order_by().aggregate(n=Count("pk"), newest=Max("at"))
        if found["newest"] is not None and at - found["newest"] < timedelta(days=LEAST_DAYS):
            raise Refused(say("操作记录未满 {n} 天，任何情况下都不能删除。", n=LEAST_DAYS))
        if dry or not found["n"]:
            return int(found["n"])
        head = AuditLink.objects.get(seq=last)
        with audit_guard.opened():
            rows.delete()
        leave_trace(
            None,
            RETENTION,
            by=SYSTEM,
            at=at,
            data={
                "from": first,
                "to": last,
                "count": found["n"],
                "digest": head.digest,
                "before": edge.date().isoformat(),
            },
        )
    seal()  # the note has its place, and the head's file knows it
    return int(found["n"])


def accept_head(*, reason: str, at: datetime) -> None:
    """Go on from the chain as it stands, though the file tells of more: a restored backup, a new server.

    Whatever is missing stays missing; the trace says that somebody decided so, when and why. Raises Refused.
    """
    if not reason.strip():
        raise Refused(say("请写明理由"))
    with audit_head.alone():
        found = audit_head.problems()
        if not found:
            raise Refused(say("审计链与本机所记的末端相符，没有需要接受的。"))
        data = {"why": "；".join(str(one) for one in found)}
        leave_trace(None, audit_head.ACCEPTED, by=SYSTEM, at=at, note=reason, data=data)
    with audit_head.alone():
        audit_head.write(audit_head.stands())
    log.warning("head accepted: %s", reason)
    seal(whole=True)


def _last_to_go(edge: datetime) -> int:
    """The last link before the first whose trace must stay, by its own time and by its key's."""
    staying = Trace.objects.exclude(verb=RETENTION).filter(pk=OuterRef("trace_id"), at__gte=edge)
    young = UUID(int=int(edge.timestamp() * 1000) << 80)
    first = AuditLink.objects.filter(Exists(staying)).order_by("seq").first()
    first_young = AuditLink.objects.filter(trace_id__gte=young).order_by("seq").first()
    stops = [link.seq for link in (first, first_young) if link is not None]
    if not stops:
        return AuditLink.objects.aggregate(last=Max("seq"))["last"] or 0
    return min(stops) - 1


def dropped() -> list[Trace]:
    """The signed notes of retention; one without a valid signature counts for nothing."""
    notes = Trace.objects.filter(verb=RETENTION).order_by("pk")
    return [note for note in notes if audit.is_signed(audit.content(note), note.mac)]


def dropped_to() -> int:
    """The last number of the chain whose trace retention has dropped; 0 when none."""
    return max((int(note.data["to"]) for note in dropped()), default=0)


def roots(limit: int = 30) -> list[AuditRoot]:
    """The latest daily roots, the newest first."""
    return list(AuditRoot.objects.order_by("-day")[:limit])
