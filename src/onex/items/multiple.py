"""多选题: a stem, options, two or more of them right; only exactly the right set scores (domain.md §5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onex.common.text import Say, say
from onex.items import choice
from onex.items.content import ids, repeated
from onex.items.kind import Score

label = say("多选题")


def public(content: Mapping[str, Any]) -> dict[str, Any]:
    return choice.public_choice(content)


def problems(content: Mapping[str, Any]) -> list[Say]:
    found = choice.problems_of_choice(content)
    key = ids(content.get("key"))
    if key and (not isinstance(content["key"], list) or len(key) < 2):
        found.append(say("多选题至少要有两个答案，写成列表。"))
    found += [say("答案“{key}”重复。", key=one) for one in repeated(key)]
    return found


def check(public: Mapping[str, Any], answer: Any) -> list[Say]:
    return choice.check_many(public, answer)


def score(content: Mapping[str, Any], answer: Any) -> Score:
    """The order of the chosen options does not matter; a strange answer is worth nothing."""
    if not isinstance(answer, list) or not all(isinstance(one, str) for one in answer):
        return choice.score_choice(content, None)
    return choice.score_choice(content, set(answer))
