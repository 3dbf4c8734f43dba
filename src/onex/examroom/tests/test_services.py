"""What is on disk, what was written down, what was refused in which words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connections, transaction

from onex.common import audit_check, audit_guard
from onex.common.clock import now, to_ms
from onex.common.text import Refused
from onex.examroom import queries, services
from onex.examroom.models import Attempt, Candidate, RoomEvent
from onex.examroom.rules import MINUTE, IncidentKind, Part
from onex.examroom.tests.factories import (
    a_package,
    a_session,
    another,
    candidate_of,
    practical_form,
    the_chief,
    the_invigilator,
)

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def opened(session, number, *, minutes_ago=10, part=Part.THEORY, minutes=60):
    """The attempt as the gate's start leaves it."""
    attempt = candidate_of(session, number).attempts.get(part=part)
    began = to_ms(now()) - minutes_ago * MINUTE
    Attempt.objects.filter(pk=attempt.pk).update(
        opened_at=began, closes_at=began + minutes * MINUTE, hand_in_from=began, sign_in=1
    )
    Candidate.objects.filter(pk=attempt.candidate_id).update(sign_in=1, signed_in_at=began, admitted_at=began)
    attempt.refresh_from_db()
    return attempt


def test_the_same_package_twice_changes_nothing():
    package = a_package()
    first = a_session(package)
    before = list(first.candidates.values_list("pk", flat=True))
    second = a_session(package)
    assert second.pk == first.pk
    assert list(second.candidates.values_list("pk", flat=True)) == before
    assert RoomEvent.objects.filter(session=first, kind="package_loaded").count() == 1


def test_a_corrected_package_replaces_the_first_until_somebody_signs_in():
    package = a_package()
    session = a_session(package)
    a_session(another(package))
    session.refresh_from_db()
    assert session.title.endswith("（改）")
    assert session.candidates.count() == 4

    Candidate.objects.filter(session=session, seat_no="1").update(sign_in=1)
    with pytest.raises(Refused, match="考务包不能再更换"):
        a_session(package)
    session.refresh_from_db()
    assert session.title.endswith("（改）")


def test_each_candidate_gets_an_attempt_for_each_part_and_no_key_is_stored():
    session = a_session()
    assert Attempt.objects.filter(candidate__session=session).count() == 8
    assert {form.part for form in session.forms.all()} == {"theory", "practical"}


def test_a_paper_with_an_authors_words_never_enters_the_room():
    package = a_package()
    package["forms"][0]["sections"][0]["items"][3]["explanation"] = "主光在侧前方"
    package["forms"][1]["sections"][0]["items"][0]["criteria"][0]["guide"] = "看是否提到保温"
    with pytest.raises(Refused) as refused:
        a_session(package)
    assert "explanation" in str(refused.value)
    assert "guide" in str(refused.value)
    assert queries.session_of(package["session"]["id"]) is None


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p: p.update(version=2), "版本应为 1"),
        (lambda p: p["session"].pop("title"), "缺少“title”"),
        (lambda p: p["session"].update(id="42"), "不是 UUID"),
        (lambda p: p["session"]["rules"].pop("grace_seconds"), "grace_seconds"),
        (lambda p: p["session"]["rules"].update(theory_minutes=True), "theory_minutes"),
        (lambda p: p.update(candidates=[]), "没有考生"),
        (lambda p: p["candidates"][1].update(seat_no=1), "座位 1 分给了两名考生"),
        (lambda p: p["candidates"][1].update(ticket_no=p["candidates"][0]["ticket_no"]), "重复"),
        (lambda p: p["candidates"][1].update(room="nowhere"), "考场不在考务包中"),
        (lambda p: p["candidates"][1].update(forms={"theory": "form-p"}), "不在考务包中"),
        (lambda p: p["candidates"][1].update(time_factor=0.5), "时间系数"),
        (lambda p: p["staff"][1].update(room=None), "没有分配考场"),
        (lambda p: p["forms"].append(practical_form()), "重复"),
        (lambda p: p["forms"][0].update(sections=[{"id": "a", "items": []}]), "没有部分或题目"),
        (lambda p: p.update(rooms="two"), "缺少“rooms”"),
    ],
)
def test_a_package_that_cannot_be_held_is_refused_in_words(spoil, words):
    package = a_package()
    spoil(package)
    with pytest.raises(Refused, match=words):
        a_session(package)


def test_an_invigilator_admits_the_own_room_only():
    session = a_session(candidates=4, rooms=2)
    mine, theirs = candidate_of(session, 0), candidate_of(session, 1)
    assert services.admit([mine], by=the_invigilator(session), at=now()) == 1
    with pytest.raises(Refused, match="监考员"):
        services.admit([mine, theirs], by=the_invigilator(session), at=now())
    theirs.refresh_from_db()
    assert theirs.admitted_at is None
    assert services.admit([mine, theirs], by=the_chief(session), at=now()) == 1  # mine was admitted already


def test_nobody_of_another_session_admits_here():
    session, elsewhere = a_session(), a_session()
    with pytest.raises(Refused):
        services.admit([candidate_of(session, 0)], by=the_chief(elsewhere), at=now())


def test_admitting_leaves_a_record_with_the_name_and_wakes_the_pulse():
    session = a_session()
    seat = candidate_of(session, 0)
    before = seat.version
    services.admit([seat], by=the_invigilator(session), at=now())
    seat.refresh_from_db()
    event = RoomEvent.objects.get(candidate=seat, kind="admitted")
    assert seat.version == before + 1
    assert event.by_ref == "st-1"
    assert "李建国" in event.by_label


def test_a_machine_may_be_changed_only_after_somebody_signed_in_and_once():
    session = a_session()
    seat = candidate_of(session, 0)
    with pytest.raises(Refused, match="还没有登录过"):
        services.release_seat(seat, by=the_invigilator(session), at=now())
    Candidate.objects.filter(pk=seat.pk).update(sign_in=1)
    services.release_seat(seat, by=the_invigilator(session), at=now())
    services.release_seat(seat, by=the_invigilator(session), at=now())
    seat.refresh_from_db()
    assert (seat.sign_in, seat.sign_in_limit) == (1, 2)
    assert RoomEvent.objects.filter(candidate=seat, kind="seat_released").count() == 1


def test_granted_minutes_move_the_end_of_an_open_part_and_wait_for_one_that_is_not():
    session = a_session()
    attempt = opened(session, 0)
    both = [candidate_of(session, 0), candidate_of(session, 1)]
    services.grant_minutes(both, Part.THEORY, 10, reason="停电", by=the_chief(session), at=now())
    ended = attempt.closes_at
    attempt.refresh_from_db()
    waiting = candidate_of(session, 1).attempts.get(part=Part.THEORY)
    assert attempt.closes_at == ended + 10 * MINUTE
    assert (attempt.granted_ms, waiting.granted_ms, waiting.closes_at) == (10 * MINUTE, 10 * MINUTE, None)


def test_minutes_for_a_room_pass_over_who_has_handed_in():
    session = a_session()
    done = opened(session, 0)
    Attempt.objects.filter(pk=done.pk).update(handed_in_at=to_ms(now()))
    reached = services.grant_minutes(
        [candidate_of(session, 0), candidate_of(session, 1)],
        Part.THEORY,
        5,
        reason="网络中断",
        by=the_chief(session),
        at=now(),
    )
    assert [seat.seat_no for seat in reached] == ["2"]
    with pytest.raises(Refused, match="已交卷"):
        services.grant_minutes(
            [candidate_of(session, 0)], Part.THEORY, 5, reason="网络中断", by=the_chief(session), at=now()
        )


def test_minutes_need_a_reason_and_a_sane_number():
    session = a_session()
    seat = [candidate_of(session, 0)]
    with pytest.raises(Refused, match="加时原因"):
        services.grant_minutes(seat, Part.THEORY, 5, reason=" ", by=the_chief(session), at=now())
    with pytest.raises(Refused, match="1～180"):
        services.grant_minutes(seat, Part.THEORY, 0, reason="停电", by=the_chief(session), at=now())


def test_a_forced_hand_in_needs_a_reason_and_an_open_part():
    session = a_session()
    seat = candidate_of(session, 0)
    with pytest.raises(Refused, match="没有在作答"):
        services.force_hand_in(seat, Part.THEORY, reason="违纪", by=the_invigilator(session), at=now())
    attempt = opened(session, 0)
    with pytest.raises(Refused, match="原因"):
        services.force_hand_in(seat, Part.THEORY, reason="", by=the_invigilator(session), at=now())
    services.force_hand_in(seat, Part.THEORY, reason="违纪", by=the_invigilator(session), at=now())
    attempt.refresh_from_db()
    assert attempt.handed_in_at is not None
    with pytest.raises(Refused, match="没有在作答"):
        services.force_hand_in(seat, Part.THEORY, reason="违纪", by=the_invigilator(session), at=now())


def test_an_incident_is_written_down_with_its_kind_and_words():
    session = a_session()
    seat = candidate_of(session, 2)
    with pytest.raises(Refused, match="经过"):
        services.record_incident(seat, IncidentKind.DEVICE, "", by=the_invigilator(session), at=now())
    services.record_incident(seat, IncidentKind.DEVICE, "手机响铃", by=the_invigilator(session), at=now())
    event = RoomEvent.objects.get(candidate=seat, kind="incident")
    assert event.data == {"incident": "device", "note": "手机响铃"}


def test_a_session_is_closed_when_all_are_done_absent_or_out_of_time():
    early = to_ms(now()) - 20 * MINUTE
    session = a_session(candidates=2, starts_at=early)
    opened(session, 0, minutes_ago=20)
    assert not queries.is_closed(session, at=now())
    services.force_hand_in(candidate_of(session, 0), Part.THEORY, reason="离场", by=the_chief(session), at=now())
    assert not queries.is_closed(session, at=now())  # the practical may still be started
    later = now() + timedelta(minutes=60)
    assert queries.is_closed(session, at=later)  # theory's end + latest entry has passed


# --- the record of the room is only ever added to


def an_event(session):
    services.record_incident(
        candidate_of(session, 0), IncidentKind.DEVICE, "桌下有手机", by=the_chief(session), at=now()
    )
    return RoomEvent.objects.get(kind="incident")


@pytest.mark.parametrize(
    "statement", ["update examroom_roomevent set by_label = 'x'", "delete from examroom_roomevent"]
)
def test_the_database_itself_refuses_to_change_what_happened_in_the_room(statement):
    event = an_event(a_session())
    room = connections["room"]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic("room"), room.cursor() as cursor:
        cursor.execute(statement)
    assert RoomEvent.objects.get(pk=event.pk).kind == event.kind


def test_a_corrected_package_still_replaces_seats_that_events_name_and_shuts_the_record_again():
    package = a_package()
    event = an_event(a_session(package))
    a_session(another(package))
    event.refresh_from_db()
    assert (event.candidate_id, event.data["note"]) == (None, "桌下有手机")
    assert audit_guard.missing() == []
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic("room"):
        RoomEvent.objects.filter(pk=event.pk).update(kind="admitted")


def test_a_verification_of_the_log_names_the_rooms_record_when_its_triggers_are_gone():
    with connections["room"].cursor() as cursor:
        if connections["room"].vendor == "postgresql":
            cursor.execute("alter table examroom_roomevent disable trigger examroom_roomevent_keep")
        else:
            cursor.execute("drop trigger examroom_roomevent_no_delete")
    assert [(one.kind, one.args["table"]) for one in audit_check.verify()] == [("guard", "examroom_roomevent")]
