"""The three kinds of the practical: what a form, a sheet and a text keep, refuse and ask of their author."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from onex import items
from onex.items.tests.factories import a_form, a_sheet, a_text


@pytest.mark.parametrize("content", [a_form(), a_sheet(), a_text()], ids=["form", "sheet", "text"])
def test_a_sound_practical_item_has_no_problems(content: dict) -> None:
    assert list(map(str, items.problems(content))) == []


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (None, True),
        ({}, True),
        ({"title": "澜谷", "price": "三十", "stock": 5, "category": "x", "images": ["p"]}, True),
        ({"title": None, "category": "", "images": []}, True),
        ({"title": "字" * 60}, True),
        ({"title": "字" * 61}, False),
        ({"title": 5}, False),
        ({"title": "坏\x00"}, False),
        ({"price": "9" * 41}, False),
        ({"price": float("nan")}, False),
        ({"price": 1e300}, False),
        ({"price": 10**400}, False),
        ({"price": True}, False),
        ({"price": []}, False),
        ({"category": "w"}, False),
        ({"category": ["x"]}, False),
        ({"images": ["p", "p"]}, False),
        ({"images": ["w"]}, False),
        ({"images": "p"}, False),
        ({"nowhere": "x"}, False),
        ([], False),
        ("x", False),
    ],
)
def test_a_form_keeps_known_fields_of_the_right_type(answer: Any, kept: bool) -> None:
    assert (items.check(items.public(a_form()), answer) == []) is kept


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (None, True),
        ({}, True),
        ({"s1.gpm": "一千八"}, True),
        ({"s1.gpm": None, "s1.conversion": ""}, True),
        ({"s1.viewers": "1"}, False),
        ({"s2.gpm": "1"}, False),
        ({"s1.gpm": 1800}, False),
        ({"s1.gpm": "1" * 41}, False),
        ("1800", False),
    ],
)
def test_a_sheet_keeps_what_is_typed_into_its_open_cells(answer: Any, kept: bool) -> None:
    assert (items.check(items.public(a_sheet()), answer) == []) is kept


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        ({"s1.conversion": "3", "s1.gpm": "1,800.00 元"}, "1.0"),
        ({"s1.conversion": "３．００％", "s1.gpm": "1800.01"}, "1.0"),
        ({"s1.conversion": "0.03", "s1.gpm": "1.8"}, "0"),
        ({"s1.conversion": "3.02"}, "0"),
        ({"s1.conversion": "3.01"}, "0.5"),
        ({}, "0"),
        (["3.00"], "0"),
    ],
)
def test_a_cell_is_right_however_the_figure_is_written(answer: Any, points: str) -> None:
    assert items.score(a_sheet(), answer).points == Decimal(points)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [(None, True), ("", True), ("短", True), ("字" * 60, True), ("字" * 61, False), (5, False), ("\ud800", False)],
)
def test_a_text_keeps_drafts_up_to_its_length(answer: Any, kept: bool) -> None:
    assert (items.check(items.public(a_text()), answer) == []) is kept


@pytest.mark.parametrize("answer", [None, "", "  \n ", 5, ["x"]])
def test_nothing_written_needs_no_examiner(answer: Any) -> None:
    score = items.score(a_text(), answer)
    assert (score.points, score.max, score.needs_examiner) == (0, 5, ())


def test_an_examiner_is_told_what_a_machine_can_see() -> None:
    notes = " ".join(map(str, items.score(a_text(), "今晚全网 最低价").notes))
    assert "全文 8 个字" in notes
    assert "少于要求的 10 个字" in notes
    assert "全网最低" in notes


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (a_form(groups=[]), "填写项"),
        (a_form(groups=[{"title": "空", "fields": []}]), "填写项"),
        (a_form(groups=[{"title": "组", "fields": [{"id": "a b", "label": "甲", "type": "number"}]}]), "“a b”无效"),
        (a_form(groups=[{"title": "组", "fields": [{"id": "a", "label": "甲", "type": "date"}]}]), "类型"),
        (a_form(groups=[{"title": "组", "fields": [{"id": "a", "label": "甲", "type": "text"}]}]), "max_length"),
        (a_form(groups=[{"title": "组", "fields": [{"id": "a", "label": "甲", "type": "choice"}]}]), "两个选项"),
        (a_form(groups=[{"title": "组", "fields": [{"id": "a", "label": "", "type": "number"}] * 2}]), "重复"),
        (a_form(checkpoints=[]), "缺少评分点"),
        (a_form(checkpoints=["E"]), "缺少评分点"),
        (a_form(model_answer=None), "缺少参考答案"),
        (a_form(model_answer=a_form()["model_answer"] | {"category": "y"}), "参考答案在“标准 E”只得 0.0 分"),
        (a_form(model_answer=a_form()["model_answer"] | {"nowhere": "y"}), "填写项不一致"),
        (a_form(points=11), "不符"),
        (a_sheet(columns=[]), "一列"),
        (a_sheet(columns=a_sheet()["columns"] * 2), "重复"),
        (a_sheet(rows=[{"id": "s1", "label": "第 1 场", "cells": {"secret": "1"}}]), "不存在的列“secret”"),
        (a_sheet(rows=[{"id": "s1", "label": "", "cells": {}}]), "没有名称"),
        (a_sheet(checkpoints=a_sheet()["checkpoints"][:1], points=0.5), "s1.gpm"),
        (a_sheet(checkpoints=[a_sheet()["checkpoints"][0] | {"kind": "E"}]), "评分方式“E”"),
        (a_sheet(checkpoints=[a_sheet()["checkpoints"][0] | {"cell": "s1.viewers"}]), "没有“s1.viewers”"),
        (a_text(min_chars=60), "字数"),
        (a_text(max_chars=10**6), "字数"),
        (a_text(criteria=[]), "缺少评分标准"),
        (a_text(points=6), "不符"),
        (a_text(model_answer="短"), "参考答案"),
        (a_text(model_answer="大家好，今晚全网最低，欢迎。"), "需留意的词"),
        (a_text(criteria=[{"id": "a", "title": "甲", "points": 5}]), "guide"),
        (a_text(criteria=[{"id": "a", "title": "甲", "points": 5.2, "guide": "给分"}]), "0.5"),
    ],
)
def test_an_authors_mistake_in_a_tool_is_named(content: dict, word: str) -> None:
    assert any(word in str(problem) for problem in items.problems(content)), list(map(str, items.problems(content)))
