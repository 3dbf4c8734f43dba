"""Role by action, and the other room every time."""

from __future__ import annotations

import pytest

from onex.common.permits import PERMITS, allows, seen
from onex.examroom.models import Candidate
from onex.examroom.tests.factories import a_session, candidate_of, the_chief, the_invigilator

pytestmark = pytest.mark.django_db(databases=["default", "room"])

CODES = sorted(code for code in PERMITS if code.startswith("examroom."))


@pytest.mark.parametrize("code", CODES)
def test_an_invigilator_reaches_the_own_room_a_chief_the_session_nobody_another_session(code):
    session, elsewhere = a_session(candidates=4, rooms=2), a_session(candidates=2)
    mine, theirs, strange = candidate_of(session, 0), candidate_of(session, 1), candidate_of(elsewhere, 0)
    invigilator, chief = the_invigilator(session), the_chief(session)
    assert [allows(code, invigilator, seat) for seat in (mine, theirs, strange)] == [True, False, False]
    assert [allows(code, chief, seat) for seat in (mine, theirs, strange)] == [True, True, False]
    assert seen(code, invigilator, Candidate.objects.all()).count() == 2
    assert seen(code, chief, Candidate.objects.all()).count() == 4
