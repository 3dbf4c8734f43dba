"""What the sweep does for marking: closed rooms are collected, open ones left alone, and twice is once."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from onex.common.tests.at_once import at_once
from onex.marking import queries, services, tasks
from onex.marking.models import Script, StrayBundle
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.registration.models import ExamPlanLevel
from onex.sittings.models import ExamSession
from onex.sittings.tests.factories import LATER, a_published_session
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def test_a_closed_room_is_collected_without_being_asked_and_only_once() -> None:
    session = a_sat_session(2)
    assert tasks.collect_rooms(at=AFTER).done == 1
    assert ExamSession.objects.get(pk=session.pk).state == "ended"
    assert ExamPlanLevel.objects.get(pk=session.plan_level_id).state == "scoring"
    assert Script.objects.count() == 4
    assert tasks.collect_rooms(at=AFTER).done == 0


def test_a_room_where_somebody_may_still_come_is_left_alone() -> None:
    session = a_published_session(1)
    for at in (LATER, session.slot.starts_at, session.slot.starts_at + timedelta(minutes=5)):
        assert queries.closed_sessions(at) == []
        assert tasks.collect_rooms(at=at).done == 0
    assert not Script.objects.exists()


def test_a_session_that_cannot_be_collected_keeps_no_other_waiting() -> None:
    broken, whole = a_sat_session(1), a_sat_session(1)
    ExamPlanLevel.objects.filter(pk=broken.plan_level_id).update(state="closed")  # cannot go on to scoring from here
    swept = tasks.collect_rooms(at=AFTER)
    assert (swept.done, len(swept.failed)) == (1, 1)
    assert ExamSession.objects.get(pk=whole.pk).state == "ended"
    assert ExamSession.objects.get(pk=broken.pk).state == "published"


def test_the_command_says_what_it_did() -> None:
    session = a_published_session(1)
    ExamSession.objects.filter(pk=session.pk).update(loaded_at=None)  # the room has it, the centre does not know yet
    said = StringIO()
    call_command("sweep", stdout=said)
    assert "loaded 1, failed 0" in said.getvalue()
    assert ExamSession.objects.get(pk=session.pk).loaded_at is not None


@pytest.mark.django_db(transaction=True, databases=["default", "room"])
def test_the_sweep_and_a_person_collecting_at_once_leave_every_script_once() -> None:
    session = a_sat_session(2)
    officer = an_org_officer()

    def collect() -> None:
        services.collect(ExamSession.objects.get(pk=session.pk), by=officer, at=AFTER)

    assert at_once(collect, collect) == [None, None]
    assert Script.objects.count() == 4
    assert not StrayBundle.objects.exists()
    assert ExamSession.objects.get(pk=session.pk).state == "ended"
