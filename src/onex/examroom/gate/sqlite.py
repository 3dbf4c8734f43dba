"""The gate on SQLite: one thread with the only writing connection, a few threads that read."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from onex.common.ids import uuid7
from onex.examroom.gate.lines import FIRST_DIGEST, SEQ_AHEAD, Bad, Line, batch_digest
from onex.examroom.gate.store import (
    Doubt,
    HandedIn,
    HandIn,
    Keep,
    Outcome,
    Poisoned,
    Rows,
    Statement,
    outcome_of,
    queries,
)

T = TypeVar("T")
NOW = "cast(round((julianday('now') - 2440587.5) * 86400000) as integer)"
BUSY_SECONDS = 5.0  # pages may be writing to the room as well
_POISON = (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, UnicodeError, OverflowError)


class SqliteStore:
    """See `Store`. `synchronous=FULL`: a commit that returned has reached the disk."""

    def __init__(self, file: Path, reading_connections: int) -> None:
        self._file = file
        self._sql = queries("keep_sqlite.sql")
        self._writers = ThreadPoolExecutor(1, thread_name_prefix="room-writer")
        self._readers = ThreadPoolExecutor(reading_connections, thread_name_prefix="room-reader")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lane, self._batch, self._head = uuid7(), 0, FIRST_DIGEST
        self._after_commit: tuple[int, bytes] | None = None  # the lane's head once the commit returns

    async def open(self) -> None:
        await self._in(self._writers, self._connected)

    async def close(self) -> None:
        for pool in (self._writers, self._readers):
            await asyncio.to_thread(pool.shutdown)
        for connection in self._connections:
            connection.close()

    async def keep(self, batch: Sequence[Keep]) -> list[Outcome | None]:
        return await self._in(self._writers, lambda: self._transaction(lambda db: self._keep(db, batch)))

    async def hand_in(self, batch: Sequence[HandIn]) -> list[HandedIn | None]:
        return await self._in(self._writers, lambda: self._transaction(lambda db: self._hand_in(db, batch)))

    async def changed(self, seen: Mapping[UUID, int]) -> set[UUID]:
        asked = json.dumps({candidate.hex: version for candidate, version in seen.items()})
        return {UUID(row[0]) for row in await self.read(self._sql["changed"], {"asked": asked})}

    async def seen(self, candidates: Sequence[UUID]) -> None:
        asked = json.dumps([candidate.hex for candidate in candidates])
        await self.write([(self._sql["seen"], {"asked": asked})])

    async def read(self, sql: str, params: Mapping[str, Any]) -> Rows:
        return await self._in(self._readers, lambda: self._read(sql, params))

    async def write(self, statements: Sequence[Statement]) -> Rows | None:
        try:
            return await self._in(self._writers, lambda: self._transaction(lambda db: _all(db, statements)))
        except _Undone:
            return None
        except Poisoned as wrong:
            raise Doubt(str(wrong)) from wrong

    # --- in the threads

    def _keep(self, db: sqlite3.Connection, batch: Sequence[Keep]) -> list[Outcome | None]:
        (now,) = db.execute(self._sql["clock"]).fetchone()
        outcomes: list[Outcome | None] = []
        lane, n = self._lane.hex, self._batch + 1
        fresh: list[tuple[Any, ...]] = []
        for keep in batch:
            attempt = keep.attempt.hex
            row = db.execute(self._sql["seat"], {"attempt": attempt, "sign_in": keep.sign_in}).fetchone()
            if row is None:
                outcomes.append(None)
                continue
            is_current, handed_in_at, closes_at, ends_at, last = row
            outcome = outcome_of(keep, now, bool(is_current), handed_in_at, closes_at, ends_at)
            outcomes.append(outcome)
            is_late = outcome.is_current and closes_at is not None and not outcome.is_open
            kept: list[tuple[Line, int]] = []
            for line in keep.lines:
                if line.seq > last + SEQ_AHEAD:
                    outcome.bad.append(Bad(line.seq, "seq"))
                    continue
                key = (attempt, keep.sign_in, line.seq)
                values = (*key, line.item, line.body, bytes.fromhex(line.prev), bytes.fromhex(line.hash), now)
                # Above the highest stored number nothing can be stored; the write lock keeps it so.
                stored = db.execute(self._sql["stored"], key).fetchone() if line.seq <= last else None
                if stored is None and outcome.is_open:
                    fresh.append((*values, lane, n))
                    kept.append((line, now))
                elif stored is not None and stored[0] == values[6]:
                    kept.append((line, stored[1]))
                else:
                    self._set_apart(db, outcome, line, values, stored, is_late)
            outcome.kept = kept
        if fresh:
            db.executemany(self._sql["keep"], fresh)
            fresh.sort(key=lambda values: values[:3])
            digest = batch_digest(self._head, (values[6] for values in fresh))
            db.execute(self._sql["chain"], (lane, n, self._head, digest, len(fresh), now))
            self._after_commit = (n, digest)
        return outcomes

    def _set_apart(
        self,
        db: sqlite3.Connection,
        outcome: Outcome,
        line: Line,
        values: tuple[Any, ...],
        stored: tuple[Any, ...] | None,
        is_late: bool,
    ) -> None:
        late = None if stored else db.execute(self._sql["stored_late"], values[:3]).fetchone()
        if stored is None and late is None and is_late:
            db.execute(self._sql["set_apart"], values)
            outcome.place(line, None, None, True)
            return
        if stored is not None or (late is not None and late[0] != values[6]):
            db.execute(self._sql["clash"], values)
        outcome.place(line, None if stored is None else False, None, None if late is None else late[0] == values[6])

    def _hand_in(self, db: sqlite3.Connection, batch: Sequence[HandIn]) -> list[HandedIn | None]:
        (now,) = db.execute(self._sql["clock"]).fetchone()
        found: list[HandedIn | None] = []
        for ask in batch:
            params = {"attempt": ask.attempt.hex, "sign_in": ask.sign_in, "seq": ask.seq, "now": now}
            row = db.execute(self._sql["hand_in_seat"], params).fetchone()
            if row is None:
                found.append(None)
                continue
            is_current, opened_at, closes_at, grace_ms, hand_in_from, handed_in_at, has_seq = row
            if is_current and has_seq and db.execute(self._sql["hand_in"], params).fetchall():
                db.execute(self._sql["tell"], params)
                handed_in_at = now
            found.append(
                HandedIn(
                    now, bool(is_current), opened_at, closes_at, grace_ms, hand_in_from, handed_in_at, bool(has_seq)
                )
            )
        return found

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        db = self._connected()
        self._after_commit = None
        try:
            db.execute("begin immediate")
            try:
                done = work(db)
                db.execute("commit")
            except BaseException:
                if db.in_transaction:
                    db.execute("rollback")
                raise
        except _POISON as wrong:
            raise Poisoned(str(wrong)) from wrong
        except sqlite3.Error as wrong:
            # A commit that failed half-way leaves the lane's head unknown: start another.
            self._lane, self._batch, self._head = uuid7(), 0, FIRST_DIGEST
            raise Doubt(str(wrong)) from wrong
        if self._after_commit is not None:
            self._batch, self._head = self._after_commit
        return done

    def _read(self, sql: str, params: Mapping[str, Any]) -> Rows:
        try:
            return self._connected().execute(_dialect(sql), _plain(params)).fetchall()
        except sqlite3.Error as wrong:
            raise Doubt(str(wrong)) from wrong

    def _connected(self) -> sqlite3.Connection:
        """This thread's own connection."""
        if not hasattr(self._local, "db"):
            db = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            db.execute("pragma journal_mode=wal")
            db.execute("pragma synchronous=full")
            self._local.db = db
            self._connections.append(db)
        return self._local.db

    @staticmethod
    async def _in(pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work)


class _Undone(Exception):
    """A statement that had to change a row changed none."""


def _all(db: sqlite3.Connection, statements: Sequence[Statement]) -> Rows:
    rows: Rows = []
    for sql, params in statements:
        cursor = db.execute(_dialect(sql), _plain(params))
        rows = cursor.fetchall()
        if cursor.description and not rows:
            raise _Undone
    return rows


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.hex if isinstance(value, UUID) else value for name, value in params.items()}


@cache
def _dialect(sql: str) -> str:
    return sql.replace("{now}", NOW)
