"""Holds the stored answers against their own hashes and the writers' chain of batches, and names what was touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from onex.common.text import Say, say
from onex.examroom.gate.lines import FIRST_DIGEST, batch_digest, is_intact
from onex.examroom.models import Answer, Attempt, Batch, RoomSession


def damage_in(session: RoomSession) -> list[Say]:
    """Every row and batch of the session's writers that is not as it was written, in sentences."""
    attempts = Attempt.objects.filter(candidate__session=session).values("pk")
    lanes = set(Answer.objects.filter(attempt_id__in=attempts).values_list("lane", flat=True))
    return [sentence for lane in sorted(lanes) for sentence in _damage_in_lane(lane)]


def _damage_in_lane(lane: UUID) -> Iterator[Say]:
    lines: dict[int, list[Answer]] = defaultdict(list)
    for line in Answer.objects.filter(lane=lane):
        lines[line.batch].append(line)
    head, n = FIRST_DIGEST, 0
    for batch in Batch.objects.filter(lane=lane).order_by("n"):
        if batch.n != n + 1 or bytes(batch.prev) != head:
            yield say("写入通道 {lane} 在第 {n} 批之前断开。", lane=lane, n=batch.n)
        # Key order, as the writer took it: UUIDs compare by their bytes on both databases.
        rows = sorted(lines.pop(batch.n, []), key=lambda line: (line.attempt_id.bytes, line.sign_in, line.seq))
        found = [line for line in rows if not is_intact(str(line.attempt_id), line)]
        is_whole = batch_digest(bytes(batch.prev), (bytes(line.hash) for line in rows)) == bytes(batch.digest)
        for line in found or ([] if is_whole else _strangers(rows)):
            yield _named(line)
        if not is_whole:
            yield say(
                "写入通道 {lane} 第 {n} 批与当时的摘要不符（应有 {count} 行，现有 {found} 行）。",
                lane=lane,
                n=batch.n,
                count=batch.line_count,
                found=len(rows),
            )
        head, n = bytes(batch.digest), batch.n
    for number, rows in sorted(lines.items()):
        yield say("写入通道 {lane} 缺少第 {n} 批的记录（{found} 行答案）。", lane=lane, n=number, found=len(rows))


def _strangers(rows: Sequence[Answer]) -> Iterator[Answer]:
    """Rows of a broken batch that their successors do not know: rewritten together with their own hash."""
    for line in rows:
        following = Answer.objects.filter(attempt_id=line.attempt_id, sign_in=line.sign_in, seq__gt=line.seq)
        successor = following.order_by("seq").first()
        if successor is not None and bytes(successor.prev) != bytes(line.hash):
            yield line


def _named(line: Answer) -> Say:
    return say(
        "答卷 {attempt} 第 {sign_in} 次签到第 {seq} 行（试题 {item}）被改动过。",
        attempt=line.attempt_id,
        sign_in=line.sign_in,
        seq=line.seq,
        item=line.item,
    )
