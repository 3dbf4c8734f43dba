"""开设专业 as a school's sheet of rows: each judged against its list and the catalogues, with one reason when wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from onex.common.text import Say, say

MOST_ROWS = 500
CODE = re.compile(r"\d{6}T?K?")


class Verdict(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    BAD = "bad"


@dataclass(frozen=True)
class CatalogueCode:
    """What the catalogues say of a code; `successors` are (code, name) of what became of an old one."""

    name: str
    edition: str
    successors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SheetLine:
    """A row as read: its number in the file and what stands in it."""

    number: int
    code: str
    name: str = ""
    department: str = ""


@dataclass(frozen=True)
class Judged:
    """A row with what it would do; `note` is a hint that refuses nothing, `column` and `reason` say what is wrong."""

    line: SheetLine
    verdict: Verdict
    code: str = ""
    name: str = ""
    department: str = ""
    edition: str = ""
    before: str = ""
    is_renewable: bool = False  # an old code that went into exactly one major
    note: Say | None = None
    column: Say | None = None
    reason: Say | None = None


def tidy(text: str) -> str:
    """A cell without full-width letters and blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def old_code_note(known: CatalogueCode) -> Say | None:
    """What to tell whoever writes a code of a replaced catalogue."""
    if not known.successors:
        return None
    now = "、".join(f"{code} {name}" for code, name in known.successors)
    return say("该专业代码为 {edition} 版目录，现为 {now}", edition=known.edition, now=now)


def judge(
    lines: Sequence[SheetLine],
    offered: Mapping[str, tuple[str, str]],
    known: Mapping[str, CatalogueCode],
    departments: Sequence[str],
    *,
    renews: bool = False,
) -> list[Judged]:
    """Every row with its verdict; `offered` is the school's list by code as (name, department).

    With `renews` an old code that went into exactly one major is written as the code of today. An empty department
    leaves the known one alone. Nothing is written.
    """
    found: list[Judged] = []
    first: dict[str, int] = {}
    for line in lines:
        one = _judged(line, offered, known, departments, renews)
        if one.verdict != Verdict.BAD and (earlier := first.setdefault(one.code, line.number)) != line.number:
            reason = say("专业代码 {code} 与第 {n} 行重复", code=one.code, n=earlier)
            one = Judged(line, Verdict.BAD, column=say("专业代码"), reason=reason)
        found.append(one)
    return found


def _judged(
    line: SheetLine,
    offered: Mapping[str, tuple[str, str]],
    known: Mapping[str, CatalogueCode],
    departments: Sequence[str],
    renews: bool,
) -> Judged:
    code, name, department = tidy(line.code).upper(), tidy(line.name), " ".join(line.department.split())
    listed = known.get(code)
    note = old_code_note(listed) if listed is not None else None
    if renews and listed is not None and len(listed.successors) == 1:
        ((code, name),) = listed.successors
        note, listed = say("原代码 {code} 已改为现行代码", code=tidy(line.code)), known.get(code)
    name = name or (listed.name if listed is not None else "")
    if (wrong := _wrong(code, name, department, departments)) is not None:
        column, reason = wrong
        return Judged(line, Verdict.BAD, column=column, reason=reason)
    if listed is None:
        note = say("平台收录的目录中没有该代码，请核对")
    elif note is None and listed.name != name:
        note = say("目录中的名称为“{name}”", name=listed.name)
    edition = listed.edition if listed is not None else ""
    is_renewable = listed is not None and len(listed.successors) == 1
    facts = {"code": code, "name": name, "edition": edition, "note": note, "is_renewable": is_renewable}
    if code not in offered:
        return Judged(line, Verdict.NEW, department=department, **facts)  # type: ignore[arg-type]
    old_name, old_department = offered[code]
    department = department or old_department
    if (old_name, old_department) == (name, department):
        return Judged(line, Verdict.SAME, department=department, **facts)  # type: ignore[arg-type]
    before = " · ".join(filter(None, (old_name, old_department)))
    return Judged(line, Verdict.CHANGED, department=department, before=before, **facts)  # type: ignore[arg-type]


def _wrong(code: str, name: str, department: str, departments: Sequence[str]) -> tuple[Say, Say] | None:
    if not code:
        return say("专业代码"), say("没有填写专业代码")
    if not CODE.fullmatch(code):
        return say("专业代码"), say("“{code}”不是专业代码（六位数字，本科可带 T 或 K）", code=code)
    if not name:
        return say("专业名称"), say("平台收录的目录中没有该代码，请填写专业名称")
    if len(name) > 60:
        return say("专业名称"), say("专业名称过长，最多 60 个字")
    if department and department not in departments:
        return say("院系"), say("本校没有名为“{name}”的院系，请先在“本校信息”中新增", name=department)
    return None


def counts_of(rows: Sequence[Judged]) -> dict[str, int]:
    """How many rows have each verdict."""
    return {verdict.value: sum(one.verdict == verdict for one in rows) for verdict in Verdict}
