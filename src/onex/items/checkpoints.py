"""What a practical item is scored by: a list of checkpoints (criterion, kind, points, expected, tolerance).

The kinds are those of domain.md §6.2, told apart by how an answer is compared:

E  exact: the option, the set of options, or one of the accepted texts
N  number: within `tolerance` of `expected` ("0.01", or "1%" of the expected figure); typed.read_number reads it
S  set: share = precision × recall, so that ticking everything does not pay
O  order: the listed choice fields, in order; share = (right pairs − wrong pairs) ÷ all pairs, never below 0
C  configuration: every rule of every named field must hold, all or nothing
K  keywords: share = needed groups found ÷ needed groups; any forbidden word makes it 0

A share of the points is cut, never rounded up, to one decimal. A blank field is worth 0 under every kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple

from onex.common.text import Say, say
from onex.items.content import amount, ids, mapping, points_of, repeated, rows, whole, words
from onex.items.kind import Criterion, Score
from onex.items.typed import is_blank, length, plain, read_number, short

Field = Mapping[str, Any]  # {"id", "label", "type", "unit"?, "options"?: {id: text}}
Fields = Mapping[str, Field]
Answer = Mapping[str, Any]

STEP = Decimal("0.1")
CHOOSING = ("choice", "choices")


class Reached(NamedTuple):
    """How much of a checkpoint was reached, as an exact fraction, and why."""

    part: int
    whole: int
    why: tuple[Say, ...]


def score_checkpoints(checkpoints: Any, answer: Any, fields: Fields) -> tuple[Criterion, ...]:
    """Every checkpoint's row. An answer that is not a dict is a blank one."""
    given = mapping(answer)
    return tuple(
        _row(number, checkpoint, given, fields) for number, checkpoint in enumerate(rows(checkpoints), start=1)
    )


def fields_of(checkpoint: Mapping[str, Any]) -> list[str]:
    """The fields (or sheet cells) that a checkpoint looks at."""
    if checkpoint.get("kind") == "C":
        return [words(rule.get("field")) for rule in rows(checkpoint.get("expected"))]
    return ids(checkpoint.get("fields") or checkpoint.get("field") or checkpoint.get("cell"))


def problems_of_checkpoints(content: Mapping[str, Any], fields: Fields, *kinds: str) -> list[Say]:
    """The author's mistakes: unknown fields, keys that are no options, points that do not add up."""
    listed = content.get("checkpoints")
    checkpoints = rows(listed)
    if not checkpoints or len(checkpoints) != len(listed or []):
        return [say("缺少评分点（checkpoints），或其中有的不是一组字段。")]
    found: list[Say] = []
    for number, checkpoint in enumerate(checkpoints, start=1):
        where = say("评分点 {n}", n=number)
        if not words(checkpoint.get("criterion")).strip() or not words(checkpoint.get("why")).strip():
            found.append(say("{where}：请写明评分标准（criterion）和理由（why）。", where=where))
        if points_of(checkpoint) <= 0 or points_of(checkpoint) % STEP:
            found.append(say("{where}：分值应大于 0，并以 {step} 分为一档。", where=where, step=STEP))
        kind = words(checkpoint.get("kind"))
        if kind not in kinds:
            found.append(say("{where}：评分方式“{kind}”不能用于本题型。", where=where, kind=kind))
            continue
        named = fields_of(checkpoint)
        unknown = [field for field in named if field not in fields]
        if unknown or not named:
            found.append(say("{where}：没有“{field}”这一项。", where=where, field="、".join(unknown)))
            continue
        if kind not in ("O", "C") and len(named) != 1:
            found.append(say("{where}：这种评分方式只看一项。", where=where))
            continue
        faults = COMPARE[kind].problems(checkpoint, [fields[field] for field in named])
        found += [say("{where}：{fault}", where=where, fault=fault) for fault in faults]
    summed = sum(map(points_of, checkpoints), Decimal(0))
    if summed != points_of(content):
        found.append(say("评分点合计 {sum} 分，与试题分值 {points} 分不符。", sum=summed, points=points_of(content)))
    return found


def problems_of_model_answer(answer: Any, faults: list[Say], reached: Score) -> list[Say]:
    """An item that its own author cannot solve is a mistake: the model answer must be keepable and score in full."""
    if not isinstance(answer, Mapping):
        return [say("缺少参考答案（model_answer）。")]
    return faults + [
        say(
            "参考答案在“{criterion}”只得 {got} 分（满分 {points} 分）。",
            criterion=row.title,
            got=row.got,
            points=row.points,
        )
        for row in reached.criteria
        if row.got != row.points
    ]


def _row(number: int, checkpoint: Mapping[str, Any], answer: Answer, fields: Fields) -> Criterion:
    points = points_of(checkpoint).quantize(STEP)
    named = fields_of(checkpoint)
    if not named or all(is_blank(answer.get(field)) for field in named):
        reached = Reached(0, 1, (say("未填写"),))
    else:
        reached = COMPARE[words(checkpoint.get("kind"))].compare(checkpoint, answer, fields)
    return Criterion(
        str(number),
        words(checkpoint.get("criterion")),
        points,
        _share(points, reached),
        reached.why,
        words(checkpoint.get("why")),
    )


def _share(points: Decimal, reached: Reached) -> Decimal:
    """points × part ÷ whole, cut to one decimal. Whole-number division, so that a third is never 0.3333…"""
    tenths = int(points * 10) * reached.part // reached.whole
    return (Decimal(tenths) / 10).quantize(STEP)


# --- E: exact


def _exact(checkpoint: Mapping[str, Any], answer: Answer, fields: Fields) -> Reached:
    name = fields_of(checkpoint)[0]
    field, given = fields[name], answer.get(name)
    if _equals(field, given, checkpoint.get("expected"), checkpoint.get("accepted")):
        return Reached(1, 1, (say("与标准一致"),))
    expected = shown(field, checkpoint.get("expected"))
    return Reached(0, 1, (say("应为“{expected}”，填写为“{given}”", expected=expected, given=shown(field, given)),))


def _equals(field: Field, given: Any, expected: Any, accepted: Any = None) -> bool:
    """Whether a field holds what is expected: the same option(s), the same number, or an accepted text."""
    if field.get("type") == "choices":
        return isinstance(given, list) and sorted(map(words, given)) == sorted(ids(expected))
    if field.get("type") == "choice":
        return isinstance(given, str) and given == expected
    if field.get("type") == "number":
        number = read_number(given, words(field.get("unit")))
        return number is not None and number == amount(expected)
    return isinstance(given, str) and plain(given) in {plain(text) for text in [*ids(expected), *ids(accepted)]}


def _problems_exact(checkpoint: Mapping[str, Any], fields: Sequence[Field]) -> list[Say]:
    if fields[0].get("type") == "number":
        return [say("数值请用 N（数值）评分，并给出误差。")]
    return _problems_of_expected(fields[0], checkpoint.get("expected"))


def _problems_of_expected(field: Field, expected: Any) -> list[Say]:
    """Whether a field could ever hold this."""
    if field.get("type") == "number":
        return [] if amount(expected) is not None else [say("期望值应为数值。")]
    if not ids(expected) or (isinstance(expected, list) and field.get("type") != "choices"):
        return [say("缺少期望值，或期望值的类型与该项不符。")]
    if field.get("type") in CHOOSING:
        options = mapping(field.get("options"))
        strange = [one for one in ids(expected) if one not in options]
        return [say("期望值“{value}”不在选项之中。", value=one) for one in strange]
    return []


# --- N: number with tolerance


def _number(checkpoint: Mapping[str, Any], answer: Answer, fields: Fields) -> Reached:
    name = fields_of(checkpoint)[0]
    given, unit = answer.get(name), words(fields[name].get("unit"))
    number, expected = read_number(given, unit), amount(checkpoint.get("expected")) or Decimal(0)
    if number is None:
        return Reached(0, 1, (say("“{given}”不能读作数值", given=short(words(given))),))
    if abs(number - expected) <= _tolerance(checkpoint):
        return Reached(1, 1, (say("与标准值 {expected} 相符", expected=expected),))
    return Reached(0, 1, (say("标准值为 {expected}，填写为 {given}", expected=expected, given=short(words(given))),))


def _tolerance(checkpoint: Mapping[str, Any]) -> Decimal:
    tolerance = words(checkpoint.get("tolerance", "0"))
    if tolerance.endswith("%"):
        share = amount(tolerance[:-1]) or Decimal(0)
        return abs(amount(checkpoint.get("expected")) or Decimal(0)) * share / 100
    return amount(tolerance) or Decimal(0)


def _problems_number(checkpoint: Mapping[str, Any], fields: Sequence[Field]) -> list[Say]:
    found: list[Say] = []
    if fields[0].get("type") not in ("number", "text"):
        found.append(say("数值评分只能用于数值或文字项。"))
    if amount(checkpoint.get("expected")) is None:
        found.append(say("期望值应为数值。"))
    tolerance = amount(words(checkpoint.get("tolerance", "0")).removesuffix("%"))
    if tolerance is None or tolerance < 0:
        found.append(say("误差应为不小于 0 的数值或百分比。"))
    return found


# --- S: overlap of sets


def _overlap(checkpoint: Mapping[str, Any], answer: Answer, fields: Fields) -> Reached:
    name = fields_of(checkpoint)[0]
    chosen, expected = _chosen(answer.get(name)), set(ids(checkpoint.get("expected")))
    if not chosen:
        return Reached(0, 1, (say("未填写"),))
    hits = len(chosen & expected)
    extra, missing = len(chosen - expected), len(expected - chosen)
    if not extra and not missing:
        return Reached(1, 1, (say("与标准一致"),))
    why = say("选对 {hits} 项，多选 {extra} 项，漏选 {missing} 项", hits=hits, extra=extra, missing=missing)
    return Reached(hits * hits, len(chosen) * len(expected), (why,))


def _chosen(given: Any) -> set[str]:
    return {one for one in given if isinstance(one, str)} if isinstance(given, list) else set()


def _problems_overlap(checkpoint: Mapping[str, Any], fields: Sequence[Field]) -> list[Say]:
    if fields[0].get("type") != "choices":
        return [say("集合评分只能用于多选项。")]
    found = _problems_of_expected(fields[0], checkpoint.get("expected"))
    return found + [say("期望值“{value}”重复。", value=one) for one in repeated(ids(checkpoint.get("expected")))]


# --- O: order


def _order(checkpoint: Mapping[str, Any], answer: Answer, fields: Fields) -> Reached:
    expected, names = ids(checkpoint.get("expected")), fields_of(checkpoint)
    given = [words(answer.get(name)) for name in names]
    # What stands in two places stands in none: otherwise repeating one good would earn its pairs twice.
    place = {one: n for n, one in enumerate(given) if one in expected and given.count(one) == 1}
    pairs = list(combinations(expected, 2))
    signs = [1 if place[first] < place[second] else -1 for first, second in pairs if first in place and second in place]
    right = signs.count(1)
    if right == len(pairs):
        return Reached(1, 1, (say("与标准一致"),))
    labels = mapping(fields[names[0]].get("options"))
    order = " → ".join(words(labels.get(one)) or one for one in expected)
    why = say("标准顺序为 {order}；{right}/{pairs} 对先后关系正确", order=order, right=right, pairs=len(pairs))
    return Reached(max(0, sum(signs)), len(pairs), (why,))


def _problems_order(checkpoint: Mapping[str, Any], fields: Sequence[Field]) -> list[Say]:
    expected = ids(checkpoint.get("expected"))
    if len(fields) < 2 or len(expected) != len(fields) or repeated(expected):
        return [say("排序评分要有两项以上，期望的顺序与项数相同且不重复。")]
    if any(field.get("type") != "choice" for field in fields):
        return [say("排序评分只能用于单选项。")]
    return [fault for field in fields for one in expected for fault in _problems_of_expected(field, one)]


# --- C: configuration


def _configuration(checkpoint: Mapping[str, Any], answer: Answer, fields: Fields) -> Reached:
    broken: list[Say] = []
    for rule in rows(checkpoint.get("expected")):
        name = words(rule.get("field"))
        field, given = fields[name], answer.get(name)
        if is_blank(given):
            broken.append(say("“{field}”未填写", field=words(field.get("label"))))
            continue
        broken += [
            complain(words(field.get("label")), rule[predicate])
            for predicate, (holds, complain, _) in PREDICATES.items()
            if predicate in rule and not holds(field, given, rule[predicate])
        ]
    return Reached(0, 1, tuple(broken)) if broken else Reached(1, 1, (say("各项设置均符合要求"),))


def _problems_configuration(checkpoint: Mapping[str, Any], fields: Sequence[Field]) -> list[Say]:
    found: list[Say] = []
    for rule, field in zip(rows(checkpoint["expected"]), fields, strict=True):
        predicates = rule.keys() - {"field"}
        for unknown in sorted(predicates - PREDICATES.keys()):
            found.append(say("没有“{rule}”这种规则。", rule=unknown))
        if not predicates:
            found.append(say("“{field}”没有写规则。", field=words(field.get("label"))))
        if "equals" in rule:
            found += _problems_of_expected(field, rule["equals"])
        for predicate in sorted(predicates & PREDICATES.keys()):
            fits_value, types = PREDICATES[predicate].expects
            if not fits_value(rule[predicate]) or field.get("type") not in types:
                found.append(say("规则“{rule}”的值或所用的项不合适。", rule=predicate))
    if len(fields) != len(checkpoint["expected"]):
        found.append(say("每条规则都要写成一组字段，并写明是哪一项（field）。"))
    return found


class Predicate(NamedTuple):
    """One kind of rule: whether it holds, what to say when it does not, and (value test, field types) it is for."""

    holds: Callable[[Field, Any, Any], bool]
    complain: Callable[[str, Any], Say]
    expects: tuple[Callable[[Any], bool], tuple[str, ...]]


def _has_length(least: bool) -> Callable[[Field, Any, Any], bool]:
    def holds(field: Field, given: Any, bound: Any) -> bool:
        return isinstance(given, str) and (length(given) >= bound if least else length(given) <= bound)

    return holds


def _has_size(least: bool) -> Callable[[Field, Any, Any], bool]:
    def holds(field: Field, given: Any, bound: Any) -> bool:
        number, limit = read_number(given, words(field.get("unit"))), amount(bound) or Decimal(0)
        return number is not None and (number >= limit if least else number <= limit)

    return holds


def _found_in(given: Any, sought: Any) -> list[str]:
    """Those of the sought words that stand in the text, compared as plain text."""
    return [word for word in ids(sought) if plain(word) in plain(given)] if isinstance(given, str) else []


PREDICATES: dict[str, Predicate] = {
    "equals": Predicate(
        _equals,
        lambda label, value: say("“{field}”与要求不符", field=label),
        (lambda value: bool(ids(value)), ("text", "number", "choice", "choices")),
    ),
    "min_length": Predicate(
        _has_length(least=True),
        lambda label, value: say("“{field}”应不少于 {n} 个字", field=label, n=value),
        (lambda value: whole(value) is not None, ("text",)),
    ),
    "max_length": Predicate(
        _has_length(least=False),
        lambda label, value: say("“{field}”应不多于 {n} 个字", field=label, n=value),
        (lambda value: whole(value) is not None, ("text",)),
    ),
    "min": Predicate(
        _has_size(least=True),
        lambda label, value: say("“{field}”应不小于 {n}", field=label, n=value),
        (lambda value: amount(value) is not None, ("number",)),
    ),
    "max": Predicate(
        _has_size(least=False),
        lambda label, value: say("“{field}”应不大于 {n}", field=label, n=value),
        (lambda value: amount(value) is not None, ("number",)),
    ),
    "contains": Predicate(
        lambda field, given, value: bool(_found_in(given, value)),
        lambda label, value: say("“{field}”应写有“{word}”", field=label, word="”或“".join(ids(value))),
        (lambda value: bool(ids(value)), ("text",)),
    ),
    "excludes": Predicate(
        lambda field, given, value: isinstance(given, str) and not _found_in(given, value),
        lambda label, value: say("“{field}”写有不允许的内容", field=label),
        (lambda value: bool(ids(value)), ("text",)),
    ),
}


# --- K: keywords and forbidden words


def _keywords(checkpoint: Mapping[str, Any], answer: Answer, fields: Fields) -> Reached:
    given = answer.get(fields_of(checkpoint)[0])
    expected = mapping(checkpoint.get("expected"))
    forbidden = _found_in(given, expected.get("forbids"))
    if forbidden:
        return Reached(0, 1, (say("出现禁用词：{words}", words="、".join(forbidden)),))
    groups = _groups(expected.get("needs"))
    missing = [group for group in groups if not _found_in(given, group)]
    if not missing:
        return Reached(1, 1, (say("要点齐全，无禁用词"),))
    why = say("缺少要点：{words}", words="、".join(group[0] for group in missing))
    return Reached(len(groups) - len(missing), len(groups), (why,))


def _groups(needs: Any) -> list[list[str]]:
    """Each needed point as the list of words that all mean it."""
    return [group for group in map(ids, needs) if group] if isinstance(needs, list) else []


def _problems_keywords(checkpoint: Mapping[str, Any], fields: Sequence[Field]) -> list[Say]:
    expected = mapping(checkpoint.get("expected"))
    if fields[0].get("type") != "text":
        return [say("关键词评分只能用于文字项。")]
    if not _groups(expected.get("needs")):
        # Only forbidden words would pay for any other text, such as a single full stop.
        return [say("关键词评分至少要有一个必写要点（needs）。")]
    return []


class Compare(NamedTuple):
    """One kind of checkpoint: how an answer is compared, and what may be wrong with the author's expectation."""

    compare: Callable[[Mapping[str, Any], Answer, Fields], Reached]
    problems: Callable[[Mapping[str, Any], Sequence[Field]], list[Say]]


COMPARE: dict[str, Compare] = {
    "E": Compare(_exact, _problems_exact),
    "N": Compare(_number, _problems_number),
    "S": Compare(_overlap, _problems_overlap),
    "O": Compare(_order, _problems_order),
    "C": Compare(_configuration, _problems_configuration),
    "K": Compare(_keywords, _problems_keywords),
}


def shown(field: Field, value: Any) -> str:
    """A field's value in the words the candidate saw: option texts rather than ids."""
    options = mapping(field.get("options"))
    return short("、".join(words(options.get(one)) or one for one in ids(value)))
