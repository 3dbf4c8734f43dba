"""The shipped practical papers: sound, complete, exactly weighted, solvable, and with figures that are right."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from onex import items
from onex.items.tests.factories import PAPERS, perfect_answer, shipped_items, shipped_papers

ITEMS = pytest.mark.parametrize("content", shipped_items(), ids=lambda content: content["code"])


def test_there_is_a_practical_paper() -> None:
    assert [path.parent.name for path in PAPERS] == ["live-commerce-junior"] * len(PAPERS)
    assert PAPERS


@pytest.mark.parametrize("paper", shipped_papers(), ids=lambda paper: paper["code"])
def test_the_modules_of_a_paper_are_worth_25_45_and_30(paper: dict) -> None:
    assert (paper["certificate"], paper["level"], paper["kind"]) == ("live-commerce", 1, "practical")
    worth = {
        module["domain"]: sum(Decimal(str(item["points"])) for item in module["items"]) for module in paper["modules"]
    }
    assert worth == {"1": 25, "2": 45, "3": 30}
    assert worth == {module["domain"]: module["weight"] for module in paper["modules"]}


@pytest.mark.parametrize("paper", shipped_papers(), ids=lambda paper: paper["code"])
def test_a_paper_touches_each_of_the_ten_work_tasks_in_its_own_domain(paper: dict) -> None:
    tasks = {item["task"] for module in paper["modules"] for item in module["items"]}
    assert tasks == {"1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3"}
    assert all(item["task"][0] == module["domain"] for module in paper["modules"] for item in module["items"])
    codes = [item["code"] for item in shipped_items()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("paper", shipped_papers(), ids=lambda paper: paper["code"])
def test_one_task_is_marked_by_an_examiner_and_at_least_seventy_points_by_machine(paper: dict) -> None:
    by_person = [item for module in paper["modules"] for item in module["items"] if item["kind"] == "text"]
    assert len(by_person) == 1
    assert by_person[0]["points"] <= 30
    assert {item["kind"] for item in shipped_items()} == {"form", "sheet", "text"}


@ITEMS
def test_a_shipped_item_has_no_problems(content: dict) -> None:
    assert [str(problem) for problem in items.problems(content)] == []


@ITEMS
def test_the_model_answer_is_keepable_and_scores_in_full(content: dict) -> None:
    answer = json.loads(json.dumps(perfect_answer(content), ensure_ascii=False))
    assert items.check(items.public(content), answer) == []
    score = items.score(content, answer)
    if content["kind"] == "text":
        score = score.with_marks({row.id: row.points for row in score.needs_examiner})
    assert score.points == score.max == Decimal(str(content["points"]))


@ITEMS
@pytest.mark.parametrize("blank", [None, {}, [], "", "  "])
def test_a_blank_answer_scores_nothing(content: dict, blank: Any) -> None:
    score = items.score(content, blank)
    assert (score.points, score.needs_examiner) == (0, ())


@ITEMS
def test_each_field_of_the_model_answer_earns_its_points_alone(content: dict) -> None:
    """Leaving one field out costs exactly the checkpoints that look at it: what an independent scorer relies on."""
    if content["kind"] == "text":
        return
    for name in content["model_answer"]:
        partial = {field: value for field, value in content["model_answer"].items() if field != name}
        lost = [row for row in items.score(content, partial).criteria if row.got != row.points]
        watching = [
            str(number)
            for number, checkpoint in enumerate(content["checkpoints"], start=1)
            if name in (checkpoint.get("field"), checkpoint.get("cell"), *checkpoint.get("fields", []))
            or (checkpoint["kind"] == "C" and any(rule["field"] == name for rule in checkpoint["expected"]))
        ]
        assert [row.id for row in lost] == watching
        assert watching, f"{name} is asked for and never scored"


@ITEMS
def test_ticking_every_box_or_always_the_same_option_never_passes(content: dict) -> None:
    fields = [field for group in items.public(content).get("groups", []) for field in group["fields"]]
    if not fields:
        return
    for place in range(4):
        answer = {}
        for field in fields:
            options = [option["id"] for option in field.get("options", [])]
            if field["type"] == "choices":
                answer[field["id"]] = options
            elif options:
                answer[field["id"]] = options[min(place, len(options) - 1)]
        score = items.score(content, answer)
        assert score.points < score.max * Decimal("0.6"), (place, score.points)


def test_no_item_shows_the_figure_that_another_asks_for() -> None:
    public = {item["code"]: json.dumps(items.public(item), ensure_ascii=False) for item in shipped_items()}
    for item in shipped_items():
        for checkpoint in item.get("checkpoints", []):
            figure = str(checkpoint.get("expected"))
            if checkpoint["kind"] == "N" and "." in figure and not _shows(public[item["code"]], figure):
                assert not [code for code, text in public.items() if _shows(text, figure)], (item["code"], figure)


def _shows(text: str, figure: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d)", text.replace(",", "")) is not None


def test_the_figures_of_the_data_sheet_follow_the_formulae() -> None:
    """Recomputed from the given cells (formulae: domain.md §6.1), totals from the sums and not from the averages."""
    (sheet,) = [item for item in shipped_items() if item["kind"] == "sheet"]
    given = {row["id"]: {column: Decimal(text.replace(",", "")) for column, text in row["cells"].items()}
             for row in sheet["rows"] if row["cells"]}  # fmt: skip
    given["total"] = {column: sum(row[column] for row in given.values()) for column in given["s10"]}
    expected = {}
    for name, row in given.items():
        expected |= {
            f"{name}.conversion": row["buyers"] / row["viewers"] * 100,
            f"{name}.per_buyer": row["amount"] / row["buyers"],
            f"{name}.gpm": row["amount"] / row["viewers"] * 1000,
            f"{name}.follow_rate": row["follows"] / row["viewers"] * 100,
        }
    expected |= {f"total.{column}": figure for column, figure in given["total"].items()}
    cent = Decimal("0.01")
    written = {checkpoint["cell"]: Decimal(checkpoint["expected"]) for checkpoint in sheet["checkpoints"]}
    assert {cell: figure.quantize(cent) for cell, figure in written.items()} == {
        cell: figure.quantize(cent, ROUND_HALF_UP) for cell, figure in expected.items()
    }


def test_the_total_is_not_the_average_of_the_sessions() -> None:
    (sheet,) = [item for item in shipped_items() if item["kind"] == "sheet"]
    average = (Decimal("3.00") + Decimal("2.60") + Decimal("3.80")) / 3
    assert items.score(sheet, {"total.conversion": f"{average:.2f}"}).points == 0


@pytest.mark.parametrize(
    ("code", "field", "typed", "points"),
    [
        ("LC1-P-A-13", "title", "【澜谷】挂耳咖啡 中度烘焙 云南保山 10g×20袋", "2.5"),
        ("LC1-P-A-13", "title", "澜谷挂耳咖啡20包装 云南保山咖啡豆", "2.5"),
        ("LC1-P-A-13", "title", "澜谷挂耳咖啡 20袋 销量第一 云南保山", "1"),
        ("LC1-P-A-13", "title", "挂耳咖啡云南保山中度烘焙香醇20袋", "2.0"),
        ("LC1-P-A-21", "title", "澜谷挂耳咖啡专场 今晚8点见", "2.5"),
        ("LC1-P-A-21", "title", "澜谷挂耳 ２０：００ 开播", "2.5"),
        ("LC1-P-A-21", "copy", "6 月 16 日晚八点，挂耳咖啡 39.9 元，最好提前预约，第一时间收到提醒", "1.5"),
        ("LC1-P-A-23", "pinned", "三号链接 两盒装 75.8 元，先领 8 元券", "1.5"),
        ("LC1-P-A-23", "coupon_name", "６１６挂耳专享券", "0.5"),
    ],
)
def test_other_good_wordings_are_fairly_scored(code: str, field: str, typed: str, points: str) -> None:
    (content,) = [item for item in shipped_items() if item["code"] == code]
    assert items.score(content, {field: typed}).points == Decimal(points)
