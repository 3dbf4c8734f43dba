"""The kinds are found by their files, dispatch by the content's own word, and scores survive storage."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from onex import items
from onex.common.text import Refused, Say
from onex.items.kind import kinds
from onex.items.tests.factories import a_form, a_single, a_text, one_of_each, perfect_answer

ESSAY = """
from decimal import Decimal
from onex.common.text import say
from onex.items.kind import Score
label = say("论述题")
def public(content): return {"id": content["code"]}
def problems(content): return []
def check(public, answer): return []
def score(content, answer): return Score(Decimal(7), ())
"""


def test_the_kinds_are_the_files_of_the_package() -> None:
    assert sorted(kinds()) == ["form", "multiple", "scenario", "sheet", "single", "text"]
    assert str(kinds()["single"].label) == "单选题"


def test_a_new_kind_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "essay.py").write_text(ESSAY, encoding="utf-8")
    monkeypatch.setattr(items, "__path__", [*items.__path__, str(tmp_path)])
    kinds.cache_clear()
    try:
        assert items.score({"kind": "essay", "code": "X"}, None).max == 7
        assert "choice" not in kinds()  # what the kinds share is no kind
    finally:
        kinds.cache_clear()


@pytest.mark.parametrize("kind", ["essay", "", None, ["single"], "kind", "__init__"])
def test_an_unknown_kind_is_said_in_a_sentence(kind: object) -> None:
    content = a_single(kind=kind)
    assert any("题型" in str(problem) for problem in items.problems(content))
    with pytest.raises(Refused, match="题型"):
        items.score(content, "B")


@pytest.mark.parametrize("content", one_of_each(), ids=lambda content: content["kind"])
def test_a_score_comes_back_from_json_as_it_was(content: dict) -> None:
    for answer in (perfect_answer(content), None):
        score = items.score(content, answer)
        stored = json.dumps(score.as_json(), ensure_ascii=False)
        again = items.Score.from_json(json.loads(stored))
        assert json.dumps(again.as_json(), ensure_ascii=False) == stored
        assert (again.points, again.max) == (score.points, score.max)
        assert [str(why) for row in again.criteria for why in row.why] == [
            str(why) for row in score.criteria for why in row.why
        ]


@pytest.mark.parametrize("content", one_of_each(), ids=lambda content: content["kind"])
def test_every_row_of_a_score_says_why(content: dict) -> None:
    for answer in (perfect_answer(content), None, {"title": "别的"}):
        for row in items.score(content, answer).criteria:
            assert row.got is None or (row.why and all(isinstance(why, Say) for why in row.why))
            assert row.explanation


def test_an_examiner_marks_what_is_waiting_and_nothing_else() -> None:
    waiting = items.score(a_text(), "大家好，我是小禾。")
    assert [row.id for row in waiting.needs_examiner] == ["greeting", "offer"]
    assert waiting.points == 0
    marked = waiting.with_marks({"greeting": Decimal("2.5"), "offer": Decimal(0)})
    assert marked.points == Decimal("2.5")
    assert marked.needs_examiner == ()
    with pytest.raises(Refused, match="不是待评分项"):
        items.score(a_form(), None).with_marks({"1": Decimal(1)})


@pytest.mark.parametrize(
    "mark", [Decimal("-0.5"), Decimal("3.5"), Decimal("0.3"), Decimal("NaN"), Decimal("Infinity"), None]
)
def test_a_mark_outside_its_criterion_is_refused(mark: Decimal | None) -> None:
    waiting = items.score(a_text(), "大家好，我是小禾。")
    with pytest.raises(Refused, match="问候"):
        waiting.with_marks({"greeting": mark, "offer": Decimal(1)})
