"""What is printed for a session: admission tickets, lists to sign, slips with seat codes, staff codes.

Paper is in the product's own language, whatever language the page was read in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cache, partial
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from onex.accounts.queries import name_at
from onex.common import pdf, sheets
from onex.common.masks import mask_id_number
from onex.common.text import say
from onex.examroom.services import admission_token
from onex.registration.queries import photos_for_print
from onex.sittings import queries
from onex.sittings.models import ExamSession, Seat, SessionStaff
from onex.sittings.rules import StaffRole


def tickets(session: ExamSession, seats: Iterable[Seat]) -> bytes:
    """One admission ticket a page, with the full ID number, the photo and the signed code of the exam door.

    A school is called what it was called when the tickets were released: printing again makes no other ticket.
    """
    named = cache(partial(name_at, at=queries.released_at(session)))
    with override(settings.LANGUAGE_CODE):
        rows = list(seats)
        photos = photos_for_print(seat.entry.student for seat in rows)
        shown = [
            {
                **_ticket(seat),
                "school": named(seat.entry.student.school),
                "photo": _picture(photos.get(seat.entry.student_id)),
                "admission": _admission(session, seat),
            }
            for seat in rows
        ]
        return pdf.render("sittings/tickets.typ", {**_head(session), "seats": shown})


def _admission(session: ExamSession, seat: Seat) -> str:
    """The QR code that opens the exam page with this ticket's signed token (docs/exam-room.md)."""
    slot, scheme = session.slot, queries.scheme_of(session)
    opens_at = slot.starts_at - timedelta(minutes=scheme.entry_opens_minutes)
    token = admission_token(session.pk, seat.ticket_no, opens_at=opens_at, ends_at=slot.ends_at)
    # Behind the #: a browser sends it nowhere, so no log has it.
    return segno.make(f"{settings.PUBLIC_URL}/exam/#a={token}", error="l", mask=3).svg_inline(scale=3, border=0)


def _picture(address: str | None) -> str:
    """A photo as typst takes pictures here: an SVG text; "" without one."""
    if address is None:
        return ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 30 40">'
        f'<image xlink:href="{address}" width="30" height="40" preserveAspectRatio="xMidYMid slice"/></svg>'
    )


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
    """For the invigilators: staff codes, then each room's list to sign and its seat codes as slips to hand out."""
    with override(settings.LANGUAGE_CODE):
        rooms: dict[str, list[dict[str, Any]]] = {}
        seats = list(queries.seats_of(session))
        photos = photos_for_print(seat.entry.student for seat in seats)
        for seat in seats:
            picture = _picture(photos.get(seat.entry.student_id))
            rooms.setdefault(seat.room.name, []).append({**_masked(seat), "photo": picture})
        return pdf.render(
            "sittings/room_list.typ",
            {
                **_head(session),
                "rooms": [{"name": name, "seats": seats} for name, seats in rooms.items()],
                "schools": len({seat["school"] for seats in rooms.values() for seat in seats}),
                "staff": [_person(person) for person in queries.staff_of(session)],
                "console": settings.PUBLIC_URL + reverse("examroom:sign-in"),
            },
        )


def _masked(seat: Seat) -> dict[str, Any]:
    """A seat with its code and the ID number masked: lists lie on tables."""
    return {**_ticket(seat), "id_number": mask_id_number(seat.entry.student.id_number), "seat_code": seat.seat_code}


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
    rows = [_masked(seat) for seat in queries.seats_of(session)]
    staff = [_person(person) for person in queries.staff_of(session)]
    return sheets.write_many({str(say("座位")): (SEAT_COLUMNS, rows), str(say("工作人员")): (STAFF_COLUMNS, staff)})
