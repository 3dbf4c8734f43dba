"""What the gate is told at its start: where the room's database is, the keys, the exam shell's folder, its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo


@dataclass(frozen=True)
class GateSettings:
    """Exactly one of `dsn` (PostgreSQL) and `sqlite` (file) is given; the first key makes, all keys check.

    `queue_limit`: requests that may wait for a commit before the gate answers 503; `batch_limit`: requests in one
    commit; `proxies`: how many of ours stand before us. The clock is always the database's own.
    """

    keys: Mapping[str, bytes]
    dsn: str = ""
    sqlite: Path | None = None
    shell: Path | None = None
    queue_limit: int = 4096
    batch_limit: int = 400
    reading_connections: int = 3
    proxies: int = 0

    def __post_init__(self) -> None:
        if bool(self.dsn) == bool(self.sqlite):
            raise ValueError("the gate needs either a PostgreSQL address or an SQLite file")
        if not self.keys:
            raise ValueError("the gate needs a key")

    @classmethod
    def of(
        cls, database: Mapping[str, Any], keys: Mapping[str, bytes], shell: Path | None = None, **bounds: Any
    ) -> GateSettings:
        """From one entry of Django's DATABASES (plain values; nothing of Django is imported)."""
        if str(database["ENGINE"]).endswith("sqlite3"):
            return cls(keys, sqlite=Path(str(database["NAME"])), shell=shell, **bounds)
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
        parts = {ours: str(database[theirs]) for theirs, ours in names.items() if database.get(theirs)}
        options = {k: v for k, v in database.get("OPTIONS", {}).items() if isinstance(v, str | int)}
        return cls(keys, dsn=make_conninfo("", **(parts | options)), shell=shell, **bounds)
