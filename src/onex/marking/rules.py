"""A script's and a marking job's life as tables, and how the scores of items make the mark of a part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from onex import items
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow
from onex.items import Score


class ScriptState(StrEnum):
    COLLECTED = "collected"
    MARKING = "marking"
    SCORED = "scored"


class JobState(StrEnum):
    WAITING = "waiting"
    MARKED = "marked"


@dataclass(frozen=True)
class ScriptFacts:
    """How many of a script's jobs still wait."""

    waiting: int


def problems_on_finish(facts: ScriptFacts, at: datetime) -> list[Say]:
    return [say("还有 {n} 道题待考评员评分。", n=facts.waiting)] if facts.waiting else []


SCRIPT = Workflow(
    "marking.script",
    ScriptState.COLLECTED,
    Move("examine", (ScriptState.COLLECTED,), ScriptState.MARKING, "marking.progress", label=say("转人工评分")),
    Move(
        "finish",
        (ScriptState.COLLECTED, ScriptState.MARKING),
        ScriptState.SCORED,
        "marking.progress",
        problems_on_finish,
        label=say("完成评分"),
    ),
    label=say("答卷"),
    labels={
        ScriptState.COLLECTED: say("已收卷"),
        ScriptState.MARKING: say("待人工评分"),
        ScriptState.SCORED: say("已评分"),
    },
    tones={ScriptState.MARKING: "warn", ScriptState.SCORED: "good"},
)

JOB = Workflow(
    "marking.job",
    JobState.WAITING,
    Move("mark", (JobState.WAITING,), JobState.MARKED, "marking.mark", label=say("评分")),
    label=say("评分任务"),
    labels={JobState.WAITING: say("待评分"), JobState.MARKED: say("已评分")},
    tones={JobState.WAITING: "warn", JobState.MARKED: "good"},
)


# How continuous the chain of a script's answers was found at collection (docs/exam-room.md, "Bundles").
CHAIN_LABELS = {"ok": say("完整"), "gap": say("有缺口"), "fork": say("有分叉")}
STRAY_LABELS = {
    "unknown_entry": say("考生不在本场名单中"),
    "unknown_form": say("试卷不是本场选用的试卷"),
    "contradicts": say("与已收的答卷不一致"),
}


def score_all(contents: Mapping[str, Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, Score]:
    """The score of every item of a paper for one candidate's answers; an item without an answer scores its blank."""
    return {code: items.score(content, answers.get(code)) for code, content in contents.items()}


def total(scores: Iterable[Score]) -> Decimal:
    """The sum of what is certain so far, with one decimal."""
    return sum((score.points for score in scores), Decimal(0)).quantize(Decimal("0.1"))
