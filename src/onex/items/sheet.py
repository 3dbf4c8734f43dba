"""数据表: a table from a dashboard with cells to fill, scored cell by cell as numbers.

Formulae of the trade (domain.md §6.1): 转化率 = 下单人数 ÷ 观看人数, GPM = 支付金额 ÷ 观看人数 × 1000,
客单价 = 支付金额 ÷ 下单人数. The author writes the figure and its tolerance; the sheet computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onex.common.text import Say, say
from onex.items.checkpoints import (
    STEP,
    problems_of_checkpoints,
    problems_of_model_answer,
    score_checkpoints,
)
from onex.items.content import (
    mapping,
    points_of,
    problems_of_head,
    problems_of_ids,
    public_points,
    rows,
    whole,
    words,
)
from onex.items.kind import Score
from onex.items.typed import LONGEST_NUMBER, is_storable

label = say("数据表操作题")


def public(content: Mapping[str, Any]) -> dict[str, Any]:
    columns = [_public_column(column) for column in rows(content.get("columns"))]
    known = [column["id"] for column in columns]
    return {
        "id": words(content.get("code")),
        "kind": "sheet",
        "title": words(content.get("title")),
        "brief": words(content.get("brief")),
        "points": public_points(content),
        "columns": columns,
        "rows": [
            {
                "id": words(row.get("id")),
                "label": words(row.get("label")),
                "cells": {column: given for column in known if (given := words(mapping(row.get("cells")).get(column)))},
            }
            for row in rows(content.get("rows"))
        ],
    }


def _public_column(column: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": words(column.get("id")), "label": words(column.get("label"))}
    if words(column.get("unit")):
        shown["unit"] = words(column["unit"])
    shown["input"] = column.get("input") is True
    if whole(column.get("decimals")) is not None:
        shown["decimals"] = column["decimals"]
    return shown


def problems(content: Mapping[str, Any]) -> list[Say]:
    found = problems_of_head(content, "title", "brief", step=STEP)
    columns, lines = rows(content.get("columns")), rows(content.get("rows"))
    if not columns or not lines:
        return [*found, say("数据表至少要有一列和一行。")]
    found += problems_of_ids(columns, say("数据表的列")) + problems_of_ids(lines, say("数据表的行"))
    for part in (*columns, *lines):
        if not isinstance(part.get("label"), str) or not part["label"].strip():
            found.append(say("“{id}”没有名称（label）。", id=words(part.get("id"))))
    known = {words(column.get("id")) for column in columns}
    for line in lines:
        for strange in sorted(mapping(line.get("cells")).keys() - known):
            found.append(say("行“{row}”给出了不存在的列“{column}”。", row=words(line.get("label")), column=strange))
    if found:
        return found
    cells = _cells(public(content))
    found = problems_of_checkpoints(content, cells, "N")
    looked_at = {words(checkpoint.get("cell")) for checkpoint in rows(content.get("checkpoints"))}
    for idle in cells.keys() - looked_at:
        found.append(say("单元格“{cell}”要考生填写，却没有评分点。", cell=idle))
    if found:
        return found
    answer = content.get("model_answer")
    return problems_of_model_answer(answer, check(public(content), answer), score(content, answer))


def check(public: Mapping[str, Any], answer: Any) -> list[Say]:
    """`{"<row>.<column>": "text as typed"}` for cells that are the candidate's to fill."""
    if answer is None:
        return []
    cells = _cells(public)
    if not isinstance(answer, dict) or len(answer) > len(cells) or any(name not in cells for name in answer):
        return [say("答案与本题的数据表不一致，请刷新页面后再填写。")]
    return [
        say("“{field}”的内容过长或格式不对。", field=cells[name]["label"])
        for name, typed in answer.items()
        if typed is not None and not (isinstance(typed, str) and len(typed) <= LONGEST_NUMBER and is_storable(typed))
    ]


def score(content: Mapping[str, Any], answer: Any) -> Score:
    return Score(
        points_of(content).quantize(STEP),
        score_checkpoints(content.get("checkpoints"), answer, _cells(public(content))),
    )


def _cells(public: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The cells to fill, as the fields that checkpoints look at: input columns without a given value."""
    return {
        f"{row['id']}.{column['id']}": {
            "label": f"{row['label']} · {column['label']}",
            "type": "number",
            "unit": column.get("unit", ""),
        }
        for row in public["rows"]
        for column in public["columns"]
        if column["input"] and column["id"] not in row["cells"]
    }
