"""专业: which codes of today an old code stands for, and on which days a major is mapped to a level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from onex.common.text import Say, say


@dataclass(frozen=True)
class Recognition:
    """What became of the codes of replaced catalogues. `links` leads from an old code to those that came after it.

    Rosters and lists keep the codes they were written with; wherever majors are compared, an old code counts as every
    major that it went into.
    """

    links: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _known: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)  # asked before

    def current(self, code: str) -> frozenset[str]:
        """The codes of today that this code stands for: itself, unless its major went into others."""
        found = self._known.get(code)
        if found is None:
            found = self._known[code] = self._current(code)
        return found

    def _current(self, code: str) -> frozenset[str]:
        seen, ends, open_ = {code}, set(), [code]
        while open_:
            one = open_.pop()
            later = self.links.get(one, frozenset())
            if not later:
                ends.add(one)
            fresh = later - seen
            seen |= fresh
            open_.extend(fresh)
        return frozenset(ends) or frozenset({code})  # links in a circle lead nowhere: the code stands for itself

    def current_of(self, codes: Iterable[str]) -> frozenset[str]:
        """The codes of today that these codes stand for."""
        return frozenset().union(*(self.current(code) for code in codes))

    def is_old(self, code: str) -> bool:
        """Whether the code belongs to a replaced catalogue and went into others."""
        return self.current(code) != frozenset({code})

    def is_among(self, code: str, codes: Iterable[str]) -> bool:
        """Whether the code and one of `codes` stand for a common major of today."""
        return bool(self.current(code) & self.current_of(codes))

    def spellings(self, codes: Iterable[str]) -> frozenset[str]:
        """Every code, old and new, that `is_among` these: what a look-up by code asks for."""
        wanted = tuple(codes)
        today = self.current_of(wanted)
        return frozenset(wanted) | today | {old for old in self.links if self.current(old) & today}


def is_mapped_on(from_on: date | None, until_on: date | None, day: date) -> bool:
    """Whether a mapping with these days holds on this one; the day it ends on is the first without it."""
    return (from_on is None or from_on <= day) and (until_on is None or day < until_on)


@dataclass(frozen=True)
class EditFacts:
    """What is judged when an organisation changes the mapped majors of a level."""

    note: str
    day: date | None
    today: date
    count: int
    left_count: int = 1  # how many majors stay mapped


def problems_on_edit(facts: EditFacts) -> list[Say]:
    """Why mapped majors may not be added or removed like this."""
    found = []
    if facts.count < 1:
        found.append(say("请至少选择一个专业。"))
    if not facts.note.strip():
        found.append(say("请写明理由：院校和主管部门会看到。"))
    if facts.day is None:
        found.append(say("请填写生效日期，例如 2026-09-01。"))
    elif facts.day < facts.today:
        found.append(say("生效日期不能早于今天：已经办理的报名和申报不能事后改变。"))
    if facts.left_count < 1:
        found.append(say("至少保留一个对应专业；否则没有学生可以报名该等级。"))
    return found
