"""The seat: sign in, read the state, wait for a change, tell what happened on the page."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from onex.common.origins import household
from onex.common.text import say
from onex.examroom import rules
from onex.examroom.gate import tokens
from onex.examroom.gate.desk import SEAT_AGE, Desk, encode, event_of, not_current
from onex.examroom.gate.http import Receive, Refusal, Scope, Send, bad_request, client_address, read_json
from onex.examroom.limits import Limiter
from onex.examroom.rules import Rules

PULSE_SECONDS = 25.0
TOKEN_LIFE = 24 * 60 * rules.MINUTE  # a session fits into a day
EVENTS_AT_ONCE = 20
EVENT_DATA_CAP = 2_000  # characters


class SignIn(msgspec.Struct):
    """Who sits down: the signed admission of the ticket or, typed, its number; and the code that lies on the seat."""

    seat_code: str
    ticket_no: str = ""
    admission: str = ""
    machine: str = ""


class Told(msgspec.Struct):
    kind: str
    data: dict[str, Any] = {}
    t: float = 0


class Events(msgspec.Struct):
    events: list[Told]


_sign_in, _events = msgspec.json.Decoder(SignIn), msgspec.json.Decoder(Events)
_since = re.compile(rb"(?:^|&)since=(\d{1,9})(?:&|$)")
_event_kind = re.compile(r"[a-z][a-z0-9_-]{0,30}").fullmatch
_TAKE_SEAT = """
update examroom_candidate
set sign_in = sign_in + 1, signed_in_at = coalesce(signed_in_at, {now}), machine = :machine, version = version + 1
where id = :candidate and sign_in < sign_in_limit
returning sign_in
"""
_TAKE_ATTEMPTS = """
update examroom_attempt
set sign_in = (select c.sign_in from examroom_candidate c where c.id = :candidate)
where candidate_id = :candidate
"""


class Seats:
    """`/gate/sign-in`, `/gate/state`, `/gate/pulse`, `/gate/event`."""

    def __init__(self, desk: Desk, proxies: int) -> None:
        self.desk, self._proxies = desk, proxies
        # Wrong guesses: of one seat from one machine, of one seat, from one address.
        self._guesses = (Limiter(5, 30), Limiter(30, 60), Limiter(120, 60))
        self._talk = Limiter(60, 60)

    async def sign_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        ask = await read_json(_sign_in, scope, receive)
        if not (ask.ticket_no or ask.admission):
            raise bad_request()
        admission = self._admission(ask.admission)
        ticket_no, machine = _plain(ask.ticket_no, 64), _plain(ask.machine, 80)
        if ask.admission:  # what is signed counts, whatever was typed beside it; of a forged one nothing counts
            ticket_no = admission.ticket_no if admission is not None else ""
        address = household(client_address(scope, self._proxies))
        keys = ((address, ticket_no), ticket_no, address)
        # Forged tokens share no number that could be blocked for others: only their address counts.
        guesses = [pair for pair in zip(self._guesses, keys, strict=True) if ticket_no or pair[1] == address]
        pause = max(limiter.pause(key) for limiter, key in guesses)
        if pause:
            wait = say("尝试次数过多，请在 {n} 秒后再试，或举手告知监考员。", n=int(pause) + 1)
            raise Refusal(429, "slow_down", wait, int(pause) + 1)
        found = await self._at_door(ticket_no, ask.seat_code, admission) if ticket_no else None
        if found is None:
            for limiter, key in guesses:
                limiter.strike(key)
            raise _unknown_seat()
        self._guesses[0].forgive(keys[0])
        candidate, starts_at, given, now = found
        self.desk.clock.saw(now)
        if problems := rules.problems_on_sign_in(given, starts_at, now):
            raise Refusal.of(problems[0])
        if admission is not None and now < admission.nbf:
            raise Refusal.of(rules.not_yet(admission.nbf, now))
        await self._take(candidate, machine)
        facts = await self.desk.reads.facts(candidate)
        if facts is None:
            raise _unknown_seat()
        self.desk.pulse.heard(candidate)
        token = tokens.make(
            tokens.SEAT,
            tokens.Seat(
                candidate=candidate,
                sign_in=facts.sign_in,
                attempts={str(part.attempt): str(part.form) for part in facts.parts.values()},
                parts={name: str(part.attempt) for name, part in facts.parts.items()},
                exp=self.desk.clock.now() + TOKEN_LIFE,
            ),
            self.desk.keys,
        )
        await self.desk.reply(send, {"token": token, "candidate": facts.shown, "admitted": facts.is_admitted})

    def _admission(self, token: str) -> tokens.Admission | None:
        """What the ticket's code says, checked without a database; None for a forged, foreign or expired one."""
        try:
            return tokens.read_admission(token.strip(), self.desk.keys, self.desk.clock.now()) if token else None
        except tokens.BadToken:
            return None

    async def _at_door(
        self, ticket_no: str, seat_code: str, admission: tokens.Admission | None
    ) -> tuple[UUID, int, Rules, int] | None:
        for candidate, code_hash, session, starts_at, given, now in await self.desk.reads.door(ticket_no):
            if admission is not None and admission.aud != session.hex:
                continue
            # The same ticket number in two sessions is another year's: the right code tells them apart.
            wanted = sha256(f"{session}:{seat_code}".encode()).hexdigest()
            if hmac.compare_digest(wanted, code_hash):
                return candidate, starts_at, given, now
        return None

    async def _take(self, candidate: UUID, machine: str) -> None:
        """Make this machine the seat's current one. Raises Refusal 409 when an invigilator has not allowed it."""
        facts = await self.desk.reads.facts(candidate)
        if facts is None:
            raise _unknown_seat()
        taken = await self.desk.store.write(
            [
                (_TAKE_SEAT, {"candidate": candidate, "machine": machine}),
                (_TAKE_ATTEMPTS, {"candidate": candidate}),
                event_of(facts, "signed_in", {"machine": machine}),
            ]
        )
        if taken is None:
            if not self._talk.pause(candidate):
                self._talk.strike(candidate)
                await self.desk.store.write([event_of(facts, "seat_refused", {"machine": machine})])
            raise Refusal(409, "seat_taken", say("该考生已在其他考试机登录。需要换机时请举手，由监考员允许后再登录。"))

    async def state(self, scope: Scope, receive: Receive, send: Send) -> None:
        seat = self.desk.seat(scope)
        facts = await self.desk.facts(seat)
        lines: dict[str, Any] = {}
        last_seq: dict[str, int] = {}
        last_hash: dict[str, str] = {}
        if facts.sign_in == seat.sign_in:
            for name, part in facts.parts.items():
                lines[name], last_seq[name], last_hash[name] = await self.desk.reads.lines(part.attempt, seat.sign_in)
        state = facts.state_at(self.desk.clock.now(), seat.sign_in)
        await self.desk.reply(send, state | {"lines": lines, "last_seq": last_seq, "last_hash": last_hash})

    async def pulse(self, scope: Scope, receive: Receive, send: Send) -> None:
        seat = self.desk.seat(scope)
        match = _since.search(scope.get("query_string", b""))
        if match is None:
            raise bad_request()
        since = int(match[1])
        self.desk.pulse.heard(seat.candidate)
        has_changed = await self.desk.pulse.changed(seat.candidate, since, PULSE_SECONDS)
        # Without a change what was read last still stands: the pulse has just looked.
        facts = await self.desk.facts(seat, max_age=0 if has_changed else 2 * PULSE_SECONDS)
        if facts.version != since:
            facts = await self.desk.facts(seat)
        await self.desk.reply(send, facts.state_at(self.desk.clock.now(), seat.sign_in))

    async def event(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Best effort: what is too long or too much is not heard, and the exam goes on."""
        seat = self.desk.seat(scope)
        ask = await read_json(_events, scope, receive)
        facts = await self.desk.facts(seat, max_age=SEAT_AGE)
        if facts.sign_in != seat.sign_in:
            raise not_current()
        heard = []
        for told in ask.events[:EVENTS_AT_ONCE]:
            data = {**told.data, "t": told.t}
            text = encode(data)
            is_fit = _event_kind(told.kind) and len(text) <= EVENT_DATA_CAP and b"\\u0000" not in text
            if is_fit and not self._talk.pause(seat.candidate):
                self._talk.strike(seat.candidate)
                heard.append(event_of(facts, "page_" + told.kind, data))
        if heard:
            await self.desk.store.write(heard)
        await self.desk.reply(send, {"heard": len(heard)})


def _unknown_seat() -> Refusal:
    return Refusal(403, "unknown_seat", say("准考证号或座位码不正确，请核对后再试。"))


def _plain(text: str, limit: int) -> str:
    """Typed text as a column can hold it."""
    return text.strip().replace("\0", "")[:limit]
