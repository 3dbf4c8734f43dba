"""What every kind of item offers, what scoring gives back, and how the kinds are found."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

from onex.common.text import Refused, Say, say


@dataclass(frozen=True)
class Criterion:
    """One row of a score: what was looked at, what it is worth, what was got and why.

    `got` is None while an examiner has still to decide. `explanation` is the author's note for the examiner.
    """

    id: str
    title: str | Say
    points: Decimal
    got: Decimal | None
    why: tuple[Say, ...] = ()
    explanation: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title.as_json() if isinstance(self.title, Say) else self.title,
            "points": str(self.points),
            "got": None if self.got is None else str(self.got),
            "why": [reason.as_json() for reason in self.why],
            "explanation": self.explanation,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Criterion:
        title, got = kept["title"], kept["got"]
        return cls(
            kept["id"],
            title if isinstance(title, str) else Say.from_json(title),
            Decimal(kept["points"]),
            None if got is None else Decimal(got),
            tuple(Say.from_json(reason) for reason in kept["why"]),
            kept["explanation"],
        )


@dataclass(frozen=True)
class Score:
    """The marks for one answer: exact decimals, whole in theory, one place in the practical; never a float."""

    max: Decimal
    criteria: tuple[Criterion, ...]
    notes: tuple[Say, ...] = ()  # facts that help an examiner: length, words to look at

    @property
    def points(self) -> Decimal:
        """What is certain so far; final once `needs_examiner` is empty."""
        return sum((row.got for row in self.criteria if row.got is not None), Decimal(0))

    @property
    def needs_examiner(self) -> tuple[Criterion, ...]:
        """The rows a person has still to mark."""
        return tuple(row for row in self.criteria if row.got is None)

    def with_marks(self, marks: Mapping[str, Decimal | None]) -> Score:
        """This score with the examiner's marks, by criterion id.

        Raises Refused when a mark is missing, out of range, finer than 0.5, or for a row that is not the examiner's.
        """
        reasons: list[Say] = []
        waiting = {row.id: row for row in self.needs_examiner}
        for unknown in marks.keys() - waiting.keys():
            reasons.append(say("“{criterion}”不是待评分项。", criterion=unknown))
        for row in waiting.values():
            mark = marks.get(row.id)
            if mark is None:
                reasons.append(say("请给“{criterion}”评分。", criterion=row.title))
            elif not mark.is_finite() or not 0 <= mark <= row.points or mark % HALF:
                reasons.append(
                    say(
                        "“{criterion}”应在 0～{points} 分之间，以 0.5 分为一档。",
                        criterion=row.title,
                        points=row.points,
                    )
                )
        if reasons:
            raise Refused(*reasons)
        marked = [
            replace(row, got=Decimal(marks[row.id] or 0), why=(say("考评员评分"),)) if row.id in waiting else row
            for row in self.criteria
        ]
        return replace(self, criteria=tuple(marked))

    def as_json(self) -> dict[str, Any]:
        """For a JSON column; points stay text, so that nothing is rounded on the way."""
        return {
            "max": str(self.max),
            "points": str(self.points),
            "criteria": [row.as_json() for row in self.criteria],
            "notes": [note.as_json() for note in self.notes],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Score:
        return cls(
            Decimal(kept["max"]),
            tuple(Criterion.from_json(row) for row in kept["criteria"]),
            tuple(Say.from_json(note) for note in kept["notes"]),
        )


HALF = Decimal("0.5")


@runtime_checkable
class Kind(Protocol):
    """A module of this package that offers these five names is a kind; its file name is the kind's code."""

    label: Say

    def public(self, content: Mapping[str, Any], /) -> dict[str, Any]:
        """What a candidate may see: built from named parts only, never by leaving parts out."""

    def problems(self, content: Mapping[str, Any], /) -> list[Say]:
        """The author's mistakes; never raises."""

    def check(self, public: Mapping[str, Any], answer: Any, /) -> list[Say]:
        """Why this answer cannot be kept; bounded in size, known ids, right types. Never raises on any JSON."""

    def score(self, content: Mapping[str, Any], answer: Any, /) -> Score:
        """The marks, for content without problems and any JSON answer."""


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its code, found by looking through this package."""
    found: dict[str, Kind] = {}
    package = import_module("onex.items")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            candidate: object = import_module(f"{package.__name__}.{module.name}")
            if isinstance(candidate, Kind):
                found[module.name] = candidate
    return found


def kind_of(content: Mapping[str, Any]) -> Kind:
    """The kind of this content or public part. Raises Refused when there is none of that name."""
    code = content.get("kind")
    kind = kinds().get(code) if isinstance(code, str) else None
    if kind is None:
        raise Refused(say("没有“{kind}”这种题型。", kind=str(code)[:40]))
    return kind


def total(criteria: Sequence[Criterion]) -> Decimal:
    """What these rows are worth together."""
    return sum((row.points for row in criteria), Decimal(0))
