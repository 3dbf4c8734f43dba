"""Named reads of the room: the console's seats, whether a session is over, the bundles that leave it."""

from __future__ import annotations

import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from onex.common.clock import to_ms
from onex.common.permits import seen
from onex.common.text import Refused, say
from onex.examroom import rules
from onex.examroom.canonical import digest_of
from onex.examroom.gate.lines import chain_of
from onex.examroom.models import (
    Answer,
    AnswerConflict,
    AnswerLate,
    Candidate,
    Room,
    RoomEvent,
    RoomSession,
    RoomStaff,
)
from onex.examroom.permits import RoomActor
from onex.examroom.rules import Part, PartState, RoomRole, Sat, SeatState

DAY = 24 * 60 * rules.MINUTE
SEATS_AT_ONCE = 50  # candidates whose answers are in memory together while bundling


# --- people of the room ------------------------------------------------------------------------------------------


def staff_at_door(name: str, code: str, *, at: datetime) -> RoomActor | None:
    """The person of a session of these days with this name and code; of several sessions, the nearest in time."""
    moment = to_ms(at)
    near = Q(session__starts_at__range=(moment - DAY, moment + DAY))
    people = RoomStaff.objects.filter(near, name=name.strip()).select_related("session", "room")
    for person in sorted(people, key=lambda person: abs(person.session.starts_at - moment)):
        wanted = sha256(f"{person.session_id}:{code.strip()}".encode()).hexdigest()
        if hmac.compare_digest(wanted, person.secret_hash):
            return _actor(person)
    return None


def staff_member(staff_id: UUID) -> RoomActor | None:
    """The person a room-staff token names."""
    person = RoomStaff.objects.select_related("session", "room").filter(pk=staff_id).first()
    return _actor(person) if person else None


def _actor(person: RoomStaff) -> RoomActor:
    role = RoomRole(person.role)
    return RoomActor(
        user_id=person.pk,
        name=person.name,
        role=role,
        organisation_id=person.session_id if role is RoomRole.CHIEF else person.room_id,
        organisation_name=person.room.name if person.room else person.session.site,
        ref=person.ref,
        session_id=person.session_id,
        room_id=person.room_id,
    )


def rooms_of(actor: RoomActor) -> QuerySet[Room]:
    """The rooms where this person works."""
    rooms = Room.objects.filter(session_id=actor.session_id).select_related("session")
    return rooms if actor.room_id is None else rooms.filter(pk=actor.room_id)


# --- the console -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seat:
    """A seat as the console shows it at one moment."""

    candidate: Candidate
    state: SeatState
    parts: Mapping[Part, PartState]
    sats: Mapping[str, Sat]
    incident_count: int
    silent_seconds: int | None

    @property
    def current(self) -> Part | None:
        """The part that is being written, else the next one."""
        for wanted in (PartState.OPEN, PartState.READY, PartState.WAITING):
            for part, state in self.parts.items():
                if state is wanted:
                    return part
        return None

    @property
    def closes_at(self) -> int | None:
        current = self.current
        return self.sats[current].closes_at if current else None

    @property
    def may_switch(self) -> bool:
        """A further sign-in is allowed and has not been used."""
        return 0 < self.candidate.sign_in < self.candidate.sign_in_limit


def seats_seen(actor: RoomActor) -> QuerySet[Candidate]:
    """The seats this person watches over."""
    return seen("examroom.see_seats", actor, Candidate.objects.all())


def seats_with_attempts(rows: Iterable[Candidate]) -> list[Candidate]:
    """The same seats with session and attempts read anew, in key order."""
    found = Candidate.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return list(found.select_related("session").prefetch_related("attempts"))


def seats_in(candidates: QuerySet[Candidate], *, at: datetime) -> list[Seat]:
    """These seats as they stand, in seat order."""
    rows = candidates.select_related("session", "room", "presence").prefetch_related("attempts")
    incidents = Count("events", filter=Q(events__kind="incident"))
    found = [_seat(row, to_ms(at)) for row in rows.annotate(incident_count=incidents)]
    return sorted(found, key=lambda seat: _seat_order(seat.candidate.seat_no))


def _seat(row: Any, at: int) -> Seat:
    sats, given = sats_of(row), rules.rules_from(row.session.rules)
    theory = sats.get(Part.THEORY)
    parts = {
        part: rules.part_state(sats[part], given, row.session.starts_at, theory, at) for part in Part if part in sats
    }
    presence = getattr(row, "presence", None)
    state = rules.seat_state(
        signed_in_at=row.signed_in_at,
        admitted_at=row.admitted_at,
        seen_at=presence.seen_at if presence else None,
        parts=list(parts.values()),
        at=at,
    )
    silent = (at - presence.seen_at) // rules.SECOND if presence else None
    return Seat(row, state, parts, sats, row.incident_count, silent)


def _seat_order(seat_no: str) -> tuple[int, str]:
    return (int(seat_no), "") if seat_no.isdecimal() else (10**9, seat_no)


def sats_of(candidate: Candidate) -> dict[str, Sat]:
    """The candidate's attempts as the rules see them, by part; uses prefetched attempts."""
    return {
        attempt.part: Sat(attempt.part, attempt.opened_at, attempt.closes_at, attempt.handed_in_at, attempt.granted_ms)
        for attempt in candidate.attempts.all()
    }


@dataclass(frozen=True)
class Counters:
    """The console's figures; those who finished are among those who came."""

    all: int
    came: int
    absent: int
    waiting: int
    answering: int
    finished: int
    interrupted: int


def counters_of(seats: Sequence[Seat]) -> Counters:
    count = Counter(seat.state for seat in seats)
    absent = count[SeatState.ABSENT]
    return Counters(
        all=len(seats),
        came=len(seats) - absent,
        absent=absent,
        waiting=count[SeatState.ARRIVED],
        answering=count[SeatState.ANSWERING],
        finished=count[SeatState.FINISHED],
        interrupted=count[SeatState.INTERRUPTED],
    )


def seat_of(pk: UUID, *, by: RoomActor, at: datetime) -> Seat | None:
    """One seat as it stands, None when it is not for this person to see."""
    found = seats_in(seats_seen(by).filter(pk=pk), at=at)
    return found[0] if found else None


def seats_refused_since(room: Room, at: datetime) -> set[UUID]:
    """Candidates of the room who were refused at another machine since then and may be waiting for help."""
    rows = RoomEvent.objects.filter(session=room.session, room=room, kind="seat_refused", at__gte=to_ms(at))
    return set(rows.values_list("candidate_id", flat=True))


def events_of(candidate: Candidate, limit: int = 12) -> list[RoomEvent]:
    """What happened at this seat, newest first; what the page says of itself is left out."""
    return list(candidate.events.exclude(kind__startswith="page_").order_by("-at", "-id")[:limit])


# --- the session as a whole --------------------------------------------------------------------------------------


def session_of(session_id: UUID | str) -> RoomSession | None:
    return RoomSession.objects.filter(pk=session_id).first()


def has_begun(session: RoomSession) -> bool:
    """Whether somebody has signed in or was admitted: from then on the package stands."""
    return session.candidates.filter(Q(sign_in__gt=0) | Q(admitted_at__isnull=False)).exists()


def is_closed(session: RoomSession, *, at: datetime) -> bool:
    """Every attempt is handed in or past its end and grace; whoever did not start can start no more."""
    given, moment = rules.rules_from(session.rules), to_ms(at)
    for row in session.candidates.prefetch_related("attempts"):
        sats = sats_of(row)
        theory = sats.get(Part.THEORY)
        if not all(rules.is_over(sat, given, session.starts_at, theory, moment) for sat in sats.values()):
            return False
    return True


def bundles_of(session: RoomSession, *, at: datetime) -> Iterator[dict[str, Any]]:
    """What leaves the room, one bundle for each candidate (docs/exam-room.md, "Bundles").

    The same bundle however often it is asked for. Raises Refused while the session is not closed.
    """
    if not is_closed(session, at=at):
        raise Refused(say("场次“{title}”尚未结束，不能收取答卷。", title=session.title))
    return _bundles(session)


def _bundles(session: RoomSession) -> Iterator[dict[str, Any]]:
    ids = list(session.candidates.order_by("ticket_no").values_list("pk", flat=True))
    for start in range(0, len(ids), SEATS_AT_ONCE):
        rows = session.candidates.filter(pk__in=ids[start : start + SEATS_AT_ONCE]).order_by("ticket_no")
        candidates = list(rows.prefetch_related("attempts__form", "events"))
        attempts = [attempt.pk for row in candidates for attempt in row.attempts.all()]
        lines: dict[UUID, list[Answer]] = defaultdict(list)
        for line in Answer.objects.filter(attempt_id__in=attempts).order_by("attempt_id", "sign_in", "seq"):
            lines[line.attempt_id].append(line)
        late, conflicts = (
            Counter(table.objects.filter(attempt_id__in=attempts).values_list("attempt_id", flat=True))
            for table in (AnswerLate, AnswerConflict)
        )
        for row in candidates:
            yield _bundle(session, row, lines, late, conflicts)


def _bundle(
    session: RoomSession,
    candidate: Candidate,
    lines: Mapping[UUID, list[Answer]],
    late: Mapping[UUID, int],
    conflicts: Mapping[UUID, int],
) -> dict[str, Any]:
    attempts = sorted(candidate.attempts.all(), key=lambda attempt: list(Part).index(Part(attempt.part)))
    bundle: dict[str, Any] = {
        "version": 1,
        "session": str(session.pk),
        "package_hash": session.package_hash,
        "entry": candidate.entry,
        "ticket_no": candidate.ticket_no,
        "admitted_at": candidate.admitted_at,
        "parts": [
            {
                "part": attempt.part,
                "attempt": str(attempt.pk),
                "form": attempt.form.ref,
                "form_hash": attempt.form.hash,
                "opened_at": attempt.opened_at,
                "closes_at": attempt.closes_at,
                "handed_in_at": attempt.handed_in_at,
                "granted_ms": attempt.granted_ms,
                "answers": answers_in(lines.get(attempt.pk, [])),
                "lines": len(lines.get(attempt.pk, [])),
                "late": late.get(attempt.pk, 0),
                "chain": chain_of(str(attempt.pk), lines.get(attempt.pk, []), conflicts.get(attempt.pk, 0)),
            }
            for attempt in attempts
        ],
        "events": [
            {"kind": event.kind, "data": event.data, "by": event.by_label, "at": event.at}
            for event in sorted(candidate.events.all(), key=lambda event: (event.at, event.pk))
        ],
    }
    return bundle | {"hash": digest_of(bundle)}


def answers_in(lines: Iterable[Answer]) -> dict[str, Any]:
    """The current value of each item: the line of the highest (sign_in, seq); a cleared answer is none."""
    values = {line.item: json.loads(line.body) for line in sorted(lines, key=lambda line: (line.sign_in, line.seq))}
    return {item: value for item, value in values.items() if value is not None}
