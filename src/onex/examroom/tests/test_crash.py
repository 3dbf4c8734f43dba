"""Killed in the middle of the load: whatever was named as kept is there, once, and the chains still verify."""

from __future__ import annotations

import threading
import time
from collections import Counter

import httpx
import pytest

from onex.examroom.gate.lines import chain_of
from onex.examroom.ledger import damage_in
from onex.examroom.models import Answer
from onex.examroom.tests.factories import a_session
from onex.examroom.tests.page import Page

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]

ROUNDS = 3


class Writing(threading.Thread):
    """A candidate who never stops: sends line after line, and again until it is named, as the page does."""

    def __init__(self, page: Page, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.page, self.stop = page, stop
        self.acknowledged: dict[int, str] = {}
        self.failures = 0

    def run(self) -> None:
        n = 0
        while not self.stop.is_set():
            n += 1
            lines = [self.page.line(f"s{1 + (n + i) % 30}", "ABCD"[n % 4]) for i in range(1 + n % 3)]
            wanted = {line["seq"] for line in lines}
            while wanted and not self.stop.is_set():
                try:
                    reply = self.page.send(lines)
                except httpx.TransportError:
                    self.failures += 1
                    time.sleep(0.02)
                    continue
                if reply.status_code in (200, 202):
                    for kept in reply.json()["kept"]:
                        self.acknowledged[kept["seq"]] = kept["hash"]
                        wanted.discard(kept["seq"])
                else:
                    time.sleep(0.02)


def test_killing_the_server_loses_no_acknowledged_answer(a_server, seated):
    server = a_server()
    session = a_session(candidates=8)
    pages = seated(server, session, count=8)
    stop = threading.Event()
    writers = [Writing(page, stop) for page in pages]
    for writer in writers:
        writer.start()
    for _ in range(ROUNDS):
        time.sleep(0.7)
        server.kill()
        before = sum(len(writer.acknowledged) for writer in writers)
        server.start()
        time.sleep(0.3)
        assert sum(len(writer.acknowledged) for writer in writers) > before  # it goes on by itself
    stop.set()
    for writer in writers:
        writer.join(20)

    assert sum(writer.failures for writer in writers) > 0  # the kills were felt
    assert sum(len(writer.acknowledged) for writer in writers) > 100
    for writer in writers:
        attempt = writer.page.attempts["theory"]
        rows = list(Answer.objects.filter(attempt_id=attempt))
        stored = {row.seq: bytes(row.hash).hex() for row in rows}
        lost = {seq: line for seq, line in writer.acknowledged.items() if stored.get(seq) != line}
        assert lost == {}
        assert max(Counter(row.seq for row in rows).values()) == 1
        assert chain_of(attempt, rows) == "ok"
    assert damage_in(session) == []
    assert len(set(Answer.objects.values_list("lane", flat=True))) == ROUNDS + 1
