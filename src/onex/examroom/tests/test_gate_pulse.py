"""What the gate tells a page, and what a page tells it, besides answers."""

from __future__ import annotations

import gzip
import time
from hashlib import sha256

import httpx
import pytest

from onex.common.clock import now, to_ms
from onex.examroom import services
from onex.examroom.models import RoomEvent
from onex.examroom.rules import MINUTE, Part
from onex.examroom.tests.factories import a_session, seat_code, the_chief
from onex.examroom.tests.page import Together, attempt_of

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]


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
