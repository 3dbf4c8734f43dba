"""What every address of the gate shares: the store, the clock, the keys, and who is asking."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from onex.common.ids import uuid7
from onex.common.text import say
from onex.examroom.gate import tokens
from onex.examroom.gate.http import Refusal, Scope, Send, answer
from onex.examroom.gate.pulse import Pulse
from onex.examroom.gate.reads import Clock, Facts, Paper, Reads
from onex.examroom.gate.store import Statement, Store
from onex.examroom.gate.writer import Writer

TOKENS_IN_MEMORY = 50_000
SEAT_AGE = 2.0  # seconds that another machine's take-over may go unnoticed by reads
encode = msgspec.json.Encoder().encode

_PUT_EVENT = """
insert into examroom_roomevent (id, session_id, room_id, candidate_id, kind, data, by_ref, by_label, at)
values (:id, :session, :room, :candidate, :kind, :data, '', '', {now})
"""


class Desk:
    """One for each process."""

    def __init__(self, store: Store, writer: Writer, pulse: Pulse, keys: Mapping[str, bytes]) -> None:
        self.store, self.writer, self.pulse, self.keys = store, writer, pulse, keys
        self.key_id, self.key = next(iter(keys.items()))
        self.clock = Clock()
        self.reads = Reads(store, self.clock)
        self._seats: dict[bytes, tokens.Seat] = {}

    def seat(self, scope: Scope) -> tokens.Seat:
        """Who asks. Raises Refusal 401."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                seat = self._seats.get(value)
                if seat is None:
                    seat = self._read_token(value)
                elif seat.exp <= self.clock.now():
                    raise no_token()
                return seat
        raise no_token()

    def _read_token(self, value: bytes) -> tokens.Seat:
        scheme, _, token = value.partition(b" ")
        try:
            if scheme.lower() != b"bearer" or len(token) > 2_000:
                raise tokens.BadToken
            seat = tokens.read_seat(token.strip().decode("ascii"), self.keys, self.clock.now())
        except (tokens.BadToken, UnicodeDecodeError):
            raise no_token() from None
        if len(self._seats) >= TOKENS_IN_MEMORY:
            self._seats.clear()
        self._seats[value] = seat
        return seat

    async def facts(self, seat: tokens.Seat, max_age: float = 0.0) -> Facts:
        """The seat as stored. Raises Refusal 401 when its session is gone."""
        self.pulse.heard(seat.candidate)
        facts = await self.reads.facts(seat.candidate, max_age)
        if facts is None:
            raise no_token()
        return facts

    async def paper(self, form: UUID) -> Paper:
        paper = await self.reads.paper(form)
        if paper is None:
            raise no_token()
        return paper

    async def reply(self, send: Send, content: dict[str, Any]) -> None:
        await answer(send, 200, encode(content | {"now": self.clock.now()}))

    async def refuse(self, send: Send, refusal: Refusal) -> None:
        content = {"error": refusal.code, "message": str(refusal.sentence), "now": self.clock.now()}
        more = [(b"retry-after", str(refusal.retry_after).encode())] if refusal.retry_after else []
        if refusal.status == 413:
            more.append((b"connection", b"close"))  # the rest of the body is not read
        await answer(send, refusal.status, encode(content), more)


def event_of(facts: Facts, kind: str, data: Mapping[str, Any]) -> Statement:
    """A room event about this candidate, for `Store.write`."""
    return (
        _PUT_EVENT,
        {
            "id": uuid7(),
            "session": facts.session_id,
            "room": facts.room_id,
            "candidate": facts.candidate,
            "kind": kind,
            "data": encode(data).decode(),
        },
    )


def no_token() -> Refusal:
    return Refusal(401, "bad_token", say("登录已失效，请重新登录座位。"))


def not_current() -> Refusal:
    return Refusal(409, "not_current", say("本座位已在另一台考试机登录。"))


def not_allowed() -> Refusal:
    return Refusal(403, "not_allowed", say("这不是您的答卷。"))


def busy() -> Refusal:
    # A little apart from each other, or all come back at once.
    return Refusal(503, "busy", say("考场服务器繁忙，请稍候，答案保存在本机。"), random.randint(1, 4))  # noqa: S311


def unknown() -> Refusal:
    return Refusal(503, "unknown", say("考场服务器没有确认保存，答案保存在本机，将自动重试。"), 1)
