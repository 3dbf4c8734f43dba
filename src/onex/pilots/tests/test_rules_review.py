"""Risk, remarks, deadlines of a return, differences between texts, lines of a batch: without a database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.pilots.rules import (
    CONFLICT,
    Decision,
    Line,
    LineFacts,
    Outlook,
    Signal,
    TotalFacts,
    corrections_end,
    counts_of,
    differences,
    judge,
    outlook,
    problems_with_remarks,
    reason_of,
    risk_of,
)
from onex.pilots.tests.factories import DAY, NOON

TEXTS = st.text(alphabet="机房共三间，台学生。；a1 \n", max_size=60)


def marked(before: str, after: str) -> str:
    signs = {"same": "{}", "gone": "[-{}]", "new": "[+{}]"}
    return "".join(signs[one.kind].format(one.text) for one in differences(before, after))


# --- differences


@given(TEXTS, TEXTS)
def test_what_stayed_and_what_came_is_the_new_text_and_with_what_went_the_old(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(one.text for one in pieces if one.kind != "gone") == after
    assert "".join(one.text for one in pieces if one.kind != "new") == before


@given(TEXTS)
def test_an_unchanged_text_has_nothing_marked(text: str) -> None:
    assert {one.kind for one in differences(text, text)} <= {"same"}


def test_only_the_word_that_changed_is_marked() -> None:
    assert marked("机房 3 间，学生机 120 台。", "机房 3 间，学生机 156 台。") == "机房 3 间，学生机 [-120][+156] 台。"
    assert marked("专任教师 12 人", "专任教师 12 人，双师型 9 人") == "专任教师 12 人[+，双师型 9 人]"
    assert marked("有监控。有空调。", "有监控。") == "有监控。[-有空调。]"


def test_clauses_with_little_in_common_are_shown_one_after_the_other() -> None:
    assert marked("机房若干", "全部教室装有监控") == "[-机房若干][+全部教室装有监控]"


def test_two_long_texts_of_one_character_are_compared_at_once() -> None:
    pieces = differences("的" * 4000, "地" * 4000)
    assert [one.kind for one in pieces] == ["gone", "new"]


# --- risk, remarks, the deadline of a return


def test_a_signal_counts_its_weight_and_one_without_weight_nothing() -> None:
    weights = {Signal.SAME_TEXT: 25, Signal.FEW_MACHINES: 0}
    assert risk_of({Signal.SAME_TEXT, Signal.FEW_MACHINES, Signal.LITTLE_USED}, weights) == 25
    assert risk_of(set(), weights) == 0


def test_a_return_says_something_of_the_whole_or_of_a_field() -> None:
    assert "请写明理由" in str(problems_with_remarks(" ", {})[0])
    assert problems_with_remarks("请补充", {}) == []
    assert problems_with_remarks("", {"facilities": "请写明学生机台数"}) == []
    assert "“场地情况”的意见过长，最多 500 个字" in str(problems_with_remarks("", {"facilities": "长" * 501})[0])


def test_the_reason_of_a_return_is_what_was_said_of_the_whole_else_of_the_fields() -> None:
    remarks = {"teaching_staff": "缺双师型人数", "facilities": "缺监控"}
    assert reason_of("请修改", remarks) == "请修改"
    assert reason_of("", remarks) == "师资情况：缺双师型人数；场地情况：缺监控"


def test_a_returned_application_may_be_corrected_until_the_later_of_the_two_ends() -> None:
    assert corrections_end(NOON, None) == NOON
    assert corrections_end(NOON, NOON + DAY) == NOON + DAY
    assert corrections_end(NOON, NOON - DAY) == NOON


def test_a_deadline_within_three_days_is_soon_and_its_own_minute_is_past() -> None:
    assert outlook(NOON, NOON) == Outlook.PAST
    assert outlook(NOON, NOON - timedelta(minutes=1)) == Outlook.SOON
    assert outlook(NOON, NOON - 3 * DAY) == Outlook.SOON
    assert outlook(NOON, NOON - 3 * DAY - timedelta(minutes=1)) == Outlook.FINE


# --- lines of a batch

WAITS = LineFacts(state="province_review", waits=True, revision=3, requested_count=80, is_conflict=False)
AT_CITY = LineFacts(state="city_review", waits=True, revision=3, requested_count=80, is_conflict=False)


def a_line(row: int = 2, application: str = "a", **values: str) -> Line:
    return Line(row, application, **({"revision": "3", "decision": "", "approved_count": "", "note": ""} | values))


def judged(line: Line, facts: LineFacts | None = WAITS):
    (found,) = judge([line], {"a": facts} if facts else {}, NOON)
    return found


def why(line: Line, facts: LineFacts | None = WAITS) -> tuple[str, str]:
    found = judged(line, facts)
    assert found.verdict == "bad"
    return found.column, str(found.reason)


def test_a_line_nobody_wrote_in_is_left_alone() -> None:
    assert judged(a_line()).verdict == "same"
    assert judged(a_line(), None).verdict == "same"


@pytest.mark.parametrize(
    ("word", "count", "note", "expected"),
    [
        ("通过", "80", "", (Decision.APPROVE, 80)),
        ("通过", "８０", "", (Decision.APPROVE, 80)),
        ("", "60", "机房容量", (Decision.APPROVE, 60)),
        ("通过", "60", "机房容量", (Decision.APPROVE, 60)),
        ("退回", "", "请补充", (Decision.RETURN, None)),
        ("退回", "0", "请补充", (Decision.RETURN, None)),
        ("不予通过", "", "条件不足", (Decision.REJECT, None)),
    ],
)
def test_a_line_is_read_as_an_officer_means_it(word: str, count: str, note: str, expected) -> None:
    found = judged(a_line(decision=word, approved_count=count, note=note))
    assert (found.decision, found.approved_count) == expected


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"note": "好"}, "decision", "没有填写结论，可填：通过、退回、不予通过"),
        ({"decision": "同意"}, "decision", "结论“同意”不能办理"),
        ({"decision": "通过"}, "approved_count", "请填写批准培训总人数"),
        ({"decision": "通过", "approved_count": "八十"}, "approved_count", "请填写整数"),
        ({"decision": "通过", "approved_count": "60.5"}, "approved_count", "请填写整数"),
        ({"decision": "通过", "approved_count": "-5"}, "approved_count", "请填写整数"),
        ({"decision": "通过", "approved_count": "81"}, "approved_count", "不能超过申请的 80 人"),
        ({"decision": "通过", "approved_count": "0"}, "approved_count", "至少为 1"),
        ({"decision": "通过", "approved_count": "60"}, "note", "少于申请的 80 人，请写明理由"),
        ({"decision": "退回"}, "note", "结论为“退回”时请写明意见"),
        ({"decision": "不予通过", "approved_count": "20", "note": "x"}, "approved_count", "不填批准人数"),
        ({"decision": "退回", "note": "长" * 1001}, "note", "意见过长"),
        ({"decision": "通过", "approved_count": "80", "revision": "2"}, "revision", "导出后申报有变动"),
    ],
)
def test_a_wrong_line_says_its_one_reason_and_its_column(values: dict, column: str, words: str) -> None:
    found = why(a_line(**values))
    assert found[0] == column
    assert words in found[1]


def test_a_line_of_a_foreign_or_unknown_application_is_not_told_which() -> None:
    column, reason = why(a_line(decision="通过", approved_count="80"), None)
    assert (column, "找不到这份申报，或它不在您的审核范围内" in reason) == ("application", True)


def test_a_line_decided_meanwhile_says_what_it_is_now() -> None:
    done = LineFacts(state="withdrawn", waits=False, revision=3, requested_count=80, is_conflict=False)
    assert "当前状态为“已撤回”" in why(a_line(decision="通过", approved_count="80"), done)[1]


def test_nobody_decides_on_the_own_school_by_sheet_either() -> None:
    own = LineFacts(state="province_review", waits=True, revision=3, requested_count=80, is_conflict=True)
    assert why(a_line(decision="通过", approved_count="80"), own)[1] == str(CONFLICT)


def test_a_city_passes_on_or_returns_and_refuses_nothing() -> None:
    assert judged(a_line(decision="通过"), AT_CITY).decision == Decision.PASS
    assert judged(a_line(decision="退回", note="请补充"), AT_CITY).decision == Decision.RETURN
    assert "可填：通过、退回。" in why(a_line(decision="不予通过", note="x"), AT_CITY)[1]


def test_of_two_lines_for_one_application_the_second_is_wrong() -> None:
    lines = [a_line(2, decision="通过", approved_count="80"), a_line(3, decision="退回", note="x")]
    first, second = judge(lines, {"a": WAITS}, NOON)
    assert first.verdict == "approve"
    assert "与第 2 行是同一份申报" in str(second.reason)


def test_lines_together_do_not_exceed_a_total() -> None:
    total = {"t": TotalFacts("直播电商", 100, 10)}
    facts = {key: LineFacts("province_review", True, 3, 80, False, total) for key in ("a", "b", "c")}
    lines = [a_line(n, key, decision="通过", approved_count="45", note="按总量") for n, key in enumerate("abc")]
    verdicts = judge(lines, facts, NOON)
    assert [one.verdict for one in verdicts] == ["approve", "approve", "bad"]
    assert "已批准 100，还可批准 0" in str(verdicts[2].reason)
    assert counts_of(verdicts)["approve"] == 2


@given(st.lists(st.integers(1, 80), min_size=1, max_size=12), st.integers(0, 300))
def test_whatever_is_asked_for_no_batch_grants_more_than_the_total(asked: list[int], total: int) -> None:
    limit = {"t": TotalFacts("", total, 0)}
    facts = {str(n): LineFacts("province_review", True, 3, 80, False, limit) for n in range(len(asked))}
    lines = [a_line(n, str(n), decision="approve", approved_count=str(k), note="核定") for n, k in enumerate(asked)]
    assert sum(one.approved_count or 0 for one in judge(lines, facts, NOON)) <= total
