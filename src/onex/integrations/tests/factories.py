"""Tokens and receivers for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from onex.accounts.models import Organisation
from onex.common.actors import Actor
from onex.common.clock import now
from onex.integrations import services
from onex.integrations.models import ApiToken, WebhookEndpoint
from onex.integrations.queries import scopes_for

DAY = timedelta(days=1)
SUBMITTED = "pilots.application.submitted"


def a_token(
    by: Actor,
    scopes: Sequence[str] | None = None,
    *,
    networks: str = "",
    at: datetime | None = None,
    name: str = "财务系统",
) -> tuple[ApiToken, str]:
    """A token of this hat with these scopes, or all that the hat may give, for thirty days from now."""
    begins = at or now()
    chosen = [scope.code for scope in scopes_for(by)] if scopes is None else scopes
    return services.issue(services.TokenInput(name, chosen, begins + 30 * DAY, networks), by=by, at=begins)


def headers(text: str) -> dict[str, str]:
    """What a program sends."""
    return {"Authorization": f"Bearer {text}"}


def public(host: str, port: int) -> list[str]:
    """A name service for tests that sends nothing: every name is this public machine."""
    return ["93.184.216.34"]


def an_endpoint(
    by: Actor,
    events: Sequence[str] = (SUBMITTED,),
    url: str = "https://hooks.school.example/onex",
    at: datetime | None = None,
) -> tuple[WebhookEndpoint, str]:
    """A receiver of this actor's organisation, and its secret."""
    organisation = Organisation.objects.get(pk=by.organisation_id)
    values = services.EndpointInput("教务系统", url, events)
    return services.create_endpoint(organisation, values, by=by, at=at or now(), resolve=public)


@dataclass
class Received:
    """One request as the receiver got it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """A receiver on this machine: answers these statuses in turn, the last one again and again."""

    port: int = 0
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, {}, b"ok")])
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=onex"


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    """Listens on the loopback until the test is over."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.received.append(Received(self.path, dict(self.headers.items()), body))
            status, more, text = found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
