"""From a closed registration to a session in its room."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from pypdf import PdfReader

from onex.accounts import services as accounts
from onex.accounts.tests.factories import (
    a_change,
    a_school,
    a_school_actor,
    an_actor,
    an_evaluation_org,
    signed_in_as,
)
from onex.common.actors import Role
from onex.common.permits import allows, seen
from onex.common.text import Refused
from onex.examroom import queries as room
from onex.registration.models import ExamPlanLevel
from onex.sittings import printing, queries, services
from onex.sittings.models import ExamSession, Seat
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


def officer_of(session: ExamSession):
    return an_org_officer(session.plan_level.plan.organisation)


def test_every_accepted_candidate_gets_a_seat_a_ticket_and_a_code() -> None:
    session = an_arranged_session(5)
    seats = list(session.seats.all())
    assert len(seats) == 5
    assert len({seat.ticket_no for seat in seats}) == 5
    assert all(len(seat.seat_code) == 6 and seat.seat_code.isdigit() for seat in seats)


def test_arranging_again_replaces_until_tickets_are_out() -> None:
    session = an_arranged_session(4)
    officer = officer_of(session)
    again = services.arrange(session.plan_level, seed=8, by=officer, at=LATER)
    assert Seat.objects.count() == 4
    services.release(again[0], by=officer, at=LATER)
    with pytest.raises(Refused, match="准考证发布之前"):
        services.arrange(session.plan_level, seed=9, by=officer, at=LATER)


def test_too_few_machines_are_told_before_anything_is_kept() -> None:
    level = a_closed_level(3)
    entry = level.entries.first()
    assert entry is not None
    entry.site.rooms.update(machine_count=1)
    level.plan.slots.exclude(pk=level.plan.slots.first().pk).delete()
    with pytest.raises(Refused, match="容不下 3 人"):
        services.arrange(level, seed=1, by=an_org_officer(level.plan.organisation), at=LATER)
    assert not ExamSession.objects.exists()


def test_a_second_slot_takes_who_does_not_fit_into_the_first() -> None:
    level = a_closed_level(3)
    entry = level.entries.first()
    assert entry is not None
    entry.site.rooms.update(machine_count=1)
    sessions = services.arrange(level, seed=1, by=an_org_officer(level.plan.organisation), at=LATER)
    assert [session.seats.count() for session in sessions] == [2, 1]


def test_a_session_without_papers_or_invigilators_is_not_handed_to_its_room() -> None:
    session = an_arranged_session(2)
    officer = officer_of(session)
    services.release(session, by=officer, at=LATER)
    with pytest.raises(Refused) as refused:
        services.publish(session, by=officer, at=LATER)
    said = [str(reason) for reason in refused.value.reasons]
    assert said[:2] == ["请选用理论考核试卷。", "请选用实训考核试卷。"]
    assert said[2].startswith("这些考场还没有监考员：")


def test_a_draft_paper_or_another_levels_paper_is_refused() -> None:
    session = an_arranged_session(2)
    theory, practical = frozen_papers(session.plan_level.level)
    with pytest.raises(Refused, match="不是可用于本场的已封试卷"):
        services.bind_papers(session, practical, theory, by=officer_of(session), at=LATER)


def test_publishing_loads_the_room_once_and_moves_the_level_along() -> None:
    session = a_published_session(3)
    assert session.loaded_at is not None
    held = room.session_of(session.pk)
    assert held is not None
    assert held.candidates.count() == 3
    assert ExamPlanLevel.objects.get(pk=session.plan_level_id).state == "in_progress"
    services.load_into_room(session, at=LATER)  # the sweep may repeat it
    assert held.candidates.count() == 3


def test_no_key_full_id_number_or_school_enters_the_room() -> None:
    session = a_staffed_session(2)
    text = json.dumps(queries.package_of(session), ensure_ascii=False)
    for seat in queries.seats_of(session):
        assert seat.entry.student.id_number not in text
        assert seat.entry.student.school.name not in text.replace(session.site.name, "")
        assert seat.seat_code not in text
        assert str(seat.entry.student_id) not in text
    for forbidden in ("explanation", "model_answer", "checkpoints", '"key"'):
        assert forbidden not in text


def test_what_changed_after_the_decision_is_not_loaded() -> None:
    session = a_published_session(2)
    student = session.seats.select_related("entry__student").first().entry.student
    type(student).objects.filter(pk=student.pk).update(name="改名")
    with pytest.raises(Refused, match="下发之后有改动"):
        services.load_into_room(session, at=LATER)


def test_tickets_are_one_page_each_with_the_number_and_the_full_id() -> None:
    session = services.release((s := an_arranged_session(3)), by=officer_of(s), at=LATER)
    pages = PdfReader(io.BytesIO(printing.tickets(session, queries.seats_of(session)))).pages
    seat = queries.seats_of(session)[0]
    assert len(pages) == 3
    text = pages[0].extract_text().replace(" ", "")
    assert seat.ticket_no in text
    assert seat.entry.student.id_number in text


def test_a_ticket_keeps_the_name_its_school_had_when_it_was_released() -> None:
    session = services.release((s := an_arranged_session(1)), by=officer_of(s), at=LATER)
    school = queries.seats_of(session)[0].entry.student.school
    old = school.name
    by = a_school_actor(school)
    row = a_change(by=by, new_name="改名后的职业大学")
    after = LATER + timedelta(days=1)
    accounts.move_change(row, "approve", by=an_actor(Role.PROVINCE, school.province), at=after)
    text = (
        PdfReader(io.BytesIO(printing.tickets(session, queries.seats_of(session))))
        .pages[0]
        .extract_text()
        .replace(" ", "")
    )
    assert old in text
    assert "改名后的职业大学" not in text
    lists = PdfReader(io.BytesIO(printing.room_list(session))).pages  # the room's list is of today
    assert "改名后的职业大学" in "".join(page.extract_text() for page in lists)


def test_another_school_sees_neither_the_session_nor_its_tickets(client) -> None:
    session = services.release((s := an_arranged_session(2)), by=officer_of(s), at=LATER)
    stranger = an_actor(Role.SCHOOL, a_school())
    assert not seen("sittings.see", stranger, ExamSession.objects.all()).exists()
    assert not queries.seats_to_print(stranger, session).exists()
    signed_in_as(client, stranger)
    assert client.get(f"/sittings/sessions/{session.pk}/").status_code == 404
    assert client.get(f"/sittings/sessions/{session.pk}/rooms.pdf").status_code == 404


def test_another_organisation_arranges_nothing_here() -> None:
    level = a_closed_level(2)
    other = an_org_officer(an_evaluation_org("A12345678"))
    with pytest.raises(Refused, match="无权办理"):
        services.arrange(level, seed=1, by=other, at=LATER)


def test_the_hosting_school_names_invigilators_until_the_room_has_the_session() -> None:
    session = a_published_session(2)
    host = an_actor(Role.SCHOOL, session.site.school)
    assert allows("sittings.staff", host, session)
    with pytest.raises(Refused, match="已下发考场"):
        services.name_staff(session, "别人", {}, by=host, at=LATER)
