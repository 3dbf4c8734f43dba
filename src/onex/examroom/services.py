"""Named writes of the room: packages in, and what invigilators do. Each leaves its event in the same transaction.

Seats are locked before their attempts and in key order, as the gate does; no attempt is held across anything but SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

from onex.common import audit_guard, tx
from onex.common.clock import to_ms
from onex.common.ids import uuid7
from onex.common.permits import PERMITS, seen
from onex.common.text import Refused, Say, say
from onex.examroom import queries, rules
from onex.examroom.canonical import canonical_json, digest_of
from onex.examroom.gate import tokens
from onex.examroom.models import (
    Attempt,
    Candidate,
    Form,
    Presence,
    Room,
    RoomEvent,
    RoomSession,
    RoomStaff,
)
from onex.examroom.permits import RoomActor
from onex.examroom.rules import IncidentKind, Part, RoomRole

# --- packages in -------------------------------------------------------------------------------------------------


def load_package(package: Mapping[str, Any], *, at: datetime) -> RoomSession:
    """Put a package (docs/exam-room.md, version 1) into the room; the same package again changes nothing.

    A different package of the same session replaces the first until somebody has signed in or was admitted.
    Raises Refused with every problem.
    """
    problems: list[Say] = rules.problems_with_package(package)
    session_id = None if problems else _uuid(package["session"]["id"])
    if session_id is None:
        raise Refused(*problems or [say("考务包的场次编号不是 UUID。")])
    given, package_hash = package["session"], digest_of(package)
    with tx.write("room"):
        known = RoomSession.objects.select_for_update(no_key=True).filter(pk=session_id).first()
        if known is not None and known.package_hash == package_hash:
            return known
        if known is not None:
            if queries.has_begun(known):
                raise Refused(say("已有考生签到或放行，场次“{title}”的考务包不能再更换。", title=known.title))
            with audit_guard.opened("room"):  # events stay, without the seat that goes
                _empty(known)
        session = known or RoomSession(pk=session_id)
        for name in ("title", "certificate", "level", "site", "starts_at", "rules"):
            setattr(session, name, given[name])
        session.package_hash, session.loaded_at = package_hash, to_ms(at)
        session.save()
        _fill(session, package)
        RoomEvent.objects.create(
            session=session, kind="package_loaded", data={"hash": package_hash}, at=session.loaded_at
        )
    return session


def _empty(session: RoomSession) -> None:
    Attempt.objects.filter(candidate__session=session).delete()
    Presence.objects.filter(candidate__session=session).delete()
    for rows in (session.candidates, session.forms, session.staff, session.rooms):
        rows.all().delete()


def _fill(session: RoomSession, package: Mapping[str, Any]) -> None:
    grace_ms = rules.rules_from(session.rules).grace_ms
    rooms = {row["id"]: Room(session=session, ref=row["id"], name=row["name"]) for row in package["rooms"]}
    Room.objects.bulk_create(rooms.values())
    RoomStaff.objects.bulk_create(
        RoomStaff(
            session=session,
            room=rooms[row["room"]] if row["role"] == RoomRole.INVIGILATOR else None,
            ref=row["ref"],
            name=row["name"],
            role=row["role"],
            secret_hash=row["secret_hash"],
        )
        for row in package["staff"]
    )
    forms = {}
    for row in package["forms"]:
        public = {name: row[name] for name in ("id", "part", "title", "sections")}
        forms[row["id"]] = Form(
            session=session,
            ref=row["id"],
            part=row["part"],
            title=row["title"],
            body=canonical_json(public),
            hash=digest_of(public),
        )
    Form.objects.bulk_create(forms.values())
    candidates, attempts = [], []
    for row in package["candidates"]:
        candidate = Candidate(
            session=session,
            room=rooms[row["room"]],
            seat_no=str(row["seat_no"]),
            photo_hash=row.get("photo_hash", ""),
            time_factor=row.get("time_factor", 1.0),
            **{name: row[name] for name in ("entry", "ticket_no", "name", "masked_id", "seat_code_hash")},
        )
        candidates.append(candidate)
        attempts += [
            Attempt(candidate=candidate, form=forms[ref], part=part, grace_ms=grace_ms)
            for part, ref in sorted(row["forms"].items())
        ]
    Candidate.objects.bulk_create(candidates, batch_size=500)
    Attempt.objects.bulk_create(attempts, batch_size=500)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- at the seats ------------------------------------------------------------------------------------------------


def admission_token(session: UUID, ticket_no: str, *, opens_at: datetime, ends_at: datetime) -> str:
    """The signed code of an admission ticket: good at this session's gate alone, from check-in to the session's end.

    Nothing is stored: the gate checks the signature, so a token cannot be looked up, counted up or made by anybody
    without the seat keys.
    """
    return tokens.make_admission(session, ticket_no, to_ms(opens_at), to_ms(ends_at), settings.SEAT_KEYS.by_id)


def admit(candidates: Sequence[Candidate], *, by: RoomActor, at: datetime) -> int:
    """Identity checked, the candidates may start; who was admitted before stays so. Answers how many are new."""
    with tx.write("room"):
        rows = _locked("examroom.admit", candidates, by)
        fresh = [row for row in rows if row.admitted_at is None]
        Candidate.objects.filter(pk__in=[row.pk for row in fresh]).update(
            admitted_at=to_ms(at), version=F("version") + 1
        )
        _tell(fresh, "admitted", {}, by=by, at=at)
    return len(fresh)


def release_seat(candidate: Candidate, *, by: RoomActor, at: datetime, note: str = "") -> None:
    """Allow one more sign-in, on another machine or the same. Raises Refused when nobody has signed in yet."""
    with tx.write("room"):
        (row,) = _locked("examroom.release_seat", [candidate], by)
        if row.sign_in == 0:
            raise Refused(say("{name}还没有登录过，可以直接在任一考试机登录。", name=row.name))
        if row.sign_in_limit > row.sign_in:
            return  # allowed already and not yet used
        Candidate.objects.filter(pk=row.pk).update(sign_in_limit=row.sign_in + 1, version=F("version") + 1)
        _tell([row], "seat_released", {"note": note.strip()}, by=by, at=at)


def grant_minutes(
    candidates: Sequence[Candidate], part: Part, minutes: int, *, reason: str, by: RoomActor, at: datetime
) -> list[Candidate]:
    """Add minutes to one part, of one candidate or of a room; answers whom it reached.

    Of several, those who cannot get it (handed in, absent) are passed over. Raises Refused when nobody can.
    """
    if not reason.strip():
        raise Refused(say("请写明加时原因。"))
    with tx.write("room"):
        rows = _locked("examroom.grant_minutes", candidates, by)
        reached, problems = [], []
        for seat in queries.seats_with_attempts(rows):
            if problem := _problems_on_grant(seat, part, minutes, to_ms(at)):
                problems += problem
            else:
                reached.append(seat)
        if not reached:
            raise Refused(*dict.fromkeys(problems))
        _bump(reached)
        attempts = [attempt.pk for seat in reached for attempt in seat.attempts.all() if attempt.part == part]
        added = minutes * rules.MINUTE
        Attempt.objects.filter(pk__in=attempts, handed_in_at=None).update(
            granted_ms=F("granted_ms") + added, closes_at=F("closes_at") + added
        )
        _tell(reached, "granted", {"part": part, "minutes": minutes, "reason": reason.strip()}, by=by, at=at)
    return reached


def _problems_on_grant(seat: Candidate, part: Part, minutes: int, at: int) -> list[Say]:
    sats = queries.sats_of(seat)
    if part not in sats:
        return [say("{name}没有{part}。", name=seat.name, part=part.label)]
    given = rules.rules_from(seat.session.rules)
    theory, practical = sats.get(Part.THEORY), sats.get(Part.PRACTICAL)
    return rules.problems_on_grant(sats[part], given, seat.session.starts_at, theory, practical, minutes, at)


def force_hand_in(candidate: Candidate, part: Part, *, reason: str, by: RoomActor, at: datetime) -> None:
    """Hand in for the candidate (discipline, illness). Lines on their way afterwards are set apart as late.

    Raises Refused when the part is not open.
    """
    if not reason.strip():
        raise Refused(say("请写明强制交卷的原因。"))
    with tx.write("room"):
        (row,) = _locked("examroom.force_hand_in", [candidate], by)
        _bump([row])
        handed_in = Attempt.objects.filter(
            candidate=row, part=part, opened_at__isnull=False, handed_in_at=None, closes_at__gte=to_ms(at)
        ).update(handed_in_at=to_ms(at))
        if not handed_in:
            raise Refused(say("{name}的{part}没有在作答，不需要强制交卷。", name=row.name, part=part.label))
        _tell([row], "forced_hand_in", {"part": part, "reason": reason.strip()}, by=by, at=at)


def record_incident(candidate: Candidate, kind: IncidentKind, note: str, *, by: RoomActor, at: datetime) -> RoomEvent:
    """Write down what was seen; the decision is made elsewhere, later, with the candidate heard."""
    if not note.strip():
        raise Refused(say("请写明经过。"))
    with tx.write("room"):
        (row,) = _locked("examroom.record_incident", [candidate], by)
        _bump([row])
        (event,) = _tell([row], "incident", {"incident": kind, "note": note.strip()}, by=by, at=at)
    return event


def _locked(code: str, candidates: Sequence[Candidate], by: RoomActor) -> list[Candidate]:
    """These seats as they are now, held until the end of the transaction.

    Raises Refused when one of them is not of this actor's room.
    """
    wanted = {row.pk for row in candidates}
    if not wanted:
        raise Refused(say("请先选择考生。"))
    rows = seen(code, by, Candidate.objects.filter(pk__in=wanted))
    held = list(rows.select_for_update(no_key=True, of=("self",)).select_related("session", "room").order_by("pk"))
    if len(held) < len(wanted):
        role, action = by.role.label, PERMITS[code].label
        raise Refused(say("您当前的身份（{role}）无权办理：{action}", role=role, action=action))
    return held


def _bump(rows: Sequence[Candidate]) -> None:
    """What the pulse looks at; it also takes the seats before their attempts."""
    Candidate.objects.filter(pk__in=[row.pk for row in rows]).update(version=F("version") + 1)


def _tell(
    rows: Sequence[Candidate], kind: str, data: Mapping[str, Any], *, by: RoomActor, at: datetime
) -> list[RoomEvent]:
    return RoomEvent.objects.bulk_create(
        RoomEvent(
            id=uuid7(),
            session_id=row.session_id,
            room_id=row.room_id,
            candidate=row,
            kind=kind,
            data=dict(data),
            by_ref=by.ref,
            by_label=by.label,
            at=to_ms(at),
        )
        for row in rows
    )


def forget_candidates(entries: Sequence[str], name: str) -> int:
    """Put `name` in the place of these candidates' own, and nothing in the place of number and photo.

    Answers and events stay: the examination is a record. For services that have asked their own permit; twice is once.
    """
    with tx.write("room"):
        return Candidate.objects.filter(entry__in=entries).update(name=name, masked_id="", photo_hash="", machine="")
