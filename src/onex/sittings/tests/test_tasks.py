"""What the sweep does for sessions: a second run changes nothing, and one that fails keeps nobody waiting."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from onex.examroom import queries as room
from onex.sittings import services, tasks
from onex.sittings.models import ExamSession
from onex.sittings.tests.factories import LATER, a_staffed_session
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def decided(number: int = 1) -> ExamSession:
    """Published, and the machine stopped before the room had it."""
    session = a_staffed_session(number)
    officer = an_org_officer(session.plan_level.plan.organisation)
    session = services.release(session, by=officer, at=LATER)
    return services.decide(session, by=officer, at=LATER)


def test_a_session_that_did_not_reach_its_room_is_loaded_once() -> None:
    session = decided(2)
    assert room.session_of(session.pk) is None
    assert tasks.load_rooms(at=LATER).done == 1
    held = room.session_of(session.pk)
    assert held is not None
    assert held.candidates.count() == 2
    assert tasks.load_rooms(at=LATER).done == 0


def test_a_session_that_cannot_be_loaded_keeps_no_other_waiting() -> None:
    broken, whole = decided(), decided()
    ExamSession.objects.filter(pk=broken.pk).update(package_hash="0" * 64)
    swept = tasks.load_rooms(at=LATER)
    assert swept.done == 1
    assert len(swept.failed) == 1
    assert "下发之后有改动" in swept.failed[0]
    assert room.session_of(whole.pk) is not None
    assert room.session_of(broken.pk) is None


def test_what_was_published_in_english_is_loaded_by_a_sweep_that_speaks_chinese() -> None:
    with override("en"):
        session = decided()
    assert tasks.load_rooms(at=LATER).failed == ()
    held = room.session_of(session.pk)
    assert held is not None
    assert held.level == "初级"
