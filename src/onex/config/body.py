"""A request's whole body before a page thread is taken: read to a spooled file, under a cap and a deadline.

So neither a client that dribbles its body nor one that sends without end holds one of the few threads of pages.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

from onex.examroom.gate.http import NO_PAGE

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_CAP = 25_000_000  # bytes; the largest upload form is 20 MB
BODY_DEADLINE = 60.0  # seconds for a whole body to arrive


def with_whole_body(pages: Application, *, cap: int = BODY_CAP, deadline: float = BODY_DEADLINE) -> Application:
    """`pages`, called once the body is there; 413 when it is larger than `cap`, 408 when later than `deadline`."""

    async def read_first(scope: Scope, receive: Receive, send: Send) -> None:
        with tempfile.SpooledTemporaryFile(max_size=1_000_000) as body:
            try:
                async with asyncio.timeout(deadline):
                    if not await _spool(receive, body, cap):
                        return await _answer(send, 413, "上传内容过大。")
            except TimeoutError:
                return await _answer(send, 408, "上传超时，请检查网络后重试。")
            except ConnectionError:
                return None
            body.seek(0)
            await pages(scope, _replay(body, receive), send)
        return None

    return read_first


async def _spool(receive: Receive, body: Any, cap: int) -> bool:
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > cap:
            return False
        body.write(chunk)
        if not message.get("more_body"):
            return True


def _replay(body: Any, receive: Receive) -> Receive:
    ended = False

    async def again() -> dict[str, Any]:
        nonlocal ended
        if ended:
            return await receive()
        chunk = body.read(1 << 16)
        ended = len(chunk) < 1 << 16
        return {"type": "http.request", "body": chunk, "more_body": not ended}

    return again


async def _answer(send: Send, status: int, sentence: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), *NO_PAGE]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})
