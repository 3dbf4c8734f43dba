"""对应专业 as an organisation types it: lines with codes, each judged with its reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from onex.catalog.rules.school_majors import CODE, CatalogueCode, tidy
from onex.common.text import Say, say

MOST_LINES = 300
_APART = re.compile(r"[\s,，;；、]+")


@dataclass(frozen=True)
class CodeLine:
    """A line of a pasted list: what was typed, the code of today it means, and what is to say of it."""

    number: int
    text: str
    code: str = ""
    name: str = ""
    is_new: bool = False
    note: Say | None = None
    reason: Say | None = None


def codes_in(text: str) -> list[tuple[int, str]]:
    """The lines that say something, with their numbers; what stands behind the code (a name) is not read."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if words := line.strip():
            found.append((number, _APART.split(words, maxsplit=1)[0][:20]))
    return found


def judge_codes(
    lines: Sequence[tuple[int, str]], known: Mapping[str, CatalogueCode], mapped: Collection[str]
) -> list[CodeLine]:
    """Every line with what adding it would do; `mapped` are codes that are mapped without an end already.

    An old code means what became of it: mapping the major of today lets in rosters that still carry the old code.
    """
    found: list[CodeLine] = []
    seen: dict[str, int] = {}
    for number, text in lines:
        one = _judged(number, text, known, mapped)
        if one.is_new and (first := seen.setdefault(one.code, number)) != number:
            one = CodeLine(number, text, one.code, one.name, note=say("与第 {n} 行是同一专业", n=first))
        found.append(one)
    return found


def _judged(number: int, text: str, known: Mapping[str, CatalogueCode], mapped: Collection[str]) -> CodeLine:
    code = tidy(text).upper()
    if not CODE.fullmatch(code):
        return CodeLine(number, text, reason=say("“{code}”不是专业代码（六位数字，本科可带 T 或 K）", code=text))
    listed = known.get(code)
    if listed is None:
        return CodeLine(number, text, code, reason=say("平台收录的各版目录中都没有代码 {code}，请核对", code=code))
    note = None
    if listed.successors:
        now = "、".join(f"{one} {name}" for one, name in listed.successors)
        if len(listed.successors) > 1:
            reason = say(
                "{code} 为 {edition} 版目录，现分为 {now}，请填写现行代码", code=code, edition=listed.edition, now=now
            )
            return CodeLine(number, text, code, listed.name, reason=reason)
        note = say(
            "{code} 为 {edition} 版目录，按现行的 {now} 添加，旧代码的学生同样可以报名",
            code=code,
            edition=listed.edition,
            now=now,
        )
        ((code, name),) = listed.successors
    else:
        name = listed.name
    if code in mapped:
        return CodeLine(number, text, code, name, note=say("已是对应专业"))
    return CodeLine(number, text, code, name, is_new=True, note=note)
