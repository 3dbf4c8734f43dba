"""Single, multiple and scenario items: the exact answer scores, nothing else does; authors' slips are named."""

from __future__ import annotations

from typing import Any

import pytest

from onex import items
from onex.items.tests.factories import a_multiple, a_scenario, a_single


@pytest.mark.parametrize("make", [a_single, a_scenario])
@pytest.mark.parametrize(("answer", "right"), [("B", True), ("A", False), ("b", False), (None, False), (["B"], False)])
def test_only_the_one_right_option_scores(make: Any, answer: Any, right: bool) -> None:
    content = make()
    assert items.score(content, answer).points == (content["points"] if right else 0)


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        (["A", "C"], 2),
        (["C", "A"], 2),
        (["A"], 0),
        (["A", "B", "C"], 0),
        (["A", "B"], 0),
        ([], 0),
        (None, 0),
        ("AC", 0),
    ],
)
def test_a_multiple_choice_scores_only_when_it_is_exactly_right(answer: Any, points: int) -> None:
    assert items.score(a_multiple(), answer).points == points


def test_theory_points_are_whole_numbers() -> None:
    assert str(items.score(a_single(), "B").points) == "1"
    assert items.public(a_multiple())["points"] == 2


@pytest.mark.parametrize("make", [a_single, a_multiple, a_scenario])
def test_a_sound_item_has_no_problems(make: Any) -> None:
    assert items.problems(make()) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"key": None}, "缺少答案"),
        ({"key": "E"}, "“E”不在选项之中"),
        ({"key": ["A", "B"]}, "只能有一个答案"),
        ({"options": {"A": "同样", "B": "同样 ", "C": "不同"}}, "重复"),
        ({"options": {"A": "只有一项"}, "key": "A"}, "两个选项"),
        ({"options": {"A": "", "B": "有"}}, "“A”的文字为空"),
        ({"options": {"A": 750, "B": "13:00"}}, "未加引号"),
        ({"options": {"甲": "一", "B": "二"}}, "选项标识"),
        ({"stem": " "}, "stem"),
        ({"explanation": ""}, "explanation"),
        ({"unit": None}, "unit"),
        ({"code": None}, "code"),
        ({"task": 1.1}, "task"),
        ({"points": 0}, "分值"),
        ({"points": 1.5}, "分值"),
    ],
)
def test_an_authors_mistake_is_named(change: dict, word: str) -> None:
    assert any(word in str(problem) for problem in items.problems(a_single(**change)))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"key": "A"}, "两个答案"),
        ({"key": ["A"]}, "两个答案"),
        ({"key": ["A", "A", "B"]}, "重复"),
        ({"key": ["A", "E"]}, "“E”"),
    ],
)
def test_a_mistake_in_the_key_of_a_multiple_choice_is_named(change: dict, word: str) -> None:
    assert any(word in str(problem) for problem in items.problems(a_multiple(**change)))


def test_a_scenario_needs_its_material() -> None:
    assert any("material" in str(problem) for problem in items.problems(a_scenario(material="")))
    assert items.public(a_scenario())["material"].startswith("开播十分钟")


@pytest.mark.parametrize(
    ("answer", "kept"), [("A", True), (None, True), ("E", False), ("", False), (["A"], False), (1, False)]
)
def test_a_single_answer_is_kept_when_it_is_an_option(answer: Any, kept: bool) -> None:
    assert (items.check(items.public(a_single()), answer) == []) is kept


@pytest.mark.parametrize(
    ("answer", "kept"),
    [(["A", "C"], True), ([], True), (None, True), (["A", "A"], False), (["E"], False), ("A", False), ([["A"]], False)],
)
def test_a_multiple_answer_is_kept_when_its_options_are_known_and_different(answer: Any, kept: bool) -> None:
    assert (items.check(items.public(a_multiple()), answer) == []) is kept
