"""A part of the examination: start it, fetch its paper."""

from __future__ import annotations

from uuid import UUID

import msgspec

from onex.common.text import say
from onex.examroom import rules
from onex.examroom.gate.desk import SEAT_AGE, Desk, busy, event_of, not_allowed, not_current
from onex.examroom.gate.http import JSON_HEADERS, Receive, Refusal, Scope, Send, answer_bytes, read_json
from onex.examroom.gate.reads import Facts
from onex.examroom.rules import Part


class Start(msgspec.Struct):
    part: Part


_start = msgspec.json.Decoder(Start)
_TELL = "update examroom_candidate set version = version + 1 where id = :candidate"
_OPEN = """
update examroom_attempt
set opened_at = :opened_at, closes_at = :closes_at, hand_in_from = :hand_in_from
where id = :attempt and opened_at is null and handed_in_at is null and sign_in = :sign_in
  and granted_ms = :granted_ms
returning id
"""


class Parts:
    """`POST /gate/start` and `GET /gate/paper/<part>`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def start(self, scope: Scope, receive: Receive, send: Send) -> None:
        seat = self.desk.seat(scope)
        ask = await read_json(_start, scope, receive)
        if ask.part not in seat.parts:
            raise not_allowed()
        for _ in range(4):
            facts = await self.desk.facts(seat)
            if facts.sign_in != seat.sign_in:
                raise not_current()
            sat, now = facts.parts[ask.part].sat, self.desk.clock.now()
            problems = rules.problems_on_start(
                sat, facts.rules, facts.starts_at, facts.theory, is_admitted=facts.is_admitted, at=now
            )
            if problems:
                raise Refusal.of(problems[0])
            if sat.opened_at is not None or await self._open(facts, ask.part, now):
                facts = await self.desk.facts(seat)
                await self.desk.reply(send, {"part": facts.part_at(ask.part, self.desk.clock.now())})
                return
        raise busy()

    async def _open(self, facts: Facts, part: Part, now: int) -> bool:
        """Open the part as the rules say, unless something they stand on changed since it was read."""
        sat = facts.parts[part].sat
        closing_at = rules.closes_at(
            now,
            facts.rules.minutes_of(part),
            facts.time_factor,
            sat.granted_ms,
            rules.common_end(part, facts.rules, facts.starts_at),
        )
        opening = {
            "attempt": facts.parts[part].attempt,
            "opened_at": now,
            "closes_at": closing_at,
            "hand_in_from": rules.hand_in_from(now, closing_at, facts.rules),
            "sign_in": facts.sign_in,
            "granted_ms": sat.granted_ms,
        }
        # The seat before its attempt, as every service takes them: nobody waits in a circle.
        opened = await self.desk.store.write(
            [
                (_TELL, {"candidate": facts.candidate}),
                event_of(facts, "started", {"part": part}),
                (_OPEN, opening),
            ]
        )
        return opened is not None

    async def paper(self, scope: Scope, receive: Receive, send: Send) -> None:
        seat = self.desk.seat(scope)
        name = scope["path"].rpartition("/")[2]
        if name not in seat.parts:
            raise not_allowed()
        facts = await self.desk.facts(seat, max_age=SEAT_AGE)
        if facts.parts[name].sat.opened_at is None:
            facts = await self.desk.facts(seat)  # it may have been opened within the last seconds
        if facts.sign_in != seat.sign_in:
            raise not_current()
        sat = facts.parts[name].sat
        if sat.opened_at is None:
            raise Refusal(403, "not_open", say("本部分考试尚未开始，试卷不能打开。"))
        if rules.is_over(sat, facts.rules, facts.starts_at, facts.theory, self.desk.clock.now()):
            raise Refusal(409, "closed", say("本部分考试已结束，试卷不能再打开。"))
        paper = await self.desk.paper(UUID(seat.attempts[seat.parts[name]]))
        headers = [*JSON_HEADERS, (b"vary", b"accept-encoding"), (b"etag", paper.etag.encode())]
        await answer_bytes(scope, send, headers, paper.plain, paper.packed)
