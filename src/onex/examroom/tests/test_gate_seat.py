"""The gate lets one machine sit down at a seat, and nobody with a guessed code or a forged token."""

from __future__ import annotations

import httpx
import pytest

from onex.common.clock import now, to_ms
from onex.examroom import services
from onex.examroom.gate import tokens
from onex.examroom.models import Candidate, RoomEvent
from onex.examroom.rules import MINUTE
from onex.examroom.tests.factories import a_session, candidate_of, the_chief
from onex.examroom.tests.page import Page, Together
from onex.examroom.tests.server import KEYS

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]


# --- the seat ----------------------------------------------------------------------------------------------------


def test_a_wrong_number_and_a_wrong_code_get_the_same_answer(server):
    session = a_session()
    page = Page(server.address, candidate_of(session, 0), 0)
    wrong_code = page.sign_in("000000")
    page.candidate.ticket_no = "99999999999999"
    wrong_number = page.sign_in()
    with page:
        assert wrong_code.status_code == wrong_number.status_code == 403
        assert wrong_code.json()["error"] == wrong_number.json()["error"] == "unknown_seat"
        assert wrong_code.json()["message"] == wrong_number.json()["message"]


def test_guessing_a_code_is_stopped_after_five_wrong_ones(server):
    session = a_session()
    with Page(server.address, candidate_of(session, 0), 0) as page:
        said = [page.sign_in(f"99999{n}").status_code for n in range(6)]
        assert said == [403] * 5 + [429]
        assert page.sign_in().status_code == 429  # even the right one, from this machine, for now


def test_a_seat_is_taken_once_until_an_invigilator_allows_another_machine(server, seated):
    session = a_session()
    (old,) = seated(server, session)
    old.keep("s1", "A")
    with Page(server.address, old.candidate, 0) as new:
        refused = new.sign_in()
        assert (refused.status_code, refused.json()["error"]) == (409, "seat_taken")
        services.release_seat(old.candidate, by=the_chief(session), at=now())
        assert new.sign_in().status_code == 200
        assert new.sign_in_no == 2
        # The new machine starts with what is on disk, and counts its lines anew.
        assert [line["item"] for line in new.state()["lines"]["theory"]] == ["s1"]
        assert new.state()["last_seq"]["theory"] == 0
        assert new.keep("s1", "C").status_code == 200
        # The old one is told so at every door.
        reply = old.keep("s2", "B")
        assert (reply.status_code, reply.json()["error"], reply.json()["current"]) == (409, "not_current", False)
        assert old.state()["current"] is False
        assert old.state()["lines"] == {}
        assert old.hand_in(1).json()["error"] == "not_current"
        assert old.start().json()["error"] == "not_current"
        assert old.http.get("/gate/paper/theory").json()["error"] == "not_current"
        assert new.state()["lines"]["theory"][0]["body"] == '"C"'
        third = Page(server.address, old.candidate, 0)
        with third:
            assert third.sign_in().status_code == 409
    kinds = set(RoomEvent.objects.filter(candidate=old.candidate).values_list("kind", flat=True))
    assert {"signed_in", "seat_refused", "seat_released"} <= kinds


def test_twenty_sign_ins_at_once_take_the_seat_once(server):
    session = a_session()
    pages = [Page(server.address, candidate_of(session, 0), 0) for _ in range(20)]
    together = Together()
    for page in pages:
        together.do(page.sign_in)
    statuses = sorted(reply.status_code for reply in together.replies())
    for page in pages:
        page.http.close()
    assert statuses == [200] + [409] * 19
    assert Candidate.objects.get(pk=pages[0].candidate.pk).sign_in == 1


def test_signing_in_before_the_doors_open_is_refused(server):
    session = a_session(starts_at=to_ms(now()) + 31 * MINUTE)
    with Page(server.address, candidate_of(session, 0), 0) as page:
        reply = page.sign_in()
        assert (reply.status_code, reply.json()["error"]) == (409, "not_yet")


FORGED = [
    "",
    "Bearer",
    "Bearer x",
    "Bearer k1.e30.AAAA",
    "Bearer none.e30.",
    "Basic k1.e30.AAAA",
    "Bearer ../k1.e30.AAAA",
    "Bearer \xe9.e30.x",
]


def test_a_forged_token_opens_nothing(server):
    for forged in FORGED:
        headers = {"Authorization": forged.encode("latin-1")} if forged else {}
        for path in ("/gate/state", "/gate/paper/theory", "/gate/pulse?since=0"):
            reply = httpx.get(server.address + path, headers=headers)
            assert (reply.status_code, reply.json()["error"]) == (401, "bad_token")
        assert httpx.post(server.address + "/gate/keep", headers=headers, content=b"{}").status_code == 401


def test_a_token_of_another_purpose_key_or_day_opens_nothing(server, seated):
    (page,) = seated(server)
    facts = Candidate.objects.get(pk=page.candidate.pk)
    seat = tokens.Seat(facts.pk, 1, {}, {}, to_ms(now()) + MINUTE)
    staff = tokens.Staff(facts.pk, facts.session_id, to_ms(now()) + MINUTE)
    old = tokens.Seat(facts.pk, 1, {}, {}, to_ms(now()) - 1)
    for token in (
        tokens.make(tokens.STAFF, staff, KEYS),
        tokens.make(tokens.SEAT, seat, {"k2": b"x" * 32}),
        tokens.make(tokens.SEAT, seat, {"k9": KEYS["k2"]}),
        tokens.make(tokens.SEAT, old, KEYS),
    ):
        reply = httpx.get(server.address + "/gate/state", headers={"Authorization": f"Bearer {token}"})
        assert reply.status_code == 401
    earlier_key = tokens.make(tokens.SEAT, seat, {"k1": KEYS["k1"]})
    assert (
        httpx.get(server.address + "/gate/state", headers={"Authorization": f"Bearer {earlier_key}"}).status_code == 200
    )
