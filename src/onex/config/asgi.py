"""The one port: a small ASGI callable answers the exam gate itself and hands every page to Django's WSGI application.

Measured before it was chosen (docs/decisions/0002): pages through a2wsgi are as fast as gunicorn and five times faster
than Django's own ASGI handler, and the gate runs at full speed in the same process. Three traps are closed here: bodies
are read to a spooled file under a cap and a deadline before a thread is taken; few threads and a short switch interval
keep busy pages from delaying answers; and without a `.env` nothing is served.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from onex.config.env import environment

if environment().ephemeral and not environment().testing:
    raise SystemExit("没有找到 .env：请用 ./onex up 或 ./onex demo 启动，它们会生成密钥。")

_pages = get_wsgi_application()

from onex.config.gate import gate  # noqa: E402  (needs settings)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_CAP = 25_000_000  # bytes; the largest upload form is 20 MB
BODY_DEADLINE = 60.0  # seconds for a whole body to arrive
PAGE_THREADS = 4  # sixteen busy page threads push the gate's p99 to 188 ms, four to 57 ms (measured)

sys.setswitchinterval(0.0005)
# What is loaded now lives as long as the process: keep the collector off it (about 4 µs less for each save, measured).
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
pages = cast(Application, WSGIMiddleware(cast(Any, _pages), workers=PAGE_THREADS))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the gate's addresses directly, everything else through Django."""
    if scope["type"] == "lifespan" or (scope["type"] == "http" and _is_for_the_gate(scope["path"])):
        await gate(scope, receive, send)
    elif scope["type"] == "http":
        await _with_whole_body(scope, receive, send)


def _is_for_the_gate(path: str) -> bool:
    return path == "/exam" or path.startswith(("/gate/", "/exam/"))


async def _with_whole_body(scope: Scope, receive: Receive, send: Send) -> None:
    with tempfile.SpooledTemporaryFile(max_size=1_000_000) as body:
        try:
            async with asyncio.timeout(BODY_DEADLINE):
                if not await _spool(receive, body):
                    return await _answer(send, 413, "上传内容过大。")
        except TimeoutError:
            return await _answer(send, 408, "上传超时，请检查网络后重试。")
        except ConnectionError:
            return None
        body.seek(0)
        await pages(scope, _replay(body, receive), send)
    return None


async def _spool(receive: Receive, body: Any) -> bool:
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_CAP:
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
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})
