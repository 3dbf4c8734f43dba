"""A candidate's page as the gate meets it: signs in, chains its lines, sends them."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx

from onex.examroom.gate.lines import FIRST, line_hash
from onex.examroom.models import Attempt, Candidate
from onex.examroom.tests.factories import seat_code


class Page:
    """One browser of one candidate; `number` is the candidate's place in the package."""

    def __init__(self, address: str, candidate: Candidate, number: int) -> None:
        self.http = httpx.Client(base_url=address, timeout=40)
        self.candidate, self.number = candidate, number
        self.sign_in_no = 0
        self.attempts: dict[str, str] = {}
        self._ends: dict[str, tuple[int, str]] = {}

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *ignored: object) -> None:
        self.http.close()

    def sign_in(self, code: str | None = None) -> httpx.Response:
        reply = self.http.post(
            "/gate/sign-in",
            json={
                "ticket_no": self.candidate.ticket_no,
                "seat_code": seat_code(self.number) if code is None else code,
                "machine": f"PC-{self.number:02d}",
            },
        )
        if reply.status_code == 200:
            self.http.headers["Authorization"] = f"Bearer {reply.json()['token']}"
            state = self.state()
            self.sign_in_no = state["sign_in"]
            self.attempts = {part["part"]: part["attempt"] for part in state["parts"]}
            self._ends = dict.fromkeys(self.attempts.values(), (0, FIRST))
        return reply

    def state(self) -> Any:
        reply = self.http.get("/gate/state")
        assert reply.status_code == 200, reply.text
        return reply.json()

    def start(self, part: str = "theory") -> httpx.Response:
        return self.http.post("/gate/start", json={"part": part})

    def line(self, item: str, value: Any, part: str = "theory", *, seq: int | None = None) -> dict[str, Any]:
        """The next line of the chain."""
        attempt = self.attempts[part]
        last, prev = self._ends[attempt]
        number = last + 1 if seq is None else seq
        body = json.dumps(value, ensure_ascii=False)
        own = line_hash(prev, attempt, self.sign_in_no, number, item, body)
        self._ends[attempt] = (number, own)
        return {"seq": number, "item": item, "body": body, "prev": prev, "hash": own}

    def send(self, lines: list[dict[str, Any]], part: str = "theory") -> httpx.Response:
        return self.http.post("/gate/keep", json={"attempt": self.attempts[part], "lines": lines})

    def keep(self, item: str, value: Any, part: str = "theory") -> httpx.Response:
        return self.send([self.line(item, value, part)], part)

    def hand_in(self, seq: int | None = None, part: str = "theory") -> httpx.Response:
        attempt = self.attempts[part]
        return self.http.post(
            "/gate/hand-in", json={"attempt": attempt, "seq": self._ends[attempt][0] if seq is None else seq}
        )


class Together:
    """Runs calls in threads of their own and gives back what they answered, in their order."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._replies: dict[int, Any] = {}

    def do(self, call: Any, *args: Any, **named: Any) -> None:
        n = len(self._threads)

        def run() -> None:
            self._replies[n] = call(*args, **named)

        self._threads.append(threading.Thread(target=run, daemon=True))
        self._threads[-1].start()

    def replies(self) -> list[Any]:
        for thread in self._threads:
            thread.join(40)
        return [self._replies[n] for n in range(len(self._threads))]


def attempt_of(page: Page, part: str = "theory") -> Attempt:
    return Attempt.objects.get(pk=page.attempts[part])
