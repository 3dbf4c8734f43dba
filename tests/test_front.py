"""The server's front: what is too long, too late or too deep takes no thread, no memory and no time of anybody else."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from load import entry
from onex.config.body import BODY_CAP, with_whole_body
from onex.examroom.gate import http
from tests.installation import ROOT, free_port


class Client:
    """One request: its body in these pieces, each after a pause; what was answered."""

    def __init__(self, pieces: Iterable[bytes], pause: float = 0) -> None:
        self.pieces, self.pause = iter(pieces), pause
        self.answers: list[dict[str, Any]] = []
        self.read = 0

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(self.pause)
        piece = next(self.pieces, None)
        self.read += len(piece or b"")
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(self, message: dict[str, Any]) -> None:
        self.answers.append(message)

    @property
    def status(self) -> int:
        return int(self.answers[0]["status"])


def post(client: Client, **bounds: float) -> bytes | None:
    """Through the front to a page; answers what body the page was given, or None where it was not reached."""
    given: list[bytes] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        given.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    front = with_whole_body(page, **bounds)  # type: ignore[arg-type]
    asyncio.run(front({"type": "http", "path": "/"}, client.receive, client.send))
    return given[0] if given else None


def test_an_honest_body_reaches_its_page_whole() -> None:
    for size in (0, 1, 65_536, 65_537, 1_500_000):
        body = os.urandom(size)
        client = Client([body[n : n + 50_000] for n in range(0, size, 50_000)])
        assert post(client) == body
        assert client.status == 200


def test_abuse_37_a_body_without_end_is_cut_off_and_reaches_no_page() -> None:
    client = Client(b"x" * 1_000 for _ in range(1_000_000))
    assert post(client, cap=10_000) is None
    assert client.status == 413
    assert client.read <= 11_000  # what comes after is not even read
    assert set(http.NO_PAGE) <= set(client.answers[0]["headers"])  # said before Django, under the same headers


def test_abuse_37_a_body_that_dribbles_is_given_up_at_its_deadline() -> None:
    client = Client((b"x" for _ in range(10_000)), pause=0.02)
    assert post(client, deadline=0.2) is None
    assert client.status == 408
    assert client.read < 100


def test_a_client_that_goes_away_is_answered_nothing() -> None:
    client = Client([])

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    client.receive = gone  # type: ignore[method-assign]
    assert post(client) is None
    assert client.answers == []


# --- the gate reads its own


def at_gate(client: Client, declared: int | None = None, **bounds: float) -> Any:
    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    decoder = msgspec.json.Decoder()
    return asyncio.run(http.read_json(decoder, {"headers": headers}, client.receive, **bounds))  # type: ignore[arg-type]


def test_abuse_37_ten_megabytes_to_save_are_refused_before_or_while_they_are_read() -> None:
    declared = Client([b"x" * 1_000])
    with pytest.raises(http.Refusal, match="too_large"):
        at_gate(declared, declared=10_000_000)
    assert declared.read == 0
    undeclared = Client(b"x" * 100_000 for _ in range(100))
    with pytest.raises(http.Refusal, match="too_large"):
        at_gate(undeclared)
    assert undeclared.read <= http.BODY_CAP + 100_000


def test_abuse_37_a_save_that_dribbles_is_given_up() -> None:
    client = Client((b"x" for _ in range(10_000)), pause=0.02)
    with pytest.raises(http.Refusal) as refused:
        at_gate(client, deadline=0.2)
    assert refused.value.status == 408


@pytest.mark.parametrize(
    "deep", [b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 80_000 + b"1" + b"}" * 80_000, b"[" * 500_000]
)
def test_abuse_37_json_that_nests_without_measure_is_bad_and_harms_nobody(deep: bytes) -> None:
    with pytest.raises(http.Refusal) as refused:
        at_gate(Client([deep]))
    assert refused.value.status == 400


WHOLE = """
import asyncio, json, sys
from onex.config.asgi import application

def ask(path, piece, times):
    left, said = [times], []
    async def receive():
        left[0] -= 1
        return {"type": "http.request", "body": piece, "more_body": left[0] > 0}
    async def send(message):
        said.append(message)
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(),
             "query_string": b"", "root_path": "", "scheme": "http", "headers": [(b"host", b"127.0.0.1")],
             "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000)}
    asyncio.run(application(scope, receive, send))
    return [said[0]["status"], times - left[0]]

pages, gate = ask("/accounts/sign-in/", b"x" * 1_000_000, 40), ask("/gate/keep", b"x" * 100_000, 40)
print(json.dumps({"pages": pages, "gate": gate}))
"""


def test_abuse_37_the_server_that_is_started_has_this_front(tmp_path) -> None:
    """The caps are those of the running application, not of a function that nobody calls."""
    # A folder of its own: it asks no database, and the suite's is not there under its plain name.
    env = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    env |= {"ONEX_TESTING": "1", "ONEX_DATA": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    words = [sys.executable, "-c", WHOLE]
    done = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["pages"] == [413, BODY_CAP // 1_000_000 + 1]
    assert told["gate"][0] in (401, 413)
    assert told["gate"][1] <= 6


# --- who is asking

ECHO = """
async def application(scope, receive, send):
    body = f'{scope["client"][0]} {scope["scheme"]}'.encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
"""


def test_abuse_31_the_server_that_is_started_rewrites_no_address_by_itself(tmp_path) -> None:
    """Its default believes whatever comes from its own machine; ours is ONEX_TRUSTED_PROXIES, and nothing else."""
    (tmp_path / "echo.py").write_text(ECHO)
    port = free_port()
    words = [str(word) for word in entry.server_command("127.0.0.1", port)]
    words[words.index("onex.config.asgi:application")] = "echo:application"
    started = subprocess.Popen([sys.executable, *words[1:], "--lifespan", "off", "--app-dir", str(tmp_path)])
    try:
        claimed = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
            assert client.get(f"http://127.0.0.1:{port}/", headers=claimed).text == "127.0.0.1 http"
    finally:
        started.kill()
        started.wait()


# --- where one request ends and the next begins

HEAD = b"POST /pages HTTP/1.1\r\nHost: onex.example\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: onex.example\r\n\r\n"
PAIRS = {
    "length, then chunks": HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "chunks, then length": HEAD
    + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2b\r\n"
    + NEXT
    + b"\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 4\r\nContent-Length: 47\r\n\r\nabcd" + NEXT,
    "an unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + NEXT,
    "a blank before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "a hidden coding": HEAD + b"Transfer-Encoding:\x0bchunked\r\nContent-Length: 4\r\n\r\nabcd" + NEXT,
    "a signed length": HEAD + b"Content-Length: +4\r\n\r\nabcd" + NEXT,
    "bare line feeds": b"GET /pages HTTP/1.1\nHost: onex.example\n\n" + NEXT,
}


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[int, list[str]]]:
    """The server that `./onex up` starts, with an application that only says what reached it."""
    reached: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            reached.append(scope["path"])
            while (await receive()).get("more_body"):
                pass
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

    server = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as place:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
        thread.start()
        yield place.getsockname()[1], reached
        server.should_exit = True
        thread.join()


def sent(port: int, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(raw)
        told = b""  # until the server hangs up: what it waits for otherwise, it took for a request of ours
        while piece := line.recv(65_536):
            told += piece
        return told


@pytest.mark.parametrize("pair", PAIRS)
def test_abuse_31_what_a_proxy_could_read_differently_is_refused_whole(listening, pair: str) -> None:
    port, reached = listening
    told = sent(port, PAIRS[pair])
    assert told.startswith(b"HTTP/1.1 400 ")
    assert told.count(b"HTTP/1.1 ") == 1  # nothing behind it is answered either
    assert "/smuggled" not in reached


def test_two_honest_requests_on_one_line_are_two(listening) -> None:
    port, reached = listening
    last = NEXT.replace(b"smuggled", b"honest").replace(b"Host", b"Connection: close\r\nHost")
    told = sent(port, HEAD + b"Content-Length: 4\r\n\r\nabcd" + last)
    assert told.count(b"HTTP/1.1 200 ") == 2
    assert "/honest" in reached
