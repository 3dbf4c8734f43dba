"""The gate's promises to a candidate: what is named is on disk, what is refused says why. Nothing is pretended."""

from __future__ import annotations

import hmac
import time
from hashlib import sha256

import pytest
from django.db import connections

from onex.common.clock import now, to_ms
from onex.examroom.gate.lines import FIRST, line_hash
from onex.examroom.models import Answer, AnswerConflict, AnswerLate, Attempt
from onex.examroom.tests.conftest import IS_POSTGRES
from onex.examroom.tests.page import Together, attempt_of
from onex.examroom.tests.server import KEYS

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]


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
