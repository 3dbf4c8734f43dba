"""The only way to open a transaction. Centre and room are never written in one: they may be two machines one day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction


class TwoRooms(RuntimeError):
    """A transaction was opened on one database while the other had one open."""


@contextmanager
def write(alias: str = "default", *, durable: bool = False) -> Iterator[None]:
    """A write transaction on one database.

    Raises TwoRooms when another alias has a transaction open (tests' own wrapping transactions do not count).
    """
    for other in connections:
        if other != alias and _is_open(other):
            raise TwoRooms(f"a transaction on {other!r} is open; close it before writing to {alias!r}")
    with transaction.atomic(using=alias, durable=durable):
        yield


def _is_open(alias: str) -> bool:
    connection = connections[alias]
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
