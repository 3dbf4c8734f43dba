"""What the three choice kinds of the theory paper share: options, a key, marks for the exact answer only."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from onex.common.text import Say, say
from onex.items.content import (
    ids,
    mapping,
    points_of,
    problems_of_head,
    problems_of_options,
    public_options,
    public_points,
    words,
)
from onex.items.kind import Criterion, Score
from onex.items.typed import short

ONE = Decimal(1)


def public_choice(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": words(content.get("code")),
        "kind": words(content.get("kind")),
        "stem": words(content.get("stem")),
        "points": public_points(content),
        "options": public_options(content.get("options")),
    }


def problems_of_choice(content: Mapping[str, Any], *texts: str) -> list[Say]:
    """The mistakes any choice item may have; theory points are whole (domain.md §5.1)."""
    found = problems_of_head(content, "stem", "explanation", "unit", *texts, step=ONE)
    found += problems_of_options(content.get("options"), say("选项"))
    known = mapping(content.get("options"))
    key = content.get("key")
    if not ids(key):
        found.append(say("缺少答案（key）。"))
    for wrong in (word for word in ids(key) if word not in known):
        found.append(say("答案“{key}”不在选项之中。", key=wrong))
    return found


def problems_of_one_key(content: Mapping[str, Any]) -> list[Say]:
    if ids(content.get("key")) and not isinstance(content["key"], str):
        return [say("只能有一个答案，写成一个选项标识。")]
    return []


def check_one(public: Mapping[str, Any], answer: Any) -> list[Say]:
    """One known option, or None."""
    if answer is None or (isinstance(answer, str) and answer in option_ids(public)):
        return []
    return [say("请选择本题的一个选项。")]


def check_many(public: Mapping[str, Any], answer: Any) -> list[Say]:
    """A list of known options, none twice; an empty list clears like None."""
    known = option_ids(public)
    if answer is None:
        return []
    if not isinstance(answer, list) or len(answer) > len(known):
        return [say("请选择本题的选项。")]
    if not all(isinstance(one, str) and one in known for one in answer) or len(set(answer)) < len(answer):
        return [say("请选择本题的选项。")]
    return []


def option_ids(part: Mapping[str, Any]) -> set[str]:
    """The ids of a public part's (or field's) options."""
    return {option["id"] for option in part.get("options", [])}


def score_choice(content: Mapping[str, Any], chosen: set[str] | None) -> Score:
    """Full points for exactly the key, else none: competition precedent gives nothing for wrong, extra or missing."""
    points = points_of(content)
    key = set(ids(content.get("key")))
    if not chosen:
        got, why = Decimal(0), say("未作答，答案为 {key}", key=_listed(key))
    elif chosen == key:
        got, why = points, say("答对，答案为 {key}", key=_listed(key))
    else:
        got = Decimal(0)
        why = say("答案为 {key}，作答为 {given}", key=_listed(key), given=short(_listed(chosen)))
    row = Criterion("key", say("答案"), points, got, (why,), words(content.get("explanation")))
    return Score(points, (row,))


def _listed(options: set[str]) -> str:
    return "".join(sorted(options)) if all(len(one) == 1 for one in options) else "、".join(sorted(options))
