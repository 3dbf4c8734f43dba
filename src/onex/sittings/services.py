"""Named writes: arrange, staff, bind papers, release tickets, hand a session to its room."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from onex.bank.models import Paper
from onex.bank.rules import Part
from onex.common import moves, tx
from onex.common.actors import SYSTEM, Actor
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.examroom import services as room
from onex.registration import queries as registration
from onex.registration import services as registration_services
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel
from onex.registration.rules import NewTimes, PlanLevelState
from onex.sittings import queries
from onex.sittings.models import ExamSession, Seat, SessionStaff
from onex.sittings.rules import IN_ROOM, SESSION, RoomSize, SessionState, StaffRole, seat, ticket_number
from onex.venues.models import ExamSite, SiteRoom

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without what is misread over a telephone


def arrange(plan_level: ExamPlanLevel, *, seed: int, by: Actor, at: datetime) -> list[ExamSession]:
    """Seat every accepted entry of the level, site by site, slot by slot; again with another seed replaces it.

    Raises Refused when registration is not closed, tickets are out already, or a site has too few machines.
    """
    demand("registration.plan_manage", by, plan_level)
    with tx.write():
        plan_level = moves.lock(plan_level)
        if plan_level.state != PlanLevelState.CLOSED:
            raise Refused(say("报名截止之后、准考证发布之前才能编排考场。"))
        before = ExamSession.objects.filter(plan_level=plan_level)
        if before.exclude(state=SessionState.ARRANGED).exists():
            raise Refused(say("准考证已发布，不能重新编排。"))
        before.delete()
        found = []
        for site in queries.sites_with_entries(plan_level):
            found += _arrange_site(plan_level, site, seed)
        if not found:
            raise Refused(say("没有已受理的报名，无需编排。"))
        for session in found:
            moves.leave_trace(session, "arrange", by=by, at=at, data={"seed": seed})
    return found


def _arrange_site(plan_level: ExamPlanLevel, site: ExamSite, seed: int) -> list[ExamSession]:
    entries = list(registration.accepted_entries(plan_level, site).select_related("student"))
    rooms = [RoomSize(room_.pk, room_.machine_count) for room_ in site.rooms.order_by("name")]
    capacity = sum(room_.machines for room_ in rooms)
    slots = list(plan_level.plan.slots.order_by("starts_at"))
    waves = _waves(entries, capacity, [slot.pk for slot in slots], site)
    sessions = []
    for slot in slots:
        here = waves.get(slot.pk, [])
        if here:
            session = ExamSession.objects.create(plan_level=plan_level, site=site, slot=slot, seed=seed)
            _seat(session, here, rooms, seed)
            sessions.append(session)
    return sessions


def _waves(entries: Sequence[Entry], capacity: int, slots: Sequence[UUID], site: ExamSite) -> dict[UUID, list[Entry]]:
    """Entries by slot: first those who are bound to one, then the rest into the earliest slot with a machine left."""
    waves: dict[UUID, list[Entry]] = {slot: [entry for entry in entries if entry.slot_id == slot] for slot in slots}
    for entry in (entry for entry in entries if entry.slot_id is None):
        place = next((slot for slot in slots if len(waves[slot]) < capacity), None)
        if place is None:
            raise Refused(
                say(
                    "{site}每场 {m} 台考试机，{k} 场容不下 {n} 人。",
                    site=site,
                    m=capacity,
                    k=len(slots),
                    n=len(entries),
                )
            )
        waves[place].append(entry)
    return waves


def _seat(session: ExamSession, entries: list[Entry], rooms: Sequence[RoomSize[UUID]], seed: int) -> None:
    plan = session.plan_level.plan
    placed = seat(
        sorted(entries, key=lambda entry: str(entry.pk)), rooms, group=lambda entry: entry.student.class_name, seed=seed
    )
    numbers = _fresh_numbers(len(placed), plan.year, plan.number)
    Seat.objects.bulk_create(
        Seat(
            session=session,
            entry=place.candidate,
            room_id=rooms[place.room].room,
            seat_no=place.seat_no,
            ticket_no=number,
            seat_code=f"{secrets.randbelow(10**6):06d}",
        )
        for place, number in zip(placed, numbers, strict=True)
    )


def _fresh_numbers(count: int, year: int, sitting: int) -> list[str]:
    """Ticket numbers nobody has; the unique key still decides."""
    found: set[str] = set()
    while len(found) < count:
        found |= {ticket_number(year, sitting, secrets.randbelow(10**9)) for _ in range(count - len(found))}
        found -= set(Seat.objects.filter(ticket_no__in=found).values_list("ticket_no", flat=True))
    return sorted(found, key=lambda _: secrets.randbits(32))


def reschedule(plan: ExamPlan, asked: NewTimes, *, by: Actor, at: datetime) -> ExamPlan:
    """Put an announced sitting off, with everything that was arranged for the old times.

    Seats and ticket numbers go: a ticket of the old day opens no seat on the new one, and whether rooms and people are
    free then has to be asked again. Each session leaves its trace. Raises Refused with every reason, and when a session
    is in its room already.
    """
    demand("registration.plan_edit", by, plan)
    with tx.write():
        plan = moves.lock(plan)
        sessions = ExamSession.objects.filter(plan_level__plan=plan)
        if sessions.filter(state__in=IN_ROOM).exists():
            raise Refused(say("已有场次下发考场，不能改期。"))
        is_out = sessions.filter(state=SessionState.RELEASED).exists()
        plan = registration_services.reschedule_plan(plan, asked, by=by, at=at, void_tickets=is_out)
        for session in sessions.select_related("plan_level", "site"):
            data = {"state": session.state, "site": session.site.name, "seats": session.seats.count()}
            moves.leave_trace(session, "void", by=by, at=at, note=asked.reason, from_state=session.state, data=data)
        sessions.delete()
    return plan


def name_staff(
    session: ExamSession, chief: str, invigilators: Mapping[SiteRoom, Sequence[str]], *, by: Actor, at: datetime
) -> None:
    """Say who is in charge and who invigilates each room; new codes for everybody.

    Raises Refused when the room has the session already.
    """
    demand("sittings.staff", by, session)
    with tx.write():
        session = moves.lock(session)
        if session.state in (SessionState.PUBLISHED, SessionState.ENDED):
            raise Refused(say("本场已下发考场，监考安排不能再改。"))
        session.staff.all().delete()
        people: list[tuple[SiteRoom | None, str, StaffRole]] = [(None, chief, StaffRole.CHIEF)]
        people += [(room_, name, StaffRole.INVIGILATOR) for room_, names in invigilators.items() for name in names]
        SessionStaff.objects.bulk_create(
            SessionStaff(session=session, room=room_, name=name, role=role, code=_code())
            for room_, name, role in people
            if name
        )
        moves.leave_trace(session, "staff", by=by, at=at, data={"count": len(people)})


def _code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(8))


def bind_papers(session: ExamSession, theory: Paper, practical: Paper, *, by: Actor, at: datetime) -> None:
    """Choose the frozen papers of a session, until it is handed to its room."""
    demand("sittings.arrange", by, session)
    with tx.write():
        session = moves.lock(session)
        if session.state not in (SessionState.ARRANGED, SessionState.RELEASED):
            raise Refused(say("本场已下发考场，不能更换试卷。"))
        for part, paper in ((Part.THEORY, theory), (Part.PRACTICAL, practical)):
            if not queries.papers_for(session, part).filter(pk=paper.pk).exists():
                raise Refused(say("“{paper}”不是可用于本场的已封试卷。", paper=paper))
        ExamSession.objects.filter(pk=session.pk).update(theory_paper=theory, practical_paper=practical)
        moves.leave_trace(
            session, "papers", by=by, at=at, data={"theory": str(theory.pk), "practical": str(practical.pk)}
        )


def release(session: ExamSession, *, by: Actor, at: datetime) -> ExamSession:
    """Release the tickets; the level becomes ready when its last session is released."""
    with tx.write():
        session = moves.move(SESSION, session, "release", by=by, at=at, facts=queries.facts_of)
        _follow(session, SessionState.ARRANGED, "release", by=by, at=at)
    return session


def publish(session: ExamSession, *, by: Actor, at: datetime) -> ExamSession:
    """Hand the session to its exam room: decided here, loaded after the commit; a sweep repeats what did not load."""
    return load_into_room(decide(session, by=by, at=at), at=at)


def decide(session: ExamSession, *, by: Actor, at: datetime) -> ExamSession:
    """The decision alone, with the hash of the package that the room shall have."""
    with tx.write():
        session = moves.lock(session)
        package = queries.hash_of(queries.package_of(session)) if session.state == SessionState.RELEASED else ""
        told = {
            "package": package,
            "theory": str(session.theory_paper_id or ""),
            "practical": str(session.practical_paper_id or ""),
        }
        session = moves.move(SESSION, session, "publish", by=by, at=at, facts=queries.facts_of, data=told)
        ExamSession.objects.filter(pk=session.pk).update(package_hash=package)
        _follow(session, SessionState.RELEASED, "start", by=by, at=at)
    return session


def load_into_room(session: ExamSession, *, at: datetime) -> ExamSession:
    """Load the package into the sealed room; harmless to repeat.

    Raises Refused when the room has a different package of this session, or this one no longer is what was decided.
    """
    package = queries.package_of(session)
    decided = ExamSession.objects.get(pk=session.pk).package_hash
    if queries.hash_of(package) != decided:
        raise Refused(say("本场资料在下发之后有改动，请联系平台管理员。"))
    room.load_package(package, at=at)
    with tx.write():
        if ExamSession.objects.filter(pk=session.pk, loaded_at=None).update(loaded_at=at):
            moves.leave_trace(session, "load", by=SYSTEM, at=at, data={"package": decided})
    return ExamSession.objects.get(pk=session.pk)


def end(session: ExamSession, *, by: Actor = SYSTEM, at: datetime) -> ExamSession:
    """The room's bundles are in: the session is over; the level goes to scoring when its last session ended."""
    with tx.write():
        session = moves.move(SESSION, session, "end", by=by, at=at)
        _follow(session, SessionState.PUBLISHED, "score", by=by, at=at)
    return session


def _follow(session: ExamSession, left_behind: SessionState, move: str, *, by: Actor, at: datetime) -> None:
    """Move the level along when no session of it is left in the state before (or earlier)."""
    earlier = list(SessionState)[: list(SessionState).index(left_behind) + 1]
    if not ExamSession.objects.filter(plan_level=session.plan_level_id, state__in=earlier).exists():
        registration_services.move_plan_level(session.plan_level, move, by=by, at=at)


def note_tickets(row: ExamSession | Seat, *, count: int, by: Actor, at: datetime) -> None:
    """Every print of tickets is traced, a single one by its seat: they show ID numbers and faces."""
    with tx.write():
        moves.leave_trace(row, "print_tickets", by=by, at=at, data={"count": count})


def note_room_list(session: ExamSession, *, count: int, by: Actor, at: datetime) -> None:
    """Every print of the codes that open seats is traced, with how many people are on it."""
    with tx.write():
        moves.leave_trace(session, "print_room_list", by=by, at=at, data={"count": count})
