"""The database's own refusal to change the log: triggers on traces, links and roots, on PostgreSQL and SQLite.

The room's own record of what its staff decided is kept the same way in the room's database, until it is collected.
Whoever owns the database can take them away; that is why there is a chain as well. They stop everything less: a wrong
service, an injected statement, a careless hand in a console.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

TABLES = ("common_trace", "common_auditlink", "common_auditroot")
ROOM_TABLES = ("examroom_roomevent",)
_GUARDED = {"default": TABLES, "room": ROOM_TABLES}
_SETTING = "onex.audit_open"


def install(alias: str = "default") -> None:
    """Put the triggers there; harmless to repeat. Runs after each migration, because SQLite drops a table's triggers
    when it remakes the table.
    """
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "create or replace function onex_audit_refuse() returns trigger language plpgsql as $$ begin"
                f" if coalesce(current_setting('{_SETTING}', true), '') = 'on' then"
                " if tg_op = 'DELETE' then return old; elsif tg_op = 'UPDATE' then return new; end if; return null;"
                " end if; raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';"
                " end $$"
            )
            for table in _GUARDED[alias]:
                cursor.execute(
                    f"create or replace trigger {table}_keep before update or delete on {table}"
                    " for each row execute function onex_audit_refuse()"
                )
                cursor.execute(
                    f"create or replace trigger {table}_whole before truncate on {table}"
                    " for each statement execute function onex_audit_refuse()"
                )
        else:
            for table in _GUARDED[alias]:
                for verb in ("update", "delete"):
                    cursor.execute(
                        f"create trigger if not exists {table}_no_{verb} before {verb} on {table}"
                        f" begin select raise(abort, '{table} is append-only'); end"
                    )


def remove(alias: str = "default") -> None:
    """Take the triggers away (SQLite knows no session setting): for `opened` alone."""
    with connections[alias].cursor() as cursor:
        for table in _GUARDED[alias]:
            for verb in ("update", "delete"):
                cursor.execute(f"drop trigger if exists {table}_no_{verb}")


@contextmanager
def opened(alias: str = "default") -> Iterator[None]:
    """Inside a transaction: this transaction alone may change the log.

    Retention uses it, and the room when a corrected package takes the seats that events name; nothing else does.
    """
    connection = connections[alias]
    if not connection.in_atomic_block:
        raise RuntimeError("open a transaction first; only it may change the log")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select set_config(%s, 'on', true)", [_SETTING])
        yield
        with connection.cursor() as cursor:
            cursor.execute("select set_config(%s, 'off', true)", [_SETTING])
    else:
        remove(alias)
        yield
        install(alias)


def missing() -> list[str]:
    """The tables whose triggers are not there or are switched off: the first thing a verification looks at."""
    return [table for alias in _GUARDED for table in _unguarded(alias)]


def _unguarded(alias: str) -> list[str]:
    connection = connections[alias]
    tables = [table for table in _GUARDED[alias] if table in connection.introspection.table_names()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "select t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
                " where c.relnamespace = current_schema()::regnamespace and t.tgenabled in ('O', 'A')"
            )
            wanted = {table: (f"{table}_keep", f"{table}_whole") for table in tables}
        else:
            cursor.execute("select name from sqlite_master where type = 'trigger'")
            wanted = {table: (f"{table}_no_update", f"{table}_no_delete") for table in tables}
        there = {name for (name,) in cursor.fetchall()}
    return [table for table, names in wanted.items() if not there.issuperset(names)]


def after_migrate(sender: Any, using: str, **_: Any) -> None:
    """For Django's post_migrate, which tells of each database once: after all of its migrations."""
    tables = set(_GUARDED.get(using, ()))
    if tables and tables <= set(connections[using].introspection.table_names()):
        install(using)
