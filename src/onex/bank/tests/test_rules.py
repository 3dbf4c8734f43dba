"""Assembly as a rule: what every drawn paper keeps, whatever the bank and the seed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onex.bank.rules import Choice, PaperFacts, assemble, enemies_among, problems_on_freeze
from onex.bank.tests.factories import NOON, theory_items
from onex.common.text import Refused

SECTIONS = {"single": 30, "multiple": 30, "scenario": 5}
BANK = [
    Choice(d["code"], d["kind"], str(d["task"]), d.get("unit", ""), frozenset(d.get("enemies") or ()))
    for d in theory_items()
]


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_two_papers_from_one_bank_share_nothing_and_touch_every_task(seed: int) -> None:
    first = assemble(BANK, SECTIONS, seed=seed)
    used = {code for codes in first.values() for code in codes}
    second = assemble(BANK, SECTIONS, seed=seed + 1, exclude=used)
    by_code = {choice.code: choice for choice in BANK}
    assert not used & {code for codes in second.values() for code in codes}
    for paper in (first, second):
        chosen = [by_code[code] for codes in paper.values() for code in codes]
        assert Counter(choice.kind for choice in chosen) == SECTIONS
        assert {choice.task for choice in chosen} == {choice.task for choice in BANK}
        assert enemies_among(chosen) == []


def test_the_same_seed_draws_the_same_paper() -> None:
    assert assemble(BANK, SECTIONS, seed=7) == assemble(BANK, SECTIONS, seed=7)


def test_a_bank_that_is_too_small_is_refused_by_kind() -> None:
    with pytest.raises(Refused, match="情景分析题需要 5 题，可用的只有 0 题"):
        assemble([choice for choice in BANK if choice.kind != "scenario"], SECTIONS, seed=1)


def test_enemies_never_meet() -> None:
    pool = [Choice(f"S{n}", "single", "1.1", "U1", frozenset({"S0"} if n else ())) for n in range(4)]
    assert "S0" not in assemble(pool, {"single": 3}, seed=3)["single"]


def test_freezing_names_everything_that_is_wrong() -> None:
    facts = PaperFacts([("单选题", 29, 30)], ["2.2"], [("A", "B")])
    said = [str(problem) for problem in problems_on_freeze(facts, NOON)]
    assert said == [
        "“单选题”现有 29 分，考核方案要求 30 分。",
        "没有题目涉及这些工作任务：2.2",
        "试题 A 与 B 不能同卷。",
    ]
