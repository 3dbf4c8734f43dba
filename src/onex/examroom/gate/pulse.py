"""The long poll: one look at the changed seats per process and second, however many candidates wait."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TypeAlias
from uuid import UUID

from onex.examroom.gate.store import Doubt, Store

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0  # seconds
NOTE_EVERY = 5.0
NOTE_AGAIN_AFTER = 10.0
WAITS_OF_ONE = 3
Waiter: TypeAlias = tuple[int, "asyncio.Future[None]"]


class Pulse:
    """Wakes waiting candidates whose version grew, and notes which machines are there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[UUID, list[Waiter]] = {}
        self._heard: dict[UUID, None] = {}
        self._noted: dict[UUID, float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="room-pulse")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for waiters in self._waiting.values():
            for _, waiter in waiters:
                _wake(waiter)

    async def changed(self, candidate: UUID, since: int, seconds: float) -> bool:
        """True as soon as the candidate's version is above `since`, False after the wait. A few pages of one
        candidate may wait (two tabs, an old machine and a new one); one more ends the oldest wait.
        """
        mine: Waiter = (since, asyncio.get_running_loop().create_future())
        waiters = self._waiting.setdefault(candidate, [])
        if len(waiters) >= WAITS_OF_ONE:
            _wake(waiters[0][1])
        waiters.append(mine)
        try:
            async with asyncio.timeout(seconds):
                await mine[1]
            return True
        except TimeoutError:
            return False
        finally:
            waiters.remove(mine)
            if not waiters and self._waiting.get(candidate) is waiters:
                del self._waiting[candidate]

    def heard(self, candidate: UUID) -> None:
        """The candidate's machine has just called."""
        self._heard[candidate] = None

    async def _run(self) -> None:
        noted_at = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self._look()
                if time.monotonic() - noted_at >= NOTE_EVERY:
                    noted_at = time.monotonic()
                    await self._note(noted_at)
            except Doubt as doubt:
                log.warning("gate: the pulse missed a beat: %s", doubt)

    async def _look(self) -> None:
        if not self._waiting:
            return
        asked = {seat: min(since for since, _ in waiters) for seat, waiters in self._waiting.items() if waiters}
        for candidate in await self._store.changed(asked):
            for _, waiter in self._waiting.get(candidate, ()):
                _wake(waiter)

    async def _note(self, now: float) -> None:
        due = [seat for seat in self._heard if now - self._noted.get(seat, -1e9) >= NOTE_AGAIN_AFTER]
        # A row lock at a time: in key order, so that two processes cannot wait for each other.
        due.sort()
        if due:
            await self._store.seen(due)
            for seat in due:
                self._noted[seat] = now
                self._heard.pop(seat, None)
        if len(self._noted) > 50_000:
            self._noted = {seat: at for seat, at in self._noted.items() if now - at < NOTE_AGAIN_AFTER}


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
