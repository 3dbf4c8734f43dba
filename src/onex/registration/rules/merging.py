"""How a changed row of a roster is merged: nothing that stands there is overwritten without the registrar's tick."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from onex.registration.rules.roster import FIELDS, Judged, Pupil, Verdict

# A trace outlives the person's data: it says of these columns that they changed, and not from what to what.
UNTOLD = ("name", "student_no", "phone")


@dataclass(frozen=True)
class Ticks:
    """What the registrar lets the file overwrite: whole columns, and single cells by row and column.

    `seen` is `seen_of` the preview on which they were set: nobody agrees to a change that was not shown.
    """

    columns: frozenset[str] = frozenset()
    cells: frozenset[tuple[int, str]] = frozenset()
    seen: str = ""

    def has(self, row: Judged, column: str) -> bool:
        """Whether this change of the row is ticked. Code and name of a major are one fact, and ticked as one."""
        leading = leading_of(row, column)
        return leading in self.columns or (row.number, leading) in self.cells

    def is_stale(self, rows: Iterable[Judged]) -> bool:
        """Whether something is ticked, and on another preview than these rows."""
        return bool(self.columns or self.cells) and self.seen != seen_of(rows)


NONE = Ticks()


@dataclass(frozen=True)
class Merged:
    """A student who is overwritten: key of the row, the facts it will have, and its columns with before and after."""

    key: Any
    pupil: Pupil
    changes: tuple[tuple[str, str, str], ...]

    @property
    def told(self) -> dict[str, Any]:
        """The changes as a trace keeps them."""
        return {
            "columns": [column for column, _, _ in self.changes],
            "changes": {column: [before, after] for column, before, after in self.changes if column not in UNTOLD},
        }


def leading_of(row: Judged, column: str) -> str:
    """The column whose tick decides on this one."""
    return "major_code" if column == "major_name" and any(one[0] == "major_code" for one in row.changes) else column


def merged(rows: Iterable[Judged], ticks: Ticks) -> list[Merged]:
    """The changed rows of which something is ticked; what is not ticked stays as it stands in the roster."""
    found = []
    for row in rows:
        taken = tuple(one for one in row.changes if ticks.has(row, one[0]))
        if taken and row.known is not None and row.pupil is not None:
            values = {column: getattr(row.pupil, column) for column, _, _ in taken}
            found.append(Merged(row.known.key, replace(row.known.pupil, **values), taken))
    return found


def seen_of(rows: Iterable[Judged]) -> str:
    """A digest of every change that a preview shows."""
    told = [[row.number, *row.changes] for row in rows if row.verdict == Verdict.CHANGED]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def changes_by_column(rows: Iterable[Judged]) -> dict[str, int]:
    """How many rows change each column that has a tick of its own, in the order of the template."""
    counts = dict.fromkeys(FIELDS, 0)
    for row in rows:
        for column in {leading_of(row, one[0]) for one in row.changes}:
            counts[column] += 1
    return {column: count for column, count in counts.items() if count}
