"""Group commit: whatever arrived while the last commit was in flight goes into one statement, one commit."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from onex.examroom.gate.lines import Bad
from onex.examroom.gate.store import Doubt, HandedIn, HandIn, Keep, Outcome, Poisoned, Store

log = logging.getLogger(__name__)


class Busy(Exception):
    """More is waiting for the disk than can be answered in time."""


class _Job:
    __slots__ = ("ask", "future")

    def __init__(self, ask: Keep | HandIn, future: asyncio.Future[Any]) -> None:
        self.ask: Any = ask
        self.future = future

    def resolve(self, result: Outcome | HandedIn | None) -> None:
        if not self.future.done():  # the candidate may have gone
            self.future.set_result(result)

    def fail(self, doubt: Doubt) -> None:
        if not self.future.done():
            self.future.set_exception(doubt)


class Writer:
    """The only way of answers and hand-ins to the disk, in the order of their arrival for each attempt.

    A batch holds one request of an attempt at most; what comes next for the same attempt waits for the next batch, so
    a hand-in cannot overtake the lines before it, nor lines their own repetition.
    """

    def __init__(self, store: Store, queue_limit: int, batch_limit: int) -> None:
        self._store, self._queue_limit, self._batch_limit = store, queue_limit, batch_limit
        self._queue: deque[_Job] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.commits = self.requests = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="room-writer")

    async def stop(self) -> None:
        """Finish what is queued, then end."""
        while self._queue and self._task is not None and not self._task.done():
            await asyncio.sleep(0.005)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.commits:
            mean = self.requests / self.commits
            log.info("gate: %d requests in %d commits, %.1f in one", self.requests, self.commits, mean)

    def keep(self, ask: Keep) -> asyncio.Future[Outcome | None]:
        """The outcome, or None when the attempt is locked just now. Raises Busy; the future raises Doubt."""
        return self._queued(ask)

    def hand_in(self, ask: HandIn) -> asyncio.Future[HandedIn | None]:
        """The attempt afterwards, or None when it is locked just now. Raises Busy; the future raises Doubt."""
        return self._queued(ask)

    def _queued(self, ask: Keep | HandIn) -> asyncio.Future[Any]:
        if len(self._queue) >= self._queue_limit:
            raise Busy
        future = asyncio.get_running_loop().create_future()
        self._queue.append(_Job(ask, future))
        self._arrived.set()
        return future

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            keeps, hand_ins = self._next_batch()
            try:
                if keeps:
                    await self._commit_keeps(keeps)
                if hand_ins:
                    await self._commit_hand_ins(hand_ins)
            except asyncio.CancelledError:
                for job in (*keeps, *hand_ins):
                    job.fail(Doubt("stopping"))
                raise
            except Exception:
                # Nothing may end the writer: whoever waited sends again.
                log.exception("gate: a batch failed")
                for job in (*keeps, *hand_ins):
                    job.fail(Doubt("failed"))

    def _next_batch(self) -> tuple[list[_Job], list[_Job]]:
        keeps: list[_Job] = []
        hand_ins: list[_Job] = []
        taken: set[UUID] = set()
        waiting: list[_Job] = []
        queue = self._queue
        while queue and len(taken) < self._batch_limit:
            job = queue.popleft()
            if job.ask.attempt in taken:
                waiting.append(job)
                continue
            taken.add(job.ask.attempt)
            (keeps if type(job.ask) is Keep else hand_ins).append(job)
        queue.extendleft(reversed(waiting))
        if not queue:
            self._arrived.clear()
        self.requests += len(taken)
        return keeps, hand_ins

    async def _commit_keeps(self, jobs: Sequence[_Job]) -> None:
        self.commits += 1
        try:
            results = await self._store.keep([job.ask for job in jobs])
        except Doubt as doubt:
            log.warning("gate: %d requests are in doubt: %s", len(jobs), doubt)
            for job in jobs:
                job.fail(doubt)
        except Poisoned:
            await self._commit_singly(jobs)
        else:
            for job, result in zip(jobs, results, strict=True):
                job.resolve(result)

    async def _commit_singly(self, jobs: Sequence[_Job]) -> None:
        """One request spoils the batch: each alone, and of the one that fails each line alone."""
        if len(jobs) > 1:
            for job in jobs:
                await self._commit_keeps([job])
            return
        job = jobs[0]
        result: Outcome | None = None
        for line in job.ask.lines:
            self.commits += 1
            try:
                (part,) = await self._store.keep([Keep(job.ask.attempt, job.ask.sign_in, [line])])
            except Poisoned as poisoned:
                log.warning("gate: attempt %s line %d is refused: %s", job.ask.attempt, line.seq, poisoned)
                part = Outcome(0, True, True, None, bad=[Bad(line.seq, "refused")])
            except Doubt as doubt:
                job.fail(doubt)
                return
            if part is None:
                job.resolve(None)
                return
            result = part if result is None else _joined(result, part)
        job.resolve(result)

    async def _commit_hand_ins(self, jobs: Sequence[_Job]) -> None:
        self.commits += 1
        try:
            results = await self._store.hand_in([job.ask for job in jobs])
        except (Doubt, Poisoned) as doubt:
            log.warning("gate: %d hand-ins are in doubt: %s", len(jobs), doubt)
            for job in jobs:
                job.fail(Doubt(str(doubt)))
        else:
            for job, result in zip(jobs, results, strict=True):
                job.resolve(result)


def _joined(one: Outcome, other: Outcome) -> Outcome:
    """Two outcomes of one request; a refused line knows no time, so facts come from whichever does."""
    facts = other if other.now else one
    return Outcome(
        facts.now,
        facts.is_open,
        facts.is_current,
        facts.closes_at,
        kept=one.kept + other.kept,
        late=one.late + other.late,
        conflict=one.conflict + other.conflict,
        retry=one.retry + other.retry,
        bad=one.bad + other.bad,
    )
