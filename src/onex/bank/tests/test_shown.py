"""How an item is read by its author: everything in words, nothing as the machine keeps it."""

from __future__ import annotations

from typing import Any

import pytest

from onex.bank.shown import item_shown
from onex.bank.tests.factories import practical, theory_items


def the_item(code: str) -> dict[str, Any]:
    everything = [*theory_items(), *(item for module in practical()["modules"] for item in module["items"])]
    return next(item for item in everything if item["code"] == code)


def points(code: str) -> dict[str, str]:
    return {point["criterion"]: str(point["expected"]) for point in item_shown(the_item(code))["points"]}


def test_the_right_options_are_marked() -> None:
    single, multiple = item_shown(the_item("LC1-S-001")), item_shown(the_item("LC1-M-001"))
    assert [id for id, _, is_right in single["options"] if is_right] == [the_item("LC1-S-001")["key"]]
    assert [id for id, _, is_right in multiple["options"] if is_right] == sorted(the_item("LC1-M-001")["key"])


def test_an_expected_option_is_shown_by_its_text() -> None:
    found = points("LC1-P-A-11")
    assert found["背景为实景陈列，颜色与主播服装明显区分"] == "深木色货架实景，陈列商品与器具"
    assert found["主光、补光、轮廓光三盏灯的位置全部正确"] == (
        "主光位置：主播侧前方约 45°，略高于头顶；补光位置：另一侧前方，亮度低于主光；轮廓光位置：主播后侧上方"
    )


def test_an_order_is_shown_as_one_and_a_tolerance_beside_its_figure() -> None:
    assert " → " in points("LC1-P-A-23")["购物袋按讲解先后排列"]
    assert points("LC1-P-A-33")["第 10 场转化率"] == "3.00（误差 0.01）"


def test_key_points_and_forbidden_words_are_told_apart() -> None:
    found = points("LC1-P-A-13")["标题写明品牌、品名和每盒袋数，没有绝对化用语和功效宣称"]
    assert found.startswith("须写：澜谷；挂耳；20袋 / ")
    assert "。禁用：最好喝、" in found


def test_a_sheet_tells_what_is_given_from_what_is_asked() -> None:
    label, cells = item_shown(the_item("LC1-P-A-33"))["sheet"][0]
    assert label == "第 10 场（6 月 12 日）"
    assert cells[0] == ("8,600", False)
    assert cells[4] == ("3.00", True)


@pytest.mark.parametrize("code", [item["code"] for module in practical()["modules"] for item in module["items"]])
def test_nothing_is_shown_as_the_machine_keeps_it(code: str) -> None:
    shown = item_shown(the_item(code))
    words = [str(point["expected"]) for point in shown["points"]] + [str(point["way"]) for point in shown["points"]]
    words += [value for _, fields in shown["groups"] for _, value in fields]
    assert all(words)
    assert not [word for word in words if "{'" in word or "['" in word or word.endswith("：")]


def test_an_item_that_is_half_written_is_still_shown() -> None:
    content = {"kind": "form", "code": "X", "title": "草稿", "brief": "…", "points": 1, "groups": [], "checkpoints": [
        {"criterion": "无", "kind": "E", "field": "gone", "expected": None, "points": 1},
        {"criterion": "无", "kind": "C", "expected": "x", "points": 1},
    ]}  # fmt: skip
    assert [point["expected"] for point in item_shown(content)["points"]] == ["", ""]
