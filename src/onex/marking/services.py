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
from onex.sittings.models import ExamSession, Seat
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
    seats = {str(seat.entry_id): seat for seat in session.seats.select_related("entry")}
    chosen = [paper for paper in (session.theory_paper, session.practical_paper) if paper]
    papers = {str(paper.pk): (paper, bank.contents_of(paper)) for paper in chosen}
    new = 0
    for bundle in room.bundles_of(held, at=at):
        seat = seats.get(str(bundle["entry"]))
        if seat is None:
            _set_aside(session, bundle, "unknown_entry", by=by, at=at)
            continue
        new += sum(_keep(session, seat.entry, bundle, part, papers, by, at) for part in bundle["parts"])
        _tell(seat, bundle, by=by, at=at)
    with tx.write():
        session = moves.lock(session)
        if session.state == SessionState.PUBLISHED:
            sittings.end(session, by=by, at=at)
    return new


def _keep(
    session: ExamSession,
    entry: Entry,
    bundle: Mapping[str, Any],
    part: Mapping[str, Any],
    papers: Mapping[str, tuple[Paper, Contents]],
    by: Actor,
    at: datetime,
) -> bool:
    """One part of one candidate, with its scores, in one transaction; False when it is there already."""
    paper, contents = papers.get(str(part["form"]), (None, {}))
    if paper is None or paper.part != part["part"]:
        _set_aside(session, bundle, "unknown_form", by=by, at=at)
        return False
    if _is_there(session, entry, bundle, part, by, at):
        return False
    scores = score_all(contents, part["answers"])
    with tx.write():
        moves.lock(session)
        if _is_there(session, entry, bundle, part, by, at):  # somebody else was collecting while we scored
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
        _progress(script, "examine" if waiting else "finish", by=SYSTEM, at=at)
    return True


def _progress(script: Script, move: str, *, by: Actor, at: datetime) -> Script:
    """The machine's score, or that with the last of the assessors' marks: the trace tells the points, and a digest."""
    told = {"points": str(script.points), "digest": queries.digest_of(script)}
    return moves.move(SCRIPT, script, move, by=by, at=at, facts=queries.facts_to_finish, data=told)


def _tell(seat: Seat, bundle: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    """What the room's staff decided about a candidate enters the log with the bundle it came in, once for each bundle.

    One trace for a candidate, not for an event: a sitting of thousands must not swell the log with every key press.
    """
    with tx.write():
        moves.lock(seat.session)
        if not queries.is_told(seat, bundle["hash"]):
            told = {"bundle": bundle["hash"], "decisions": _decisions(bundle)}
            moves.leave_trace(seat, "collect", by=by, at=at, data=told)


def _decisions(bundle: Mapping[str, Any], *kinds: str) -> list[dict[str, Any]]:
    """What people of the room decided (of these kinds, or all): the candidate's own page says things without a name."""
    return [
        {**event["data"], "verb": event["kind"], "by": event["by"], "at": _moment(event["at"])}
        for event in bundle["events"]
        if event["by"] and (not kinds or event["kind"] in kinds)
    ]


def _granted(bundle: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """Who gave this candidate how many minutes of this part, and why, as the room told it."""
    given = [one for one in _decisions(bundle, "granted") if one.get("part") == part["part"]]
    return {"minutes": part["granted_ms"] / 60_000, "part": part["part"], "grants": given}


def _is_there(
    session: ExamSession, entry: Entry, bundle: Mapping[str, Any], part: Mapping[str, Any], by: Actor, at: datetime
) -> bool:
    """Whether this part was collected before; one that says otherwise than before is set aside."""
    there = Script.objects.filter(entry=entry, part=part["part"]).first()
    if there is not None and there.answers != part["answers"]:
        _set_aside(session, bundle, "contradicts", by=by, at=at)
    return there is not None


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, tz=UTC)


def _set_aside(session: ExamSession, bundle: Mapping[str, Any], reason: str, *, by: Actor, at: datetime) -> None:
    with tx.write():
        _, is_new = StrayBundle.objects.get_or_create(
            session=session, bundle_hash=bundle["hash"], defaults={"bundle": dict(bundle), "reason": reason}
        )
        if is_new:
            told = {"bundle": bundle["hash"], "why": reason, "decisions": _decisions(bundle)}
            moves.leave_trace(session, "set_aside", by=by, at=at, data=told)


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
            script = _progress(moves.lock(script), "finish", by=by, at=at)
    return script


def _rescore(script: Script, scores: Mapping[str, Score]) -> None:
    Script.objects.filter(pk=script.pk).update(
        scores={code: score.as_json() for code, score in scores.items()}, points=total(scores.values())
    )
