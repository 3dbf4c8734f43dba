"""How an item is read by its author: the right options, the model answer and the scoring points in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from onex import items
from onex.bank.models import Paper
from onex.bank.rules import PaperState
from onex.common.text import Say, say

WAYS = {
    "E": say("完全一致"),
    "N": say("数值"),
    "S": say("集合重合"),
    "O": say("顺序"),
    "C": say("各项均符合"),
    "K": say("要点与禁用词"),
}


def item_shown(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the page draws: the public part, options with the right ones marked, fields, sheet, scoring points."""
    public = items.public(content)
    fields = {field["id"]: field for group in public.get("groups", ()) for field in group["fields"]}
    answer = content.get("model_answer")
    return {
        "public": public,
        "options": _options(public, content.get("key")),
        "groups": [
            (group["title"], [(field, _value(field, _given(answer, field["id"]))) for field in group["fields"]])
            for group in public.get("groups", ())
        ],
        "sheet": _sheet(public, answer) if "columns" in public else None,
        "points": [_point(row, fields) for row in content.get("checkpoints") or ()],
        "criteria": content.get("criteria") or [],
        "model_text": answer if isinstance(answer, str) else "",
        "key": "、".join(_listed(content.get("key"))),
        "watch": "、".join(_listed(content.get("watch"))),
    }


def _listed(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value in (None, "") else [str(value)]


def _given(answer: Any, field: str) -> Any:
    return answer.get(field) if isinstance(answer, Mapping) else None


def _options(public: Mapping[str, Any], key: Any) -> list[tuple[str, str, bool]]:
    right = set(_listed(key))
    return [(option["id"], option["text"], option["id"] in right) for option in public.get("options", ())]


def _value(field: Mapping[str, Any], value: Any) -> str:
    """A field's value in words: the texts of the chosen options, a number with its unit."""
    texts = {option["id"]: option["text"] for option in field.get("options", ())}
    shown = "、".join(texts.get(one, one) for one in _listed(value))
    return f"{shown} {field['unit']}" if shown and field.get("unit") else shown


def _sheet(public: Mapping[str, Any], answer: Any) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Rows with their cells: (text, whether the candidate fills it in)."""
    found = []
    for row in public["rows"]:
        cells = [
            (row["cells"][column["id"]], False)
            if column["id"] in row["cells"]
            else (str(_given(answer, f"{row['id']}.{column['id']}") or ""), True)
            for column in public["columns"]
        ]
        found.append((row["label"], cells))
    return found


def _point(row: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "criterion": row.get("criterion", ""),
        "way": WAYS.get(str(row.get("kind")), row.get("kind", "")),
        "points": row.get("points"),
        "expected": _expected(row, fields),
        "why": row.get("why", ""),
    }


def _expected(row: Mapping[str, Any], fields: Mapping[str, Any]) -> Say | str:
    """What a scoring point asks for, in words."""
    expected, name = row.get("expected"), str(row.get("field") or (row.get("fields") or [""])[0])
    field = fields.get(name, {})
    match row.get("kind"):
        case "C":
            return "；".join(_rule(rule, fields) for rule in _listed_rules(expected))
        case "K" if isinstance(expected, Mapping):
            return _keywords(expected)
        case "O":
            return " → ".join(_value(field, one) for one in _listed(expected))
        case "N" if str(row.get("tolerance", "0")) != "0":
            return say("{value}（误差 {tolerance}）", value=_value(field, expected), tolerance=row["tolerance"])
    return _value(field, [*_listed(expected), *_listed(row.get("accepted"))])


def _listed_rules(expected: Any) -> list[Mapping[str, Any]]:
    return [rule for rule in expected if isinstance(rule, Mapping)] if isinstance(expected, list) else []


RULES: dict[str, Callable[[str], Say]] = {
    "min_length": lambda value: say("不少于 {value} 字", value=value),
    "max_length": lambda value: say("不多于 {value} 字", value=value),
    "min": lambda value: say("不小于 {value}", value=value),
    "max": lambda value: say("不大于 {value}", value=value),
    "contains": lambda value: say("写有“{value}”", value=value),
    "excludes": lambda value: say("不写“{value}”", value=value),
}


def _rule(rule: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    field = fields.get(str(rule.get("field")), {})
    said = [_value(field, rule["equals"])] if "equals" in rule else []
    said += [str(RULES[name]("、".join(_listed(value)))) for name, value in rule.items() if name in RULES]
    return f"{field.get('label', rule.get('field', ''))}：{'，'.join(said)}"


def _keywords(expected: Mapping[str, Any]) -> Say:
    groups = [" / ".join(_listed(group)) for group in expected.get("needs") or ()]
    forbidden = "、".join(_listed(expected.get("forbids")))
    needed = "；".join(groups)
    if forbidden:
        return say("须写：{needed}。禁用：{forbidden}", needed=needed, forbidden=forbidden)
    return say("须写：{needed}", needed=needed)


def steps_of(paper: Paper) -> list[dict[str, Any]]:
    """组卷 → 核对与封卷 → 供场次选用, and where the paper stands."""
    words = [say("组卷"), say("核对并封卷"), say("供场次选用")]
    place = {PaperState.DRAFT: 1, PaperState.FROZEN: 2, PaperState.RETIRED: 2}[PaperState(paper.state)]
    now = "stopped" if paper.state == PaperState.RETIRED else "current"
    return [
        {"label": word, "state": "done" if n < place else now if n == place else "todo"} for n, word in enumerate(words)
    ]
