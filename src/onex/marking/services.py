"""Named writes: collect a closed room, score what a machine can, mark what a person must."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from onex.bank import queries as bank
from onex.bank.models import Paper
from onex.bank.rules import Part
from onex.common import moves, tx
from onex.common.actors import SYSTEM, Actor
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.examroom import queries as room
from onex.items import Score
from onex.marking import queries
from onex.marking.models import Mark, MarkingJob, Script, StrayBundle
from onex.marking.rules import JOB, SCRIPT, score_all, total
from onex.registration.models import Entry
from onex.sittings import services as sittings
from onex.sittings.models import ExamSession
from onex.sittings.rules import SessionState

Contents = Mapping[str, Mapping[str, Any]]  # item code → item with its key


def collect(session: ExamSession, *, by: Actor, at: datetime) -> int:
    """Take every bundle of a closed session and score it. Answers how many scripts came new.

    Harmless to repeat, and for two to do at once: the sweep and a person. Raises Refused while candidates may still
    answer.
    """
    demand("marking.collect", by, session)
    held = room.session_of(session.pk)
    if held is None or not room.is_closed(held, at=at):
        raise Refused(say("本场还有考生在作答或未到收卷时间，收卷要等考场关闭之后。"))
    entries = {str(seat.entry_id): seat.entry for seat in session.seats.select_related("entry")}
    chosen = [paper for paper in (session.theory_paper, session.practical_paper) if paper]
    papers = {str(paper.pk): (paper, bank.contents_of(paper)) for paper in chosen}
    new = 0
    for bundle in room.bundles_of(held, at=at):
        entry = entries.get(str(bundle["entry"]))
        if entry is None:
            _set_aside(session, bundle, "unknown_entry")
        else:
            new += sum(_keep(session, entry, bundle, part, papers, at) for part in bundle["parts"])
    with tx.write():
        session = moves.lock(session)
        if session.state == SessionState.PUBLISHED:
            sittings.end(session, by=SYSTEM, at=at)
    return new


def _keep(
    session: ExamSession,
    entry: Entry,
    bundle: Mapping[str, Any],
    part: Mapping[str, Any],
    papers: Mapping[str, tuple[Paper, Contents]],
    at: datetime,
) -> bool:
    """One part of one candidate, with its scores, in one transaction; False when it is there already."""
    paper, contents = papers.get(str(part["form"]), (None, {}))
    if paper is None or paper.part != part["part"]:
        _set_aside(session, bundle, "unknown_form")
        return False
    if _is_there(session, entry, bundle, part):
        return False
    scores = score_all(contents, part["answers"])
    with tx.write():
        moves.lock(session)
        if _is_there(session, entry, bundle, part):  # somebody else was collecting while we scored
            return False
        script = Script.objects.create(
            session=session,
            entry=entry,
            part=Part(part["part"]),
            paper=paper,
            attempt=part["attempt"],
            opened_at=_moment(part["opened_at"]),
            handed_in_at=_moment(part["handed_in_at"]),
            answers=part["answers"],
            scores={code: score.as_json() for code, score in scores.items()},
            points=total(scores.values()),
            chain=part["chain"],
            late_count=part["late"],
            bundle_hash=bundle["hash"],
        )
        waiting = [code for code, score in scores.items() if score.needs_examiner]
        MarkingJob.objects.bulk_create(
            MarkingJob(script=script, item=code, number=100_000 + secrets.randbelow(900_000)) for code in waiting
        )
        if part["granted_ms"]:  # decided in the room by one person: the centre's log shows it to others
            moves.leave_trace(script, "granted", by=SYSTEM, at=at, data=_granted(bundle, part))
        moves.move(SCRIPT, script, "examine" if waiting else "finish", by=SYSTEM, at=at, facts=queries.facts_to_finish)
    return True


def _granted(bundle: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """Who gave this candidate how many minutes of this part, and why, as the room told it."""
    given = [
        {"by": event["by"], "at": event["at"], **event["data"]}
        for event in bundle["events"]
        if event["kind"] == "granted" and event["data"].get("part") == part["part"]
    ]
    return {"minutes": part["granted_ms"] / 60_000, "part": part["part"], "grants": given}


def _is_there(session: ExamSession, entry: Entry, bundle: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    """Whether this part was collected before; one that says otherwise than before is set aside."""
    there = Script.objects.filter(entry=entry, part=part["part"]).first()
    if there is not None and there.answers != part["answers"]:
        _set_aside(session, bundle, "contradicts")
    return there is not None


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, tz=UTC)


def _set_aside(session: ExamSession, bundle: Mapping[str, Any], reason: str) -> None:
    with tx.write():
        StrayBundle.objects.get_or_create(
            session=session, bundle_hash=bundle["hash"], defaults={"bundle": dict(bundle), "reason": reason}
        )


def note_view(job: MarkingJob, *, by: Actor, at: datetime) -> None:
    """A marking page tells the task and its model answer, so every look is traced."""
    with tx.write():
        moves.leave_trace(job, "view", by=by, at=at, data={"item": job.item, "number": job.number})


def mark(job: MarkingJob, points: Mapping[str, Decimal | None], *, remark: str = "", by: Actor, at: datetime) -> Script:
    """An assessor's points for one job, criterion by criterion; the script is finished with its last job.

    Raises Refused when a mark is missing, out of range, or the job belongs to the assessor's own school.
    """
    demand("marking.mark", by, job)
    if not queries.jobs_for(by).filter(pk=job.pk).exists():
        raise Refused(say("这道题已评分，或来自您任职的院校，不能由您评分。"))
    with tx.write():
        script = moves.lock(job.script)
        scores = queries.scores_of(script)
        scores[job.item] = scores[job.item].with_marks(points)
        given = {name: str(value) for name, value in points.items()}
        moves.move(JOB, job, "mark", by=by, at=at, data={"item": job.item, "number": job.number, "points": given})
        Mark.objects.create(
            job=job,
            assessor=queries.assessor(by),
            points=given,
            remark=remark,
            at=at,
        )
        _rescore(script, scores)
        if not queries.facts_to_finish(script).waiting:
            script = moves.move(SCRIPT, script, "finish", by=by, at=at, facts=queries.facts_to_finish)
    return script


def _rescore(script: Script, scores: Mapping[str, Score]) -> None:
    Script.objects.filter(pk=script.pk).update(
        scores={code: score.as_json() for code, score in scores.items()}, points=total(scores.values())
    )
