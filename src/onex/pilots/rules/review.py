"""What reviewing is made of: the fields remarks are on, the signals a queue is sorted by, decisions on many at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow


class Field(StrEnum):
    """A part of the application that a remark can be on, in the order of the form; WHOLE is all of it."""

    WHOLE = "whole"
    REQUESTED_COUNT = "requested_count"
    LEVEL = "level"
    DECLARED_MAJORS = "declared_majors"
    TEACHING_STAFF = "teaching_staff"
    FACILITIES = "facilities"
    MATERIALS = "materials"


FIELD_LABELS = {
    Field.WHOLE: say("整份申报"),
    Field.REQUESTED_COUNT: say("申请培训总人数"),
    Field.LEVEL: say("试点证书"),
    Field.DECLARED_MAJORS: say("拟申报专业"),
    Field.TEACHING_STAFF: say("师资情况"),
    Field.FACILITIES: say("场地情况"),
    Field.MATERIALS: say("其他佐证材料"),
}
FIELDS = [(field.value, field.name) for field in Field]


class Signal(StrEnum):
    """What makes a reviewer look twice at an application. A signal decides nothing."""

    MORE_THAN_ROSTER = "more_than_roster"  # asked for more than the roster has students of those majors
    LITTLE_USED = "little_used"  # used less than half of what the same level was granted the year before
    SAME_TEXT = "same_text"  # describes staff or rooms in another school's words
    FEW_MACHINES = "few_machines"  # fewer machines than a quarter of the places asked for
    MATERIAL_MISSING = "material_missing"  # a material the plan asks for was not handed in


SIGNAL_LABELS = {
    Signal.MORE_THAN_ROSTER: say("申请人数超过在籍学生数"),
    Signal.LITTLE_USED: say("上年度名额使用不足一半"),
    Signal.SAME_TEXT: say("文字与其他院校相同"),
    Signal.FEW_MACHINES: say("学生机少于申请人数的四分之一"),
    Signal.MATERIAL_MISSING: say("缺少要求的材料"),
}
SIGNALS = [(signal.value, signal.name) for signal in Signal]
# The same in a few characters, for a row of the queue.
SIGNAL_MARKS = {
    Signal.MORE_THAN_ROSTER: say("超在籍"),
    Signal.LITTLE_USED: say("上年少用"),
    Signal.SAME_TEXT: say("文字雷同"),
    Signal.FEW_MACHINES: say("机台不足"),
    Signal.MATERIAL_MISSING: say("缺材料"),
}
# How much each counts until somebody says otherwise; the table SignalWeight is filled with these.
DEFAULT_WEIGHTS = {
    Signal.MORE_THAN_ROSTER: 30,
    Signal.LITTLE_USED: 20,
    Signal.SAME_TEXT: 25,
    Signal.FEW_MACHINES: 15,
    Signal.MATERIAL_MISSING: 40,
}

MOST_WEIGHT = 100


def risk_of(signals: set[Signal], weights: Mapping[str, int]) -> int:
    """What an application counts in the order of the queue: the weights of its signals together."""
    return sum(weights.get(signal, 0) for signal in signals)


# The moves that decide: nobody makes them for the own school.
DECIDING = ("pass", "approve", "return", "reject", "correct")
CONFLICT = say("您在该校任职，须回避，不能审核本单位的申报。请分派给其他人办理。")
STALE = say("这份申报刚刚有变动，请刷新后再看：下面是现在的内容，您填写的意见已保留，核对后可再次办理。")
SOON = timedelta(days=3)  # a deadline this near is called out, and reminded of
LONGEST_REMARK = 500  # characters


class Outlook(StrEnum):
    """How much time a school has to correct what is returned."""

    PAST = "past"
    SOON = "soon"
    FINE = "fine"


def corrections_end(closes_at: datetime, corrections_until: datetime | None) -> datetime:
    """Until when a returned application may be handed in again."""
    return max(closes_at, corrections_until) if corrections_until else closes_at


def outlook(ends_at: datetime, at: datetime) -> Outlook:
    """What a reviewer is warned of before returning."""
    if at >= ends_at:
        return Outlook.PAST
    return Outlook.SOON if ends_at - at <= SOON else Outlook.FINE


def reason_of(note: str, remarks: Mapping[str, str]) -> str:
    """The reason that a return's trace keeps: what was said of the whole, or else what was said of single fields."""
    if note.strip():
        return note.strip()
    return "；".join(
        str(say("{field}：{text}", field=FIELD_LABELS[Field(one)], text=text)) for one, text in remarks.items()
    )


def problems_with_remarks(note: str, remarks: Mapping[str, str]) -> list[Say]:
    """A return says something: of the whole or of single fields, each in at most 500 characters."""
    if not note.strip() and not remarks:
        return [say("请写明理由：可填总体理由，也可只在有问题的项目下写意见。")]
    return [
        say("“{field}”的意见过长，最多 {n} 个字。", field=FIELD_LABELS[Field(one)], n=LONGEST_REMARK)
        for one, text in remarks.items()
        if len(text) > LONGEST_REMARK
    ]


class BatchSource(StrEnum):
    SCREEN = "screen"
    SHEET = "sheet"


class BatchState(StrEnum):
    PREVIEW = "preview"
    DONE = "done"
    DROPPED = "dropped"


# Decisions on many applications: nothing is decided before they are confirmed.
DECISIONS = Workflow(
    "pilots.decision_batch",
    BatchState.PREVIEW,
    Move("confirm", (BatchState.PREVIEW,), BatchState.DONE, "pilots.decide_many", label=say("确认办理")),
    Move("drop", (BatchState.PREVIEW,), BatchState.DROPPED, "pilots.decide_many", label=say("放弃")),
    label=say("批量办理"),
    labels={
        BatchState.PREVIEW: say("待确认"),
        BatchState.DONE: say("已办理"),
        BatchState.DROPPED: say("已放弃"),
    },
    tones={BatchState.PREVIEW: "info", BatchState.DONE: "good"},
)
