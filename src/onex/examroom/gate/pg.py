"""The gate on PostgreSQL: one connection that writes batches, a few that read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from onex.common.ids import uuid7
from onex.examroom.gate.lines import FIRST_DIGEST, SEQ_AHEAD, Bad, Line
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

PATIENCE = 10.0  # seconds for one statement; after that nobody knows, so nobody is told
NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint"
# Only what speaks of the data themselves. Everything else (disk full, deadlock, missing table) is the server's trouble.
_POISON = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.RaiseException, UnicodeError, OverflowError)


class PgStore:
    """See `Store`. The writing connection is in autocommit: one statement, one round trip, one commit."""

    def __init__(self, dsn: str, reading_connections: int) -> None:
        # A dead peer must show itself within the patience of a candidate's page.
        self._dsn = make_conninfo(dsn, connect_timeout=5, keepalives_idle=15, tcp_user_timeout=15_000)
        self._sql = queries("keep_pg.sql")
        self._writing: psycopg.AsyncConnection | None = None
        self._notice: str | None = None
        self._lane, self._batch, self._head = uuid7(), 0, FIRST_DIGEST
        self._pool = AsyncConnectionPool(
            self._dsn,
            min_size=1,
            max_size=reading_connections,
            open=False,
            timeout=5,
            # A restarted server leaves dead connections behind; nobody should meet one at the door.
            check=AsyncConnectionPool.check_connection,
            kwargs={"autocommit": True, "prepare_threshold": 2},
        )

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._drop()
        await self._pool.close(timeout=3)

    # --- batches

    async def keep(self, batch: Sequence[Keep]) -> list[Outcome | None]:
        await self._connected()  # a new connection starts a new lane, so before the lane is named
        lines = [(n, line) for n, keep in enumerate(batch, start=1) for line in keep.lines]
        rows = await self._execute(
            "keep",
            {
                "attempts": [keep.attempt for keep in batch],
                "sign_ins": [keep.sign_in for keep in batch],
                "ns": [n for n, _ in lines],
                "seqs": [line.seq for _, line in lines],
                "items": [line.item for _, line in lines],
                "bodies": [line.body for _, line in lines],
                "prevs": [bytes.fromhex(line.prev) for _, line in lines],
                "hashes": [bytes.fromhex(line.hash) for _, line in lines],
                "lane": self._lane,
                "batch": self._batch + 1,
                "prev": self._head,
            },
        )
        if rows and rows[0][8] is not None:
            self._batch, self._head = self._batch + 1, rows[0][8]
        outcomes: list[Outcome | None] = [None] * len(batch)
        odd: list[tuple[int, Line, bool]] = []
        for n, now, is_current, handed_in_at, closes_at, ends_at, last, kept, _ in rows:
            keep = batch[n - 1]
            outcome = outcomes[n - 1] = outcome_of(keep, now, is_current, handed_in_at, closes_at, ends_at)
            if kept == len(keep.lines):
                outcome.kept = [(line, now) for line in keep.lines]
                continue
            is_late = is_current and closes_at is not None and not outcome.is_open
            for line in keep.lines:
                if line.seq > last + SEQ_AHEAD:
                    outcome.bad.append(Bad(line.seq, "seq"))
                else:
                    odd.append((n, line, is_late))
        if odd:
            await self._look_again(batch, odd, outcomes)
        return outcomes

    async def _look_again(
        self, batch: Sequence[Keep], odd: list[tuple[int, Line, bool]], outcomes: list[Outcome | None]
    ) -> None:
        rows = await self._execute(
            "odd",
            {
                "ns": [n for n, _, _ in odd],
                "attempts": [batch[n - 1].attempt for n, _, _ in odd],
                "sign_ins": [batch[n - 1].sign_in for n, _, _ in odd],
                "seqs": [line.seq for _, line, _ in odd],
                "items": [line.item for _, line, _ in odd],
                "bodies": [line.body for _, line, _ in odd],
                "prevs": [bytes.fromhex(line.prev) for _, line, _ in odd],
                "hashes": [bytes.fromhex(line.hash) for _, line, _ in odd],
                "lates": [is_late for _, _, is_late in odd],
            },
        )
        found = {(n, seq): (kept, kept_at, late) for n, seq, kept, kept_at, late in rows}
        for n, line, _ in odd:
            outcome = outcomes[n - 1]
            assert outcome is not None  # noqa: S101  (only requests with an outcome have odd lines)
            kept, kept_at, late = found[n, line.seq]
            outcome.place(line, kept, kept_at, late)

    async def hand_in(self, batch: Sequence[HandIn]) -> list[HandedIn | None]:
        rows = await self._execute(
            "hand_in",
            {
                "attempts": [ask.attempt for ask in batch],
                "sign_ins": [ask.sign_in for ask in batch],
                "seqs": [ask.seq for ask in batch],
            },
        )
        found = {row[0]: HandedIn(*row[1:]) for row in rows}
        return [found.get(n) for n in range(1, len(batch) + 1)]

    async def _execute(self, name: str, params: Mapping[str, Any]) -> Rows:
        connection = await self._connected()
        self._notice = None
        try:
            async with asyncio.timeout(PATIENCE):
                cursor = await connection.execute(self._sql[name], params, prepare=True, binary=True)
                rows = await cursor.fetchall()
        except _POISON as wrong:
            raise Poisoned(str(wrong)) from wrong
        except (psycopg.Error, TimeoutError, OSError) as wrong:
            await self._drop()
            raise Doubt(str(wrong)) from wrong
        except asyncio.CancelledError:
            await self._drop()
            raise
        if self._notice is not None:
            # A cancelled wait for the synchronous standby returns success and a warning: committed here, perhaps
            # nowhere else. That is not an acknowledgement.
            await self._drop()
            raise Doubt(self._notice)
        return rows

    async def _connected(self) -> psycopg.AsyncConnection:
        if self._writing is None:
            try:
                connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
            except (psycopg.Error, OSError) as wrong:
                raise Doubt(str(wrong)) from wrong
            connection.add_notice_handler(self._noticed)
            # After a doubt the old lane's head is not known; a new lane starts a chain of its own.
            self._lane, self._batch, self._head = uuid7(), 0, FIRST_DIGEST
            self._writing = connection
        return self._writing

    async def _drop(self) -> None:
        connection, self._writing = self._writing, None
        if connection is not None:
            await connection.close()

    def _noticed(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        self._notice = diagnostic.message_primary or "notice"

    # --- everything else

    async def changed(self, seen: Mapping[UUID, int]) -> set[UUID]:
        rows = await self.read(self._sql["changed"], {"candidates": list(seen), "versions": list(seen.values())})
        return {row[0] for row in rows}

    async def seen(self, candidates: Sequence[UUID]) -> None:
        await self.write([(self._sql["seen"], {"candidates": list(candidates)})])

    async def read(self, sql: str, params: Mapping[str, Any]) -> Rows:
        try:
            async with asyncio.timeout(PATIENCE), self._pool.connection() as connection:
                cursor = await connection.execute(_dialect(sql), params, binary=True)
                return await cursor.fetchall()
        except (psycopg.Error, PoolTimeout, TimeoutError, OSError) as wrong:
            raise Doubt(str(wrong)) from wrong

    async def write(self, statements: Sequence[Statement]) -> Rows | None:
        rows: Rows = []
        try:
            async with asyncio.timeout(PATIENCE), self._pool.connection() as connection:
                async with connection.transaction():
                    for sql, params in statements:
                        cursor = await connection.execute(_dialect(sql), params)
                        rows = await cursor.fetchall() if cursor.description else []
                        if cursor.description and not rows:
                            raise psycopg.Rollback
                    return rows
                return None
        except (psycopg.Error, PoolTimeout, TimeoutError, OSError) as wrong:
            raise Doubt(str(wrong)) from wrong


@cache
def _dialect(sql: str) -> str:
    return re.sub(r"(?<![:\w]):(\w+)", r"%(\1)s", sql.replace("{now}", NOW))
