"""Walks the whole log and names what was touched: content, missing, unsigned, order, gap, root, head, guard.

Bounded memory: the chain is read in pages by its number, and each finding is given out as it is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from onex.common import audit, audit_chain, audit_guard, audit_head
from onex.common.models import AuditLink, AuditRoot, Trace
from onex.common.text import Say, say

PAGE = 1_000
WORDS = {
    "content": say("内容与写入时不符"),
    "missing": say("记录已不在"),
    "unsigned": say("没有有效签名：不是由平台写入，或在封存前被改动"),
    "key": say("签名所用的密钥“{key}”不在本机的 ONEX_AUDIT_KEYS 中，无法核对"),
    "order": say("内容真实，但在链上的位置或摘要被改动"),
    "gap": say("链上缺少第 {first} 至 {last} 号"),
    "root": say("存证与链不符：{day} 公布的是第 {seq} 号 {digest}"),
    "root_signature": say("{day} 的存证（第 {seq} 号）签名无效：它被改动，或它前一份存证被改动、删去"),
    "head": say("链的末端与本机所记不符：{problem}"),
    "guard": say("数据表 {table} 的防改动触发器不在"),
    "range": say("保存期限清理的范围与链不符"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written."""

    kind: str
    seq: int | None = None
    trace_id: UUID | None = None
    at: datetime | None = None
    what: str = ""  # who and which verb, as the row tells it now
    args: Mapping[str, Any] = field(default_factory=dict)
    word: str = ""  # of WORDS, where a kind has more than one

    @property
    def sentence(self) -> Say:
        return Say(WORDS[self.word or self.kind].msgid, self.args)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "seq": self.seq,
            "id": str(self.trace_id) if self.trace_id else None,
            "at": self.at.isoformat() if self.at else None,
            "what": self.what,
            "told": str(self.sentence),
        }


@dataclass
class Walk:
    """How far a verification came."""

    traces: int = 0
    links: int = 0
    dropped: int = 0
    head: str = audit.FIRST_DIGEST
    roots: int = 0


def verify(walk: Walk | None = None, published: Mapping[date, tuple[int, str]] | None = None) -> Iterator[Finding]:
    """Everything that is wrong with the log, as it is found; nothing when it is whole.

    `published`: roots somebody copied from the public page before (day → number and digest), held against the chain.
    """
    walk = walk if walk is not None else Walk()
    yield from (Finding("guard", args={"table": table}) for table in audit_guard.missing())
    with audit_head.alone():  # before anything is sealed onto what may be a stump
        lost = audit_head.problems()
    yield from (Finding("head", args={"problem": problem}) for problem in lost)
    audit_chain.seal()
    wanted = _wanted(published or {})
    yield from _roots()
    yield from _chain(walk, wanted)
    for seq in sorted(wanted):  # beyond the chain's end
        for day, digest in wanted[seq]:
            yield Finding("root", seq=seq, args={"day": day, "seq": seq, "digest": digest})
    yield from _outside()


def _wanted(published: Mapping[date, tuple[int, str]]) -> dict[int, list[tuple[date, str]]]:
    """By number of the chain: what roots say its digest is."""
    wanted: dict[int, list[tuple[date, str]]] = {}
    stored = {root.day: (root.seq, root.digest) for root in AuditRoot.objects.order_by("day").iterator()}
    for told in (stored, published):
        for day, (seq, digest) in told.items():
            if (day, digest) not in wanted.setdefault(seq, []):
                wanted[seq].append((day, digest))
    return wanted


def _roots() -> Iterator[Finding]:
    before: AuditRoot | None = None
    for root in AuditRoot.objects.order_by("day").iterator():
        if not audit.is_root_signed(root, before):
            told = {"day": root.day, "seq": root.seq}
            yield Finding("root", seq=root.seq, at=root.made_at, args=told, word="root_signature")
        before = root


def _chain(walk: Walk, wanted: dict[int, list[tuple[date, str]]]) -> Iterator[Finding]:
    notes = audit_chain.dropped()
    gone = {int(note.data["to"]): note for note in notes}
    dropped_to = max(gone, default=0)
    seq, digest = 0, audit.FIRST_DIGEST
    while links := list(AuditLink.objects.filter(seq__gt=seq).order_by("seq")[:PAGE]):
        traces = Trace.objects.in_bulk([link.trace_id for link in links])
        for link in links:
            if link.seq != seq + 1:
                yield Finding("gap", seq=link.seq, args={"first": seq + 1, "last": link.seq - 1})
            trace = traces.get(link.trace_id)
            if trace is not None:
                walk.traces += 1
                yield from _judged(link, trace, digest, whole=link.seq == seq + 1)
            elif link.seq <= dropped_to:
                walk.dropped += 1
            else:
                yield Finding("missing", seq=link.seq, trace_id=link.trace_id, at=_moment(link.trace_id))
            if link.seq in gone and gone[link.seq].data["digest"] != link.digest:
                note = gone[link.seq]
                yield Finding("range", seq=link.seq, trace_id=note.pk, at=note.at)
            for day, told in wanted.pop(link.seq, []):
                walk.roots += 1
                if told != link.digest:
                    yield Finding("root", seq=link.seq, args={"day": day, "seq": link.seq, "digest": told})
            # The stored digest goes on, so that one touched row is one finding and not all that follow.
            seq, digest = link.seq, link.digest
            walk.links += 1
    walk.head = digest


def _judged(link: AuditLink, trace: Trace, prev: str, *, whole: bool) -> Iterator[Finding]:
    is_signed = audit.is_signed(audit.content(trace), trace.mac)
    is_linked = not whole or audit.linked(prev, trace) == link.digest
    told: dict[str, Any] = {"seq": link.seq, "trace_id": trace.pk, "at": trace.at, "what": _what(trace)}
    if is_signed and is_linked:
        return
    if is_signed:
        yield Finding("order", **told)
    elif audit.is_known(trace.mac) or not trace.mac:
        yield Finding("unsigned" if is_linked else "content", **told)
    elif is_linked:
        yield Finding("key", **told, args={"key": audit.key_of(trace.mac)})
    else:
        yield Finding("content", **told)


def _outside() -> Iterator[Finding]:
    """Rows that the sealer did not see: late commits with a good signature are sealed now, the others named."""
    last: UUID | None = None
    late = False
    while rows := list(_after(last)[:PAGE]):
        for trace in rows:
            if audit.is_signed(audit.content(trace), trace.mac):
                late = True  # a very long transaction, or a write while we walked
            else:
                yield Finding("unsigned", trace_id=trace.pk, at=trace.at, what=_what(trace))
        last = rows[-1].pk
    if late:
        audit_chain.seal(whole=True)


def _after(last: UUID | None) -> Any:
    rows = audit_chain.unsealed().order_by("pk")
    return rows if last is None else rows.filter(pk__gt=last)


def _moment(key: UUID) -> datetime:
    """When a key was made: all that is left of a deleted row."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, tz=UTC)


def _what(trace: Trace) -> str:
    return f"{trace.actor_label} {trace.verb} {trace.subject_type}".strip()


@dataclass(frozen=True)
class Place:
    """Where one trace stands in the chain and whether it is as it was written; for its page."""

    seq: int | None
    digest: str
    is_signed: bool
    is_linked: bool | None
    root: AuditRoot | None

    @property
    def is_whole(self) -> bool:
        return self.is_signed and self.is_linked is not False


def place_of(trace: Trace) -> Place:
    """The place of one trace, checked now against its signature, its neighbour and the next root."""
    is_signed = audit.is_signed(audit.content(trace), trace.mac)
    link = AuditLink.objects.filter(trace_id=trace.pk).first()
    if link is None:
        return Place(None, "", is_signed, None, None)
    before = AuditLink.objects.filter(seq=link.seq - 1).first()
    prev = before.digest if before is not None else audit.FIRST_DIGEST
    is_linked = audit.linked(prev, trace) == link.digest and (before is not None or link.seq == 1)
    root = AuditRoot.objects.filter(seq__gte=link.seq).order_by("seq").first()
    return Place(link.seq, link.digest, is_signed, is_linked, root)
