"""The two databases: `default` for the centre, `room` for the sealed exam room. Never one transaction over both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from onex.config.env import Environment

# WAL lets readers go on while one writes; FULL survives a power cut, which an exam must.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
# No statement of ours is worth compiling: PostgreSQL guesses the cost of subqueries too high and spent three times as
# long on its compiler as on the check of a province's places.
POSTGRES_OPTIONS = "-c jit=off"


def databases(env: Environment) -> dict[str, dict[str, Any]]:
    """Django's DATABASES for this installation."""
    default = _dressed(env.database)
    if env.room_database is not None:
        return {"default": default, "room": _dressed(env.room_database)}
    if _is_sqlite(default):
        name = str(Path(str(default["NAME"])).with_name("room.sqlite3"))
        return {"default": default, "room": _dressed({**env.database, "NAME": name})}
    # One PostgreSQL database, its own schema and so its own migration table.
    options = default["OPTIONS"]
    room = {**default, "OPTIONS": {**options, "options": f"{options['options']} -c search_path=room"}}
    return {"default": default, "room": room}


def _is_sqlite(database: dict[str, Any]) -> bool:
    return str(database["ENGINE"]).endswith("sqlite3")


def _dressed(database: dict[str, Any]) -> dict[str, Any]:
    options = dict(database.get("OPTIONS", {}))
    if _is_sqlite(database):
        # Tests get files as well: threads of an in-memory database lock each other out in ways no installation does.
        test = {"NAME": str(Path(str(database["NAME"])).with_suffix(".test.sqlite3"))}
        return {**database, "OPTIONS": {**options, **SQLITE_OPTIONS}, "TEST": test}
    # What the address asks for itself stands behind: the last one counts.
    options["options"] = f"{POSTGRES_OPTIONS} {options.get('options', '')}".strip()
    return {**database, "OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
