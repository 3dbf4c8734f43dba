"""The gate starts a part, serves its paper and takes it in, each once and in its time."""

from __future__ import annotations

import hmac
import json
import time
from hashlib import sha256

import pytest

from onex.common.clock import now, to_ms
from onex.examroom import services
from onex.examroom.models import Answer, Attempt
from onex.examroom.rules import MINUTE, Part
from onex.examroom.tests.factories import a_package, a_session, candidate_of, the_chief
from onex.examroom.tests.page import Page, Together, attempt_of
from onex.examroom.tests.server import KEYS

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]


# --- parts and papers --------------------------------------------------------------------------------------------


def test_a_part_is_started_once_by_an_admitted_candidate(server):
    session = a_session()
    with Page(server.address, candidate_of(session, 0), 0) as page:
        page.sign_in()
        assert page.start().json()["error"] == "not_admitted"
        assert page.state()["admitted"] is False
        services.admit([page.candidate], by=the_chief(session), at=now())
        first = page.start().json()["part"]
        assert first["state"] == "open"
        assert first["closes_at"] - session.starts_at <= 60 * MINUTE  # a late starter loses time
        assert page.start().json()["part"] == first
        assert page.start("practical").json()["error"] == "not_yet"


def test_a_part_cannot_be_started_before_its_time_or_too_late(server, seated):
    early = a_session(candidates=1, starts_at=to_ms(now()) + 10 * MINUTE)
    (page,) = seated(server, early, started=False)
    assert page.start().json()["error"] == "not_yet"
    assert page.state()["parts"][0]["state"] == "waiting"
    late = a_session(candidates=1, starts_at=to_ms(now()) - 16 * MINUTE)
    (page,) = seated(server, late, started=False)
    assert page.start().json()["error"] == "too_late"
    assert [part["state"] for part in page.state()["parts"]] == ["closed", "barred"]


def test_extra_time_granted_before_the_start_is_in_the_end(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session, started=False)
    services.grant_minutes([page.candidate], Part.THEORY, 10, reason="停电", by=the_chief(session), at=now())
    part = page.start().json()["part"]
    assert part["granted_ms"] == 10 * MINUTE
    assert 69 * MINUTE < part["closes_at"] - part["opened_at"] <= 70 * MINUTE


def test_a_time_factor_gives_more_minutes(server, seated):
    package = a_package(candidates=1)
    package["candidates"][0]["time_factor"] = 1.5
    (page,) = seated(server, a_session(package))
    part = page.state()["parts"][0]
    assert part["minutes"] == 90
    assert 89 * MINUTE < part["closes_at"] - part["opened_at"] <= 90 * MINUTE


def test_the_paper_is_served_only_while_its_part_is_open(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session, started=False)
    for method in ("GET", "HEAD"):
        early = page.http.request(method, "/gate/paper/theory")
        assert early.status_code in (403, 405)
        assert b"s1" not in early.content
        assert "etag" not in early.headers
    page.start()
    reply = page.http.get("/gate/paper/theory")
    assert reply.status_code == 200
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.headers["cache-control"] == "no-store"
    assert [item["id"] for item in reply.json()["sections"][0]["items"]][:2] == ["s1", "s2"]
    plain = page.http.get("/gate/paper/theory", headers={"Accept-Encoding": "identity"})
    assert plain.json() == reply.json()
    assert page.http.get("/gate/paper/practical").status_code == 403
    page.hand_in(0)
    time.sleep(2.1)  # what a process knows of a seat may be two seconds old
    assert page.http.get("/gate/paper/theory").json()["error"] == "closed"


def test_no_reply_holds_more_of_a_form_than_its_public_part(server, seated):
    (page,) = seated(server)
    said = page.http.get("/gate/paper/theory").json()
    assert set(said) == {"id", "part", "title", "sections"}
    assert set(said["sections"][0]["items"][0]) == {"id", "kind", "stem", "points", "options"}
    for text in (json.dumps(said), json.dumps(page.state()), page.keep("s1", "A").text, page.hand_in().text):
        assert "secret_hash" not in text
        assert "seat_code" not in text


# --- handing in --------------------------------------------------------------------------------------------------


def test_twenty_hand_ins_at_once_are_one(server, seated):
    (page,) = seated(server)
    page.keep("s1", "A")
    together = Together()
    for _ in range(20):
        together.do(page.hand_in)
    replies = together.replies()
    assert {reply.status_code for reply in replies} == {200}
    assert len({(reply.json()["handed_in_at"], reply.json()["receipt"]) for reply in replies}) == 1
    attempt = attempt_of(page)
    said = f"{attempt.pk}|hand-in|{attempt.handed_in_at}"
    assert replies[0].json()["receipt"] == hmac.new(KEYS["k2"], said.encode(), sha256).hexdigest()
    assert [part["state"] for part in replies[0].json()["parts"]] == ["handed_in", "ready"]


def test_a_hand_in_behind_the_server_is_refused(server, seated):
    (page,) = seated(server)
    page.line("s1", "A")  # written, never sent
    reply = page.hand_in()
    assert (reply.status_code, reply.json()["error"]) == (409, "behind")
    assert attempt_of(page).handed_in_at is None


def test_a_hand_in_too_early_is_refused(server, seated):
    (page,) = seated(server, a_session(candidates=1, rules={"earliest_hand_in_minutes": 30}))
    reply = page.hand_in(0)
    assert (reply.status_code, reply.json()["error"]) == (409, "too_early")
    Attempt.objects.filter(pk=page.attempts["theory"]).update(hand_in_from=to_ms(now()))
    assert page.hand_in(0).status_code == 200


def test_after_the_end_there_is_nothing_to_hand_in(server, seated):
    (page,) = seated(server)
    Attempt.objects.filter(pk=page.attempts["theory"]).update(closes_at=to_ms(now()) - 11_000)
    assert page.hand_in(0).json()["error"] == "closed"


def test_a_line_after_the_hand_in_is_set_apart(server, seated):
    (page,) = seated(server)
    page.hand_in(0)
    reply = page.keep("s1", "A")
    assert (reply.status_code, reply.json()["late"], reply.json()["open"]) == (202, [1], False)
    assert not Answer.objects.exists()


def test_after_theory_comes_the_practical_and_then_the_end(server, seated):
    (page,) = seated(server)
    page.hand_in(0)
    assert page.start("practical").json()["part"]["state"] == "open"
    assert page.keep("p1", "家人们，这款保温杯能保温十二小时。", "practical").status_code == 200
    assert page.hand_in(1, "practical").status_code == 200
    assert [part["state"] for part in page.state()["parts"]] == ["handed_in", "handed_in"]
