"""The independent scorer: it holds the key, read from the authors' YAML files, and knows nothing of the product.

Theory: an answer is right when it equals the key; any wrong, extra or missing letter makes it 0. Practical: answers are
parts of the author's model answer, so a checkpoint is worth all of its points when every field it names is there as in
the model, else nothing; the order of the shopping bag (`link_*`) is kept or dropped as a whole, because an order is
scored by pairs. The written task has the points that the demo's own assessor gives.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

HALF = Decimal("0.5")
Content = Mapping[str, Any]


def halves(points: Any) -> int:
    """Points as whole halves: every checkpoint and criterion of these items is a multiple of 0.5."""
    found = Decimal(str(points)) / HALF
    if found != int(found):
        raise ValueError(f"{points} is no multiple of 0.5")
    return int(found)


def points_of(count: int) -> Decimal:
    return (HALF * count).quantize(Decimal("0.1"))


@dataclass(frozen=True, eq=False)
class Unit:
    """Checkpoints of one item that hang together by their fields: kept together or dropped together."""

    item: str
    fields: tuple[str, ...]
    worth: int  # halves
    checkpoints: tuple[Content, ...]


@dataclass
class Bank:
    """The authors' files of one level, with keys."""

    theory: dict[str, Content]
    practical: dict[str, Content]
    files: list[Path]

    @classmethod
    def read(cls, folder: Path) -> Bank:
        theory: dict[str, Content] = {}
        practical: dict[str, Content] = {}
        files = sorted(folder.glob("theory-*.yaml")) + sorted(folder.glob("practical-*.yaml"))
        for file in files:
            document = yaml.safe_load(file.read_text(encoding="utf-8"))
            if isinstance(document, list):
                theory |= {item["code"]: item for item in document}
            else:
                practical |= {item["code"]: item for module in document["modules"] for item in module["items"]}
        return cls(theory, practical, files)

    # --- what answers are worth

    def theory_points(self, answers: Mapping[str, Any]) -> Decimal:
        """What these answers are worth; an item that is not in the files is an error, never a zero."""
        total = Decimal(0)
        for code, answer in answers.items():
            item = self.theory[code]
            key = item["key"]
            right = sorted(answer) == sorted(key) if isinstance(key, list) and answer is not None else answer == key
            total += Decimal(str(item["points"])) if right else 0
        return total.quantize(Decimal("0.1"))

    def practical_points(self, answers: Mapping[str, Any], written: Decimal = Decimal(0)) -> Decimal:
        """What these answers are worth, with the assessor's points for the written task."""
        total = written
        for code, answer in answers.items():
            item = self.practical[code]
            if item["kind"] == "text":
                continue
            model = item["model_answer"]
            for checkpoint in item["checkpoints"]:
                if all(_same(answer.get(name), model.get(name)) for name in fields_of(checkpoint)):
                    total += Decimal(str(checkpoint["points"]))
        return total.quantize(Decimal("0.1"))

    # --- planning answers that reach a wanted score

    def plan_theory(self, codes: Sequence[str], wanted: int, chance: random.Random) -> dict[str, Any]:
        """Answers to these items that are worth exactly `wanted` points; some wrong ones are blank.

        Raises ValueError when the paper cannot give that.
        """
        order = list(codes)
        chance.shuffle(order)
        # Items of two points first: what they leave over, the ones of a single point can always make up.
        order.sort(key=lambda code: -int(self.theory[code]["points"]))
        spoilt: set[str] = set()
        excess = sum(int(self.theory[code]["points"]) for code in order) - wanted
        big = [code for code in order if int(self.theory[code]["points"]) == 2]
        small = [code for code in order if int(self.theory[code]["points"]) == 1]
        most_big = min(len(big), excess // 2)
        least_big = max(0, -(-(excess - len(small)) // 2))
        if excess < 0 or least_big > most_big:
            raise ValueError(f"{wanted} points cannot be planned on this paper")
        count = chance.randint(least_big, most_big)
        spoilt |= set(big[:count]) | set(small[: excess - 2 * count])
        answers = {code: self._wrong(code, chance) if code in spoilt else self.theory[code]["key"] for code in codes}
        answers = {code: sorted(answer) if isinstance(answer, list) else answer for code, answer in answers.items()}
        if self.theory_points(answers) != wanted:
            raise ValueError(f"planned {wanted}, but these answers are worth {self.theory_points(answers)}")
        return answers

    def _wrong(self, code: str, chance: random.Random) -> Any:
        """A wrong answer: another letter, one letter too few or too many, or none."""
        item = self.theory[code]
        letters, key = list(item["options"]), item["key"]
        if chance.random() < 0.2:
            return None
        if not isinstance(key, list):
            return chance.choice([letter for letter in letters if letter != key])
        others = [letter for letter in letters if letter not in key]
        if others and chance.random() < 0.5:
            return sorted([*key, chance.choice(others)])
        return sorted(key)[:-1] or None

    @cached_property
    def units(self) -> list[Unit]:
        return [unit for code, item in self.practical.items() if item["kind"] != "text" for unit in _units(code, item)]

    def plan_practical(self, wanted: Decimal, written: Decimal, chance: random.Random) -> dict[str, Any]:
        """Answers that are worth exactly `wanted` with `written` points for the written task (not among them).

        Raises ValueError when the paper cannot give that.
        """
        units = list(self.units)
        chance.shuffle(units)
        kept = _subset(units, halves(wanted - written))
        answers: dict[str, Any] = {}
        for unit in units:
            model = self.practical[unit.item]["model_answer"]
            given = answers.setdefault(unit.item, {})
            if unit in kept:
                given |= {name: model[name] for name in unit.fields}
            else:
                given |= self._spoilt(unit, model, chance)
        if self.practical_points(answers, written) != wanted:
            raise ValueError(f"planned {wanted}, these answers are worth {self.practical_points(answers, written)}")
        return answers

    def _spoilt(self, unit: Unit, model: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
        """A unit that is worth nothing: left blank, half done, or another option chosen."""
        if any(checkpoint["kind"] not in ("E", "C", "N") for checkpoint in unit.checkpoints):
            return {}
        how = chance.randrange(3)
        if how == 0:
            # A setting of several fields of which one is missing is worth nothing.
            left_out = chance.choice(unit.fields)
            if all(left_out in fields_of(checkpoint) for checkpoint in unit.checkpoints):
                return {name: model[name] for name in unit.fields if name != left_out}
        if how == 1 and len(unit.fields) == 1 and unit.checkpoints[0]["kind"] == "E":
            options = _options(self.practical[unit.item], unit.fields[0])
            others = [one for one in options if one != model[unit.fields[0]]]
            if others and isinstance(model[unit.fields[0]], str):
                return {unit.fields[0]: chance.choice(others)}
        return {}

    def text_item(self) -> Content:
        """The one task that a person marks."""
        found = [item for item in self.practical.values() if item["kind"] == "text"]
        if len(found) != 1:
            raise ValueError(f"the practical paper has {len(found)} written tasks, not one")
        return found[0]


def fields_of(checkpoint: Content) -> list[str]:
    """The fields that a checkpoint names, each once."""
    if checkpoint["kind"] == "C":
        named = [rule["field"] for rule in checkpoint["expected"]]
    else:
        named = checkpoint.get("fields") or checkpoint.get("field") or checkpoint["cell"]
        named = [named] if isinstance(named, str) else list(named)
    return list(dict.fromkeys(named))


def _same(given: Any, model: Any) -> bool:
    if isinstance(given, list) and isinstance(model, list):
        return sorted(given) == sorted(model)
    return given is not None and given == model


def _units(code: str, item: Content) -> list[Unit]:
    """Checkpoints joined wherever they share a field."""
    groups: list[tuple[set[str], list[Content]]] = []
    for checkpoint in item["checkpoints"]:
        named, joined = set(fields_of(checkpoint)), [checkpoint]
        apart = []
        for fields, members in groups:
            if fields & named:
                named, joined = named | fields, members + joined
            else:
                apart.append((fields, members))
        groups = [*apart, (named, joined)]
    return [
        Unit(code, tuple(sorted(fields)), sum(halves(one["points"]) for one in members), tuple(members))
        for fields, members in groups
    ]


def _subset(units: Sequence[Unit], wanted: int) -> set[Unit]:
    """Units worth exactly so many halves, by dynamic programming. Raises ValueError when there are none."""
    reached: dict[int, tuple[int, int] | None] = {0: None}  # sum → (unit added last, sum before)
    for place, unit in enumerate(units):
        for total in sorted(reached, reverse=True):
            if total + unit.worth <= wanted and total + unit.worth not in reached:
                reached[total + unit.worth] = (place, total)
    if wanted not in reached:
        raise ValueError(f"no choice of answers is worth {points_of(wanted)} points")
    chosen, total = set(), wanted
    while (step := reached[total]) is not None:
        chosen.add(units[step[0]])
        total = step[1]
    return chosen


def _options(item: Content, name: str) -> list[str]:
    fields = [field for group in item.get("groups", ()) for field in group["fields"] if field["id"] == name]
    return list(fields[0].get("options", ())) if fields else []


# --- the written task


@dataclass(frozen=True)
class Writing:
    """A candidate's text and the points that the demo's assessor gives, criterion by criterion."""

    text: str
    marks: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def points(self) -> Decimal:
        return sum(self.marks.values(), Decimal(0)).quantize(Decimal("0.1"))


def plan_writing(item: Content, points: Decimal, hand: str, chance: random.Random) -> Writing:
    """A text in this candidate's own `hand` (a word that nobody else uses) and marks that add up to `points`.

    Without points there is no text at all: a blank answer scores 0 without an assessor.
    """
    if points == 0:
        return Writing("")
    left: dict[str, int] = {row["id"]: halves(row["points"]) for row in item["criteria"]}
    given = dict.fromkeys(left, 0)
    for _ in range(halves(points)):
        name = chance.choice([name for name, rest in left.items() if rest])
        left[name] -= 1
        given[name] += 1
    text = item["model_answer"].strip().replace("小禾", hand)
    return Writing(text, {name: points_of(count) for name, count in given.items()})


# --- what each candidate is going to reach


@dataclass(frozen=True)
class Aim:
    """The part a candidate plays and the points it is to bring."""

    role: str  # absent, interrupted, or ""
    theory: int | None = None
    practical: Decimal | None = None
    written: Decimal = Decimal(0)

    @property
    def passes(self) -> bool:
        return self.theory is not None and self.practical is not None and self.theory >= 60 <= self.practical


def aims(count: int, chance: random.Random) -> list[Aim]:
    """The cases that matter first, then ordinary candidates of whom about four in five pass."""
    found = [
        Aim("", 60, Decimal(60), Decimal("9.0")),
        Aim("", 59, Decimal(100), Decimal("15.0")),
        Aim("", 100, Decimal(59), Decimal("11.5")),
        Aim("absent"),
        Aim("interrupted", 78, Decimal("81.5"), Decimal("12.5")),
        Aim("", 100, Decimal(100), Decimal("15.0")),
        Aim("", 65, Decimal("59.5"), Decimal("0")),  # nothing is rounded up; and nothing written
    ]
    while len(found) < count:
        is_good = chance.random() < 0.85
        theory = chance.randint(60, 98) if is_good else chance.randint(35, 75)
        practical = points_of(chance.randint(120, 190) if is_good else chance.randint(70, 150))
        written = max(points_of(chance.randint(10, 28)), practical - 85)  # 85 is what the machine can give
        found.append(Aim("", theory, practical, written))
    return found[:count]
