"""Nothing of a key can leave: whatever an author writes, wherever, the public part is built from named parts only."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onex import items
from onex.items.tests.factories import one_of_each, shipped_items

CANARY = "金丝雀CANARY"
PRIVATE = {"key", "explanation", "task", "checkpoints", "model_answer", "watch"}
CONTENTS = one_of_each() + shipped_items()

OPTION = {"id": str, "text": str}
POINTS = (int, float)
# docs/exam-room.md, "Public part of a form"; a name ending in ? may be absent.
CHOICE = {"id": str, "kind": str, "stem": str, "points": POINTS, "options": [OPTION]}
TASK = {"id": str, "kind": str, "title": str, "brief": str, "points": POINTS}
FIELD = {"id": str, "label": str, "type": str, "unit?": str, "max_length?": int, "options?": [OPTION], "help?": str,
         "required?": bool}  # fmt: skip
COLUMN = {"id": str, "label": str, "unit?": str, "input": bool, "decimals?": int}
CONTRACT: dict[str, Any] = {
    "single": CHOICE,
    "multiple": CHOICE,
    "scenario": {**CHOICE, "material": str},
    "form": {**TASK, "material?": str, "groups": [{"title": str, "fields": [FIELD]}]},
    "sheet": {**TASK, "columns": [COLUMN], "rows": [{"id": str, "label": str, "cells": {"*": str}}]},
    "text": {
        **TASK,
        "material?": str,
        "min_chars": int,
        "max_chars": int,
        "criteria": [{"title": str, "points": POINTS}],
    },
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def assert_shape(value: Any, shape: Any, where: str) -> None:
    if isinstance(shape, list):
        assert isinstance(value, list), where
        for part in value:
            assert_shape(part, shape[0], where + "[]")
    elif isinstance(shape, dict):
        assert isinstance(value, dict), where
        if "*" in shape:
            assert all(isinstance(part, shape["*"]) for part in value.values()), where
            return
        optional = {name[:-1] for name in shape if name.endswith("?")}
        required = {name for name in shape if not name.endswith("?")}
        assert required <= value.keys() <= required | optional, f"{where}: {sorted(value)}"
        for name, part in value.items():
            assert_shape(part, shape.get(name, shape.get(name + "?")), f"{where}.{name}")
    else:
        assert isinstance(value, shape), f"{where}: {value!r}"


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a content, dicts and lists included."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*before, key)
        yield from paths(part, (*before, key))


def replaced(content: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(content)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def shown(content: dict[str, Any]) -> str:
    return json.dumps(items.public(content), ensure_ascii=False)


def with_canaries(value: Any) -> Any:
    """The same content with an unknown key in every dict, as when an author puts a key in a new place."""
    if isinstance(value, dict):
        extra = {} if all(isinstance(part, str) for part in value.values()) else {"answer_note": CANARY}
        return {key: with_canaries(part) for key, part in value.items()} | extra
    return [with_canaries(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content["code"])
def test_the_public_part_has_exactly_the_shape_of_the_contract(content: dict) -> None:
    assert_shape(items.public(content), CONTRACT[content["kind"]], content["code"])
    assert_shape(json.loads(shown(content)), CONTRACT[content["kind"]], content["code"])


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content["code"])
def test_no_private_part_is_shown_wherever_it_stands(content: dict) -> None:
    private = PRIVATE | ({"unit"} if "stem" in content else set())
    marked = with_canaries(copy.deepcopy(content)) | dict.fromkeys(private, CANARY)
    for row in marked.get("criteria", []):
        row |= {"id": CANARY, "guide": CANARY}
    assert CANARY not in shown(marked)
    assert shown(marked) == shown(content)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_key_written_in_the_wrong_place_is_not_shown_either(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(CONTENTS))
    path = data.draw(st.sampled_from([path for path in paths(content) if path != ("kind",)]))
    secret = data.draw(
        st.sampled_from(
            [{"key": [CANARY]}, [{"expected": CANARY}], [[CANARY]], {"deep": {"key": CANARY}}, {CANARY: {}}]
        )
    )
    if secret == {CANARY: {}} and path[-1] == "options":
        return  # the keys of `options` are the ids that candidates choose: public by nature
    assert CANARY not in shown(replaced(content, path, secret))


@given(st.data(), json_values)
@settings(max_examples=300, deadline=None)
def test_a_strange_content_gets_sentences_and_never_an_exception(data: st.DataObject, strange: Any) -> None:
    content = data.draw(st.sampled_from(CONTENTS))
    path = data.draw(st.sampled_from([path for path in paths(content) if path != ("kind",)]))
    changed = replaced(content, path, strange)
    found = items.problems(changed)
    json.dumps(items.public(changed))
    if not found:  # then it is a sound item and behaves like one
        assert items.score(changed, None).points == 0
        assert items.score(changed, None).max > 0


@given(st.sampled_from(sorted(CONTRACT)), st.dictionaries(st.text(max_size=8), json_values, max_size=5))
@settings(deadline=None)
def test_a_content_of_nonsense_has_problems(kind: str, nonsense: dict) -> None:
    assert items.problems({**nonsense, "kind": kind})


def answers_for(content: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Anything at all, and dicts with the item's own field names around anything at all."""
    public = items.public(content)
    names = [field["id"] for group in public.get("groups", []) for field in group["fields"]]
    names += [f"{row['id']}.{column['id']}" for row in public.get("rows", []) for column in public["columns"]]
    options = [option["id"] for group in public.get("groups", []) for field in group["fields"]
               for option in field.get("options", [])]  # fmt: skip
    options += [option["id"] for option in public.get("options", [])]
    likely = st.sampled_from(options or ["1"])
    some = json_values | likely | st.lists(likely, max_size=6)
    return some | st.dictionaries(st.sampled_from(names), some, max_size=6) if names else some


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_any_answer_is_checked_and_scored_between_nothing_and_all(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(CONTENTS))
    answer = data.draw(answers_for(content))
    faults = items.check(items.public(content), answer)
    assert all(str(fault) for fault in faults)
    if not faults:
        json.dumps(answer, ensure_ascii=False).encode()  # what is kept can be written to disk
    score = items.score(content, answer)
    assert 0 <= score.points <= score.max
    assert all(row.got is None or 0 <= row.got <= row.points for row in score.criteria)
    assert sum(row.points for row in score.criteria) == score.max
