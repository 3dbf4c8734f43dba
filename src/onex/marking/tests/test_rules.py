"""How the scores of items make the mark of a part, and when a script is finished: no database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from onex.common.text import Refused
from onex.items import Criterion, Score
from onex.marking.rules import CHAIN_LABELS, JOB, SCRIPT, ScriptFacts, ScriptState, problems_on_finish, score_all, total
from onex.pilots.tests.factories import NOON

SINGLE = {"kind": "single", "code": "S1", "points": 1, "stem": "?", "options": {"A": "甲", "B": "乙"}, "key": "A"}
MULTIPLE = {"kind": "multiple", "code": "M1", "points": 2, "stem": "?", "options": {"A": "甲", "B": "乙", "C": "丙"},
            "key": ["A", "C"]}  # fmt: skip
PAPER = {"S1": SINGLE, "M1": MULTIPLE}


@pytest.mark.parametrize(
    ("answers", "points"),
    [
        ({"S1": "A", "M1": ["A", "C"]}, "3.0"),
        ({"S1": "B", "M1": ["A", "C"]}, "2.0"),
        ({"S1": "A", "M1": ["A"]}, "1.0"),  # a multiple choice pays for an exact answer alone
        ({"S1": "A", "M1": ["A", "B", "C"]}, "1.0"),
        ({}, "0.0"),
        ({"S1": None, "M1": None, "X": "A"}, "0.0"),
    ],
)
def test_a_part_is_the_sum_of_its_items(answers: dict[str, object], points: str) -> None:
    scores = score_all(PAPER, answers)
    assert set(scores) == set(PAPER)
    assert total(scores.values()) == Decimal(points)


def test_what_an_assessor_has_still_to_judge_counts_for_nothing_yet() -> None:
    row = Criterion("a", "开场", Decimal("3.0"), None)
    assert total([Score(Decimal("3.0"), (row,))]) == Decimal("0.0")


def test_a_script_is_not_finished_while_a_job_waits() -> None:
    assert [str(reason) for reason in problems_on_finish(ScriptFacts(waiting=2), NOON)] == ["还有 2 道题待考评员评分。"]
    assert problems_on_finish(ScriptFacts(waiting=0), NOON) == []


def test_a_finished_script_and_a_marked_job_go_nowhere() -> None:
    assert SCRIPT.moves_from(ScriptState.SCORED) == []
    assert JOB.moves_from("marked") == []
    with pytest.raises(Refused, match="页面可能已过期"):
        JOB.find("mark", "marked")


def test_every_finding_about_a_chain_has_words() -> None:
    assert {code: str(word) for code, word in CHAIN_LABELS.items()} == {"ok": "完整", "gap": "有缺口", "fork": "有分叉"}
