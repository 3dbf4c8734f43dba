"""Decisions on many applications: kept as a preview, then all of them made or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from onex.accounts.queries import organisation_of
from onex.common import files, moves, sheets, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, Say, say
from onex.pilots import queries
from onex.pilots.models import DecisionBatch, PilotApplication, PilotPlan
from onex.pilots.rules import (
    DECISIONS,
    MOST_LINES,
    BatchSource,
    BatchState,
    Decision,
    Judged,
    Line,
    counts_of,
)
from onex.pilots.services.moving import facts_for, moved
from onex.pilots.services.notifying import notify_of_decisions
from onex.pilots.services.told import tell_of_decisions

MOST_BYTES = 5_000_000
MOST_SHOWN = 20  # reasons of one refusal; the page lists every bad line


def preview_ticked(
    applications: Sequence[PilotApplication], decision: str, note: str, *, by: Actor, at: datetime
) -> DecisionBatch:
    """One decision on the ticked applications, as a preview; to approve means as many places as were asked for.

    Raises Refused when nothing is ticked or the decision is none of this reviewer's.
    """
    if not applications:
        raise Refused(say("没有选中任何待审核的申报，请先勾选。"))
    if decision not in set(Decision):
        raise Refused(say("请选择结论。"))
    lines = [
        Line(
            row=n,
            application=str(one.pk),
            revision=str(one.revision),
            decision=decision,
            approved_count=str(one.requested_count) if decision == Decision.APPROVE else "",
            note=note.strip(),
            school=one.school.name,
            certificate=one.level.short_name,
        )
        for n, one in enumerate(applications, start=1)
    ]
    return _kept(lines, BatchSource.SCREEN, "", by=by, at=at)


def preview_sheet(upload: Any, columns: Sequence[sheets.Column], *, by: Actor, at: datetime) -> DecisionBatch:
    """The decisions of a filled sheet as a preview; nothing is decided. Raises Refused for what is no such sheet."""
    if upload.size > MOST_BYTES:
        raise Refused(say("文件超过 {n} MB，请分批导入。", n=MOST_BYTES // 1_000_000))
    rows = sheets.read(upload, columns)
    if not rows:
        raise Refused(say("文件里没有申报，请使用从审核工作台导出的审核表。"))
    if len(rows) > MOST_LINES:
        raise Refused(say("一次最多办理 {n} 行，文件里有 {m} 行，请分批导入。", n=MOST_LINES, m=len(rows)))
    names = ("application", "revision", "decision", "approved_count", "note", "school", "certificate")
    lines = [Line(row.number, **{name: row.cells.get(name, "")[:1_100] for name in names}) for row in rows]
    return _kept(lines, BatchSource.SHEET, files.clean_name(upload.name, "xlsx"), by=by, at=at)


def _kept(lines: list[Line], source: BatchSource, name: str, *, by: Actor, at: datetime) -> DecisionBatch:
    counts = counts_of(queries.effect_of(lines, by, at).judged)
    batch = DecisionBatch(
        organisation=organisation_of(by),
        source=source.value,
        file_name=name,
        lines=[asdict(line) for line in lines],
        counts=counts,
        actor_id=by.user_id,
        actor_label=by.label[:200],
        at=at,
    )
    with tx.write():
        for earlier in queries.open_batches_of(by):
            drop_batch(earlier, by=by, at=at)
        batch.save()
        moves.leave_trace(batch, "preview", by=by, at=at, data={"counts": counts, "file": name})
    return batch


def change_batch(
    batch: DecisionBatch,
    counts: dict[int, str],
    notes: dict[int, str],
    decisions: dict[int, str] | None = None,
    *,
    by: Actor,
    at: datetime,
) -> DecisionBatch:
    """Other decisions, numbers and reasons for single lines of a preview, by their row; one without any is left alone.

    Raises Refused for a preview that is decided already.
    """
    with tx.write():
        batch = moves.lock(batch)
        demand("pilots.decide_many", by, batch)
        if batch.state != BatchState.PREVIEW:
            raise Refused(say("这批办理已经确认或放弃，不能再改。"))
        lines = [
            replace(
                line,
                decision=(decisions or {}).get(line.row, line.decision),
                approved_count=counts.get(line.row, line.approved_count),
                note=notes.get(line.row, line.note),
            )
            for line in queries.lines_of(batch)
        ]
        batch.lines = [asdict(line) for line in lines]
        batch.save(update_fields=["lines"])
    return batch


def drop_batch(batch: DecisionBatch, *, by: Actor, at: datetime) -> DecisionBatch:
    """Put a preview aside. Raises Refused when it is decided already."""
    return moves.move(DECISIONS, batch, "drop", by=by, at=at)


def confirm_batch(batch: DecisionBatch, *, by: Actor, at: datetime) -> DecisionBatch:
    """Make every decision of a preview, or none: judged once more with everything it touches locked.

    Raises Refused with the reason of each line that cannot be decided.
    """
    with tx.write():
        batch = moves.lock(batch)
        lines = queries.lines_of(batch)
        _lock(lines, by)
        effect = queries.effect_of(lines, by, at)
        counts = counts_of(effect.judged)
        confirmed = moves.move(
            DECISIONS, batch, "confirm", by=by, at=at, facts=lambda _: counts, sets={"counts": counts},
            data={"counts": counts, "source": batch.source, "file": batch.file_name},
        )  # fmt: skip
        bad = [one for one in effect.judged if one.reason is not None]
        if bad:
            raise Refused(*_reasons(bad))
        todo = [(queries.application_of(effect, one), one) for one in effect.judged if one.decision is not None]
        if not todo:
            raise Refused(say("没有任何一行填写了结论，无可办理。"))
        decided = [
            _decide(row, one.decision, one, by, at)
            for row, one in todo
            if row is not None and one.decision is not None  # judged: they are
        ]
        tell_of_decisions([(row, move) for row, move, _ in decided], at=at)
        notify_of_decisions(decided, by=by, at=at)
    return confirmed


def _lock(lines: Sequence[Line], by: Actor) -> None:
    """First the plans, then the applications, each in the order of their keys: two batches never wait in a ring."""
    rows = list(queries.rows_of(lines, by).values())
    plans = {row.plan_id for row in rows}
    list(PilotPlan.objects.select_for_update(no_key=True).filter(pk__in=plans).order_by("pk").values_list("pk"))
    keys = sorted(row.pk for row in rows)
    for start in range(0, len(keys), queries.CHUNK):
        part = PilotApplication.objects.filter(pk__in=keys[start : start + queries.CHUNK]).order_by("pk")
        list(part.select_for_update(no_key=True).values_list("pk"))


def _decide(
    row: PilotApplication, decision: Decision, one: Judged, by: Actor, at: datetime
) -> tuple[PilotApplication, str, str]:
    # Totals and conflicts were judged for all lines together, with everything locked.
    note, count = one.line.note, one.approved_count
    facts = facts_for(decision.value, note, count, with_totals=False)
    after = moved(row, decision.value, by=by, at=at, note=note, approved_count=count, facts=facts, is_judged=True)
    return after, decision.value, note.strip()


def _reasons(bad: Sequence[Judged]) -> list[Say]:
    found = [
        say("第 {n} 行 {school}：{reason}", n=one.line.row, school=one.line.school or "—", reason=one.reason)
        for one in bad[:MOST_SHOWN]
    ]
    if len(bad) > MOST_SHOWN:
        found.append(say("还有 {n} 行有误，见下表。", n=len(bad) - MOST_SHOWN))
    return [say("有 {n} 行不能办理，所以一行都没有办理。", n=len(bad)), *found]
