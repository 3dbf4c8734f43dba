"""The signed code of a ticket at the gate: what it opens, and every way to forge one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.conf import settings

from onex.common.clock import now, to_ms
from onex.common.ids import check_digit
from onex.examroom import services
from onex.examroom.gate import tokens
from onex.examroom.models import Candidate, RoomSession
from onex.examroom.rules import MINUTE
from onex.examroom.tests.factories import a_session, candidate_of, seat_code
from onex.examroom.tests.server import KEYS, Server

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]
UNKNOWN = "准考证号或座位码不正确，请核对后再试。"
HOUR = 60 * MINUTE


def sign_in(server: Server, **body: Any) -> httpx.Response:
    return httpx.post(f"{server.address}/gate/sign-in", json={"seat_code": seat_code(0), "machine": "PC"} | body)


def admission(session: RoomSession, seat: Candidate, keys: Any = None, *, begins: int = -HOUR, ends: int = HOUR) -> str:
    at = to_ms(now())
    return tokens.make_admission(session.pk, seat.ticket_no, at + begins, at + ends, keys or KEYS)


def with_claims(token: str, claims: Any) -> str:
    """The same signature over other words."""
    key_id, _, signature = token.split(".")
    return f"{key_id}.{urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.{signature}"


def test_the_signed_code_and_the_seat_code_take_the_seat_without_a_typed_number(server):
    session = a_session()
    seat = candidate_of(session, 0)
    reply = sign_in(server, admission=admission(session, seat))
    assert reply.status_code == 200
    assert reply.json()["candidate"]["ticket_no"] == seat.ticket_no
    assert reply.json()["admitted"] is False  # the invigilator still compares the face
    start = httpx.post(
        f"{server.address}/gate/start",
        json={"part": "theory"},
        headers={"Authorization": f"Bearer {reply.json()['token']}"},
    )
    assert (start.status_code, start.json()["error"]) == (409, "not_admitted")


def test_the_signed_code_alone_opens_nothing(server):
    session = a_session()
    code = admission(session, candidate_of(session, 0))
    for wrong in (seat_code(1), "", "000000"):
        reply = sign_in(server, admission=code, seat_code=wrong)
        assert (reply.status_code, reply.json()["message"]) == (403, UNKNOWN)
    assert Candidate.objects.get(pk=candidate_of(session, 0).pk).sign_in == 0


def test_what_is_signed_counts_whatever_number_is_typed_beside_it(server):
    session = a_session()
    other = candidate_of(session, 1)
    reply = sign_in(server, admission=admission(session, candidate_of(session, 0)), ticket_no=other.ticket_no)
    assert reply.json()["candidate"]["ticket_no"] == candidate_of(session, 0).ticket_no


def test_a_code_made_before_the_keys_were_changed_still_opens(server):
    session = a_session()
    assert (
        sign_in(server, admission=admission(session, candidate_of(session, 0), {"k1": KEYS["k1"]})).status_code == 200
    )


def test_a_code_whose_hour_has_not_come_says_so_once_the_seat_code_is_right(server):
    session = a_session()
    code = admission(session, candidate_of(session, 0), begins=5 * MINUTE)
    assert sign_in(server, admission=code, seat_code="000000").json()["message"] == UNKNOWN
    reply = sign_in(server, admission=code)
    assert (reply.status_code, reply.json()["error"]) == (409, "not_yet")
    assert Candidate.objects.get(pk=candidate_of(session, 0).pk).sign_in == 0


def test_without_number_and_without_code_the_gate_does_not_understand(server):
    a_session()
    assert sign_in(server).status_code == 400


def test_abuse_32_forged_admission_codes_are_answered_like_an_unknown_number(server):
    session, elsewhere = a_session(), a_session()
    seat = candidate_of(session, 0)
    good, at = admission(session, seat), to_ms(now())
    right = ["admission", session.pk.hex, seat.ticket_no, at - HOUR, at + HOUR]
    key, claims, signature = good.split(".")
    seat_token = tokens.make(tokens.SEAT, tokens.Seat(seat.pk, 1, {}, {}, at + HOUR), KEYS)
    staff_token = tokens.make(tokens.STAFF, tokens.Staff(seat.pk, session.pk, at + HOUR), KEYS)
    as_seat = tokens._signed(json.dumps(["seat", *right[1:]]).encode(), KEYS)
    none = urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    forged = {
        "another purpose: a seat token": seat_token,
        "another purpose: a staff token": staff_token,
        "another purpose: rightly signed": as_seat,
        "another audience: another session": admission(elsewhere, seat),
        "another audience: the room itself": tokens._signed(
            json.dumps(["admission", tokens.AUDIENCE, *right[2:]]).encode(), KEYS
        ),
        "expired": admission(session, seat, begins=-2 * HOUR, ends=-1),
        "other claims under an old signature": with_claims(
            good, ["admission", session.pk.hex, candidate_of(session, 1).ticket_no, at, at + HOUR]
        ),
        "a longer life under an old signature": with_claims(good, [*right[:4], at + 99 * HOUR]),
        "no signature": f"{key}.{claims}.",
        "algorithm none": f"{none}.{claims}.",
        "algorithm none, as key": f"none.{claims}.{signature}",
        "another key": admission(session, seat, {"k2": b"x" * 32}),
        "an unknown key id": admission(session, seat, {"k9": KEYS["k2"]}),
        "an empty key id": f".{claims}.{signature}",
        "a path as key id": f"../../k2.{claims}.{signature}",
        "a path as key id, signed": admission(session, seat, {"../../../dev/null": b""}),
        "an address as key id": f"https://example.org/jwks.{claims}.{signature}",
        "too few claims": tokens._signed(json.dumps(right[:3]).encode(), KEYS),
        "a life that is no number": tokens._signed(json.dumps([*right[:4], "forever"]).encode(), KEYS),
        "no ticket in the room": tokens._signed(json.dumps([*right[:2], "1", *right[3:]]).encode(), KEYS),
        "very long": good + "A" * 100_000,
        "no token": "准考证",
        "nothing but dots": "...",
    }
    said = {name: sign_in(server, admission=token) for name, token in forged.items()}
    answers = {name: (r.status_code, r.json()["error"], r.json()["message"]) for name, r in said.items()}
    assert answers == dict.fromkeys(forged, (403, "unknown_seat", UNKNOWN))
    assert Candidate.objects.get(pk=seat.pk).sign_in == 0
    # Nor is a ticket's code a seat: it opens no paper.
    for kind in ("state", "paper/theory"):
        reply = httpx.get(f"{server.address}/gate/{kind}", headers={"Authorization": f"Bearer {good}"})
        assert reply.status_code == 401
    assert sign_in(server, admission=good).status_code == 200


def test_abuse_32_forging_codes_is_slowed_down_at_the_address(a_server):
    server = a_server()
    session = a_session()
    good = admission(session, candidate_of(session, 0))
    said = [sign_in(server, admission=with_claims(good, ["admission", n])).status_code for n in range(121)]
    assert said == [403] * 120 + [429]


def test_abuse_31_behind_our_proxy_one_forger_is_slowed_down_and_nobody_else(a_server):
    server = a_server(proxies=1)
    session = a_session()
    good = admission(session, candidate_of(session, 0))

    def came_from(address: str, code: str) -> int:
        forwarded = {"X-Forwarded-For": f"6.6.6.6, {address}"}  # the first is what the client wrote there itself
        body = {"seat_code": seat_code(0), "machine": "PC", "admission": code}
        return httpx.post(f"{server.address}/gate/sign-in", json=body, headers=forwarded).status_code

    forged = [with_claims(good, ["admission", n]) for n in range(121)]
    said = [came_from(f"2001:db8:1:2::{n + 1:x}", code) for n, code in enumerate(forged)]
    assert said == [403] * 120 + [429]  # one subscriber's network is one address
    assert came_from("203.0.113.10", good) == 200


def test_abuse_31_without_a_proxy_of_ours_no_header_moves_the_count(a_server):
    server = a_server()
    session = a_session()
    good = admission(session, candidate_of(session, 0))
    said = [
        httpx.post(
            f"{server.address}/gate/sign-in",
            json={"seat_code": "", "admission": with_claims(good, ["admission", n])},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        ).status_code
        for n in range(121)
    ]
    assert said == [403] * 120 + [429]


def test_abuse_18_ticket_numbers_walked_at_the_gate_all_say_the_same_and_are_stopped(a_server):
    server = a_server()
    session = a_session()
    known = candidate_of(session, 0).ticket_no
    walked = [f"{int(known) + step:014d}" for step in range(-60, 61) if step]
    walked[:10] = [(stem := f"{int(known[:-1]) + n:013d}") + check_digit(stem) for n in range(1, 11)]
    walked[10] = known  # one of them exists: nothing tells which
    said = [sign_in(server, ticket_no=number, seat_code="000000") for number in walked]
    assert {(r.status_code, r.json()["message"], len(r.content)) for r in said} == {
        (403, UNKNOWN, len(said[0].content))
    }
    reply = sign_in(server, ticket_no=walked[0], seat_code="000000")
    assert (reply.status_code, reply.json()["error"]) == (429, "slow_down")
    assert int(reply.headers["Retry-After"]) > 0


def test_the_code_is_short_enough_to_be_printed_and_says_what_it_is_for():
    at = now()
    session = UUID("019ab0c5-0000-7000-8000-000000000001")
    token = services.admission_token(session, "26031234567897", opens_at=at, ends_at=at + timedelta(hours=5))
    assert len(token) < 200
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims == ["admission", session.hex, "26031234567897", to_ms(at), to_ms(at + timedelta(hours=5))]
    read = tokens.read_admission(token, settings.SEAT_KEYS.by_id, to_ms(at))
    assert (read.ticket_no, read.aud) == ("26031234567897", session.hex)
