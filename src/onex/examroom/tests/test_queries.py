"""Who sees what of a room, in how many queries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onex.common.clock import now, to_ms
from onex.examroom import queries, services
from onex.examroom.models import Attempt, Candidate, Presence
from onex.examroom.rules import MINUTE, IncidentKind, SeatState
from onex.examroom.tests.factories import (
    CHIEF,
    CHIEF_CODE,
    INVIGILATOR,
    INVIGILATOR_CODE,
    a_session,
    candidate_of,
    the_chief,
    the_invigilator,
)

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def seats(session, room="room-1", at=None):
    rows = queries.seats_seen(the_chief(session)).filter(room__ref=room)
    return queries.seats_in(rows, at=at or now())


def test_the_room_shows_each_seat_in_order_with_its_one_word():
    session = a_session(candidates=12)
    moment = to_ms(now())
    writing, silent = candidate_of(session, 0), candidate_of(session, 10)
    Candidate.objects.filter(session=session, seat_no__in=["1", "2", "11"]).update(sign_in=1, signed_in_at=moment)
    services.admit([writing, silent], by=the_chief(session), at=now())
    Attempt.objects.filter(candidate__in=[writing, silent], part="theory").update(
        opened_at=moment, closes_at=moment + 60 * MINUTE
    )
    Presence.objects.create(candidate=writing, seen_at=moment)
    Presence.objects.create(candidate=silent, seen_at=moment - 3 * MINUTE)
    shown = seats(session)
    assert [seat.candidate.seat_no for seat in shown] == [str(n) for n in range(1, 13)]
    assert shown[0].state is SeatState.ANSWERING
    assert shown[1].state is SeatState.ARRIVED
    assert shown[2].state is SeatState.ABSENT
    assert shown[10].state is SeatState.INTERRUPTED
    assert shown[10].silent_seconds == pytest.approx(180, abs=5)
    count = queries.counters_of(shown)
    assert (count.all, count.came, count.absent, count.waiting, count.answering, count.interrupted, count.finished) == (
        12,
        3,
        9,
        1,
        1,
        1,
        0,
    )


def test_the_room_costs_the_same_number_of_queries_for_few_and_many_seats(django_assert_num_queries):
    for count in (3, 30):
        session = a_session(candidates=count)
        chief = the_chief(session)
        with django_assert_num_queries(2, using="room"):
            queries.seats_in(queries.seats_seen(chief), at=now())


def test_a_seat_of_another_room_is_not_there():
    session = a_session(candidates=4, rooms=2)
    theirs = candidate_of(session, 1)
    assert queries.seat_of(theirs.pk, by=the_invigilator(session), at=now()) is None
    assert queries.seat_of(theirs.pk, by=the_chief(session), at=now()) is not None


def test_an_invigilator_has_one_room_and_the_chief_all():
    session = a_session(candidates=4, rooms=2)
    assert [room.ref for room in queries.rooms_of(the_invigilator(session, 2))] == ["room-2"]
    assert queries.rooms_of(the_chief(session)).count() == 2


def test_the_door_knows_name_and_code_on_the_day_only():
    session = a_session()
    assert queries.staff_at_door(f" {INVIGILATOR} ", INVIGILATOR_CODE, at=now()) == the_invigilator(session)
    assert queries.staff_at_door(CHIEF, CHIEF_CODE, at=now()) == the_chief(session)
    assert queries.staff_at_door(INVIGILATOR, CHIEF_CODE, at=now()) is None
    assert queries.staff_at_door(CHIEF, CHIEF_CODE, at=now() + timedelta(hours=25)) is None


def test_of_two_sessions_with_one_name_and_code_the_door_opens_the_nearer():
    a_session(starts_at=to_ms(now()) - 8 * 60 * MINUTE)
    nearer = a_session(starts_at=to_ms(now()) + 20 * MINUTE)
    found = queries.staff_at_door(INVIGILATOR, INVIGILATOR_CODE, at=now())
    assert found is not None
    assert found.session_id == nearer.pk


def test_the_record_of_a_seat_is_newest_first():
    session = a_session()
    seat = candidate_of(session, 0)
    services.admit([seat], by=the_chief(session), at=now())
    later = now() + timedelta(seconds=2)
    services.record_incident(seat, IncidentKind.ILLNESS, "头晕，已请校医", by=the_chief(session), at=later)
    assert [event.kind for event in queries.events_of(seat)] == ["incident", "admitted"]
