"""文字题: a script or another piece of writing, marked by an examiner against criteria with points."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from onex.common.text import Say, say
from onex.items.checkpoints import STEP
from onex.items.content import (
    ids,
    points_of,
    problems_of_head,
    problems_of_ids,
    public_points,
    rows,
    whole,
    words,
)
from onex.items.kind import HALF, Criterion, Score, total
from onex.items.typed import is_blank, is_storable, length, plain

label = say("文字撰写题")
LONGEST = 10_000


def public(content: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": words(content.get("code")),
        "kind": "text",
        "title": words(content.get("title")),
        "brief": words(content.get("brief")),
        "points": public_points(content),
        "min_chars": whole(content.get("min_chars")) or 0,
        "max_chars": whole(content.get("max_chars")) or LONGEST,
        "criteria": [
            {"title": words(row.get("title")), "points": public_points(row)} for row in rows(content.get("criteria"))
        ],
    }
    if words(content.get("material")):
        shown["material"] = words(content["material"])
    return shown


def problems(content: Mapping[str, Any]) -> list[Say]:
    found = problems_of_head(content, "title", "brief", step=STEP)
    least, most = whole(content.get("min_chars")), whole(content.get("max_chars"))
    if least is None or most is None or not least < most <= LONGEST:
        found.append(say("字数下限（min_chars）应小于上限（max_chars），上限不超过 {n}。", n=LONGEST))
    criteria = rows(content.get("criteria"))
    if not criteria:
        return [*found, say("缺少评分标准（criteria）。")]
    found += problems_of_ids(criteria, say("评分标准"))
    for row in criteria:
        if not words(row.get("title")).strip() or not words(row.get("guide")).strip():
            found.append(say("评分标准“{id}”要有名称（title）和评分说明（guide）。", id=words(row.get("id"))))
        if points_of(row) <= 0 or points_of(row) % HALF:
            found.append(say("评分标准“{id}”的分值应大于 0，并以 0.5 分为一档。", id=words(row.get("id"))))
    summed = sum(map(points_of, criteria), Decimal(0))
    if summed != points_of(content):
        found.append(say("评分标准合计 {sum} 分，与试题分值 {points} 分不符。", sum=summed, points=points_of(content)))
    model = content.get("model_answer")
    if not isinstance(model, str) or not (least or 0) <= length(model) <= (most or LONGEST):
        found.append(say("缺少参考答案（model_answer），或其字数不在要求之内。"))
    elif _watched(content, model):
        found.append(say("参考答案写有需留意的词：{words}", words="、".join(_watched(content, model))))
    return found


def check(public: Mapping[str, Any], answer: Any) -> list[Say]:
    """Text up to `max_chars`; a draft below `min_chars` is kept, the examiner sees that it is short."""
    if answer is None:
        return []
    if not isinstance(answer, str) or not is_storable(answer):
        return [say("答案应为文字。")]
    if len(answer) > public["max_chars"]:
        return [say("最多 {n} 个字，当前 {given} 个字。", n=public["max_chars"], given=len(answer))]
    return []


def score(content: Mapping[str, Any], answer: Any) -> Score:
    """Nothing written scores 0 at once; anything else waits for an examiner, with what a machine can point out."""
    given = answer if isinstance(answer, str) else ""
    blank = is_blank(given)
    criteria = tuple(
        Criterion(
            words(row.get("id")),
            words(row.get("title")),
            points_of(row).quantize(STEP),
            Decimal("0.0") if blank else None,
            (say("未作答"),) if blank else (),
            words(row.get("guide")),
        )
        for row in rows(content.get("criteria"))
    )
    return Score(total(criteria), criteria, () if blank else tuple(_notes(content, given)))


def _notes(content: Mapping[str, Any], given: str) -> list[Say]:
    counted, least = length(given), whole(content.get("min_chars")) or 0
    found = [say("全文 {n} 个字", n=counted)]
    if counted < least:
        found.append(say("少于要求的 {n} 个字", n=least))
    watched = _watched(content, given)
    if watched:
        found.append(say("出现需留意的词：{words}。请结合上下文判断。", words="、".join(watched)))
    return found


def _watched(content: Mapping[str, Any], given: str) -> list[str]:
    """Words of the author's `watch` list that stand in the text; only pointed out, never scored by machine."""
    text = plain(given)
    return [word for word in ids(content.get("watch")) if plain(word) in text]
