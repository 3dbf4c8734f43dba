"""The one port: a small ASGI callable answers the exam gate itself and hands every page to Django's WSGI application.

Measured before it was chosen (docs/decisions/0002): pages through a2wsgi are as fast as gunicorn and five times faster
than Django's own ASGI handler, and the gate runs at full speed in the same process. Three traps are closed here: bodies
are read to a spooled file under a cap and a deadline before a thread is taken; few threads and a short switch interval
keep busy pages from delaying answers; and without a `.env` nothing is served.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from onex.config.env import environment

if environment().ephemeral and not environment().testing:
    raise SystemExit("没有找到 .env：请用 ./onex up 或 ./onex demo 启动，它们会生成密钥。")

_pages = get_wsgi_application()

from onex.config.body import Application, Receive, Scope, Send, with_whole_body  # noqa: E402
from onex.config.gate import gate as _gate  # noqa: E402  (needs settings)
from onex.config.https import with_hsts  # noqa: E402

PAGE_THREADS = 4  # sixteen busy page threads push the gate's p99 to 188 ms, four to 57 ms (measured)

sys.setswitchinterval(0.0005)
# What is loaded now lives as long as the process: keep the collector off it (about 4 µs less for each save, measured).
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
gate = with_hsts(_gate, settings.SECURE_HSTS_SECONDS)
pages = with_whole_body(cast(Application, WSGIMiddleware(cast(Any, _pages), workers=PAGE_THREADS)))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the gate's addresses directly, everything else through Django."""
    if scope["type"] == "lifespan" or (scope["type"] == "http" and _is_for_the_gate(scope["path"])):
        await gate(scope, receive, send)
    elif scope["type"] == "http":
        await pages(scope, receive, send)


def _is_for_the_gate(path: str) -> bool:
    return path == "/exam" or path.startswith(("/gate/", "/exam/"))
