"""表单: a structured form of a simulated back-office (list a product, set a coupon), scored by checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onex.common.text import Say, say
from onex.items.checkpoints import (
    CHOOSING,
    STEP,
    problems_of_checkpoints,
    problems_of_model_answer,
    score_checkpoints,
)
from onex.items.choice import option_ids
from onex.items.content import (
    mapping,
    points_of,
    problems_of_head,
    problems_of_ids,
    problems_of_options,
    public_options,
    public_points,
    rows,
    whole,
    words,
)
from onex.items.kind import Score
from onex.items.typed import LIMIT, LONGEST_NUMBER, is_storable

label = say("表单操作题")
TYPES = ("text", "number", *CHOOSING)
LONGEST_TEXT = 2000


def public(content: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": words(content.get("code")),
        "kind": "form",
        "title": words(content.get("title")),
        "brief": words(content.get("brief")),
        "points": public_points(content),
        "groups": [
            {
                "title": words(group.get("title")),
                "fields": [_public_field(field) for field in rows(group.get("fields"))],
            }
            for group in rows(content.get("groups"))
        ],
    }
    if words(content.get("material")):
        shown["material"] = words(content["material"])
    return shown


def _public_field(field: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": words(field.get("id")),
        "label": words(field.get("label")),
        "type": words(field.get("type")),
    }
    for name in ("unit", "help"):
        if words(field.get(name)):
            shown[name] = words(field[name])
    if whole(field.get("max_length")) is not None:
        shown["max_length"] = field["max_length"]
    if field.get("required") is True:
        shown["required"] = True
    if field.get("type") in CHOOSING:
        shown["options"] = public_options(field.get("options"))
    return shown


def problems(content: Mapping[str, Any]) -> list[Say]:
    found = problems_of_head(content, "title", "brief", step=STEP)
    groups = rows(content.get("groups"))
    fields = [field for group in groups for field in rows(group.get("fields"))]
    if not fields or not all(words(group.get("title")) and rows(group.get("fields")) for group in groups):
        found.append(say("每个分组都要有标题和至少一个填写项。"))
    found += problems_of_ids(fields, say("填写项"))
    for field in fields:
        found += _problems_of_field(field)
    return found or _problems_of_scoring(content, fields)


def _problems_of_field(field: Mapping[str, Any]) -> list[Say]:
    where = words(field.get("label")) or words(field.get("id"))
    found: list[Say] = []
    if not isinstance(field.get("label"), str) or not where.strip():
        found.append(say("填写项“{id}”没有名称（label）。", id=words(field.get("id"))))
    if field.get("type") not in TYPES:
        return [*found, say("{where}：类型应为 text、number、choice 或 choices。", where=where)]
    if field["type"] in CHOOSING:
        found += problems_of_options(field.get("options"), where)
    if field["type"] == "text" and not 1 <= (whole(field.get("max_length")) or 0) <= LONGEST_TEXT:
        found.append(say("{where}：文字项要有 1～{n} 的字数上限（max_length）。", where=where, n=LONGEST_TEXT))
    return found


def _problems_of_scoring(content: Mapping[str, Any], fields: list[Mapping[str, Any]]) -> list[Say]:
    """Checkpoints first; once they are sound, the model answer has to prove that they can be met."""
    found = problems_of_checkpoints(content, _by_id(fields), "E", "N", "S", "O", "C", "K")
    if found:
        return found
    answer = content.get("model_answer")
    return problems_of_model_answer(answer, check(public(content), answer), score(content, answer))


def check(public: Mapping[str, Any], answer: Any) -> list[Say]:
    """`{field id: string | number | [ids]}`; a field may be null or empty, unknown fields are refused."""
    if answer is None:
        return []
    fields = {field["id"]: field for group in public["groups"] for field in group["fields"]}
    if not isinstance(answer, dict) or len(answer) > len(fields) or any(name not in fields for name in answer):
        return [say("答案与本题的填写项不一致，请刷新页面后再填写。")]
    return [fault for name, value in answer.items() if (fault := _fault(fields[name], value))]


def _fault(field: Mapping[str, Any], value: Any) -> Say | None:
    if value is None or (isinstance(value, str) and value == ""):
        return None
    kind, known = field["type"], option_ids(field)
    if kind == "text":
        fits = isinstance(value, str) and len(value) <= field.get("max_length", LONGEST_TEXT) and is_storable(value)
    elif kind == "number":
        fits = _is_number(value)
    elif kind == "choice":
        fits = isinstance(value, str) and value in known
    else:
        fits = (
            isinstance(value, list)
            and len(value) <= len(known)
            and all(isinstance(one, str) and one in known for one in value)
            and len(set(value)) == len(value)
        )
    return None if fits else say("“{field}”的内容过长或格式不对。", field=field["label"])


def _is_number(value: Any) -> bool:
    """A figure, or the text as typed: what cannot be read as a number is kept all the same and scores 0."""
    if isinstance(value, str):
        return len(value) <= LONGEST_NUMBER and is_storable(value)
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LIMIT


def score(content: Mapping[str, Any], answer: Any) -> Score:
    fields = [field for group in rows(content.get("groups")) for field in rows(group.get("fields"))]
    return Score(
        points_of(content).quantize(STEP), score_checkpoints(content.get("checkpoints"), answer, _by_id(fields))
    )


def _by_id(fields: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {words(field.get("id")): {**field, "options": mapping(field.get("options"))} for field in fields}
