"""What the gate reads: a candidate's facts, the lines of an attempt, the forms; and the state made of them."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from onex.examroom import rules
from onex.examroom.gate.store import Store
from onex.examroom.rules import Part, Rules, Sat

CANDIDATES_IN_MEMORY = 50_000

DOOR = """
select c.id, c.seat_code_hash, s.id, s.starts_at, s.rules, {now}
from examroom_candidate c join examroom_roomsession s on s.id = c.session_id
where c.ticket_no = :ticket_no
"""
FACTS = """
select c.id, c.name, c.ticket_no, c.masked_id, c.seat_no, c.time_factor, c.admitted_at, c.sign_in, c.version,
       r.name, s.id, s.title, s.certificate, s.level, s.site, s.starts_at, s.rules, r.id,
       a.id, a.part, f.id, f.ref, a.opened_at, a.closes_at, a.handed_in_at, a.granted_ms, {now}
from examroom_candidate c
join examroom_roomsession s on s.id = c.session_id
join examroom_room r on r.id = c.room_id
join examroom_attempt a on a.candidate_id = c.id
join examroom_form f on f.id = a.form_id
where c.id = :candidate
"""
CURRENT_LINES = """
select item, seq, body, hash
from (select x.item, x.sign_in, x.seq, x.body, x.hash,
             row_number() over (partition by x.item order by x.sign_in desc, x.seq desc) as place
      from examroom_answer x where x.attempt_id = :attempt) ranked
where place = 1
order by sign_in, seq
"""
LAST_LINE = """
select seq, hash from examroom_answer
where attempt_id = :attempt and sign_in = :sign_in order by seq desc limit 1
"""
FORM = "select body, hash from examroom_form where id = :form"


@dataclass(frozen=True, slots=True)
class PartFacts:
    attempt: UUID
    form: UUID
    form_ref: str
    sat: Sat


@dataclass(frozen=True, slots=True)
class Facts:
    """One candidate as stored at `read_at` (this process's monotonic seconds)."""

    candidate: UUID
    shown: Mapping[str, Any]  # the candidate as the page shows it
    session_id: UUID
    room_id: UUID
    session: Mapping[str, Any]  # the session as the page shows it
    starts_at: int
    rules: Rules
    time_factor: float
    is_admitted: bool
    sign_in: int
    version: int
    parts: Mapping[str, PartFacts]
    read_at: float

    @property
    def theory(self) -> Sat | None:
        found = self.parts.get(Part.THEORY)
        return found.sat if found else None

    def part_at(self, part: str, now: int) -> dict[str, Any]:
        """A part as docs/exam-room.md shows it."""
        facts = self.parts[part]
        sat, minutes = facts.sat, self.rules.minutes_of(part) * self.time_factor
        return {
            "part": part,
            "attempt": str(facts.attempt),
            "form": facts.form_ref,
            "minutes": int(minutes) if minutes == int(minutes) else minutes,
            "opens_at": rules.opens_at(part, self.rules, self.starts_at, self.theory),
            "opened_at": sat.opened_at,
            "closes_at": sat.closes_at,
            "handed_in_at": sat.handed_in_at,
            "granted_ms": sat.granted_ms,
            "state": rules.part_state(sat, self.rules, self.starts_at, self.theory, now),
        }

    def parts_at(self, now: int) -> list[dict[str, Any]]:
        return [self.part_at(part, now) for part in Part if part in self.parts]

    def state_at(self, now: int, sign_in: int) -> dict[str, Any]:
        """`GET /gate/state` without its lines, as asked by the machine of this sign-in."""
        return {
            "candidate": self.shown,
            "session": self.session,
            "admitted": self.is_admitted,
            "current": self.sign_in == sign_in,
            "version": self.version,
            "parts": self.parts_at(now),
            "sign_in": sign_in,
        }


@dataclass(frozen=True, slots=True)
class Paper:
    """A form ready to be sent, and the items a line may speak of."""

    plain: bytes
    packed: bytes
    etag: str
    items: frozenset[str]


class Clock:
    """The database's clock, carried on by this machine's between two readings."""

    def __init__(self) -> None:
        self._ahead = time.time() * 1000 - time.monotonic() * 1000

    def saw(self, now: int) -> None:
        self._ahead = now - time.monotonic() * 1000

    def now(self) -> int:
        return round(time.monotonic() * 1000 + self._ahead)


class Reads:
    """Reads through one cache of candidates and one of papers. Forms never change once somebody has signed in."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._facts: dict[UUID, Facts] = {}
        self._papers: dict[UUID, Paper] = {}

    async def door(self, ticket_no: str) -> list[tuple[UUID, str, UUID, int, Rules, int]]:
        """The seats of this ticket number: candidate, code hash, session, start, rules, now."""
        rows = await self._store.read(DOOR, {"ticket_no": ticket_no})
        return [
            (as_uuid(row[0]), row[1], as_uuid(row[2]), row[3], rules.rules_from(_json(row[4])), row[5]) for row in rows
        ]

    async def facts(self, candidate: UUID, max_age: float = 0.0) -> Facts | None:
        """The candidate's facts, at most `max_age` seconds old; None when the package was replaced meanwhile."""
        known = self._facts.get(candidate)
        if known is not None and time.monotonic() - known.read_at <= max_age:
            return known
        read_at = time.monotonic()
        rows = await self._store.read(FACTS, {"candidate": candidate})
        if not rows:
            return None
        if len(self._facts) > CANDIDATES_IN_MEMORY:
            self._facts.clear()
        self._clock.saw(rows[0][-1])
        found = self._facts[candidate] = _facts(rows, read_at)
        return found

    async def lines(self, attempt: UUID, sign_in: int) -> tuple[list[dict[str, Any]], int, str]:
        """The current value of each item, and the end of this sign-in's chain."""
        rows = await self._store.read(CURRENT_LINES, {"attempt": attempt})
        last = await self._store.read(LAST_LINE, {"attempt": attempt, "sign_in": sign_in})
        shown = [
            {"seq": seq, "item": item, "body": body, "hash": bytes(hash_).hex()} for item, seq, body, hash_ in rows
        ]
        return shown, last[0][0] if last else 0, bytes(last[0][1]).hex() if last else ""

    def paper_in_memory(self, form: UUID) -> Paper | None:
        return self._papers.get(form)

    async def paper(self, form: UUID) -> Paper | None:
        """A form, compressed once in a process's life."""
        known = self._papers.get(form)
        if known is not None:
            return known
        rows = await self._store.read(FORM, {"form": form})
        if not rows:
            return None
        body, hash_ = rows[0]
        content = json.loads(body)
        items = frozenset(item["id"] for section in content["sections"] for item in section["items"])
        plain = body.encode()
        found = self._papers[form] = Paper(plain, gzip.compress(plain, 9, mtime=0), f'"{hash_[:32]}"', items)
        return found


def as_uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _facts(rows: list[tuple[Any, ...]], read_at: float) -> Facts:
    first = rows[0]
    given = _json(first[16])
    return Facts(
        candidate=as_uuid(first[0]),
        shown={
            "name": first[1],
            "ticket_no": first[2],
            "masked_id": first[3],
            "room": first[9],
            "seat_no": first[4],
        },
        session_id=as_uuid(first[10]),
        room_id=as_uuid(first[17]),
        session={
            "title": first[11],
            "certificate": first[12],
            "level": first[13],
            "site": first[14],
            "rules": given,
        },
        starts_at=first[15],
        rules=rules.rules_from(given),
        time_factor=first[5],
        is_admitted=first[6] is not None,
        sign_in=first[7],
        version=first[8],
        parts={
            row[19]: PartFacts(
                as_uuid(row[18]), as_uuid(row[20]), row[21], Sat(row[19], row[22], row[23], row[24], row[25])
            )
            for row in rows
        },
        read_at=read_at,
    )
