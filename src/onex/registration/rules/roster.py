"""A school's roster (学生名单) read from Excel: each row is new, changed, the same or wrong with one reason."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from onex.accounts.identifiers import birth_date_of, normalised, problems_with_id_number, problems_with_name, sex_of
from onex.common.masks import mask_name
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"

    @property
    def label(self) -> Say:
        return GENDER_LABELS[self]


GENDER_LABELS = {Gender.MALE: say("男"), Gender.FEMALE: say("女")}
_GENDERS = {"男": Gender.MALE, "女": Gender.FEMALE}


class RosterState(StrEnum):
    PREVIEW = "preview"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class Verdict(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    BAD = "bad"

    @property
    def label(self) -> Say:
        return VERDICT_LABELS[self]


VERDICT_LABELS = {
    Verdict.NEW: say("新增"),
    Verdict.CHANGED: say("更新"),
    Verdict.SAME: say("相同"),
    Verdict.BAD: say("有误"),
}


@dataclass(frozen=True)
class Head:
    """One column of the template. `title` is data of the file, so it stays Chinese in every language."""

    key: str
    title: str
    is_required: bool = False
    width: int = 14
    note: Say | str = ""


HEADS = (
    Head("name", "姓名", True, 12, say("与身份证一致，2–30 个字；少数民族姓名中的间隔号用“·”")),
    Head("id_number", "身份证号", True, 22, say("18 位；单元格须为“文本”格式，否则 Excel 会丢失末尾几位")),
    Head("gender", "性别", False, 8, say("可不填；填写时须与身份证号一致")),
    Head("birth_on", "出生日期", False, 14, say("可不填；例如 2006-09-01，须与身份证号一致")),
    Head("student_no", "学号", True, 16, say("本校内不重复")),
    Head("entry_year", "入学年份", True, 10, say("4 位年份，例如 2024")),
    Head("major_code", "专业代码", True, 12, say("6 位专业代码，本科目录的 T、K 后缀也要填写")),
    Head("major_name", "专业名称", False, 22, say("可不填；填写时须与专业代码一致")),
    Head("class_name", "班级", False, 18, say("可不填；留空不会清除学生库中已有的班级")),
    Head("phone", "手机号", True, 16, say("11 位手机号")),
)
# What the sheet of wrong rows has beside the template's columns: it is mended and sent again as it is.
ERROR_HEADS = {"row": say("原行号"), "column": say("有误的列"), "reason": say("原因")}
TITLES = {head.key: head.title for head in HEADS}
FIELDS = ("name", "student_no", "entry_year", "major_code", "major_name", "class_name", "phone")
LABELS = {
    "name": say("姓名"),
    "id_number": say("身份证号"),
    "gender": say("性别"),
    "birth_on": say("出生日期"),
    "student_no": say("学号"),
    "entry_year": say("入学年份"),
    "major_code": say("专业代码"),
    "major_name": say("专业名称"),
    "class_name": say("班级"),
    "phone": say("手机号"),
}


@dataclass(frozen=True)
class Pupil:
    """A student as a clean row. `id_number` is normalised; gender and birth come from it."""

    name: str
    id_number: str
    gender: str
    birth_on: date
    student_no: str
    entry_year: int
    major_code: str
    major_name: str
    class_name: str
    phone: str


@dataclass(frozen=True)
class Line:
    """A row as read: number in the file, cells by column, columns whose cell was a number."""

    number: int
    cells: Mapping[str, str]
    numeric: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Known:
    """A student who is already in the roster; entered ones keep the facts that their entry was judged by."""

    pupil: Pupil
    is_entered: bool = False
    key: Any = None  # of the row that is overwritten when the registrar says so


@dataclass(frozen=True)
class Judged:
    """A row with its verdict. A bad one has one reason and the column it is about."""

    line: Line
    verdict: Verdict
    pupil: Pupil | None = None
    column: str = ""
    reason: Say | None = None
    changes: tuple[tuple[str, str, str], ...] = ()  # column, before, after
    known: Known | None = None  # of a changed row: who stands in the roster

    @property
    def number(self) -> int:
        return self.line.number

    @property
    def gender_label(self) -> Say | str:
        return GENDER_LABELS[Gender(self.pupil.gender)] if self.pupil else ""

    @property
    def column_label(self) -> Say | str:
        return LABELS.get(self.column, "")


class _Bad(Exception):
    def __init__(self, column: str, reason: Say) -> None:
        super().__init__(column)
        self.column, self.reason = column, reason


def judge(lines: Iterable[Line], known: Sequence[Known], majors: Mapping[str, str], today: date) -> list[Judged]:
    """Every row of a file against itself and against the school's roster, in the file's order.

    `known` are the school's students, `majors` the names of the majors whose codes are known. Nothing is written.
    """
    by_id = {one.pupil.id_number: one for one in known}
    holder_of_no = {one.pupil.student_no: one.pupil for one in known}
    ids_in_file: dict[str, int] = {}
    nos_in_file: dict[str, int] = {}
    found = []
    for line in lines:
        try:
            pupil = clean(line, majors, today)
            _refuse_twice("id_number", ids_in_file, pupil.id_number)
            _refuse_twice("student_no", nos_in_file, pupil.student_no)
            _refuse_foreign_number(pupil, holder_of_no)
            found.append(_compare(line, pupil, by_id.get(pupil.id_number)))
            # Only a right row stands for its person: a wrong one must not make its neighbours wrong as well.
            ids_in_file[pupil.id_number] = nos_in_file[pupil.student_no] = line.number
        except _Bad as bad:
            found.append(Judged(line, Verdict.BAD, column=bad.column, reason=bad.reason))
    return found


def clean(line: Line, majors: Mapping[str, str], today: date) -> Pupil:
    """One row as a student; raises the first thing that is wrong, in the order of the columns."""
    cells = {head.key: line.cells.get(head.key, "") for head in HEADS}
    name = _name(cells["name"])
    number = _id_number(cells["id_number"], "id_number" in line.numeric, today)
    gender = Gender(sex_of(number))
    birth_on = birth_date_of(number)
    _refuse_contradiction(cells, gender, birth_on)
    code = _code("major_code", cells["major_code"], _MAJOR_CODE, say("专业代码应为 6 位数字（本科目录可带 T、K 后缀）"))
    return Pupil(
        name=name,
        id_number=number,
        gender=gender,
        birth_on=birth_on,
        student_no=_student_no(cells["student_no"], "student_no" in line.numeric),
        entry_year=_year(cells["entry_year"], today),
        major_code=code,
        major_name=_major_name(code, trim(cells["major_name"]), majors),
        class_name=_short("class_name", trim(cells["class_name"]).translate(_HALF), 40),
        phone=_code("phone", cells["phone"], _PHONE, say("手机号应为 11 位，以 1 开头")),
    )


_MAJOR_CODE = re.compile(r"\d{6}[A-Z]{0,2}")
_STUDENT_NO = re.compile(r"[0-9A-Z-]{1,30}")
_PHONE = re.compile(r"1[3-9]\d{9}")
_YEAR = re.compile(r"(\d{4})[年级]?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?|(\d{4})(\d{2})(\d{2})")
_HAN_GAP = re.compile(r"(?<=[\u2e80-\u9fff\U00020000-\U0003ffff])\s+(?=[\u2e80-\u9fff\U00020000-\U0003ffff])")
_DOTS = str.maketrans(dict.fromkeys("•・‧．∙⋅●", "·"))
# Full-width digits and letters alone: the brackets of “（1）班” are as the school writes them.
_HALF = {ord(half) + 0xFEE0: half for half in string.ascii_letters + string.digits}
_KEPT_DIGITS = 15  # of a number in Excel


def trim(text: str) -> str:
    """Without blanks (also full-width and no-break ones) and invisible marks around it."""
    return text.strip().strip("\u200b\ufeff\u200e\u200f\u3000\xa0").strip()


def _name(text: str) -> str:
    # Names are not put through NFKC: it would replace rare characters that the identity card has.
    name = _HAN_GAP.sub("", trim(text)).translate(_DOTS)
    if not name:
        raise _Bad("name", say("请填写姓名"))
    for reason in problems_with_name(name):
        raise _Bad("name", reason)
    return name


def _id_number(text: str, is_numeric: bool, today: date) -> str:
    if is_numeric:
        # Excel keeps 15 digits of a number: the last ones are gone before we see them (deps.md G8).
        raise _Bad(
            "id_number",
            say("身份证号单元格是数字格式，Excel 已丢失末尾几位；请把该列设为“文本”格式后重新填写"),
        )
    number = normalised(text)
    if not number:
        raise _Bad("id_number", say("请填写身份证号"))
    for reason in problems_with_id_number(number, today):
        raise _Bad("id_number", reason)
    return number


def _student_no(text: str, is_numeric: bool) -> str:
    if is_numeric and not (text.isascii() and text.isdigit() and len(text) <= _KEPT_DIGITS):
        raise _Bad(
            "student_no",
            say("学号单元格是数字格式，Excel 已改变它的写法；请把该列设为“文本”格式后重新填写"),
        )
    return _code("student_no", text, _STUDENT_NO, say("学号应为 1–30 位字母、数字或短横线"))


def _refuse_contradiction(cells: Mapping[str, str], gender: Gender, birth_on: date) -> None:
    if written := normalised(cells["gender"]).removesuffix("性"):
        if written not in _GENDERS:
            raise _Bad("gender", say("性别应填“男”或“女”"))
        if _GENDERS[written] != gender:
            raise _Bad(
                "gender", say("性别“{written}”与身份证号不一致（应为“{right}”）", written=written, right=gender.label)
            )
    if written := trim(cells["birth_on"]):
        day = read_date(written)
        if day is None:
            raise _Bad("birth_on", say("出生日期“{written}”不是有效日期，例如 2006-09-01", written=written))
        if day != birth_on:
            raise _Bad(
                "birth_on", say("出生日期 {written} 与身份证号不一致（应为 {right}）", written=day, right=birth_on)
            )


def read_date(text: str) -> date | None:
    """2006-09-01, 2006/9/1, 2006年9月1日 or 20060901; None for anything else and for days that do not exist."""
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        return None
    year, month, day = (part for part in match.groups() if part is not None)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _code(column: str, text: str, pattern: re.Pattern[str], otherwise: Say) -> str:
    code = normalised(text)
    if not code:
        raise _Bad(column, say("请填写{field}", field=LABELS[column]))
    if not (code.isascii() and pattern.fullmatch(code)):
        raise _Bad(column, otherwise)
    return code


def _year(text: str, today: date) -> int:
    match = _YEAR.fullmatch(normalised(text))
    if match is None:
        raise _Bad("entry_year", say("入学年份应为 4 位年份，例如 2024"))
    year = int(match[1])
    if not 1990 <= year <= today.year:
        raise _Bad("entry_year", say("入学年份 {year} 应在 1990 年至 {now} 年之间", year=year, now=today.year))
    return year


def _major_name(code: str, written: str, majors: Mapping[str, str]) -> str:
    right = majors.get(code)
    if right is None and not written:
        raise _Bad("major_name", say("专业代码 {code} 不在专业目录和贵校开设专业之内，请填写专业名称", code=code))
    if right is not None and written and written != right:
        raise _Bad(
            "major_name",
            say("专业代码 {code} 对应“{right}”，与填写的“{written}”不一致", code=code, right=right, written=written),
        )
    return right or _short("major_name", written, 60)


def _short(column: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise _Bad(column, say("{field}不能超过 {n} 个字", field=LABELS[column], n=limit))
    return text


def _refuse_twice(column: str, seen: Mapping[str, int], value: str) -> None:
    if (first := seen.get(value)) is not None:
        raise _Bad(column, say("{field}与文件第 {n} 行重复", field=LABELS[column], n=first))


def _refuse_foreign_number(pupil: Pupil, holder_of_no: Mapping[str, Pupil]) -> None:
    holder = holder_of_no.get(pupil.student_no)
    if holder is not None and holder.id_number != pupil.id_number:
        raise _Bad(
            "student_no",
            say(
                "学号 {no} 已登记给学生库中的 {name}（身份证号尾号 {tail}）",
                no=pupil.student_no,
                name=mask_name(holder.name),
                tail=holder.id_number[-4:],
            ),
        )


def _compare(line: Line, pupil: Pupil, known: Known | None) -> Judged:
    if known is None:
        return Judged(line, Verdict.NEW, pupil)
    changes = tuple(
        (key, str(getattr(known.pupil, key)), str(getattr(pupil, key)))
        for key in FIELDS
        if getattr(known.pupil, key) != getattr(pupil, key)
        and getattr(pupil, key) != ""  # what is not said erases nothing
    )
    if not changes:
        return Judged(line, Verdict.SAME, pupil)
    if known.is_entered and (locked := next((c for c in changes if c[0] in ("name", "major_code")), None)):
        raise _Bad(
            locked[0],
            say(
                "该生已报名，不能把{field}由“{before}”改为“{after}”",
                field=LABELS[locked[0]],
                before=locked[1],
                after=locked[2],
            ),
        )
    return Judged(line, Verdict.CHANGED, pupil, changes=changes, known=known)


def counts_of(judged: Iterable[Judged]) -> dict[str, int]:
    """How many rows of each verdict, all four named."""
    found = {verdict.value: 0 for verdict in Verdict}
    for one in judged:
        found[one.verdict] += 1
    return found


@dataclass(frozen=True)
class ConfirmFacts:
    """What is judged before an import is written: the counts as they are now, how many of the changed are ticked
    (None while nobody has chosen yet), and whether the ticks were set on another preview than this one.
    """

    counts: Mapping[str, int]
    taken_count: int | None = None
    is_stale: bool = False


def problems_on_confirm(facts: ConfirmFacts, at: object) -> list[Say]:
    """All or nothing: one wrong row keeps the whole file out."""
    counts = facts.counts
    if counts[Verdict.BAD]:
        return [say("有 {n} 行有误，请改正后重新上传；在此之前不会写入任何一行。", n=counts[Verdict.BAD])]
    if facts.is_stale:
        return [say("学生库在您预览之后有改动，勾选的内容已不是当时的样子。请核对下面的改动后重新勾选。")]
    if not counts[Verdict.NEW] + counts[Verdict.CHANGED]:
        return [say("没有需要新增或更新的学生")]
    if not counts[Verdict.NEW] and facts.taken_count == 0:
        return [say("没有新增的学生，也没有勾选要更新的内容。请勾选要采用的改动，或放弃本次导入。")]
    return []


ROSTER_FLOW = Workflow(
    "registration.roster_import",
    RosterState.PREVIEW,
    Move(
        "confirm",
        (RosterState.PREVIEW,),
        RosterState.CONFIRMED,
        "registration.student_write",
        problems_on_confirm,
        label=say("确认导入"),
    ),
    Move(
        "discard",
        (RosterState.PREVIEW,),
        RosterState.DISCARDED,
        "registration.student_write",
        label=say("放弃本次导入"),
    ),
    Move(
        "lapse",
        (RosterState.PREVIEW,),
        RosterState.DISCARDED,
        "registration.roster_lapse",
        label=say("逾期自动放弃"),
    ),
    label=say("学生名单导入"),
    labels={
        RosterState.PREVIEW: say("待确认"),
        RosterState.CONFIRMED: say("已导入"),
        RosterState.DISCARDED: say("已放弃"),
    },
    tones={RosterState.PREVIEW: "info", RosterState.CONFIRMED: "good"},
)

PUPIL_FIELDS = tuple(field.name for field in fields(Pupil))
