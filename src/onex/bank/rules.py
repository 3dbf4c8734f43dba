"""A paper's life as a table, and how a theory paper is chosen from the bank: a small integer programme, seeded.

A paper is drawn so that every work task is touched, no two enemies meet, nothing already excluded comes again, and the
knowledge units are spread as evenly as the bank allows (guide: theory by knowledge unit).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from onex.common.text import Refused, Say, say
from onex.common.workflow import Move, Workflow


class Part(StrEnum):
    """The two parts of every level."""

    THEORY = "theory"
    PRACTICAL = "practical"

    @property
    def label(self) -> Say:
        return say("理论考核") if self is Part.THEORY else say("实训考核")


KIND_LABELS = {
    "single": say("单选题"),
    "multiple": say("多选题"),
    "scenario": say("情景分析题"),
    "form": say("表单操作"),
    "sheet": say("数据表"),
    "text": say("撰写任务"),
}


class PaperState(StrEnum):
    DRAFT = "draft"
    FROZEN = "frozen"
    RETIRED = "retired"


@dataclass(frozen=True)
class PaperFacts:
    """What freezing judges: the points of each section with what the scheme asks, tasks left out, enemies that met."""

    sections: Sequence[tuple[str, Any, Any]]  # (title, points found, points asked)
    untouched_tasks: Sequence[str]
    enemies: Sequence[tuple[str, str]]


def problems_on_freeze(facts: PaperFacts, at: datetime) -> list[Say]:
    """Everything that keeps this paper from being used in an exam."""
    found = [
        say("“{title}”现有 {found} 分，考核方案要求 {asked} 分。", title=title, found=found, asked=asked)
        for title, found, asked in facts.sections
        if found != asked
    ]
    if facts.untouched_tasks:
        found.append(say("没有题目涉及这些工作任务：{tasks}", tasks="、".join(facts.untouched_tasks)))
    found += [say("试题 {one} 与 {other} 不能同卷。", one=one, other=other) for one, other in facts.enemies]
    return found


PAPER = Workflow(
    "bank.paper",
    PaperState.DRAFT,
    Move("freeze", (PaperState.DRAFT,), PaperState.FROZEN, "bank.assemble", problems_on_freeze, label=say("封卷")),
    Move("retire", (PaperState.FROZEN,), PaperState.RETIRED, "bank.assemble", label=say("停用试卷"), needs_note=True),
    label=say("试卷"),
    labels={
        PaperState.DRAFT: say("草稿"),
        PaperState.FROZEN: say("已封卷"),
        PaperState.RETIRED: say("已停用"),
    },
    tones={PaperState.DRAFT: "neutral", PaperState.FROZEN: "good", PaperState.RETIRED: "warn"},
    acts={"assemble": say("组卷"), "build": say("导入实训卷")},
)


RETIRE_REASONS = (say("试题有误。"), say("已多次使用，停止使用。"), say("疑似泄露，立即停用。"))


@dataclass(frozen=True)
class Choice:
    """An item as assembly sees it."""

    code: str
    kind: str
    task: str
    unit: str
    enemies: frozenset[str] = frozenset()


def assemble(
    pool: Sequence[Choice], sections: Mapping[str, int], *, seed: int, exclude: Collection[str] = ()
) -> dict[str, list[str]]:
    """Item codes for each kind: `sections` says how many of each kind; the same seed gives the same paper.

    Raises Refused, in words, when the bank cannot give such a paper.
    """
    from ortools.sat.python import cp_model  # 0.4 s to import; only assembly needs it

    left = [choice for choice in pool if choice.code not in set(exclude) and choice.kind in sections]
    lacking = _lacking(left, sections)
    if lacking:
        raise Refused(*lacking)
    model = cp_model.CpModel()
    taken = {choice.code: model.new_bool_var(choice.code) for choice in left}
    for kind, count in sections.items():
        model.add(sum(taken[c.code] for c in left if c.kind == kind) == count)
    for one, other in _enemies(left):
        model.add(taken[one] + taken[other] <= 1)
    total = sum(sections.values())
    tasks = sorted({choice.task for choice in pool})
    for task in tasks:
        # Half an even share at least: every task is touched, and none can be emptied for the next paper.
        share = max(1, total // len(tasks) // 2)
        model.add(sum(taken[c.code] for c in left if c.task == task) >= share)
    units = sorted({choice.unit for choice in left})
    heaviest = model.new_int_var(0, total, "heaviest")
    for unit in units:
        model.add(sum(taken[c.code] for c in left if c.unit == unit) <= heaviest)
    chance = random.Random(seed)  # noqa: S311 (which paper, not a secret: the paper itself is sealed)
    model.minimize(heaviest * 1000 + sum(taken[c.code] * chance.randint(0, 99) for c in left))
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = 4.0
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise Refused(say("题库中剩余的题目组不成满足全部要求的试卷，请补充题目或减少排除的试卷。"))
    chosen = [choice for choice in left if solver.value(taken[choice.code])]
    return {kind: _shuffled([c.code for c in chosen if c.kind == kind], seed) for kind in sections}


def _lacking(left: Sequence[Choice], sections: Mapping[str, int]) -> list[Say]:
    return [
        say("{kind}需要 {count} 题，可用的只有 {there} 题。", kind=KIND_LABELS[kind], count=count, there=there)
        for kind, count in sections.items()
        if (there := sum(choice.kind == kind for choice in left)) < count
    ]


def _enemies(choices: Sequence[Choice]) -> Iterable[tuple[str, str]]:
    codes = {choice.code for choice in choices}
    pairs = {tuple(sorted((c.code, enemy))) for c in choices for enemy in c.enemies if enemy in codes}
    return sorted((one, other) for one, other in pairs)


def _shuffled(codes: list[str], seed: int) -> list[str]:
    mixed = sorted(codes)
    random.Random(seed).shuffle(mixed)  # noqa: S311
    return mixed


def enemies_among(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    """Pairs that must not stand in one paper and do."""
    return list(_enemies(choices))


def spread(choices: Iterable[Choice]) -> dict[str, dict[str, int]]:
    """How many items of each kind touch each task: {task: {kind: count}}."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for choice in choices:
        found[choice.task][choice.kind] += 1
    return {task: dict(kinds) for task, kinds in sorted(found.items())}
