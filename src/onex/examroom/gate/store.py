"""What the gate asks of its database, the same for PostgreSQL and SQLite, and what can go wrong there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Protocol
from uuid import UUID

import msgspec

from onex.examroom.gate.lines import Bad, Line

Rows = list[tuple[Any, ...]]


class Doubt(Exception):
    """It may or may not be on disk: nobody is told that it is, everybody sends again."""


class Poisoned(Exception):
    """The database refuses these data themselves; alone, each of the neighbours would be taken."""


class Keep(msgspec.Struct, gc=False):
    """A request to keep lines: numbers ascending, shapes checked."""

    attempt: UUID
    sign_in: int
    lines: list[Line]


class Outcome(msgspec.Struct):
    """What became of a keep. `kept` are (line, time of its commit); a line in no list belongs to an older sign-in."""

    now: int
    is_open: bool
    is_current: bool
    closes_at: int | None
    kept: list[tuple[Line, int]] = []
    late: list[int] = []
    conflict: list[int] = []
    retry: list[int] = []
    bad: list[Bad] = []

    def place(self, line: Line, kept: bool | None, kept_at: int | None, late: bool | None) -> None:
        """Name a line by what is stored under its number: in `answer` (same, other, nothing) and among the late."""
        if kept and kept_at is not None:
            self.kept.append((line, kept_at))
        elif kept is False or late is False:
            self.conflict.append(line.seq)
        elif late:
            self.late.append(line.seq)
        elif self.is_open:
            self.retry.append(line.seq)


class HandIn(msgspec.Struct, gc=False):
    """A request to hand in; `seq` is the highest that the candidate's page knows to be kept (0: none)."""

    attempt: UUID
    sign_in: int
    seq: int


class HandedIn(msgspec.Struct):
    """The attempt after the statement: handed in when `handed_in_at` is set, otherwise the facts say why not."""

    now: int
    is_current: bool
    opened_at: int | None
    closes_at: int | None
    grace_ms: int
    hand_in_from: int | None
    handed_in_at: int | None
    has_seq: bool


Statement = tuple[str, Mapping[str, Any]]


class Store(Protocol):
    """`keep` and `hand_in` answer in the order of the requests, None for an attempt that is locked just now.

    All raise Doubt; `keep` and `hand_in` raise Poisoned as well.
    """

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def keep(self, batch: Sequence[Keep]) -> list[Outcome | None]: ...
    async def hand_in(self, batch: Sequence[HandIn]) -> list[HandedIn | None]: ...

    async def changed(self, seen: Mapping[UUID, int]) -> set[UUID]:
        """Those of the candidates whose version is above the one given."""

    async def seen(self, candidates: Sequence[UUID]) -> None:
        """Note that these candidates' machines are there."""

    async def read(self, sql: str, params: Mapping[str, Any]) -> Rows:
        """Rows of one query written with `:name` parameters and `{now}` for the database's clock."""

    async def write(self, statements: Sequence[Statement]) -> Rows | None:
        """A short transaction; the last statement's rows. A statement that says `returning` and returns nothing undoes
        it all and answers None."""


def queries(name: str) -> dict[str, str]:
    """The statements of a .sql file beside this one, by their `-- name:`."""
    text = (files(__package__) / name).read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def outcome_of(
    keep: Keep, now: int, is_current: bool, handed_in_at: int | None, closes_at: int | None, ends_at: int | None
) -> Outcome:
    """The head of an outcome, from the attempt's row as it stood when the lines were added."""
    is_open = is_current and handed_in_at is None and ends_at is not None and now <= ends_at
    return Outcome(now, is_open, is_current, closes_at)
