"""The answers' path: keep lines, hand in. What is named here as kept is on disk."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from onex.common.text import Say, say
from onex.examroom import rules
from onex.examroom.gate.desk import Desk, busy, encode, not_allowed, not_current
from onex.examroom.gate.http import Receive, Refusal, Scope, Send, answer, bad_request, read_json
from onex.examroom.gate.lines import LINES_AT_ONCE, Bad, Kept, Line, hand_in_receipt, receipt, why_bad
from onex.examroom.gate.store import HandedIn, HandIn, Keep, Outcome


class KeepLines(msgspec.Struct, gc=False):
    attempt: str
    lines: list[Line]


class HandInPart(msgspec.Struct):
    attempt: str
    seq: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


class KeepReply(msgspec.Struct, omit_defaults=True):
    now: int
    kept: list[Kept]
    late: list[int]
    conflict: list[int]
    retry: list[int]
    bad: list[Bad]
    open: bool
    current: bool
    closes_at: int | None
    error: str | Literal[False] = False
    message: str | Literal[False] = False


_keep, _hand_in = msgspec.json.Decoder(KeepLines), msgspec.json.Decoder(HandInPart)


class Answers:
    """`POST /gate/keep` and `POST /gate/hand-in`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def keep(self, scope: Scope, receive: Receive, send: Send) -> None:
        desk = self.desk
        seat = desk.seat(scope)
        ask = await read_json(_keep, scope, receive)
        form = seat.attempts.get(ask.attempt)
        if form is None:
            raise not_allowed()
        if not 1 <= len(ask.lines) <= LINES_AT_ONCE:
            raise bad_request()
        paper = await desk.paper(UUID(form))
        desk.pulse.heard(seat.candidate)
        good: list[Line] = []
        bad: list[Bad] = []
        above = 0
        for line in ask.lines:
            why = why_bad(line, ask.attempt, seat.sign_in, paper.items, above)
            if why is None:
                good.append(line)
                above = line.seq
            else:
                bad.append(Bad(line.seq, why))
        if good:
            outcome = await desk.writer.keep(Keep(UUID(ask.attempt), seat.sign_in, good))
            if outcome is None:
                outcome = Outcome(desk.clock.now(), True, True, None, retry=[line.seq for line in good])
            outcome.bad.extend(bad)
        else:
            outcome = Outcome(desk.clock.now(), True, True, None, bad=bad)
        await self._reply(send, ask.attempt, seat.sign_in, outcome)

    async def _reply(self, send: Send, attempt: str, sign_in: int, outcome: Outcome) -> None:
        key, key_id = self.desk.key, self.desk.key_id
        reply = KeepReply(
            now=outcome.now or self.desk.clock.now(),
            kept=[
                Kept(line.seq, line.hash, at, receipt(key, attempt, sign_in, line.seq, line.hash, at), key_id)
                for line, at in outcome.kept
            ],
            late=outcome.late,
            conflict=outcome.conflict,
            retry=outcome.retry,
            bad=outcome.bad,
            open=outcome.is_open,
            current=outcome.is_current,
            closes_at=outcome.closes_at,
        )
        status = 200
        if not reply.kept and not reply.late and not reply.retry:
            status, reply.error, sentence = _why_nothing(outcome)
            reply.message = str(sentence)
        elif reply.late or reply.retry or reply.bad or reply.conflict or not reply.current:
            status = 202
        await answer(send, status, encode(reply))

    async def hand_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        desk = self.desk
        seat = desk.seat(scope)
        ask = await read_json(_hand_in, scope, receive)
        if ask.attempt not in seat.attempts:
            raise not_allowed()
        done = await desk.writer.hand_in(HandIn(UUID(ask.attempt), seat.sign_in, ask.seq))
        if done is None:
            raise busy()
        desk.clock.saw(done.now)
        if done.handed_in_at is None:
            raise _why_not(done)
        facts = await desk.facts(seat)
        await desk.reply(
            send,
            {
                "handed_in_at": done.handed_in_at,
                "receipt": hand_in_receipt(desk.key, ask.attempt, done.handed_in_at),
                "key": desk.key_id,
                "parts": facts.parts_at(done.now),
            },
        )


def _why_nothing(outcome: Outcome) -> tuple[int, str, Say]:
    """Status, code and sentence of a keep that put nothing on disk."""
    if not outcome.is_current:
        return 409, "not_current", not_current().sentence
    if outcome.conflict:
        return 409, "conflict", say("这些序号的答案与服务器上的不同，已另行保存。")
    if outcome.bad:
        return 400, "bad_request", bad_request().sentence
    return 409, "closed", say("本部分考试没有开放，答案没有保存到服务器。")


def _why_not(done: HandedIn) -> Refusal:
    if not done.is_current:
        return not_current()
    sat = rules.Sat("", done.opened_at, done.closes_at)
    problems = rules.problems_on_hand_in(sat, done.hand_in_from, done.grace_ms, has_seq=done.has_seq, at=done.now)
    return Refusal.of(problems[0]) if problems else busy()
