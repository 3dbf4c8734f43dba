"""A student's desk and exams: what is theirs at every step, and nothing of anybody else."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from onex.accounts.tests.factories import an_actor, signed_in_as
from onex.certificates import services as certificates
from onex.certificates.models import Certificate
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.common.queries import timeline_of
from onex.marking.tests.factories import AFTER
from onex.portal.queries.desk import desk_of
from onex.portal.queries.student import exams_of
from onex.registration import services as registration
from onex.registration.models import Entry, PlanSlot
from onex.registration.tests.factories import a_photo, an_activated, an_entered
from onex.results import services as results
from onex.results.models import Result
from onex.results.tests.factories import a_computed_release, a_released
from onex.sittings import services as sittings
from onex.sittings.models import Seat
from onex.sittings.tests.factories import LATER, an_arranged_session
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])
MY_EXAMS = "/my-exams/"


def me_of(entry: Entry) -> Actor:
    return an_activated(entry.student, now())


def page_of(client: Client, actor: Actor, address: str = MY_EXAMS) -> str:
    signed_in_as(client, actor)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def a_released_session(number: int = 2) -> list[Seat]:
    session = an_arranged_session(number)
    sittings.release(session, by=an_org_officer(session.plan_level.plan.organisation), at=LATER)
    return list(Seat.objects.select_related("entry__student__school", "session").order_by("seat_no"))


def ticket(seat: Seat) -> str:
    return reverse("sittings:ticket", args=[seat.pk])


# --- step by step ----------------------------------------------------------------------------------------------------


def test_who_is_not_entered_is_told_whom_to_ask(client: Client) -> None:
    entry = an_entered(1)[0]
    me = me_of(entry)
    entry.delete()
    assert "请先向班主任报名" in page_of(client, me)
    assert desk_of(me, now()).start.address == "portal:calendar"


def test_an_entry_is_shown_with_what_the_student_waits_for(client: Client) -> None:
    entry = an_entered(1)[0]
    me = me_of(entry)
    assert "等待培训评价组织受理" in page_of(client, me)
    officer = an_org_officer(entry.plan_level.plan.organisation)
    registration.move_entry(entry, "accept", by=officer, at=now())
    page = page_of(client, me)
    assert "准考证发布后在这里下载" in page
    assert "以准考证为准" in page
    assert desk_of(me, now()).tasks == []
    assert "准考证发布后" in str(desk_of(me, now()).start.text)


def test_before_tickets_are_out_neither_seat_nor_number_is_told(client: Client) -> None:
    session = an_arranged_session(1)
    seat = session.seats.get()
    me = me_of(seat.entry)
    page = page_of(client, me)
    assert seat.ticket_no not in page
    assert "下载准考证" not in page
    assert client.get(ticket(seat)).status_code == 404


def test_the_next_exam_says_when_where_which_seat_and_what_to_bring(client: Client) -> None:
    seat, _ = a_released_session()
    me = me_of(seat.entry)
    page = page_of(client, me)
    for words in (seat.ticket_no, seat.room.name, seat.session.site.name, "身份证原件", "开考前 30 分钟入场"):
        assert words in page
    assert seat.seat_code not in page
    (task,) = desk_of(me, now()).tasks
    assert task.until == seat.session.slot.starts_at
    assert f"{seat.seat_no:02d} 号座位" in str(task.note)
    assert "参加考试" in page_of(client, me, reverse("portal:desk"))


def test_the_own_ticket_is_a_pdf_with_photo_and_code_and_every_print_is_traced(client: Client) -> None:
    seat, _ = a_released_session()
    registration.set_photo(seat.entry.student, a_photo(), by=an_actor(Role.SCHOOL, seat.entry.student.school), at=now())
    me = me_of(seat.entry)
    signed_in_as(client, me)
    answer = client.get(ticket(seat))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in answer["Cache-Control"]
    reader = PdfReader(io.BytesIO(answer.content))
    (sheet,) = reader.pages
    text = sheet.extract_text()
    assert seat.ticket_no in text
    assert seat.entry.student.id_number in text  # compared with the card at the door
    assert "考场登录码" in text
    assert [Image.open(io.BytesIO(one.data)).size for one in sheet.images] == [(358, 500)]
    trace = timeline_of(seat).get(verb="print_tickets")
    assert (trace.actor_id, trace.data) == (me.user_id, {"count": 1})


def test_once_the_exam_has_begun_the_ticket_is_no_longer_downloaded_by_students(client: Client) -> None:
    seat, _ = a_released_session()
    me = me_of(seat.entry)
    PlanSlot.objects.filter(pk=seat.session.slot_id).update(
        starts_at=now() - timedelta(minutes=1), ends_at=now() + timedelta(hours=4)
    )
    page = page_of(client, me)
    assert "考试已经开始" in page
    assert "下载准考证" not in page
    answer = client.get(ticket(seat))
    assert answer.status_code == 409
    assert "本场已经开考" in answer.content.decode()
    signed_in_as(client, an_actor(Role.SCHOOL, seat.entry.student.school))
    assert client.get(ticket(seat)).status_code == 200  # the school helps at the door


def test_results_are_seen_from_publicity_on_and_the_certificate_once_issued(client: Client) -> None:
    release = a_computed_release(1)
    result = Result.objects.get()
    me = me_of(result.entry)
    draft = page_of(client, me)
    assert "理论考核" not in draft
    release = results.publicise(release, by=an_org_officer(), at=AFTER)
    page = page_of(client, me)
    assert "公示中" in page
    assert "合格" in page
    assert release.ends_at is not None
    results.release(release, by=an_org_officer(), at=release.ends_at)
    assert "证书签发后会出现在这里" in page_of(client, me)
    release.refresh_from_db()
    certificates.issue_due(release, by=an_org_officer(), at=AFTER)
    held = Certificate.objects.get()
    page = page_of(client, me)
    assert held.number in page
    paper = client.get(reverse("certificates:certificate-paper", args=[held.pk]))
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert client.get(reverse("certificates:certificate-detail", args=[held.pk])).status_code == 200
    assert {figure.value for figure in desk_of(me, now()).figures} == {0, 1}


def test_all_exams_of_a_student_cost_the_same_queries(client: Client) -> None:
    seats = a_released_session(3)
    me = me_of(seats[0].entry)
    with CaptureQueriesContext(connection) as one:
        exams_of(me, now())
    for seat in seats[1:]:
        type(seat.entry.student).objects.filter(pk=seat.entry.student_id).update(user_id=me.user_id)
    with CaptureQueriesContext(connection) as three:
        assert len(exams_of(me, now())) == 3
    assert len(one) == len(three) <= 4


def test_the_side_navigation_of_a_student_is_three_links(client: Client) -> None:
    me = me_of(an_entered(1)[0])
    page = page_of(client, me)
    side = re.findall(r'href="(/[^"]*)"', page.split("<main")[0])
    links = re.findall(r'href="(/[^"]*)"', page.split('<nav class="ox-side"')[1].split("</nav>")[0])
    assert links == ["/desk/", "/my-exams/", "/registration/me/"]
    assert {"/accounts/security/", "/my-data/"} <= set(side)  # in the menu under the name
    assert not [address for address in side if address.startswith(("/registration/entries", "/results", "/sittings"))]


def test_a_student_speaks_english_as_well(client: Client) -> None:
    seat, _ = a_released_session()
    signed_in_as(client, me_of(seat.entry))
    page = client.get(MY_EXAMS, headers={"Accept-Language": "en"}).content.decode()
    assert "Download the ticket" in page
    assert "Bring your ticket" in page


# --- abuse -----------------------------------------------------------------------------------------------------------


def test_abuse_04_a_student_reads_nothing_of_another(client: Client) -> None:
    """Ticket, photo, result, certificate, entry: 404 for another's, 200 for the own."""
    certificates.issue_due(a_released(2), by=an_org_officer(), at=AFTER)
    mine, theirs = Certificate.objects.select_related("result__entry__student__school").order_by("number")
    PlanSlot.objects.update(starts_at=now() + timedelta(days=1), ends_at=now() + timedelta(days=2))
    school = an_actor(Role.SCHOOL, theirs.result.entry.student.school)
    for one in (mine, theirs):
        registration.set_photo(one.result.entry.student, a_photo(), by=school, at=now())
    me = me_of(mine.result.entry)
    signed_in_as(client, me)

    def addresses(held: Certificate) -> dict[str, str]:
        entry = held.result.entry
        return {
            "ticket": ticket(Seat.objects.get(entry=entry)),
            "photo": reverse("registration:student-photo", args=[entry.student_id]),
            "certificate": reverse("certificates:certificate-detail", args=[held.pk]),
            "paper": reverse("certificates:certificate-paper", args=[held.pk]),
            "entry": reverse("registration:entry-detail", args=[entry.pk]),
        }

    said = {}
    for whose, held in (("own", mine), ("other", theirs)):
        for what, address in addresses(held).items():
            answer = client.get(address)
            said[whose, what] = answer.status_code
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[arg-type]
    assert {code for (whose, _), code in said.items() if whose == "own"} == {200}
    assert {code for (whose, _), code in said.items() if whose == "other"} == {404}
    # Lists, searches and exports of results and certificates hold the own rows alone.
    other = theirs.result.entry.student
    for name in ("results:result-list", "certificates:certificate-list", "registration:entry-list", "portal:my-exams"):
        for query in ({}, {"q": other.student_no}, {"q": theirs.number}, {"school": str(other.school_id)}):
            shown = client.get(reverse(name), query).content.decode().split("<main")[1]
            for words in query.values():  # what was asked stands in the field and in addresses
                shown = shown.replace(f'value="{words}"', "").replace(f"q={words}", "")
            assert other.student_no not in shown, (name, query)
            assert theirs.number not in shown, (name, query)
    revoke = client.post(reverse("certificates:certificate-move", args=[mine.pk, "revoke"]), {"note": "x"})
    assert revoke.status_code == 409
    # Tickets of a whole session are not a student's.
    seat = Seat.objects.get(entry=mine.result.entry)
    for name in ("session-tickets", "session-room-list", "session-detail", "session-room-sheets"):
        answer = client.get(reverse(f"sittings:{name}", args=[seat.session_id]))
        assert answer.status_code in (403, 404), name


def test_abuse_18_a_ticket_number_opens_no_page_and_numbers_do_not_follow_each_other(client: Client) -> None:
    seats = a_released_session(3)
    numbers = sorted(int(seat.ticket_no[4:13]) for seat in seats)
    assert min(b - a for a, b in pairwise(numbers)) > 1
    assert len({seat.ticket_no[:4] for seat in seats}) == 1
    me = me_of(seats[0].entry)
    signed_in_as(client, me)
    for number in (seats[0].ticket_no, seats[1].ticket_no, f"{int(seats[0].ticket_no) + 1}"):
        for address in (f"/sittings/tickets/{number}.pdf", f"/sittings/tickets/{number}/", f"/s/{number}/"):
            assert client.get(address).status_code == 404
    # Not even one's own list is searched by a number that is somebody else's.
    listed: Any = client.get(reverse("results:result-list"), {"q": seats[1].ticket_no}).content.decode()
    assert "没有符合条件的成绩" in listed
