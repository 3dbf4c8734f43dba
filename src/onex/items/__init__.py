"""题型: how an item of each kind is shown, checked and scored. Pure Python: the sealed room and the gate use it too.

One file per kind (single.py, multiple.py, form.py …); a new kind is a new file and touches nothing else.
`content` is the plain dict an author wrote (YAML or JSON), keys included; `public(content)` is all that a candidate's
machine may ever see of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onex.common.text import Refused, Say
from onex.items.kind import Criterion, Kind, Score, kind_of, kinds

__all__ = ["Criterion", "Kind", "Score", "check", "kind_of", "kinds", "problems", "public", "score"]


def public(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a candidate may see, in the shape of docs/exam-room.md. Raises Refused for an unknown kind."""
    return kind_of(content).public(content)


def problems(content: Mapping[str, Any]) -> list[Say]:
    """Every mistake of the author, in sentences; empty means the item can be shown and scored."""
    try:
        kind = kind_of(content)
    except Refused as refused:
        return [reason for reason in refused.reasons if isinstance(reason, Say)]
    return kind.problems(content)


def check(public: Mapping[str, Any], answer: Any) -> list[Say]:
    """Why this answer cannot be kept for this item; empty when it can. `None` clears and is always fine."""
    return kind_of(public).check(public, answer)


def score(content: Mapping[str, Any], answer: Any) -> Score:
    """The marks for this answer with the reason for each; never raises on a strange answer, it is worth 0."""
    return kind_of(content).score(content, answer)
