"""ASGI by hand: reading a bounded body, answering JSON and bytes, and the noes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec

from onex.common.origins import told_address
from onex.common.text import Say, say
from onex.examroom.rules import Problem

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

BODY_CAP = 512_000  # bytes of one request
BODY_DEADLINE = 20.0  # seconds for a whole body to arrive

# For answers that are no page: shown by nobody, framed by nobody, and telling no other site where somebody was.
NO_PAGE: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
JSON_HEADERS: Headers = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"cache-control", b"no-store"),
    *NO_PAGE,
]


class Refusal(Exception):
    """An answer that is a no: the status, the contract's code, the sentence."""

    def __init__(self, status: int, code: str, sentence: Say, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence, self.retry_after = status, code, sentence, retry_after

    @classmethod
    def of(cls, problem: Problem) -> Refusal:
        return cls(409, problem.code, problem.sentence)


class Gone(Exception):
    """The candidate's connection ended before the request did."""


def bad_request() -> Refusal:
    return Refusal(400, "bad_request", say("考场服务器看不懂这个请求。"))


def too_large() -> Refusal:
    return Refusal(413, "too_large", say("一次发送的内容过大。"))


async def read_json(
    decoder: msgspec.json.Decoder[Any],
    scope: Scope,
    receive: Receive,
    *,
    cap: int = BODY_CAP,
    deadline: float = BODY_DEADLINE,
) -> Any:
    """The request's body, decoded. Raises Refusal (400, 408, 413) and Gone."""
    length = header(scope, b"content-length")
    if length is not None and (not length.isdigit() or int(length) > cap):
        raise too_large()
    try:
        return decoder.decode(await _whole_body(receive, cap, deadline))
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        raise bad_request() from None


async def _whole_body(receive: Receive, cap: int, deadline: float) -> bytes:
    body = b""
    try:
        async with asyncio.timeout(deadline):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                body += message.get("body", b"")
                if len(body) > cap:
                    raise too_large()
                if not message.get("more_body"):
                    return body
    except TimeoutError:
        raise Refusal(408, "bad_request", say("考场服务器没有等到完整的请求。")) from None


def header(scope: Scope, wanted: bytes) -> bytes | None:
    for name, value in scope["headers"]:
        if name == wanted:
            return bytes(value)
    return None


def client_address(scope: Scope, proxies: int) -> str:
    """Who asks, as the pages see it too: behind a proxy of ours not the proxy, and nothing a client says of itself."""
    connected = scope["client"][0] if scope.get("client") else ""
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    return told_address(connected, forwarded.decode("latin-1"), proxies)


async def answer(send: Send, status: int, body: bytes, more: Headers | None = None) -> None:
    """A JSON reply."""
    headers = [*JSON_HEADERS, (b"content-length", str(len(body)).encode()), *(more or ())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer_bytes(scope: Scope, send: Send, headers: Headers, plain: bytes, packed: bytes | None) -> None:
    """A reply from memory, packed when the browser takes it; HEAD gets the headers only."""
    body = plain
    if packed is not None and b"gzip" in (header(scope, b"accept-encoding") or b""):
        body, headers = packed, [*headers, (b"content-encoding", b"gzip")]
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
