"""The six ways of scoring a checkpoint, case by case, and what an author may get wrong in them."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from onex import items
from onex.items.tests.factories import a_form


def got(kind: str, answer: Any) -> Decimal:
    """What one checkpoint of the form gives for this answer."""
    row = next(row for row in items.score(a_form(), answer).criteria if row.title == f"标准 {kind}")
    assert row.got is not None
    return row.got


def why(kind: str, answer: Any) -> str:
    row = next(row for row in items.score(a_form(), answer).criteria if row.title == f"标准 {kind}")
    return " ".join(map(str, row.why))


@pytest.mark.parametrize(
    ("answer", "points"), [("x", "1"), ("y", "0"), ("z", "0"), ("", "0"), (None, "0"), (["x"], "0")]
)
def test_exact_is_all_or_nothing(answer: Any, points: str) -> None:
    assert got("E", {"category": answer}) == Decimal(points)


def test_exact_speaks_in_the_options_words() -> None:
    assert why("E", {"category": "y"}) == "应为“咖啡”，填写为“茶”"


@pytest.mark.parametrize(
    ("answer", "points"),
    [("39.9", "1"), ("３９．９", "1"), ("39.90元", "1"), ("¥39.9", "1"), (39.9, "1"), ("39.91", "1"), ("39.92", "0"),
     ("39.89", "1"), ("40", "0"), ("三十九块九", "0"), ("", "0"), ([], "0"), ({"a": 1}, "0"), (True, "0")],
)  # fmt: skip
def test_a_number_is_right_within_its_tolerance(answer: Any, points: str) -> None:
    assert got("N", {"price": answer}) == Decimal(points)


@pytest.mark.parametrize(("answer", "points"), [("101", "1"), ("99", "1"), ("101.1", "0"), ("98.9", "0")])
def test_a_tolerance_may_be_a_share_of_the_figure(answer: str, points: str) -> None:
    content = a_form()
    content["checkpoints"][3] |= {"expected": "100", "tolerance": "1%"}
    assert items.score(content, {"price": answer}).points == Decimal(points)


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        (["p", "q"], "3"),
        (["q", "p"], "3"),
        (["p"], "1.5"),  # precision 1, recall 1/2
        (["p", "q", "r"], "2"),  # precision 2/3, recall 1
        (["p", "r"], "0.7"),  # 1/2 × 1/2 of 3 = 0.75, cut
        (["p", "q", "r", "s"], "1.5"),  # ticking everything does not pay
        (["r", "s"], "0"),
        (["p", "p", "q"], "3"),
        ([], "0"),
        ("p", "0"),
        ([1, None, ["p"]], "0"),
    ],
)
def test_a_set_gives_precision_times_recall(answer: Any, points: str) -> None:
    assert got("S", {"images": answer}) == Decimal(points)


@pytest.mark.parametrize(
    ("order", "points"),
    [
        ("abc", "2"),
        ("bac", "0.6"),  # 2 right, 1 wrong of 3 pairs: a third of 2, cut
        ("acb", "0.6"),
        ("cba", "0"),
        ("cab", "0"),  # 1 right, 2 wrong
        ("aab", "0"),  # what stands twice stands nowhere
        ("ab", "0.6"),  # one pair of three
        ("a", "0"),
        ("", "0"),
    ],
)
def test_an_order_gives_its_right_pairs_less_its_wrong_ones(order: str, points: str) -> None:
    assert got("O", {f"link_{n}": one for n, one in enumerate(order, start=1)}) == Decimal(points)


@pytest.mark.parametrize(
    ("title", "stock", "points"),
    [
        ("澜谷挂耳", "1000", "1"),
        ("四个字呀", 1, "1"),
        ("三个字", "1000", "0"),
        ("一二三四五六七八九十一二三", "1000", "0"),
        ("澜谷挂耳", "1001", "0"),
        ("澜谷挂耳", "0", "0"),
        ("澜谷挂耳", "", "0"),
        ("", "1000", "0"),
        ("澜谷挂耳", "很多", "0"),
        (["澜谷挂耳"], "1000", "0"),
    ],
)
def test_a_configuration_is_right_only_as_a_whole(title: Any, stock: Any, points: str) -> None:
    assert got("C", {"title": title, "stock": stock}) == Decimal(points)


def test_a_configuration_names_every_rule_that_is_broken() -> None:
    assert why("C", {"title": "短", "stock": "2000"}) == "“标题”应不少于 4 个字 “库存”应不大于 1000"


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("澜谷挂耳咖啡", "2"),
        ("澜 谷 滤挂", "2"),
        ("澜谷咖啡", "1"),
        ("咖啡", "0"),
        ("澜谷挂耳最佳", "0"),
        ("澜谷挂耳最 佳", "0"),
        ("", "0"),
        (None, "0"),
        (5, "0"),
    ],
)
def test_keywords_give_their_share_and_a_forbidden_word_takes_all(title: Any, points: str) -> None:
    assert got("K", {"title": title}) == Decimal(points)


@pytest.mark.parametrize("predicate", [
    {"equals": "咖啡"}, {"contains": ["咖啡"]}, {"excludes": ["茶"]}, {"min_length": 2}, {"max_length": 4},
])  # fmt: skip
def test_each_rule_for_texts_holds_and_breaks(predicate: dict) -> None:
    content = a_form()
    content["checkpoints"][1]["expected"] = [{"field": "title", **predicate}]
    good, bad = "咖啡", {"min_length": "茶", "max_length": "茶茶茶茶茶"}.get(next(iter(predicate)), "红茶")
    assert [row.got for row in items.score(content, {"title": good}).criteria][1] == 1
    assert [row.got for row in items.score(content, {"title": bad}).criteria][1] == 0


@pytest.mark.parametrize(
    ("number", "change", "word"),
    [
        (0, {"expected": {"forbids": ["最佳"]}}, "needs"),
        (0, {"field": "category"}, "文字项"),
        (1, {"expected": [{"field": "title", "regex": ".*"}]}, "“regex”"),
        (1, {"expected": [{"field": "title"}]}, "没有写规则"),
        (1, {"expected": [{"field": "title", "max_length": "很多"}]}, "规则“max_length”"),
        (1, {"expected": [{"field": "title", "min": 3}]}, "规则“min”"),
        (1, {"expected": [{"field": "nowhere", "min": 3}]}, "没有“nowhere”这一项"),
        (1, {"expected": [{"max_length": 3}, {"field": "title", "max_length": 9}]}, "没有“”这一项"),
        (1, {"expected": ["title", {"field": "title", "max_length": 9}]}, "写明是哪一项"),
        (1, {"expected": [{"field": "category", "equals": "w"}]}, "“w”不在选项之中"),
        (2, {"expected": "w"}, "“w”不在选项之中"),
        (2, {"expected": ["x", "y"]}, "类型与该项不符"),
        (2, {"field": "price", "expected": "39.9"}, "N（数值）"),
        (2, {"field": None}, "没有“”这一项"),
        (3, {"expected": "三十九"}, "应为数值"),
        (3, {"tolerance": "-1"}, "误差"),
        (3, {"tolerance": "少许"}, "误差"),
        (3, {"field": "images"}, "数值或文字项"),
        (4, {"expected": ["p", "p"]}, "重复"),
        (4, {"expected": ["w"]}, "“w”不在选项之中"),
        (4, {"field": "category", "expected": ["x"]}, "多选项"),
        (5, {"expected": ["a", "b"]}, "项数"),
        (5, {"fields": ["link_1", "link_2", "title"]}, "单选项"),
        (5, {"kind": "Z"}, "评分方式“Z”"),
        (5, {"points": 0}, "分值"),
        (5, {"points": 2.05}, "分值"),
        (5, {"points": 3}, "合计 11 分"),
        (5, {"criterion": ""}, "评分标准"),
        (5, {"why": None}, "理由"),
    ],
)
def test_an_authors_mistake_in_a_checkpoint_is_named(number: int, change: dict, word: str) -> None:
    content = copy.deepcopy(a_form())
    content["checkpoints"][number] |= change
    assert any(word in str(problem) for problem in items.problems(content)), list(map(str, items.problems(content)))
