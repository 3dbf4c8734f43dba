"""情景分析题: a situation to read, then one question with one right option (domain.md §5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onex.common.text import Say, say
from onex.items import choice
from onex.items.content import words
from onex.items.kind import Score

label = say("情景分析题")


def public(content: Mapping[str, Any]) -> dict[str, Any]:
    return {**choice.public_choice(content), "material": words(content.get("material"))}


def problems(content: Mapping[str, Any]) -> list[Say]:
    return [*choice.problems_of_choice(content, "material"), *choice.problems_of_one_key(content)]


def check(public: Mapping[str, Any], answer: Any) -> list[Say]:
    return choice.check_one(public, answer)


def score(content: Mapping[str, Any], answer: Any) -> Score:
    return choice.score_choice(content, {answer} if isinstance(answer, str) else None)
