"""When a plan is open, what a school may file, what a province may grant: without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from onex.common.text import Refused
from onex.pilots.rules import (
    APPLICATION,
    APPLICATION_BY_CITY,
    PLAN,
    ApplicationFacts,
    ApplicationState,
    ApprovalFacts,
    ChangeFacts,
    PlanFacts,
    PlanPhase,
    PlanState,
    batch_label,
    field_of,
    flow_of,
    holder_of,
    phase_of,
    problems_by_field,
    problems_on_approve,
    problems_on_change,
    problems_on_release,
    problems_on_save,
    problems_on_submit,
    problems_on_take,
    problems_with_plan,
    problems_with_window,
    year_of,
)
from onex.pilots.rules.plans import problems_on_publish

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
S, P = ApplicationState, PlanPhase
OPENS, CLOSES = NOON - DAY, NOON + DAY


def words(problems) -> str:
    return " ".join(map(str, problems))


# --- beside which field of the form


def test_every_sentence_about_a_plan_s_dates_knows_its_field() -> None:
    before = replace(PLAN_FACTS, state=PlanState.PUBLISHED)
    after = replace(
        before,
        opens_at=OPENS - 3 * DAY,
        closes_at=OPENS - 4 * DAY,
        corrections_until=OPENS - 5 * DAY,
        reviews_until=OPENS - 6 * DAY,
        year=2025,
        all_certificates=False,
        is_taken=True,
    )
    change = ChangeFacts(before, after, keeps_name=True, keeps_city=False, submitted_count=1, reason="")
    said = [*problems_on_change(change, NOON), *problems_on_publish(replace(after, state=PlanState.DRAFT), NOON)]
    assert {field_of(one) for one in said} == {
        "opens_at", "closes_at", "corrections_until", "reviews_until", "certificates", "batch",
        "requires_city_approval", "reason",
    }  # fmt: skip


# --- the plan's clock


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        (OPENS - MINUTE, P.NOT_STARTED),
        (OPENS, P.OPEN),
        (CLOSES - MINUTE, P.OPEN),
        (CLOSES, P.CLOSED),
        (CLOSES + 300 * DAY, P.CLOSED),
    ],
)
def test_a_published_plan_opens_and_closes_by_the_clock_to_the_minute(at: datetime, phase: PlanPhase) -> None:
    assert phase_of(PlanState.PUBLISHED, OPENS, CLOSES, at) == phase


@pytest.mark.parametrize("state", [PlanState.DRAFT, PlanState.CANCELLED])
def test_the_clock_opens_no_draft_and_no_cancelled_plan(state: PlanState) -> None:
    assert phase_of(state, OPENS, CLOSES, NOON) == state.value


PLAN_FACTS = PlanFacts(PlanState.DRAFT, OPENS, CLOSES, None, True, 0, False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"closes_at": OPENS}, "申报结束时间应晚于开始时间"),
        ({"corrections_until": CLOSES - MINUTE}, "不应早于申报结束时间"),
        ({"all_certificates": False}, "开放证书范围为空"),
        ({"is_taken": True}, "同一年度的这个批次已有申报计划"),
    ],
)
def test_an_unsound_plan_is_refused(changes: dict, sentence: str) -> None:
    assert problems_with_plan(PLAN_FACTS) == []
    assert sentence in words(problems_with_plan(replace(PLAN_FACTS, **changes)))


def test_a_plan_whose_time_has_passed_is_not_published() -> None:
    publish = PLAN.find("publish", PlanState.DRAFT).problems
    assert publish(PLAN_FACTS, NOON) == []
    assert "2026年11月25日 12:00）已经过去" in words(publish(PLAN_FACTS, CLOSES))


def test_a_plan_is_cancelled_until_it_opens_and_never_after() -> None:
    cancel = PLAN.find("cancel", PlanState.PUBLISHED).problems
    published = replace(PLAN_FACTS, state=PlanState.PUBLISHED)
    assert cancel(published, OPENS - MINUTE) == []
    assert "申报已于 2026年11月23日 12:00 开始，不能再取消" in words(cancel(published, OPENS))
    assert cancel(PLAN_FACTS, NOON) == []


def test_batches_are_said_as_in_the_guide_and_years_are_local() -> None:
    assert [str(batch_label(n)) for n in (1, 3, 10, 12)] == ["第一次", "第三次", "第十次", "第12次"]
    assert year_of(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == 2026
    assert year_of(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == 2027


# --- filing

FACTS = ApplicationFacts(
    plan_state=PlanState.PUBLISHED,
    opens_at=OPENS,
    closes_at=CLOSES,
    corrections_until=None,
    was_returned=False,
    requires_majors=False,
    requires_city=False,
    has_city=True,
    certificate_in_scope=True,
    is_duplicate=False,
    requested_count=80,
    teaching_staff="专任教师 12 人",
    facilities="机房 3 间",
    declared={"530701": "电子商务"},
    mapped={"530701", "530605"},
    offered={"530701", "560214"},
)


def test_a_careful_application_has_no_problem() -> None:
    assert problems_on_submit(FACTS, NOON) == []


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"plan_state": PlanState.DRAFT}, "", "该申报计划尚未发布"),
        ({"plan_state": PlanState.CANCELLED}, "", "该申报计划已取消"),
        ({"opens_at": NOON + MINUTE}, "", "申报时间尚未开始，2026年11月24日 12:01 起可以申报"),
        ({"closes_at": NOON}, "", "申报时间已于 2026年11月24日 12:00 结束，无法再补报"),
        ({"requires_city": True, "has_city": False}, "school", "没有登记所在城市"),
        ({"certificate_in_scope": False}, "level", "不在本计划的开放证书范围内"),
        ({"is_duplicate": True}, "level", "不能重复申报"),
        ({"requested_count": 0}, "requested_count", "请填写申请培训总人数"),
        ({"requires_majors": True, "declared": {}}, "declared_majors", "要求按专业填报"),
        ({"declared": {"560214": "网络直播与运营"}}, "declared_majors", "“560214 网络直播与运营”不是该证书"),
        ({"declared": {"530605": "市场营销"}}, "declared_majors", "“530605 市场营销”不在贵校的开设专业之列"),
        ({"teaching_staff": " \n"}, "teaching_staff", "请填写师资情况"),
        ({"facilities": ""}, "facilities", "请填写场地情况"),
    ],
)
def test_every_refusal_is_a_sentence_at_its_field(changes: dict, field: str, sentence: str) -> None:
    found = problems_by_field(replace(FACTS, **changes), NOON)
    assert list(found) == [field]
    assert sentence in words(found[field])


def test_no_declared_major_means_every_mapped_one_unless_the_plan_asks_for_majors() -> None:
    assert problems_on_submit(replace(FACTS, declared={}), NOON) == []
    assert problems_on_submit(replace(FACTS, requires_majors=True), NOON) == []


def test_a_draft_may_be_incomplete_but_not_late_doubled_or_of_foreign_majors() -> None:
    empty = replace(FACTS, requested_count=0, teaching_staff="", facilities="", declared={}, requires_majors=True)
    assert problems_on_save(empty, NOON) == []
    for wrong in ({"closes_at": NOON}, {"is_duplicate": True}, {"declared": {"999999": "不存在"}}):
        assert len(problems_on_save(replace(empty, **wrong), NOON)) == 1


def window(at: datetime, **more) -> str:
    return words(problems_with_window(PlanState.PUBLISHED, OPENS, CLOSES, at, **more))


def test_a_returned_application_is_corrected_after_the_window_only_until_the_plan_says() -> None:
    until = CLOSES + DAY
    assert window(CLOSES, was_returned=True, corrections_until=until) == ""
    assert "审核修改截止时间（2026年11月26日 12:00）已过" in window(until, was_returned=True, corrections_until=until)
    assert "无法再补报" in window(CLOSES, was_returned=True)
    assert "无法再补报" in window(CLOSES, was_returned=False, corrections_until=until)
    assert window(NOON, was_returned=True) == ""


# --- granting


@pytest.mark.parametrize(
    ("count", "reason", "sentence"),
    [
        (None, "", "请填写批准培训总人数"),
        (0, "理由", "至少为 1"),
        (-5, "理由", "至少为 1"),
        (81, "", "不能超过申请的 80 人"),
        (79, "  ", "请写明理由"),
        (79, "机房不足", ""),
        (80, "", ""),
        (1, "机房不足", ""),
    ],
)
def test_a_province_grants_from_one_to_what_was_asked_and_fewer_with_a_reason(
    count, reason: str, sentence: str
) -> None:
    found = words(problems_on_approve(ApprovalFacts(80, count, reason), NOON))
    assert sentence in found
    assert bool(found) == bool(sentence)


def test_places_are_refused_with_their_figures() -> None:
    assert problems_on_take(S.APPROVED, 80, 75, 5, 2026, NOON) == []
    assert "剩余 5 个，本次需要 6 个" in words(problems_on_take(S.APPROVED, 80, 75, 6, 2026, NOON))
    assert "尚未审核通过" in words(problems_on_take(S.PROVINCE_REVIEW, None, 0, 1, 2026, NOON))
    assert "已随年度结束失效" in words(problems_on_take(S.APPROVED, 80, 0, 1, 2025, NOON))
    assert problems_on_release(5, 5) == []
    assert "不能释放 6 个" in words(problems_on_release(5, 6))


# --- the tables

DIRECT = {
    S.DRAFT: {"submit": S.PROVINCE_REVIEW, "withdraw": S.WITHDRAWN},
    S.RETURNED: {"submit": S.PROVINCE_REVIEW, "withdraw": S.WITHDRAWN},
    S.PROVINCE_REVIEW: {"approve": S.APPROVED, "return": S.RETURNED, "reject": S.REJECTED, "withdraw": S.WITHDRAWN},
}
BY_CITY = {
    S.DRAFT: {"submit": S.CITY_REVIEW, "withdraw": S.WITHDRAWN},
    S.RETURNED: {"submit": S.CITY_REVIEW, "withdraw": S.WITHDRAWN},
    S.CITY_REVIEW: {"pass": S.PROVINCE_REVIEW, "return": S.RETURNED, "withdraw": S.WITHDRAWN},
    S.PROVINCE_REVIEW: DIRECT[S.PROVINCE_REVIEW],
}
MOVES = ("submit", "pass", "approve", "return", "reject", "withdraw")


@pytest.mark.parametrize(("flow", "expected"), [(APPLICATION, DIRECT), (APPLICATION_BY_CITY, BY_CITY)])
def test_every_move_from_every_state_is_as_the_table_says_or_refused(flow, expected: dict) -> None:
    for state in S:
        for name in MOVES:
            target = expected.get(state, {}).get(name)
            if target is None:
                with pytest.raises(Refused, match="当前状态为"):
                    flow.find(name, state)
            else:
                assert flow.find(name, state).target == target


def test_whoever_sends_back_or_refuses_gives_a_reason() -> None:
    for flow in (APPLICATION, APPLICATION_BY_CITY):
        for move in flow.moves:
            assert move.needs_note == (move.name in ("return", "reject", "correct"))


def test_the_city_decides_only_where_the_plan_asks_it_to() -> None:
    assert flow_of(True) is APPLICATION_BY_CITY
    assert flow_of(False) is APPLICATION
    assert "pilots.review_city" not in {move.permit for move in APPLICATION.moves}


def test_it_is_always_somebodys_turn_until_it_is_decided() -> None:
    turns = [holder_of(state) for state in S]
    assert [turn.value if turn else "" for turn in turns] == ["school", "city", "province", "school", *[""] * 4]
