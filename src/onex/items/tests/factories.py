"""Small items of every kind for the tests, and the practical paper that is shipped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

import onex

PAPERS = sorted((Path(onex.__path__[0]) / "bank" / "data").glob("*/practical-*.yaml"))


def a_single(**changes: Any) -> dict[str, Any]:
    return {
        "code": "T-1",
        "kind": "single",
        "task": "1.1",
        "unit": "U1.1",
        "points": 1,
        "stem": "主光一般放在主播的什么位置？",
        "options": {"A": "正后方", "B": "侧前方约 45°", "C": "正下方", "D": "门外"},
        "key": "B",
        "explanation": "侧前方的主光能照亮面部。",
    } | changes


def a_multiple(**changes: Any) -> dict[str, Any]:
    return a_single(kind="multiple", points=2, key=["A", "C"], stem="哪些是直播预热的渠道？") | changes


def a_scenario(**changes: Any) -> dict[str, Any]:
    return a_single(kind="scenario", points=2, material="开播十分钟后画面卡顿。\n声音正常。") | changes


def a_form(**changes: Any) -> dict[str, Any]:
    """A form that uses each of the six ways of scoring."""
    goods = {"a": "分享杯", "b": "挂耳咖啡", "c": "手冲壶"}
    return {
        "code": "T-2",
        "kind": "form",
        "task": "1.3",
        "points": 10,
        "title": "发布商品",
        "brief": "请按资料发布商品。",
        "material": "品牌：澜谷",
        "groups": [
            {
                "title": "基本信息",
                "fields": [
                    {"id": "title", "label": "标题", "type": "text", "max_length": 60, "required": True},
                    {"id": "category", "label": "类目", "type": "choice", "options": {"x": "咖啡", "y": "茶"}},
                    {"id": "price", "label": "价格", "type": "number", "unit": "元", "help": "填数值"},
                    {"id": "stock", "label": "库存", "type": "number", "unit": "盒"},
                    {"id": "images", "label": "主图", "type": "choices", "options": {
                        "p": "图 1", "q": "图 2", "r": "图 3", "s": "图 4"}},
                ],
            },
            {
                "title": "购物袋",
                "fields": [
                    {"id": f"link_{n}", "label": f"{n} 号链接", "type": "choice", "options": goods} for n in (1, 2, 3)
                ],
            },
        ],
        "checkpoints": [
            _checkpoint("K", 2, field="title", expected={"needs": [["澜谷"], ["挂耳", "滤挂"]], "forbids": ["最佳"]}),
            _checkpoint("C", 1, expected=[{"field": "title", "min_length": 4, "max_length": 12},
                                          {"field": "stock", "min": 1, "max": 1000}]),
            _checkpoint("E", 1, field="category", expected="x"),
            _checkpoint("N", 1, field="price", expected="39.90", tolerance="0.01"),
            _checkpoint("S", 3, field="images", expected=["p", "q"]),
            _checkpoint("O", 2, fields=["link_1", "link_2", "link_3"], expected=["a", "b", "c"]),
        ],
        "model_answer": {
            "title": "澜谷挂耳咖啡",
            "category": "x",
            "price": "39.90",
            "stock": "1000",
            "images": ["p", "q"],
            "link_1": "a",
            "link_2": "b",
            "link_3": "c",
        },
    } | changes  # fmt: skip


def _checkpoint(kind: str, points: float, **rest: Any) -> dict[str, Any]:
    return {"criterion": f"标准 {kind}", "kind": kind, "points": points, "why": f"理由 {kind}", **rest}


def a_sheet(**changes: Any) -> dict[str, Any]:
    return {
        "code": "T-3",
        "kind": "sheet",
        "task": "3.3",
        "points": 1,
        "title": "计算指标",
        "brief": "请计算转化率和 GPM。",
        "columns": [
            {"id": "viewers", "label": "观看人数", "unit": "人", "input": False},
            {"id": "conversion", "label": "转化率", "unit": "%", "input": True, "decimals": 2},
            {"id": "gpm", "label": "GPM", "unit": "元", "input": True, "decimals": 2},
        ],
        "rows": [{"id": "s1", "label": "第 1 场", "cells": {"viewers": "8,600"}}],
        "checkpoints": [
            _checkpoint("N", 0.5, cell="s1.conversion", expected="3.00", tolerance="0.01"),
            _checkpoint("N", 0.5, cell="s1.gpm", expected="1800.00", tolerance="0.01"),
        ],
        "model_answer": {"s1.conversion": "3.00", "s1.gpm": "1800.00"},
    } | changes


def a_text(**changes: Any) -> dict[str, Any]:
    return {
        "code": "T-4",
        "kind": "text",
        "task": "2.2",
        "points": 5,
        "title": "撰写开场白",
        "brief": "请写一段开场白。",
        "material": "主播：小禾",
        "min_chars": 10,
        "max_chars": 60,
        "criteria": [
            {"id": "greeting", "title": "问候", "points": 3, "guide": "有问候得 3 分。"},
            {"id": "offer", "title": "福利", "points": 2, "guide": "说明福利得 2 分。"},
        ],
        "watch": ["全网最低"],
        "model_answer": "大家好，我是小禾，今晚有两次福袋。",
    } | changes


def one_of_each() -> list[dict[str, Any]]:
    return [a_single(), a_multiple(), a_scenario(), a_form(), a_sheet(), a_text()]


@cache
def shipped_papers() -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in PAPERS]


def shipped_items() -> list[dict[str, Any]]:
    return [item for paper in shipped_papers() for module in paper["modules"] for item in module["items"]]


def perfect_answer(content: dict[str, Any]) -> Any:
    return content["key"] if "key" in content else content["model_answer"]
