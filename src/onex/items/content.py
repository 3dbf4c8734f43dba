"""Reading an author's plain dict without trusting its shape.

Every reader answers a harmless empty value for what it does not expect, so that a nested dict in the wrong place
can neither raise nor be carried into the public part by way of its text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from onex.common.text import Say, say

NOTHING: Mapping[str, Any] = {}


def words(value: Any) -> str:
    """A text for people; numbers become their digits, everything else is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value) if -(10**15) < value < 10**15 else ""
    return ""


def whole(value: Any) -> int | None:
    """A count of at least 0, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def mapping(value: Any) -> Mapping[str, Any]:
    return {words(key): part for key, part in value.items()} if isinstance(value, Mapping) else NOTHING


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The dicts of a list; anything else in it is passed over."""
    return [mapping(row) for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def ids(value: Any) -> list[str]:
    """The texts of a list, or of one text alone."""
    many = value if isinstance(value, list) else [value]
    return [word for word in map(words, many) if word]


def amount(value: Any) -> Decimal | None:
    """Points, an expected figure or a tolerance, exactly as written ("0.5", 0.5, 2); None when it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(words(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


def points_of(part: Mapping[str, Any]) -> Decimal:
    return amount(part.get("points")) or Decimal(0)


def public_points(part: Mapping[str, Any]) -> int | float:
    """Points as a JSON number: 2, not 2.0; 1.5 as it is (exact in binary or not, it is only shown)."""
    points = points_of(part)
    return int(points) if points == points.to_integral_value() else float(points)


def public_options(options: Any) -> list[dict[str, str]]:
    """`{id: text}` as the list of docs/exam-room.md, in the author's order."""
    return [{"id": key, "text": words(text)} for key, text in mapping(options).items()]


def problems_of_head(content: Mapping[str, Any], *texts: str, step: Decimal) -> list[Say]:
    """What every kind needs: a code, a work task, its texts, and points in whole steps."""
    found: list[Say] = []
    if not isinstance(content.get("code"), str) or not content["code"].strip():
        found.append(say("缺少试题编号（code）。"))
    task = content.get("task")
    if not isinstance(task, str) or not _is_task(task):
        found.append(say('工作任务（task）应写成带引号的编号，如 "1.1"。'))
    for name in texts:
        value = content.get(name)
        if not isinstance(value, str) or not value.strip():
            found.append(say("“{part}”不能为空，且应为文字。", part=name))
    points = amount(content.get("points"))
    if points is None or points <= 0 or points % step:
        found.append(say("分值（points）应大于 0，并以 {step} 分为一档。", step=step))
    return found


def problems_of_options(options: Any, where: Say | str) -> list[Say]:
    """At least two options, each a text of its own."""
    if not isinstance(options, Mapping) or len(options) < 2:
        return [say("{where}：至少要有两个选项。", where=where)]
    found: list[Say] = []
    for key, text in options.items():
        if not is_id(key):
            found.append(say("{where}：选项标识“{id}”只能用字母、数字、- 和 _。", where=where, id=words(key)))
        if not isinstance(text, str) or not text.strip():
            # YAML reads 12:30 and 是/no-like words as numbers and booleans unless they are quoted.
            found.append(say("{where}：选项“{id}”的文字为空或未加引号。", where=where, id=words(key)))
    for text in repeated(" ".join(text.split()) for text in options.values() if isinstance(text, str)):
        found.append(say("{where}：选项“{text}”重复。", where=where, text=text))
    return found


def problems_of_ids(parts: Iterable[Mapping[str, Any]], where: Say | str) -> list[Say]:
    """Each part has an id, and no id twice."""
    listed = [part.get("id") for part in parts]
    found = [say("{where}：标识“{id}”无效。", where=where, id=words(key)) for key in listed if not is_id(key)]
    found += [say("{where}：标识“{id}”重复。", where=where, id=key) for key in repeated(map(words, listed))]
    return found


def is_id(value: Any) -> bool:
    """Short ASCII names only: they travel in answers and inside "row.column"."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= 40
        and value.isascii()
        and value.replace("-", "").replace("_", "").isalnum()
    )


def repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if value and count > 1]


def _is_task(task: str) -> bool:
    domain, dot, number = task.partition(".")
    return bool(dot) and task.isascii() and domain.isdigit() and number.isdigit()
