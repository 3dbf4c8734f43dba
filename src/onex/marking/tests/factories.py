"""A session that was sat: answers as the gate keeps them, then the room's time is over."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

from onex.bank import queries as bank
from onex.common.clock import to_ms
from onex.common.ids import uuid7
from onex.examroom.models import Answer, Attempt, Candidate
from onex.registration.models import Entry
from onex.sittings import queries as sittings
from onex.sittings.models import ExamSession
from onex.sittings.tests.factories import LATER, a_published_session

AFTER = LATER + timedelta(days=30)  # the slot and everything granted is over


def right_answers(session: ExamSession) -> dict[str, dict[str, Any]]:
    """What a perfect candidate gives: {part: {item: answer}}."""
    assert session.theory_paper is not None
    assert session.practical_paper is not None
    theory = {code: content["key"] for code, content in bank.contents_of(session.theory_paper).items()}
    practical = {code: content["model_answer"] for code, content in bank.contents_of(session.practical_paper).items()}
    return {"theory": theory, "practical": practical}


def sit(session: ExamSession, entry: Entry, answers: dict[str, dict[str, Any]]) -> None:
    """This candidate opens both parts and gives these answers, line by line, hash by hash."""
    candidate = Candidate.objects.get(entry=str(entry.pk))
    start = to_ms(session.slot.starts_at)
    Candidate.objects.filter(pk=candidate.pk).update(sign_in=1, admitted_at=start)
    for attempt in Attempt.objects.filter(candidate=candidate):
        closes = start + 3_600_000
        Attempt.objects.filter(pk=attempt.pk).update(sign_in=1, opened_at=start, closes_at=closes, handed_in_at=closes)
        _lines(attempt, answers.get(attempt.part, {}), start)


def _lines(attempt: Attempt, answers: dict[str, Any], at: int) -> None:
    lane, prev = uuid7(), "0" * 64
    rows = []
    for seq, (item, value) in enumerate(answers.items(), start=1):
        body = json.dumps(value, ensure_ascii=False)
        text = "\n".join((prev, str(attempt.pk), "1", str(seq), item, body))
        digest = sha256(text.encode()).hexdigest()
        rows.append(
            Answer(
                attempt_id=attempt.pk, sign_in=1, seq=seq, item=item, body=body, prev=bytes.fromhex(prev),
                hash=bytes.fromhex(digest), at=at, lane=lane, batch=1,
            )
        )  # fmt: skip
        prev = digest
    Answer.objects.bulk_create(rows)


def a_sat_session(number: int = 2, absent: int = 0, **values: Any) -> ExamSession:
    """Everybody answers perfectly but the last `absent`, who never came."""
    session = a_published_session(number, **values)
    answers = right_answers(session)
    seats = list(sittings.seats_of(session))
    for seat in seats[: len(seats) - absent]:
        sit(session, seat.entry, answers)
    return session
