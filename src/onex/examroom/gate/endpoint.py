"""The gate's addresses as one ASGI callable, before Django: no session, no ORM, no cache."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from onex.common.text import say
from onex.examroom.gate.answers import Answers
from onex.examroom.gate.desk import Desk, busy, unknown
from onex.examroom.gate.http import Gone, Receive, Refusal, Scope, Send, answer, answer_bytes, bad_request, header
from onex.examroom.gate.parts import Parts
from onex.examroom.gate.pg import PgStore
from onex.examroom.gate.pulse import Pulse
from onex.examroom.gate.seats import Seats
from onex.examroom.gate.settings import GateSettings
from onex.examroom.gate.shell import Shell
from onex.examroom.gate.sqlite import SqliteStore
from onex.examroom.gate.store import Doubt, Store
from onex.examroom.gate.writer import Busy, Writer
from onex.examroom.rules import Part

log = logging.getLogger(__name__)


def make_gate(settings: GateSettings) -> Gate:
    """The gate as an ASGI application: `http` and `lifespan`. It also starts by itself at the first request."""
    return Gate(settings)


class Gate:
    """See `make_gate`. One for each process."""

    def __init__(self, settings: GateSettings) -> None:
        self._store: Store = (
            SqliteStore(settings.sqlite, settings.reading_connections)
            if settings.sqlite is not None
            else PgStore(settings.dsn, settings.reading_connections)
        )
        self._writer = Writer(self._store, settings.queue_limit, settings.batch_limit)
        self._pulse = Pulse(self._store)
        self._shell = Shell(settings.shell)
        self._starting: asyncio.Task[None] | None = None
        self._desk = Desk(self._store, self._writer, self._pulse, dict(settings.keys))
        answers, seats, parts = Answers(self._desk), Seats(self._desk, settings.proxies), Parts(self._desk)
        self._addresses: dict[tuple[str, str], Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            ("POST", "/gate/keep"): answers.keep,
            ("POST", "/gate/hand-in"): answers.hand_in,
            ("POST", "/gate/sign-in"): seats.sign_in,
            ("GET", "/gate/state"): seats.state,
            ("GET", "/gate/pulse"): seats.pulse,
            ("POST", "/gate/event"): seats.event,
            ("POST", "/gate/start"): parts.start,
            **{("GET", f"/gate/paper/{part}"): parts.paper for part in Part},
        }

    async def start(self) -> None:
        """Open the database and start the writer; a second call waits for the first."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        await asyncio.shield(self._starting)

    async def _start(self) -> None:
        await self._store.open()
        self._writer.start()
        self._pulse.start()

    async def stop(self) -> None:
        """Answer who waits, finish what is queued, close."""
        if self._starting is not None:
            await self._pulse.stop()
            await self._writer.stop()
            await self._store.close()
            self._starting = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            try:
                if self._starting is None or not self._starting.done():
                    await self.start()
                address = self._addresses.get((scope["method"], scope["path"]))
                if address is not None:
                    await address(scope, receive, send)
                else:
                    await self._elsewhere(scope, send)
            except Refusal as refusal:
                await self._desk.refuse(send, refusal)
            except Busy:
                await self._desk.refuse(send, busy())
            except Doubt:
                await self._desk.refuse(send, unknown())
            except Gone:
                pass
            except Exception:
                log.exception("gate: %s %s failed", scope["method"], scope["path"])
                await self._desk.refuse(send, Refusal(500, "failed", say("考场服务器出错，请举手告知监考员。")))

    async def _elsewhere(self, scope: Scope, send: Send) -> None:
        """The exam shell, the balancer's question, and what is nowhere."""
        method, path = scope["method"], scope["path"]
        if path == "/exam":
            await answer(send, 308, b"", [(b"location", b"/exam/")])
        elif path == "/gate/health" and method in ("GET", "HEAD"):
            await self._desk.reply(send, {"ready": True})
        elif method in ("GET", "HEAD") and (file := self._shell.find(path)) is not None:
            if header(scope, b"if-none-match") == file.etag:
                await send({"type": "http.response.start", "status": 304, "headers": file.headers[1:]})
                await send({"type": "http.response.body", "body": b""})
            else:
                await answer_bytes(scope, send, file.headers, file.plain, file.packed)
        elif any(known == path for _, known in self._addresses):
            raise Refusal(405, "bad_request", bad_request().sentence)
        else:
            raise Refusal(404, "not_found", say("没有这个地址。"))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return
