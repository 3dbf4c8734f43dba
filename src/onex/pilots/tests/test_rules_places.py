"""The rules of places: every refusal has its sentence, and every disagreement of a ledger its own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from onex.pilots.rules import (
    AdjustFacts,
    ApplicationState,
    LedgerFacts,
    TotalFacts,
    problems_on_adjust,
    problems_on_take,
    problems_with_ledger,
)
from onex.pilots.tests.factories import DAY, NOON

S = ApplicationState
SOUND = AdjustFacts(S.APPROVED, 2026, 100, 80, 30, 60, "机房减少一间")


def told(facts: AdjustFacts, at=NOON) -> str:
    return " ".join(map(str, problems_on_adjust(facts, at)))


@pytest.mark.parametrize("wanted", [30, 79, 81, 100])
def test_a_province_may_grant_anything_between_what_is_used_and_what_was_asked_for(wanted: int) -> None:
    assert told(replace(SOUND, wanted=wanted)) == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"state": S.PROVINCE_REVIEW, "approved_count": None}, "只有审核通过且在有效期内的申报可以调整批准人数。"),
        ({"state": S.REJECTED, "approved_count": None}, "只有审核通过且在有效期内的申报可以调整批准人数。"),
        ({"state": S.EXPIRED}, "2026 年度的培训名额已随年度结束失效，不能再调整。"),
        ({"year": 2025}, "2025 年度的培训名额已随年度结束失效，不能再调整。"),
        ({"wanted": None}, "请填写调整后的批准人数，至少 1 人。"),
        ({"wanted": 0}, "请填写调整后的批准人数，至少 1 人。"),
        ({"wanted": -5}, "请填写调整后的批准人数，至少 1 人。"),
        ({"wanted": 80}, "批准人数没有变化，仍是 80 人。"),
        ({"wanted": 29}, "已使用 30 个名额，批准人数不能少于此数。"),
        ({"wanted": 101}, "批准培训总人数不能超过申请的 100 人。"),
        ({"wanted": 10**12}, "批准培训总人数不能超过申请的 100 人。"),
        ({"reason": "  "}, "请写明调整的理由，院校会看到。"),
        (
            {"wanted": 90, "totals": (TotalFacts("", 200, 115),)},
            "超过本计划的名额总量 200：已批准 115，还可批准 85。",
        ),
        (
            {"wanted": 90, "totals": (TotalFacts("直播电商", 50, 0),)},
            "超过本计划“直播电商”的名额总量 50：已批准 0，还可批准 50。",
        ),
    ],
)
def test_every_refusal_to_adjust_has_its_sentence(change: dict, sentence: str) -> None:
    assert told(replace(SOUND, **change)) == sentence


def test_granting_less_is_never_over_a_total() -> None:
    assert told(replace(SOUND, wanted=70, totals=(TotalFacts("", 10, 200),))) == ""


@pytest.mark.parametrize("state", [S.APPROVED, S.EXPIRED])
def test_places_of_a_past_year_are_refused_with_the_same_sentence_before_and_after_the_sweep(state: str) -> None:
    (problem,) = problems_on_take(state, 80, 0, 1, 2026, NOON + 60 * DAY)
    assert str(problem) == "2026 年度的培训名额已随年度结束失效，请申报新年度的试点。"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (LedgerFacts(80, 30, 80, 30, 30), ""),
        (LedgerFacts(None, 0, 0, 0, 0), ""),
        (LedgerFacts(80, 30, 80, 30), ""),
        (LedgerFacts(80, 81, 80, 81, 81), "已使用 81 个，不在 0 与批准的 80 个之间。"),
        (LedgerFacts(80, -1, 80, -1, -1), "已使用 -1 个，不在 0 与批准的 80 个之间。"),
        (LedgerFacts(80, 30, 90, 30, 30), "批准 80 个，而台账中批准与调整合计 90 个。"),
        (LedgerFacts(80, 30, 80, 29, 30), "已使用 30 个，而台账中占用与释放合计 29 个。"),
        (LedgerFacts(80, 30, 80, 30, 31), "已使用 30 个，而有效报名有 31 条。"),
    ],
)
def test_what_does_not_add_up_is_said_with_both_numbers(facts: LedgerFacts, sentence: str) -> None:
    assert re.sub(r"\s+", " ", " ".join(map(str, problems_with_ledger(facts)))) == sentence
