"""What is printed for a session: admission tickets, room lists with sign-in, seat codes, staff codes. All PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from onex.common import pdf, sheets
from onex.common.masks import mask_id_number
from onex.common.text import say
from onex.sittings import queries
from onex.sittings.models import ExamSession, Seat, SessionStaff
from onex.sittings.rules import StaffRole


def tickets(session: ExamSession, seats: Iterable[Seat]) -> bytes:
    """One admission ticket a page, with the full ID number: it is compared with the card at the door."""
    return pdf.render("sittings/tickets.typ", {**_head(session), "seats": [_ticket(seat) for seat in seats]})


def _head(session: ExamSession) -> dict[str, Any]:
    scheme = queries.scheme_of(session)
    start = timezone.localtime(session.slot.starts_at)
    return {
        "plan": session.plan_level.plan.title,
        "certificate": session.plan_level.level.certificate.name,
        "level": session.plan_level.level.get_level_display(),
        "site": session.site.name,
        "address": f"{session.site.region} {session.site.address}",
        "starts_at": f"{start:%Y-%m-%d %H:%M}",
        "scheme": {
            "theory": scheme.theory_minutes,
            "practical": scheme.practical_minutes,
            "entry": scheme.entry_opens_minutes,
            "latest": scheme.latest_entry_minutes,
        },
    }


def _ticket(seat: Seat) -> dict[str, Any]:
    student = seat.entry.student
    return {
        "name": student.name,
        "gender": str(student.gender_label),
        "id_number": student.id_number,
        "school": student.school.name,
        "ticket_no": seat.ticket_no,
        "room": seat.room.name,
        "seat_no": f"{seat.seat_no:02d}",
    }


def room_list(session: ExamSession) -> bytes:
    """For the invigilators: each room's candidates by seat, with seat codes to hand out and a place to sign."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for seat in queries.seats_of(session):
        masked = mask_id_number(seat.entry.student.id_number)
        line = {**_ticket(seat), "id_number": masked, "seat_code": seat.seat_code}
        rooms.setdefault(seat.room.name, []).append(line)
    staff = [_person(person) for person in queries.staff_of(session)]
    shown = [{"name": name, "seats": seats} for name, seats in rooms.items()]
    return pdf.render("sittings/room_list.typ", {**_head(session), "rooms": shown, "staff": staff})


def _person(person: SessionStaff) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": str(StaffRole(person.role).label),
        "room": person.room.name if person.room else "",
        "code": person.code,
    }


SEAT_COLUMNS = (
    sheets.Column("room", say("考场")),
    sheets.Column("seat_no", say("座位"), 8),
    sheets.Column("name", say("姓名"), 18),
    sheets.Column("school", say("院校"), 30),
    sheets.Column("ticket_no", say("准考证号"), 18),
    sheets.Column("id_number", say("证件号码"), 22),
    sheets.Column("seat_code", say("座位码"), 10),
)
STAFF_COLUMNS = (
    sheets.Column("role", say("职责")),
    sheets.Column("name", say("姓名"), 18),
    sheets.Column("room", say("考场")),
    sheets.Column("code", say("登录码"), 14),
)


def room_sheets(session: ExamSession) -> bytes:
    """The same as the room list, for who fills seat cards from Excel: one sheet of seats, one of staff."""
    rows = [
        {**_ticket(seat), "id_number": mask_id_number(seat.entry.student.id_number), "seat_code": seat.seat_code}
        for seat in queries.seats_of(session)
    ]
    staff = [_person(person) for person in queries.staff_of(session)]
    return sheets.write_many({str(say("座位")): (SEAT_COLUMNS, rows), str(say("工作人员")): (STAFF_COLUMNS, staff)})
