"""Who may do what with sessions and seats: every role, and every other school, province and organisation."""

from __future__ import annotations

import pytest

from onex.accounts.tests.factories import (
    a_school,
    a_site_organisation,
    an_actor,
    an_evaluation_org,
    another_province,
    signed_in_as,
)
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.permits import PERMITS, allows
from onex.registration.models import Entry
from onex.sittings import queries, services
from onex.sittings.models import ExamSession
from onex.sittings.tests.factories import LATER, an_arranged_session
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])

SESSIONS = {
    "sittings.see": {
        "org",
        "host",
        "registrar",
        "manager",
        "invigilator",
        "tech",
        "province",
        "operator",
        "auditor",
    },
    "sittings.arrange": {"org"},
    "sittings.staff": {"org", "host", "manager"},
    "sittings.progress": {"org", "system"},
}
SEATS = {
    "sittings.seats": {"org", "host", "registrar", "manager", "province", "operator", "auditor"},
    "sittings.ticket": {"org", "host", "registrar"},
}


def everybody(session: ExamSession) -> dict[str, Actor]:
    """One person in each hat of this session, and their likes elsewhere."""
    organisation, school = session.plan_level.plan.organisation, session.site.school
    other = an_evaluation_org("A12345678")
    return {
        "org": an_actor(Role.ORG, organisation),
        "other org": an_actor(Role.ORG, other),
        "host": an_actor(Role.SCHOOL, school),
        "registrar": an_actor(Role.REGISTRAR, school),
        "other registrar": an_actor(Role.REGISTRAR, a_school()),
        "manager": an_actor(Role.SITE_MANAGER, session.site.unit),
        "other manager": an_actor(Role.SITE_MANAGER, a_site_organisation()),
        "invigilator": an_actor(Role.SITE_INVIGILATOR, session.site.unit),
        "tech": an_actor(Role.TECH, session.site.unit),
        "other tech": an_actor(Role.TECH, a_site_organisation()),
        "other school": an_actor(Role.SCHOOL, a_school()),
        "province": an_actor(Role.PROVINCE, school.province),
        "other province": an_actor(Role.PROVINCE, another_province()),
        "operator": an_actor(Role.OPERATOR, other),
        "auditor": an_actor(Role.AUDITOR, other),
        "author": an_actor(Role.AUTHOR, organisation),
        "assessor": an_actor(Role.ASSESSOR, organisation),
        "teacher": an_actor(Role.TEACHER, school),
        "system": SYSTEM,
    }


def test_each_role_reaches_its_own_sessions_and_seats_and_nobody_elses() -> None:
    session = an_arranged_session(1)
    people, seat = everybody(session), session.seats.get()
    assert {code for code in PERMITS if code.startswith("sittings.")} == {*SESSIONS, *SEATS}
    for code, expected in SESSIONS.items():
        assert {name for name, actor in people.items() if allows(code, actor, session)} == expected, code
    for code, expected in SEATS.items():
        assert {name for name, actor in people.items() if allows(code, actor, seat)} == expected, code


def a_guest(session: ExamSession) -> Actor:
    """The school of one candidate who sits at this other school's site."""
    school = a_school()
    seat = session.seats.select_related("entry__student").first()
    assert seat is not None
    student = seat.entry.student
    type(student).objects.filter(pk=student.pk).update(school=school)
    return an_actor(Role.SCHOOL, school)


def test_a_school_whose_student_sits_elsewhere_sees_that_seat_alone_once_tickets_are_out() -> None:
    session = an_arranged_session(3)
    guest = a_guest(session)
    assert not queries.sessions_seen_by(guest).exists()
    services.release(session, by=an_org_officer(session.plan_level.plan.organisation), at=LATER)
    assert list(queries.sessions_seen_by(guest)) == [session]
    assert queries.seats_seen_by(guest, session).count() == 1
    assert queries.seats_to_print(guest, session).count() == 1
    assert Entry.objects.filter(seat__in=queries.seats_seen_by(guest, session)).get().student.school_id == (
        guest.organisation_id
    )


def test_a_guest_school_gets_no_codes_and_names_nobody(client) -> None:
    session = an_arranged_session(2)
    guest = a_guest(session)
    services.release(session, by=an_org_officer(session.plan_level.plan.organisation), at=LATER)
    signed_in_as(client, guest)
    page = client.get(f"/sittings/sessions/{session.pk}/").content.decode()
    assert "只显示本校考生" in page
    assert page.count('class="ox-seat ') == 1
    assert "考场清单" not in page
    assert client.get(f"/sittings/sessions/{session.pk}/tickets.pdf").status_code == 200
    for address in ("rooms.pdf", "rooms.xlsx"):
        assert client.get(f"/sittings/sessions/{session.pk}/{address}").status_code == 404
    assert client.post(f"/sittings/sessions/{session.pk}/staff/", {"chief": "别人"}).status_code in (409, 422)
    assert not session.staff.exists()


def test_a_sites_manager_names_its_invigilators_and_its_others_look_on_without_a_single_name(client) -> None:
    session = an_arranged_session(2)
    unit = session.site.unit
    names = set(session.seats.values_list("entry__student__name", flat=True))
    address = f"/sittings/sessions/{session.pk}/"
    signed_in_as(client, an_actor(Role.SITE_MANAGER, unit))
    page = client.get(address).content.decode()
    assert any(name in page for name in names)
    room = session.seats.first().room_id
    assert client.post(f"{address}staff/", {"chief": "周敏", f"room-{room}": "李建国"}).status_code in (302, 422)
    for role in (Role.SITE_INVIGILATOR, Role.TECH):
        signed_in_as(client, an_actor(role, unit))
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert not any(name in page for name in names)
        assert client.post(f"{address}staff/", {"chief": "周敏"}).status_code == 403
        assert client.get(f"{address}tickets.pdf").status_code == 403
        assert client.get(f"{address}rooms.pdf").status_code in (403, 404)
    signed_in_as(client, an_actor(Role.SITE_MANAGER, a_site_organisation()))
    assert client.get(address).status_code == 404
