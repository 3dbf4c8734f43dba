"""开设专业: the list a school keeps of what it offers. What catalogues say of a code is a later app's to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from onex.accounts.models import Department, School, SchoolMajor
from onex.accounts.rules import parse_majors
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.moves import leave_trace
from onex.common.permits import demand
from onex.common.text import Refused, say


@dataclass(frozen=True)
class OfferedMajor:
    """A major as a school writes it down; `catalogue` is the edition its code comes from, empty when none has it."""

    code: str
    name: str
    department: Department | None = None
    catalogue: str = "2021"


def save_major(
    school: School,
    code: str,
    name: str,
    department: Department | None,
    *,
    by: Actor,
    at: datetime,
    catalogue: str = "2021",
) -> SchoolMajor:
    """A major that the school offers, by its code: a new one, or another name or department for a known one.

    Raises Refused for a code that no catalogue can have, and for another school's department.
    """
    rows, problems = parse_majors(f"{code.strip()} {' '.join(name.split())}")
    if problems or len(rows) != 1:
        raise Refused(*(problems or [say("请填写专业代码和专业名称")]))
    ((code, name),) = rows
    (row,) = save_majors(school, [OfferedMajor(code, name, department, catalogue)], by=by, at=at)
    return row


def save_majors(school: School, rows: Sequence[OfferedMajor], *, by: Actor, at: datetime) -> list[SchoolMajor]:
    """Several majors at once, all or none; they have been read and judged before.

    Raises Refused for another school's department.
    """
    demand("accounts.school_edit", by, school)
    if any(row.department is not None and row.department.school_id != school.pk for row in rows):
        raise Refused(say("请选择本校的院系"))
    with tx.write():
        moves.lock(school)
        saved = []
        for row in rows:
            values = {"name": row.name, "department": row.department, "catalogue": row.catalogue}
            major, _ = SchoolMajor.objects.update_or_create(school=school, code=row.code, defaults=values)
            saved.append(major)
        if saved:
            names = "、".join(str(major) for major in saved[:20])
            note = names if len(saved) <= 20 else f"{names} …（{len(saved)}）"
            leave_trace(school.organisation, "major", by=by, at=at, note=note)
    return saved


def renew_major(major: SchoolMajor, to: OfferedMajor, *, by: Actor, at: datetime) -> SchoolMajor:
    """Put the code of today in the place of an old one; a row that has it already stays, and the old one goes.

    Rosters and applications keep the code they were written with.
    """
    school = major.school
    demand("accounts.school_edit", by, school)
    with tx.write():
        moves.lock(school)
        department = major.department or to.department
        row, is_new = SchoolMajor.objects.get_or_create(
            school=school,
            code=to.code,
            defaults={"name": to.name, "department": department, "catalogue": to.catalogue},
        )
        if not is_new and row.department is None and department is not None:
            SchoolMajor.objects.filter(pk=row.pk).update(department=department)
        leave_trace(school.organisation, "major", by=by, at=at, note=f"{major} → {row}")
        SchoolMajor.objects.filter(pk=major.pk).delete()
    return row


def remove_major(major: SchoolMajor, *, by: Actor, at: datetime, note: str) -> None:
    """A major the school offers no more; rosters and applications keep its code as they have it.

    Raises Refused without a reason, and for the last major.
    """
    school = major.school
    demand("accounts.school_edit", by, school)
    if not note.strip():
        raise Refused(say("请写明理由"))
    with tx.write():
        moves.lock(school)
        if school.majors.count() == 1:
            raise Refused(say("院校至少开设一个专业。"))
        leave_trace(school.organisation, "major", by=by, at=at, note=f"{major} → —：{note}")
        major.delete()
