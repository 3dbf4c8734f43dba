"""What collection writes into the log: who collected, what the room's staff decided, what the machine gave."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from onex.accounts.tests.factories import an_actor, an_operator, signed_in_as
from onex.common.actors import SYSTEM, Role
from onex.common.models import Trace
from onex.examroom import services as room
from onex.examroom.models import Attempt, Candidate, RoomSession
from onex.examroom.permits import RoomActor
from onex.examroom.queries import staff_member
from onex.examroom.rules import IncidentKind, Part
from onex.marking import services
from onex.marking.models import Script, StrayBundle
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.sittings.models import ExamSession
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def the_chief(session: ExamSession) -> RoomActor:
    found = staff_member(RoomSession.objects.get(pk=session.pk).staff.get(role="chief").pk)
    assert found is not None
    return found


def all_that_can_be_decided(session: ExamSession, candidate: Candidate) -> list[dict[str, Any]]:
    """Every decision of the room's staff about one candidate, as the log must tell them, in their order."""
    chief = the_chief(session)
    begins = datetime.fromtimestamp(RoomSession.objects.get(pk=session.pk).starts_at / 1000, UTC)
    at = [begins + timedelta(minutes=n) for n in range(1, 6)]
    Attempt.objects.filter(candidate=candidate).update(handed_in_at=None)
    Candidate.objects.filter(pk=candidate.pk).update(admitted_at=None)
    room.admit([candidate], by=chief, at=at[0])
    room.release_seat(candidate, by=chief, at=at[1], note="鼠标失灵")
    room.record_incident(candidate, IncidentKind.DEVICE, "桌下有手机", by=chief, at=at[2])
    room.grant_minutes([candidate], Part.PRACTICAL, 5, reason="换机耽误", by=chief, at=at[3])
    room.force_hand_in(candidate, Part.PRACTICAL, reason="违反考场纪律", by=chief, at=at[4])
    told: list[dict[str, Any]] = [
        {"verb": "admitted"},
        {"verb": "seat_released", "note": "鼠标失灵"},
        {"verb": "incident", "incident": "device", "note": "桌下有手机"},
        {"verb": "granted", "part": "practical", "minutes": 5, "reason": "换机耽误"},
        {"verb": "forced_hand_in", "part": "practical", "reason": "违反考场纪律"},
    ]
    return [{**one, "by": chief.label, "at": f"{at[n]:%Y-%m-%dT%H:%M:%S}Z"} for n, one in enumerate(told)]


def test_every_decision_of_the_room_enters_the_log_with_its_bundle_and_who_collected() -> None:
    session = a_sat_session(2)
    candidate = Candidate.objects.order_by("ticket_no")[0]
    told = all_that_can_be_decided(session, candidate)
    officer = an_org_officer()
    services.collect(session, by=officer, at=AFTER)
    seats = {str(seat.entry_id): seat for seat in session.seats.all()}
    traces = {trace.subject_id: trace for trace in Trace.objects.filter(verb="collect")}
    assert set(traces) == {seat.pk for seat in seats.values()}  # one for each candidate, however many events
    mine = traces[seats[candidate.entry].pk]
    assert mine.data["decisions"] == told
    assert {mine.data["bundle"]} == set(
        Script.objects.filter(entry_id=candidate.entry).values_list("bundle_hash", flat=True)
    )
    assert {trace.actor_id for trace in traces.values()} == {officer.user_id}
    assert Trace.objects.get(verb="end", subject_id=session.pk).actor_id == officer.user_id


def test_an_auditor_reads_what_was_decided_in_the_room() -> None:
    session = a_sat_session(1)
    candidate = Candidate.objects.get()
    all_that_can_be_decided(session, candidate)
    services.collect(session, by=SYSTEM, at=AFTER)
    trace = Trace.objects.get(verb="collect")
    client = signed_in_as(Client(), an_actor(Role.AUDITOR, an_operator()))
    assert f"/audit/{trace.pk}/" in client.get("/audit/", {"kind": "score"}).content.decode()
    page = client.get(f"/audit/{trace.pk}/").content.decode()
    for words in ("收卷", "考场处置", "鼠标失灵", "桌下有手机", "换机耽误", "违反考场纪律", trace.data["bundle"]):
        assert words in page, words


def test_collecting_again_tells_nothing_twice_and_what_is_new_once() -> None:
    session = a_sat_session(1)
    services.collect(session, by=SYSTEM, at=AFTER)
    services.collect(ExamSession.objects.get(pk=session.pk), by=SYSTEM, at=AFTER)
    first = Trace.objects.get(verb="collect")
    room.record_incident(Candidate.objects.get(), IncidentKind.OTHER, "事后补记", by=the_chief(session), at=AFTER)
    for _ in range(2):
        services.collect(ExamSession.objects.get(pk=session.pk), by=an_org_officer(), at=AFTER)
    later = Trace.objects.exclude(pk=first.pk).get(verb="collect")
    assert [one["note"] for one in later.data["decisions"]] == ["事后补记"]
    assert later.data["bundle"] != first.data["bundle"]
    assert Script.objects.count() == 2


def test_a_bundle_that_is_set_aside_is_in_the_log_once_with_its_decisions() -> None:
    session = a_sat_session(1)
    told = all_that_can_be_decided(session, Candidate.objects.get())
    Candidate.objects.update(entry="nobody-of-ours")
    for _ in range(2):
        services.collect(ExamSession.objects.get(pk=session.pk), by=SYSTEM, at=AFTER)
    trace = Trace.objects.get(verb="set_aside")
    assert (trace.subject_id, trace.data["why"]) == (session.pk, "unknown_entry")
    assert trace.data["bundle"] == StrayBundle.objects.get().bundle_hash
    assert trace.data["decisions"] == told


def test_the_machines_score_is_in_the_log_with_a_digest_that_names_each_items_points() -> None:
    session = a_sat_session(1)
    services.collect(session, by=SYSTEM, at=AFTER)
    for part, verb in (("theory", "finish"), ("practical", "examine")):
        script = Script.objects.get(part=part)
        trace = Trace.objects.get(verb=verb, subject_id=script.pk)
        assert trace.data["points"] == str(script.points)
        assert trace.data["digest"] == digest(script.scores)
        first = next(iter(script.scores))
        script.scores[first]["points"] = "99"  # what somebody with the database does
        assert trace.data["digest"] != digest(script.scores)


def test_the_score_with_the_last_mark_is_in_the_log_as_well() -> None:
    session = a_sat_session(1)
    services.collect(session, by=SYSTEM, at=AFTER)
    script = Script.objects.get(part="practical")
    job = script.jobs.get()
    assessor = an_actor(Role.ASSESSOR, session.plan_level.plan.organisation)
    full = {c.id: c.points for c in services.queries.scores_of(script)[job.item].needs_examiner}
    services.mark(job, full, by=assessor, at=AFTER)
    script.refresh_from_db()
    trace = Trace.objects.get(verb="finish", subject_id=script.pk)
    assert (trace.actor_id, trace.data["points"]) == (assessor.user_id, str(script.points))
    assert trace.data["digest"] == digest(script.scores)


def digest(scores: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(scores, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
