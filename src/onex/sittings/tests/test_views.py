"""The pages of arrangement by plain forms: what is said of wrong input, of stale screens, and what was typed stays."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import python_calamine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from onex.accounts.tests.factories import a_school, an_actor, signed_in_as
from onex.common.actors import Role
from onex.registration.models import PlanSlot
from onex.sittings import services
from onex.sittings.models import ExamSession
from onex.sittings.rules import SESSION
from onex.sittings.tests.factories import (
    LATER,
    a_closed_level,
    a_published_session,
    a_staffed_session,
    an_arranged_session,
    frozen_papers,
)
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def the_officer(client: Client, session: ExamSession) -> Client:
    signed_in_as(client, an_org_officer(session.plan_level.plan.organisation))
    return client


def at(name: str, session: ExamSession, *more: str) -> str:
    return reverse(f"sittings:{name}", args=[session.pk, *more])


def test_a_wrong_seed_is_told_beside_its_field_and_seats_nobody(client: Client) -> None:
    level = a_closed_level(2)
    signed_in_as(client, an_org_officer(level.plan.organisation))
    answer = client.post(reverse("sittings:level-arrange", args=[level.pk]), {"seed": "-3"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="-3"' in page
    assert 'aria-invalid="true"' in page
    assert not ExamSession.objects.exists()


def test_the_page_of_arrangement_says_what_a_site_lacks(client: Client) -> None:
    level = a_closed_level(3)
    entry = level.entries.first()
    assert entry is not None
    entry.site.rooms.update(machine_count=1)
    level.plan.slots.exclude(pk=level.plan.slots.first().pk).delete()
    signed_in_as(client, an_org_officer(level.plan.organisation))
    assert "还差 1 个机位" in client.get(reverse("sittings:session-arrange")).content.decode()
    answer = client.post(reverse("sittings:level-arrange", args=[level.pk]), {"seed": ""})
    assert answer.status_code == 409
    assert "容不下 3 人" in answer.content.decode()


def test_arranging_leads_to_the_session_and_again_replaces_it(client: Client) -> None:
    level = a_closed_level(2)
    signed_in_as(client, an_org_officer(level.plan.organisation))
    address = reverse("sittings:level-arrange", args=[level.pk])
    first = client.post(address, {"seed": "5"})
    assert first.status_code == 302
    session = ExamSession.objects.get()
    assert first["Location"] == at("session-detail", session)
    assert "已编排 1 个场次" in client.get(reverse("sittings:session-arrange")).content.decode()
    client.post(address, {"seed": "6"})
    assert ExamSession.objects.get().seed == 6
    assert client.get(at("session-detail", session)).status_code == 404


def test_papers_are_chosen_by_a_form_and_a_missing_one_is_told(client: Client) -> None:
    session = an_arranged_session(1)
    the_officer(client, session)
    page = client.get(at("session-detail", session)).content.decode()
    assert "还没有可用的已封试卷" in page
    theory, practical = frozen_papers(session.plan_level.level)
    answer = client.post(at("session-papers", session), {"theory": str(theory.pk), "practical": ""})
    assert answer.status_code == 422
    assert f'value="{theory.pk}" selected' in answer.content.decode()
    # The two exchanged are no choice of their fields.
    answer = client.post(at("session-papers", session), {"theory": str(practical.pk), "practical": str(theory.pk)})
    assert answer.status_code == 422
    answer = client.post(at("session-papers", session), {"theory": str(theory.pk), "practical": str(practical.pk)})
    assert answer.status_code == 302
    assert ExamSession.objects.get().theory_paper == theory


def test_invigilators_are_named_by_the_host_and_what_was_typed_stays(client: Client) -> None:
    session = an_arranged_session(1)
    signed_in_as(client, an_actor(Role.SCHOOL, session.site.school))
    room = session.seats.get().room
    field = f"room-{room.pk}"
    answer = client.post(at("session-staff", session), {"chief": "周敏", field: "甲" * 31})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "姓名最多 30 个字" in page
    assert 'value="周敏"' in page
    assert "甲" * 31 in page
    answer = client.post(at("session-staff", session), {"chief": "周敏", field: "李建国、买买提·阿不都热西提, 王五"})
    assert answer.status_code == 302
    assert sorted(session.staff.filter(room=room).values_list("name", flat=True)) == [
        "买买提·阿不都热西提",
        "李建国",
        "王五",
    ]
    assert len({person.code for person in session.staff.all()}) == 4


def test_a_room_without_an_invigilator_is_told_beside_its_field(client: Client) -> None:
    session = an_arranged_session(1)
    the_officer(client, session)
    answer = client.post(at("session-staff", session), {"chief": "周敏"})
    assert answer.status_code == 422
    assert not session.staff.exists()


def test_a_stale_screen_is_told_why_and_shows_the_session_as_it_is(client: Client) -> None:
    session = a_published_session(1)
    the_officer(client, session)
    for move in ("release", "publish"):
        answer = client.post(at("session-move", session, move))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "页面可能已过期" in page
        assert str(SESSION.word("published")) in page
    papers = {"theory": str(session.theory_paper_id), "practical": str(session.practical_paper_id)}
    assert client.post(at("session-papers", session), papers).status_code == 409
    room = session.seats.get().room
    answer = client.post(at("session-staff", session), {"chief": "别人", f"room-{room.pk}": "别人"})
    assert answer.status_code == 409
    assert "监考安排不能再改" in answer.content.decode()


@pytest.mark.parametrize("move", ["end", "nonsense"])
def test_what_nobody_may_ask_for_is_refused(client: Client, move: str) -> None:
    session = a_published_session(1)
    the_officer(client, session)
    answer = client.post(at("session-move", session, move))
    assert answer.status_code == 409
    assert "没有这个操作" in answer.content.decode()
    assert ExamSession.objects.get().state == "published"


def test_ending_a_session_is_no_button(client: Client) -> None:
    session = a_published_session(1)
    the_officer(client, session)
    assert "/move/end/" not in client.get(at("session-detail", session)).content.decode()


def test_an_unready_session_says_what_is_missing_where_its_button_would_be(client: Client) -> None:
    session = services.release(
        (s := an_arranged_session(1)), by=an_org_officer(s.plan_level.plan.organisation), at=LATER
    )
    the_officer(client, session)
    page = client.get(at("session-detail", session)).content.decode()
    assert "暂不能下发考场" in page
    assert "请选用理论考核试卷" in page
    answer = client.post(at("session-move", session, "publish"))
    assert answer.status_code == 409
    assert "请选用实训考核试卷" in answer.content.decode()


def test_nothing_with_codes_is_printed_before_the_release(client: Client) -> None:
    session = an_arranged_session(1)
    the_officer(client, session)
    for name in ("session-tickets", "session-room-list", "session-room-sheets"):
        answer = client.get(at(name, session))
        assert answer.status_code == 409
        assert "准考证尚未发布" in answer.content.decode()


def test_a_session_where_no_own_student_sits_has_no_tickets_for_its_host(client: Client) -> None:
    session = services.release(
        (s := an_arranged_session(1)), by=an_org_officer(s.plan_level.plan.organisation), at=LATER
    )
    student = session.seats.select_related("entry__student").get().entry.student
    type(student).objects.filter(pk=student.pk).update(school=a_school())
    signed_in_as(client, an_actor(Role.SCHOOL, session.site.school))
    answer = client.get(at("session-tickets", session))
    assert answer.status_code == 409
    assert "没有您可以打印的准考证" in answer.content.decode()


def released(session: ExamSession) -> ExamSession:
    return services.release(session, by=an_org_officer(session.plan_level.plan.organisation), at=LATER)


def test_the_list_to_sign_holds_no_code_and_the_slips_hold_each_candidates_own(client: Client) -> None:
    session = released(a_staffed_session(3))
    the_officer(client, session)
    answer = client.get(at("session-room-list", session))
    assert answer["Content-Disposition"].startswith("attachment")
    staff, to_sign, slips = (
        "".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages
    )
    for seat in session.seats.select_related("entry__student"):
        assert seat.ticket_no in to_sign
        assert seat.ticket_no in slips
        assert seat.seat_code not in to_sign
        assert seat.seat_code in slips
        assert seat.entry.student.id_number not in to_sign + slips
    for person in session.staff.all():
        assert person.code in staff
        assert person.code not in to_sign + slips


def test_paper_is_chinese_whatever_language_the_page_was_read_in(client: Client) -> None:
    session = released(a_staffed_session(1))
    the_officer(client, session)
    client.cookies["django_language"] = "en"
    assert "Exam sessions" in client.get(reverse("sittings:session-list")).content.decode()
    text = "".join(
        PdfReader(io.BytesIO(client.get(at("session-tickets", session)).content)).pages[0].extract_text().split()
    )
    assert "初级" in text
    assert "准考证" in text


def test_every_print_is_told_in_the_timeline(client: Client) -> None:
    session = released(a_staffed_session(1))
    the_officer(client, session)
    client.get(at("session-tickets", session))
    client.get(at("session-room-sheets", session))
    page = client.get(at("session-detail", session)).content.decode()
    told = re.findall(r'ox-timeline-what">([^<]+)<', page)
    assert set(told) == {"打印考场清单", "打印准考证", "发布准考证", "安排监考员", "选用试卷", "编排座位"}


def test_the_list_is_narrowed_sorted_and_exported_as_it_is_shown(client: Client) -> None:
    session = an_arranged_session(1)
    the_officer(client, session)
    address = reverse("sittings:session-list")
    found = client.get(address, {"q": session.site.name[:6], "state": "arranged", "sort": "-seats"}).content.decode()
    assert at("session-detail", session) in found
    for asked in ({"q": "查无此站"}, {"state": "ended"}):
        assert at("session-detail", session) not in client.get(address, asked).content.decode()
    assert client.get(address, {"q": "\x00", "state": "\x00", "sort": "no", "page": "x"}).status_code == 200
    book = client.get(reverse("sittings:session-export"), {"state": "arranged"}).content
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    assert session.site.name in rows[1]


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_list_costs_the_same_with_three_sessions_and_with_thirty(client: Client) -> None:
    session = an_arranged_session(2)
    the_officer(client, session)

    def more(first: int, last: int) -> None:
        for day in range(first, last):
            start = session.slot.starts_at + timedelta(days=day)
            plan = session.plan_level.plan
            slot = PlanSlot.objects.create(plan=plan, starts_at=start, ends_at=start + timedelta(hours=4))
            ExamSession.objects.create(plan_level=session.plan_level, site=session.site, slot=slot, seed=1)

    more(1, 3)
    few = cost(client, reverse("sittings:session-list"))
    more(3, 30)
    assert cost(client, reverse("sittings:session-list")) == few


def test_a_session_page_costs_the_same_however_many_sit(client: Client) -> None:
    costs = []
    for number in (3, 30):
        session = an_arranged_session(number)
        the_officer(client, session)
        costs.append(cost(client, at("session-detail", session)))
    assert costs[0] == costs[1]
