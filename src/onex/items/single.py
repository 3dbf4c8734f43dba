"""单选题: a stem, options, one of them right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onex.common.text import Say, say
from onex.items import choice
from onex.items.kind import Score

label = say("单选题")


def public(content: Mapping[str, Any]) -> dict[str, Any]:
    return choice.public_choice(content)


def problems(content: Mapping[str, Any]) -> list[Say]:
    return [*choice.problems_of_choice(content), *choice.problems_of_one_key(content)]


def check(public: Mapping[str, Any], answer: Any) -> list[Say]:
    return choice.check_one(public, answer)


def score(content: Mapping[str, Any], answer: Any) -> Score:
    return choice.score_choice(content, {answer} if isinstance(answer, str) else None)
