"""Whether what was acknowledged is there: the generator's own account against the rows on disk."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

RECORD = struct.Struct("<II32s")  # place of the attempt in the work file, seq, hash
Key = tuple[str, int, int]  # attempt, sign-in, seq


def attempts_of(work: Path) -> list[tuple[str, int]]:
    """(attempt, sign-in) in the order of the work file."""
    rows = (line.split("\t") for line in work.read_text(encoding="utf-8").splitlines())
    return [(row[1], int(row[2])) for row in rows if row[0] == "attempt"]


def acknowledged(log: bytes, attempts: list[tuple[str, int]]) -> dict[Key, bytes]:
    """The generator's record of what the server said it has; a record cut off at the end was never finished."""
    whole = len(log) - len(log) % RECORD.size
    return {(*attempts[place], seq): digest for place, seq, digest in RECORD.iter_unpack(log[:whole])}


def lost(told: dict[Key, bytes], stored: Iterable[tuple[str, int, int, bytes]]) -> list[Key]:
    """What was acknowledged and is not there, or is there with another hash."""
    missing = dict(told)
    for attempt, sign_in, seq, digest in stored:
        if missing.get((attempt, sign_in, seq)) == digest:
            del missing[attempt, sign_in, seq]
    return sorted(missing)


def stored_in_sqlite(file: Path) -> Iterable[tuple[str, int, int, bytes]]:
    """The rows of `examroom_answer`, read from the file itself."""
    connection = sqlite3.connect(file)
    try:
        for attempt, *rest in connection.execute("select attempt_id, sign_in, seq, hash from examroom_answer"):
            yield str(UUID(attempt)), *rest
    finally:
        connection.close()


def stored_in_postgres(dsn: str) -> Iterable[tuple[str, int, int, bytes]]:
    """The same from PostgreSQL, on a connection of our own."""
    import psycopg

    with psycopg.connect(dsn, options="-c search_path=room") as connection, connection.cursor("rows") as cursor:
        cursor.itersize = 20_000
        cursor.execute("select attempt_id, sign_in, seq, hash from examroom_answer")
        for attempt, sign_in, seq, digest in cursor:
            yield str(attempt), sign_in, seq, bytes(digest)


def commits_in_sqlite(file: Path) -> int:
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute("select count(*) from examroom_batch").fetchone()[0])
    finally:
        connection.close()


def commits_in_postgres(dsn: str) -> int:
    import psycopg

    with psycopg.connect(dsn, options="-c search_path=room") as connection:
        row = connection.execute("select count(*) from examroom_batch").fetchone()
        assert row is not None  # noqa: S101  (a count is one row)
        return int(row[0])
