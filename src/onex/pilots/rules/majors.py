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
    today = {code: known.current(code) & allowed for code in named}
    of_roster = {code: known.current(code) & allowed for code in roster}
    lines = tuple(
        MajorCount(code, name, sum(count for one, count in roster.items() if of_roster[one] & today[code]))
        for code, name in named.items()
    )
    together = frozenset().union(*today.values())
    return lines, sum(count for one, count in roster.items() if of_roster[one] & together)
