"""The gate's promises to a candidate: what is named is on disk, what is refused says why. Nothing is pretended."""

from __future__ import annotations

import gzip
import hmac
import json
import time
from hashlib import sha256

import httpx
import pytest
from django.db import connections

from onex.common.clock import now, to_ms
from onex.examroom import services
from onex.examroom.gate import tokens
from onex.examroom.gate.lines import FIRST, line_hash
from onex.examroom.models import Answer, AnswerConflict, AnswerLate, Attempt, Candidate, RoomEvent
from onex.examroom.rules import MINUTE, Part
from onex.examroom.tests.conftest import IS_POSTGRES
from onex.examroom.tests.factories import a_package, a_session, candidate_of, seat_code, the_chief
from onex.examroom.tests.page import Page, Together
from onex.examroom.tests.server import KEYS

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]


def attempt_of(page: Page, part: str = "theory") -> Attempt:
    return Attempt.objects.get(pk=page.attempts[part])


# --- keeping -----------------------------------------------------------------------------------------------------


def test_a_kept_line_is_on_disk_with_a_receipt_that_anybody_with_the_key_can_check(server, seated):
    (page,) = seated(server)
    line = page.line("s1", "B")
    reply = page.send([line])
    assert reply.status_code == 200
    (kept,) = reply.json()["kept"]
    stored = Answer.objects.get(attempt_id=page.attempts["theory"], sign_in=1, seq=1)
    assert (stored.item, stored.body, bytes(stored.hash).hex(), bytes(stored.prev).hex()) == (
        "s1",
        '"B"',
        line["hash"],
        FIRST,
    )
    said = f"{page.attempts['theory']}|1|1|{line['hash']}|{stored.at}"
    assert kept == {
        "seq": 1,
        "hash": line["hash"],
        "at": stored.at,
        "receipt": hmac.new(KEYS["k2"], said.encode(), sha256).hexdigest(),
        "key": "k2",
    }
    assert reply.json()["open"] is True
    assert reply.json()["current"] is True
    assert reply.json()["closes_at"] == attempt_of(page).closes_at


def test_resending_is_harmless_and_answered_with_the_same_receipt(server, seated):
    (page,) = seated(server)
    lines = [page.line("s1", "B"), page.line("s2", "C")]
    first = page.send(lines[:1]).json()
    second = page.send(lines)
    assert second.status_code == 200
    assert second.json()["kept"][0] == first["kept"][0]
    assert [kept["seq"] for kept in second.json()["kept"]] == [1, 2]
    assert Answer.objects.count() == 2


def test_another_body_under_a_kept_number_is_a_conflict_and_both_are_kept(server, seated):
    (page,) = seated(server)
    page.keep("s1", "B")
    page._ends[page.attempts["theory"]] = (0, FIRST)  # a page that lost its journal counts from one again
    reply = page.keep("s1", "D")
    assert reply.status_code == 409
    assert reply.json()["error"] == "conflict"
    assert reply.json()["conflict"] == [1]
    assert Answer.objects.get().body == '"B"'
    assert AnswerConflict.objects.get().body == '"D"'


def test_out_of_order_lines_are_kept_and_the_highest_number_is_the_value(server, seated):
    (page,) = seated(server)
    lines = [page.line("s1", letter) for letter in "ABC"]
    assert page.send(lines[2:]).status_code == 200
    assert page.send(lines[:2]).status_code == 200
    state = page.state()
    assert state["lines"]["theory"] == [
        {"seq": 3, "item": "s1", "body": '"C"', "hash": lines[2]["hash"]},
    ]
    assert state["last_seq"]["theory"] == 3
    assert state["last_hash"]["theory"] == lines[2]["hash"]


def test_a_line_after_the_end_is_set_apart_and_never_counted(server, seated):
    (page,) = seated(server)
    page.keep("s1", "A")
    Attempt.objects.filter(pk=page.attempts["theory"]).update(closes_at=to_ms(now()) - 11_000)
    line = page.line("s2", "B")
    for _ in range(2):  # sent again, answered again
        reply = page.send([line])
        assert reply.status_code == 202
        assert (reply.json()["late"], reply.json()["kept"], reply.json()["open"]) == ([2], [], False)
    assert AnswerLate.objects.get().item == "s2"
    assert Answer.objects.count() == 1


def test_a_line_within_the_grace_is_kept(server, seated):
    (page,) = seated(server)
    Attempt.objects.filter(pk=page.attempts["theory"]).update(closes_at=to_ms(now()) - 2_000)
    assert page.keep("s1", "A").status_code == 200


def test_a_line_kept_before_the_end_is_still_named_after_it(server, seated):
    (page,) = seated(server)
    line = page.line("s1", "A")
    page.send([line])
    Attempt.objects.filter(pk=page.attempts["theory"]).update(closes_at=to_ms(now()) - 60_000)
    reply = page.send([line])
    assert [kept["seq"] for kept in reply.json()["kept"]] == [1]
    assert reply.json()["open"] is False
    assert AnswerLate.objects.count() == 0


def test_the_clients_clock_and_unknown_fields_are_ignored(server, seated):
    (page,) = seated(server)
    Attempt.objects.filter(pk=page.attempts["theory"]).update(closes_at=to_ms(now()) - 60_000)
    line = page.line("s1", "A") | {"at": 1, "late": False}
    reply = page.http.post(
        "/gate/keep",
        json={"attempt": page.attempts["theory"], "lines": [line], "now": 1, "closes_at": 9e12, "sign_in": 1},
    )
    assert reply.json()["late"] == [1]


def test_lines_before_the_start_are_not_kept(server, seated):
    (page,) = seated(server, started=False)
    reply = page.keep("s1", "A")
    assert reply.status_code == 409
    assert reply.json()["error"] == "closed"
    assert not Answer.objects.exists()
    assert not AnswerLate.objects.exists()


def test_a_number_from_the_future_is_refused(server, seated):
    (page,) = seated(server)
    reply = page.send([page.line("s1", "A", seq=1001)])
    assert reply.json()["bad"] == [{"seq": 1001, "why": "seq"}]
    assert page.send([page.line("s1", "A", seq=1000)]).status_code == 200


def test_a_spoiled_line_is_named_and_its_neighbour_is_kept(server, seated):
    spoils = [
        ({"hash": "0" * 64}, "hash"),
        ({"hash": "é" * 64}, "hash"),
        ({"prev": "xyz"}, "hash"),
        ({"item": "not-mine"}, "item"),
        ({"body": '"C"'}, "hash"),
        ({"body": "x" * 48_001}, "body"),
    ]
    for (spoil, why), page in zip(spoils, seated(server, count=len(spoils)), strict=True):
        good, spoiled = page.line("s1", "A"), page.line("s2", "B")
        reply = page.send([good, spoiled | spoil])
        assert reply.status_code == 202
        assert [kept["seq"] for kept in reply.json()["kept"]] == [1]
        assert reply.json()["bad"] == [{"seq": 2, "why": why}]


def test_a_body_that_is_not_json_is_named_bad(server, seated):
    (page,) = seated(server)
    for body in ("{", '"a', "[" * 20_000, "NaN", '{"a":1e999}', "12" * 4000, '"\0"', ""):
        own = line_hash(FIRST, page.attempts["theory"], 1, 1, "s1", body)
        reply = page.send([{"seq": 1, "item": "s1", "body": body, "prev": FIRST, "hash": own}])
        assert (reply.status_code, reply.json()["bad"]) == (400, [{"seq": 1, "why": "body"}]), body[:20]


STRANGE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"attempt":1,"lines":[]}',
    b'{"attempt":"x"}',
    b'{"attempt":"x","lines":{}}',
    b'{"attempt":"x","lines":[{"seq":1e400}]}',
    b'{"attempt":"x","lines":[{"seq":' + b"9" * 5000 + b"}]}",
    b'{"attempt":"x","lines":[{"seq":-1,"item":"a","body":"1","prev":"","hash":""}]}',
    b'{"attempt":"x","lines":' + b"[" * 100_000,
    b'{"other":' + b"[" * 100_000 + b"]" * 100_000 + b',"attempt":"x","lines":[]}',
    b'{"attempt":"\xff\xfe","lines":[]}',
    b'{"attempt":"\\ud800","lines":[]}',
]


@pytest.mark.parametrize("path", ["keep", "hand-in", "start", "event", "sign-in"])
def test_strange_requests_get_a_sentence_and_nothing_else(server, seated, path):
    (page,) = seated(server)
    for content in STRANGE:
        reply = page.http.post(f"/gate/{path}", content=content)
        assert reply.status_code in (400, 403), content[:80]
        said = reply.json()
        assert set(said) == {"error", "message", "now"}
        assert said["message"].endswith("。")
    assert "Traceback" not in server.log


def test_more_than_twenty_lines_or_none_are_refused(server, seated):
    (page,) = seated(server)
    assert page.send([page.line("s1", "A") for _ in range(21)]).status_code == 400
    assert page.send([]).status_code == 400
    assert not Answer.objects.exists()


def test_a_body_too_large_is_refused_without_being_read(server, seated):
    (page,) = seated(server)
    reply = page.http.post("/gate/keep", content=b"x" * 600_000)
    assert reply.status_code == 413
    assert reply.json()["error"] == "too_large"


def test_another_candidates_attempt_is_not_written(server, seated):
    mine, theirs = seated(server, count=2)
    mine.attempts = theirs.attempts
    mine._ends = {theirs.attempts["theory"]: (0, FIRST)}
    reply = mine.keep("s1", "A")
    assert (reply.status_code, reply.json()["error"]) == (403, "not_allowed")
    assert mine.hand_in(0).status_code == 403
    assert not Answer.objects.exists()


# --- one batch ---------------------------------------------------------------------------------------------------


def test_what_arrives_while_a_commit_is_in_flight_is_one_commit(server, seated, held):
    pages = seated(server, count=6)
    together = Together()
    with held():
        for page in pages:
            together.do(page.keep, "s1", "A")
    assert [reply.status_code for reply in together.replies()] == [200] * 6
    assert len(set(Answer.objects.values_list("lane", "batch"))) <= 2  # one was in flight, the others are together


def poison_is_refused():
    """The database itself refuses one body, as a bug in a later version might."""
    with connections["room"].cursor() as cursor:
        if IS_POSTGRES:
            cursor.execute(
                "create function poison() returns trigger language plpgsql as"
                " $$ begin if new.body = '\"poison\"' then raise exception 'poison'; end if; return new; end $$"
            )
            cursor.execute(
                "create trigger poison before insert on examroom_answer for each row execute function poison()"
            )
        else:
            cursor.execute(
                "create trigger poison before insert on examroom_answer when new.body = '\"poison\"'"
                " begin select raise(abort, 'poison'); end"
            )


def poison_is_gone():
    with connections["room"].cursor() as cursor:
        if IS_POSTGRES:
            cursor.execute("drop trigger poison on examroom_answer")
            cursor.execute("drop function poison")
        else:
            cursor.execute("drop trigger poison")


def test_a_poisoned_line_spoils_neither_its_request_nor_its_batch(server, seated, held):
    poisoned, neighbour, other = seated(server, count=3)
    poison_is_refused()
    try:
        together = Together()
        with held():
            together.do(neighbour.keep, "s1", "A")
            lines = [poisoned.line("s1", "A"), poisoned.line("s2", "poison"), poisoned.line("s3", "C")]
            together.do(poisoned.send, lines)
            together.do(other.keep, "s1", "A")
        first, spoiled, third = together.replies()
    finally:
        poison_is_gone()
    assert (first.status_code, third.status_code) == (200, 200)
    assert [kept["seq"] for kept in spoiled.json()["kept"]] == [1, 3]
    assert spoiled.json()["bad"] == [{"seq": 2, "why": "refused"}]
    assert Answer.objects.count() == 4


def test_a_full_queue_says_busy_and_when_to_come_back(a_server, seated, held):
    pages = seated(a_server(queue_limit=2), count=8)
    together = Together()
    with held():
        for page in pages:
            together.do(page.keep, "s1", "A")
            time.sleep(0.05)
    replies = together.replies()
    refused = [reply for reply in replies if reply.status_code == 503]
    assert len(refused) == 5  # one in flight, two waiting
    assert all(reply.json()["error"] == "busy" and int(reply.headers["retry-after"]) >= 1 for reply in refused)
    assert sum(reply.status_code == 200 for reply in replies) == 3 == Answer.objects.count()


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


# --- the pulse, the page's own events, the shell -----------------------------------------------------------------


def test_the_pulse_tells_a_change_within_about_a_second(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session)
    version = page.state()["version"]
    together = Together()
    together.do(page.http.get, f"/gate/pulse?since={version}")
    time.sleep(0.2)
    began = time.monotonic()
    services.grant_minutes([page.candidate], Part.THEORY, 5, reason="停电", by=the_chief(session), at=now())
    (reply,) = together.replies()
    assert time.monotonic() - began < 4
    said = reply.json()
    assert said["version"] > version
    assert said["parts"][0]["granted_ms"] == 5 * MINUTE
    assert "lines" not in said


def test_a_fourth_pulse_of_one_candidate_ends_the_oldest_and_no_other(server, seated):
    (page,) = seated(server)
    version = page.state()["version"]
    ended: list[int] = []

    def wait(n: int) -> None:
        reply = httpx.get(f"{server.address}/gate/pulse?since={version}", headers=page.http.headers, timeout=40)
        assert reply.json()["version"] >= version
        ended.append(n)

    together = Together()
    for n in range(4):
        together.do(wait, n)
        time.sleep(0.15)
    time.sleep(0.3)
    assert ended == [0]
    services.grant_minutes(
        [page.candidate], Part.THEORY, 5, reason="停电", by=the_chief(page.candidate.session), at=now()
    )
    together.replies()
    assert sorted(ended) == [0, 1, 2, 3]


def test_what_the_page_tells_is_written_down_within_bounds(server, seated):
    (page,) = seated(server)
    told = [
        {"kind": "blur", "data": {"seconds": 3}, "t": 1.5},
        {"kind": "<script>", "data": {}, "t": 1},
        {"kind": "long", "data": {"text": "x" * 3000}, "t": 1},
        {"kind": "nul", "data": {"text": "\0"}, "t": 1},
    ]
    reply = page.http.post("/gate/event", json={"events": told})
    assert reply.json()["heard"] == 1
    event = RoomEvent.objects.get(kind__startswith="page_")
    assert (event.kind, event.data, event.by_ref) == ("page_blur", {"seconds": 3, "t": 1.5}, "")
    for _ in range(5):
        page.http.post("/gate/event", json={"events": told[:1] * 20})
    assert RoomEvent.objects.filter(kind="page_blur").count() <= 60


def test_the_shell_is_served_from_memory_packed_and_under_a_strict_policy(server):
    page = httpx.get(server.address + "/exam/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-encoding"] == "gzip"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-cache"
    asset = httpx.get(server.address + "/exam/assets/main-abc123.js")
    assert "immutable" in asset.headers["cache-control"]
    assert "javascript" in asset.headers["content-type"]
    head = httpx.head(server.address + "/exam/")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", page.headers["etag"])
    again = httpx.get(server.address + "/exam/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(server.address + "/exam").headers["location"] == "/exam/"


def test_nothing_else_is_there(server):
    for path in ("/exam/../settings.py", "/exam/assets/", "/exam/%2e%2e/x", "/gate/", "/gate/admin"):
        reply = httpx.get(server.address + path)
        assert (reply.status_code, reply.json()["error"]) == (404, "not_found")


def test_every_reply_tells_the_servers_time(server, seated):
    (page,) = seated(server)
    for reply in (page.http.get("/gate/state"), page.keep("s1", "A"), page.send([]), page.http.get("/gate/health")):
        assert abs(reply.json()["now"] - to_ms(now())) < 2_000


def test_an_unpacked_paper_is_what_was_hashed(server, seated):
    (page,) = seated(server)
    with httpx.stream("GET", server.address + "/gate/paper/theory", headers=page.http.headers) as reply:
        packed = b"".join(reply.iter_raw())
    form = attempt_of(page).form
    assert sha256(gzip.decompress(packed)).hexdigest() == form.hash
    assert seat_code(0) not in gzip.decompress(packed).decode()
