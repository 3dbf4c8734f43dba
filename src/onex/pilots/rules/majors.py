"""拟申报专业 as figures: whose students a choice of majors lets in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from onex.catalog.rules import Recognition


@dataclass(frozen=True)
class MajorCount:
    """One major of a choice with the number of rostered students it lets in."""

    code: str
    name: str
    count: int


def counts_of_majors(
    named: Mapping[str, str], roster: Mapping[str, int], mapped: Iterable[str], known: Recognition
) -> tuple[tuple[MajorCount, ...], int]:
    """The students of each named major (code → name), and of all together, each student counted once.

    `roster` says how many students a code has. What is not mapped to the level lets nobody in.
    """
    allowed = known.current_of(mapped)
    lines = tuple(
        MajorCount(code, name, students_let_in([code], roster, allowed, known)) for code, name in named.items()
    )
    return lines, students_let_in(named, roster, allowed, known)


def students_let_in(codes: Iterable[str], roster: Mapping[str, int], mapped: Iterable[str], known: Recognition) -> int:
    """How many students of this roster majors with these codes let in for a level that maps `mapped`.

    The one count of 在籍 there is: what the form tells a school, a reviewer's signal compares with what was asked for.
    """
    wanted = known.current_of(codes) & known.current_of(mapped)
    return sum(count for code, count in roster.items() if known.current(code) & wanted)
