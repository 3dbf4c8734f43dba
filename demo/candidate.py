"""A simulated candidate at the exam gate, as docs/exam-room.md describes it from the outside.

Every line is chained by SHA-256 and stays "unsent" until the server names it with the same hash and a receipt. When the
server is busy or the line breaks the candidate tries again, as the real client does.
"""

from __future__ import annotations

import gzip
import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from demo.browser import Surprise, connect
from demo.expected import Aim, Bank, Writing

FIRST = "0" * 64
AT_ONCE = 20
PATIENCE = 60.0  # seconds of trying again before a candidate gives up
POOL = 12  # threads: the same two cores serve the exam


@dataclass(frozen=True)
class Place:
    """Where a candidate sits, as the printed room list says."""

    room: str
    seat_no: str
    name: str
    ticket_no: str
    seat_code: str


class Refused(Exception):
    """The gate's answer with its code; `reply` is its whole JSON."""

    def __init__(self, status: int, reply: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {reply.get('error', '')} {reply.get('message', '')}".strip())
        self.status, self.reply = status, reply
        self.code = str(reply.get("error", ""))


class Gate:
    """The gate's addresses over one kept-alive connection of this thread."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> dict[str, Any]:
        """One request, repeated while the server says "busy" or the line is down.

        Raises Refused for any other refusal and Surprise when patience ends. All of the gate's addresses may be
        repeated: the same lines, start and hand-in answer the same.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                status, headers, content = self._once(method, path, body, token)
            except (http.client.HTTPException, OSError) as broken:
                self.drop()
                if time.monotonic() > until:
                    raise Surprise(f"the gate does not answer {path}: {broken}") from broken
                time.sleep(0.5)
                continue
            reply: dict[str, Any] = json.loads(content) if content else {}
            if status in (503, 429) and time.monotonic() < until:
                time.sleep(float(headers.get("retry-after", "1")))
                continue
            if status not in (200, 202):
                raise Refused(status, reply)
            return reply

    def _once(self, method: str, path: str, body: Any, token: str) -> tuple[int, dict[str, str], bytes]:
        if self._connection is None:
            self._connection = connect(self.base)
        headers = {"Accept-Encoding": "gzip"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body, ensure_ascii=False).encode()
        self._connection.request(method, path, data, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        found = {name.lower(): value for name, value in answer.headers.items()}
        if found.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return answer.status, found, content

    def drop(self) -> None:
        """Pull the cable."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def line_hash(prev: str, attempt: str, sign_in: int, seq: int, item: str, body: str) -> str:
    return sha256(f"{prev}\n{attempt}\n{sign_in}\n{seq}\n{item}\n{body}".encode()).hexdigest()


@dataclass
class Chain:
    """The lines of one (attempt, sign-in) as the candidate's machine holds them."""

    attempt: str
    sign_in: int
    seq: int = 0
    prev: str = FIRST
    receipts: dict[int, str] = field(default_factory=dict)

    def lines(self, answers: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
        """The next lines, each hashed onto the one before."""
        made = []
        for item, value in answers:
            self.seq += 1
            body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            digest = line_hash(self.prev, self.attempt, self.sign_in, self.seq, item, body)
            made.append({"seq": self.seq, "item": item, "body": body, "prev": self.prev, "hash": digest})
            self.prev = digest
        return made


class Candidate:
    """One person at a machine."""

    def __init__(self, base: str, place: Place, aim: Aim, bank: Bank, writing: Writing, seed: str) -> None:
        self.place, self.aim, self.bank, self.writing = place, aim, bank, writing
        self.chance = random.Random(seed)
        self.gate = Gate(base)
        self.token, self.sign_in_count, self.version = "", 0, 0
        self.rules: Mapping[str, Any] = {}  # of the session, as the gate tells them
        self.attempts_started = 0
        self.line_count = 0
        self.theory_answers: dict[str, Any] = {}
        self.practical_answers: dict[str, Any] = {}
        self.resumed_lines = 0
        self.seen: list[str] = []  # refusals that the story asks for, by code

    # --- the seat

    def sign_in(self, machine: str) -> None:
        place = self.place
        asked = {"ticket_no": place.ticket_no, "seat_code": place.seat_code, "machine": machine}
        reply = self.gate.call("POST", "/gate/sign-in", asked)
        self.token = reply["token"]
        state = self.state()
        self.sign_in_count = state["sign_in"]
        shown = state["candidate"]
        if (shown["name"], shown["ticket_no"]) != (place.name, place.ticket_no):
            raise Surprise(f"the screen of {place.name} greets {shown}")

    def state(self) -> dict[str, Any]:
        state = self.gate.call("GET", "/gate/state", token=self.token)
        self.version, self.rules = state["version"], state["session"]["rules"]
        return state

    def wait_until_admitted(self) -> None:
        state = self.state()
        until = time.monotonic() + PATIENCE
        while not state["admitted"]:
            if time.monotonic() > until:
                raise Surprise(f"{self.place.name} was never admitted")
            state = self.gate.call("GET", f"/gate/pulse?since={state['version']}", token=self.token)

    # --- the parts

    def start(self, part: str) -> str:
        """Open the part; answers its attempt."""
        began = self.gate.call("POST", "/gate/start", {"part": part}, self.token)["part"]
        again = self.gate.call("POST", "/gate/start", {"part": part}, self.token)["part"]
        if began["attempt"] != again["attempt"] or again["state"] != "open":
            raise Surprise(f"starting {part} twice is not starting it once: {began}, {again}")
        self.attempts_started += 1
        return str(began["attempt"])

    def paper(self, part: str) -> list[dict[str, Any]]:
        """The items of the part's public form; fails when anything of the authors' side is in it."""
        form = self.gate.call("GET", f"/gate/paper/{part}", token=self.token)
        text = json.dumps(form, ensure_ascii=False)
        for secret in ('"key"', '"explanation"', '"model_answer"', '"checkpoints"', '"expected"'):
            if secret in text:
                raise Surprise(f"the paper that candidates get contains {secret}")
        return [item for section in form["sections"] for item in section["items"]]

    def keep(self, chain: Chain, answers: Sequence[tuple[str, Any]]) -> None:
        """Send answers in batches until each of them is confirmed with its hash and a receipt."""
        for start in range(0, len(answers), AT_ONCE):
            unsent = {line["seq"]: line for line in chain.lines(answers[start : start + AT_ONCE])}
            until = time.monotonic() + PATIENCE
            while unsent:
                asked = {"attempt": chain.attempt, "lines": list(unsent.values())}
                reply = self.gate.call("POST", "/gate/keep", asked, self.token)
                for kept in reply["kept"]:
                    line = unsent.pop(kept["seq"], None)
                    if line is None or kept["hash"] != line["hash"] or len(kept["receipt"]) != 64 or not kept["key"]:
                        raise Surprise(f"the server confirms a line that was not sent so: {kept}")
                    chain.receipts[kept["seq"]] = kept["receipt"]
                    self.line_count += 1
                if reply["late"] or reply["conflict"] or reply["bad"] or time.monotonic() > until:
                    raise Surprise(f"{self.place.name}: lines were not kept: {reply}")

    def hand_in(self, chain: Chain) -> None:
        asked = {"attempt": chain.attempt, "seq": chain.seq}
        reply = self.gate.call("POST", "/gate/hand-in", asked, self.token)
        again = self.gate.call("POST", "/gate/hand-in", asked, self.token)
        if not reply["receipt"] or reply["receipt"] != again["receipt"]:
            raise Surprise(f"handing in twice is not handing in once: {reply}, {again}")

    # --- the whole exam

    def open_theory(self) -> None:
        self._theory = Chain(self.start("theory"), self.sign_in_count)

    def sit(self, allow_switch: Callable[[Place], None]) -> None:
        """Theory and practical, each handed in; `allow_switch` is the invigilator's 允许换机."""
        items = self.paper("theory")
        codes = [item["id"] for item in items]
        self.theory_answers = self.bank.plan_theory(codes, self.aim.theory or 0, self.chance)
        wanted = [(code, value) for code, value in self.theory_answers.items() if value is not None]
        if self.aim.role == "interrupted":
            half = len(wanted) // 2
            self.keep(self._theory, wanted[:half])
            self._lose_everything(dict(wanted[:half]), allow_switch)
            wanted = wanted[half:]
        self.keep(self._theory, self._second_thoughts(items, wanted))
        self.hand_in(self._theory)
        chain = Chain(self.start("practical"), self.sign_in_count)
        shown = {item["id"]: item for item in self.paper("practical")}
        wanted_points, written = self.aim.practical or Decimal(0), self.writing.points
        self.practical_answers = self.bank.plan_practical(wanted_points, written, self.chance)
        text = str(self.bank.text_item()["code"])
        if set(shown) != {*self.practical_answers, text}:
            raise Surprise(f"the practical paper has other tasks than its authors' file: {sorted(shown)}")
        answers = list(self.practical_answers.items())
        if self.writing.text:
            answers.append((text, self.writing.text[: len(self.writing.text) // 2]))  # saved while writing
            answers.append((text, self.writing.text))
        self.keep(chain, answers)
        self.hand_in(chain)

    def _second_thoughts(
        self, items: Sequence[Mapping[str, Any]], wanted: Sequence[tuple[str, Any]]
    ) -> list[tuple[str, Any]]:
        """The same answers, some of them after another one that was given first or cleared in between."""
        offered = {item["id"]: [option["id"] for option in item["options"]] for item in items}
        kinds = {item["id"]: item["kind"] for item in items}
        found: list[tuple[str, Any]] = []
        for code, value in wanted:
            if self.chance.random() < 0.1:
                first = self.chance.choice(offered[code])
                found.append((code, [first] if kinds[code] == "multiple" else first))
                if self.chance.random() < 0.3:
                    found.append((code, None))
            found.append((code, value))
        return found

    def _lose_everything(self, kept: Mapping[str, Any], allow_switch: Callable[[Place], None]) -> None:
        """The machine dies. Another one is refused until the invigilator allows it; then what the server holds is all
        that is left, and it must be everything."""
        old_token, attempt = self.token, self._theory.attempt
        self.gate.drop()
        self.token, self._theory = "", Chain("", 0)
        try:
            self.sign_in("备用机 01")
        except Refused as refused:
            self.seen.append(refused.code)
        allow_switch(self.place)
        self.sign_in("备用机 01")
        state = self.state()
        there = {line["item"]: json.loads(line["body"]) for line in state["lines"]["theory"]}
        if there != kept:
            raise Surprise(f"{self.place.name} came back to {len(there)} answers of {len(kept)}")
        part = next(part for part in state["parts"] if part["part"] == "theory")
        if part["attempt"] != attempt or part["state"] != "open":
            raise Surprise(f"{self.place.name} came back to another attempt: {part}")
        self.resumed_lines = len(there)
        stale = Chain(attempt, self.sign_in_count - 1, len(kept), FIRST)
        try:
            asked = {"attempt": attempt, "lines": stale.lines([(next(iter(kept)), None)])}
            self.gate.call("POST", "/gate/keep", asked, old_token)
        except Refused as refused:
            self.seen.append(refused.code)
        last = state["last_seq"]["theory"]
        self._theory = Chain(attempt, self.sign_in_count, last, state["last_hash"]["theory"] if last else FIRST)


def all_at_once(
    candidates: Sequence[Candidate], act: Callable[[Candidate], None], tick: Callable[[int], None] = lambda n: None
) -> None:
    """Let everybody do this, a dozen at a time; the first failure ends it, with the candidate's name."""
    done, lock, failed = 0, threading.Lock(), threading.Event()

    def one(candidate: Candidate) -> None:
        nonlocal done
        if failed.is_set():
            return
        try:
            act(candidate)
        except Exception as problem:
            failed.set()
            raise Surprise(f"{candidate.place.name}（{candidate.place.ticket_no}）: {problem}") from problem
        with lock:
            done += 1
            tick(done)

    with ThreadPoolExecutor(POOL) as pool:
        for future in [pool.submit(one, candidate) for candidate in candidates]:
            future.result()
