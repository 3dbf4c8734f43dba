"""批量办理: decisions on many applications, each line judged by itself and against the totals of its plan."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from onex.common.text import Say, say
from onex.pilots.rules.applications import (
    APPLICATION_BY_CITY,
    ApplicationState,
    ApprovalFacts,
    TotalFacts,
    problems_on_approve,
)
from onex.pilots.rules.review import CONFLICT, Field

MOST_LINES = 3_000
LONGEST_NOTE = 1_000


class Decision(StrEnum):
    """结论 of one line. APPROVE is the province's word, PASS the city's."""

    APPROVE = "approve"
    PASS = "pass"  # noqa: S105
    RETURN = "return"
    REJECT = "reject"


DECISION_LABELS = {
    Decision.APPROVE: say("通过"),
    Decision.PASS: say("同意上报"),
    Decision.RETURN: say("退回"),
    Decision.REJECT: say("不予通过"),
}
# What is written in a sheet, in whichever language the page is read: the file is data.
SHEET_WORDS = {
    "通过": Decision.APPROVE,
    "同意上报": Decision.PASS,
    "退回": Decision.RETURN,
    "不予通过": Decision.REJECT,
}
# What each of the two reviewing offices may conclude, by the state that waits for it.
POSSIBLE = {
    ApplicationState.CITY_REVIEW: (Decision.PASS, Decision.RETURN),
    ApplicationState.PROVINCE_REVIEW: (Decision.APPROVE, Decision.RETURN, Decision.REJECT),
}


@dataclass(frozen=True)
class Line:
    """One line as ticked or typed: texts, judged only when looked at. `row` is its number in the sheet."""

    row: int
    application: str
    revision: str
    decision: str
    approved_count: str
    note: str
    school: str = ""
    certificate: str = ""


@dataclass(frozen=True)
class LineFacts:
    """The application of a line as it is now. `totals` are keyed; `granted` of them does not count this batch."""

    state: str
    waits: bool  # for this reviewer
    revision: int
    requested_count: int
    is_conflict: bool
    totals: Mapping[str, TotalFacts] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A line with what will be done, or with the one reason why not and its column."""

    line: Line
    decision: Decision | None = None
    approved_count: int | None = None
    column: str = ""
    reason: Say | None = None

    @property
    def verdict(self) -> str:
        """bad, same (nothing was written in it) or the decision."""
        return "bad" if self.reason else str(self.decision or "same")

    @property
    def is_mendable(self) -> bool:
        """Whether other words in the line would help: not when the application itself is not to be decided."""
        return self.reason is not None and self.column in ("decision", "approved_count", "note")

    @property
    def column_label(self) -> Say:
        return COLUMN_LABELS[self.column]


COLUMN_LABELS = {
    "application": say("编号"),
    "revision": say("修订"),
    "decision": say("结论"),
    "approved_count": say("批准人数"),
    "note": say("意见"),
    "": say("整行"),
}


def judge(lines: Iterable[Line], facts: Mapping[str, LineFacts], at: datetime) -> list[Judged]:
    """Every line in order; what earlier lines grant counts against the totals of later ones."""
    granted: dict[str, int] = defaultdict(int)
    first: dict[str, int] = {}
    found = []
    for line in lines:
        key = line.application.strip().lower()
        judged = _judged(line, facts.get(key), first.get(key), granted, at)
        if key and judged.verdict != "same":
            first.setdefault(key, line.row)
        found.append(judged)
    return found


def counts_of(judged: Iterable[Judged]) -> dict[str, int]:
    """How many lines of each verdict."""
    counts = dict.fromkeys((*(one.value for one in Decision), "same", "bad"), 0)
    for one in judged:
        counts[one.verdict] += 1
    return counts


def said_in(line: Line, *, by_city: bool) -> Decision | None:
    """What a line says, whether it may or not: how a batch is read once it is decided, or offered to be mended."""
    said = _said(line.decision)
    if said is None and not line.decision and whole_number(line.approved_count):
        said = Decision.APPROVE
    return Decision.PASS if by_city and said == Decision.APPROVE else said


def whole_number(text: str) -> int | None:
    """A count as people type it, full-width digits and thousands included; None when it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 9 else None


def _judged(line: Line, facts: LineFacts | None, before: int | None, granted: dict[str, int], at: datetime) -> Judged:
    def bad(column: str, reason: Say) -> Judged:
        return Judged(line, column=column, reason=reason)

    if not (line.decision or line.approved_count or line.note):
        return Judged(line)
    if facts is None:
        return bad("application", say("找不到这份申报，或它不在您的审核范围内。请从审核工作台重新导出。"))
    if before is not None:
        return bad("application", say("与第 {n} 行是同一份申报，只保留一行。", n=before))
    if not facts.waits:
        word = APPLICATION_BY_CITY.word(facts.state)
        return bad("", say("当前状态为“{state}”，不在待您审核之列。", state=word))
    if line.revision != str(facts.revision):
        return bad("revision", say("导出后申报有变动，请重新导出，按最新内容办理。"))
    if facts.is_conflict:
        return bad("", CONFLICT)
    decision = _decision_of(line, facts)
    if not isinstance(decision, Decision):
        return bad("decision", decision)
    if (problem := _problem_with(line, decision, facts, granted, at)) is not None:
        return bad(*problem)
    count = whole_number(line.approved_count) if decision == Decision.APPROVE else None
    for key in facts.totals:
        granted[key] += count or 0
    return Judged(line, decision, count)


def _decision_of(line: Line, facts: LineFacts) -> Decision | Say:
    possible = POSSIBLE[ApplicationState(facts.state)]
    words = "、".join(str(_as_said(one)) for one in possible)
    if not line.decision:
        if line.approved_count and Decision.APPROVE in possible and (whole_number(line.approved_count) or 0) > 0:
            return Decision.APPROVE  # a number of places says it all
        return say("没有填写结论，可填：{words}。", words=words)
    asked = _said(line.decision)
    if asked == Decision.APPROVE and Decision.PASS in possible:
        asked = Decision.PASS
    return (
        asked
        if asked in possible
        else say("结论“{word}”不能办理，可填：{words}。", word=line.decision[:20], words=words)
    )


def _said(text: str) -> Decision | None:
    return SHEET_WORDS.get(text.strip()) or next((one for one in Decision if one == text), None)


def _as_said(decision: Decision) -> Say:
    return DECISION_LABELS[Decision.APPROVE if decision == Decision.PASS else decision]


def _problem_with(
    line: Line, decision: Decision, facts: LineFacts, granted: Mapping[str, int], at: datetime
) -> tuple[str, Say] | None:
    if len(line.note) > LONGEST_NOTE:
        return "note", say("意见过长，最多 {n} 个字。", n=LONGEST_NOTE)
    if decision in (Decision.RETURN, Decision.REJECT):
        if line.approved_count and whole_number(line.approved_count) != 0:
            return "approved_count", say("结论为“{word}”时不填批准人数。", word=DECISION_LABELS[decision])
        return (
            None if line.note.strip() else ("note", say("结论为“{word}”时请写明意见。", word=DECISION_LABELS[decision]))
        )
    if decision == Decision.PASS:
        return None
    count = whole_number(line.approved_count)
    if line.approved_count and count is None:
        return "approved_count", say("批准人数请填写整数。")
    totals = tuple(TotalFacts(one.label, one.total, one.granted + granted[key]) for key, one in facts.totals.items())
    problems = problems_on_approve(ApprovalFacts(facts.requested_count, count, line.note, totals), at)
    if not problems:
        return None
    lacks_reason = count is not None and 0 < count < facts.requested_count and not line.note.strip()
    return ("note" if lacks_reason else "approved_count"), problems[0]


def remarked(texts: Mapping[str, str]) -> dict[str, str]:
    """The remarks of a form by field, in its order, without the empty ones and without unknown fields."""
    return {one.value: texts[one].strip() for one in Field if texts.get(one, "").strip()}
