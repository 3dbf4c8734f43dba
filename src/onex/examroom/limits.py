"""Counting wrong guesses: so many in a window for each key, then a pause. In memory, bounded, no Django."""

from __future__ import annotations

import time
from collections.abc import Hashable

KEYS_IN_MEMORY = 20_000


class Limiter:
    """At most `limit` strikes in `seconds` for one key; kept for one process, which is enough to stop a walk."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds
        self._strikes: dict[Hashable, tuple[int, float]] = {}

    def pause(self, key: Hashable) -> float:
        """Seconds until the key may try again; 0 when it may now."""
        count, since = self._strikes.get(key, (0, 0.0))
        left = since + self._seconds - time.monotonic()
        return left if count >= self._limit and left > 0 else 0.0

    def strike(self, key: Hashable) -> None:
        now = time.monotonic()
        count, since = self._strikes.get(key, (0, now))
        if now - since >= self._seconds:
            count, since = 0, now
        if len(self._strikes) >= KEYS_IN_MEMORY:
            self._strikes = {k: v for k, v in self._strikes.items() if now - v[1] < self._seconds}
            if len(self._strikes) >= KEYS_IN_MEMORY:
                self._strikes.clear()
        self._strikes[key] = (count + 1, since)

    def forgive(self, key: Hashable) -> None:
        self._strikes.pop(key, None)
