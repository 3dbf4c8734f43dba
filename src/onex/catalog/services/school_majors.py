"""A school's own list of majors: a sheet written as a whole, an old code replaced by that of today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from onex.accounts.models import Department, School, SchoolMajor
from onex.accounts.queries import departments_of
from onex.accounts.services import OfferedMajor, renew_major, save_major, save_majors
from onex.catalog import queries
from onex.catalog.queries.school_majors import judged_lines
from onex.catalog.rules.school_majors import MOST_ROWS, SheetLine, Verdict, counts_of
from onex.common.actors import Actor
from onex.common.text import Refused, say


def import_majors(
    school: School, lines: Sequence[SheetLine], *, renews: bool = False, by: Actor, at: datetime
) -> dict[str, int]:
    """Write a sheet into the school's list, all of it or nothing; answers how many rows were new, changed, the same.

    Raises Refused when a row is wrong, judged against the list as it is now, and when there is nothing to write.
    """
    if len(lines) > MOST_ROWS:
        raise Refused(say("一次最多导入 {n} 个专业。", n=MOST_ROWS))
    rows = judged_lines(school, lines, renews=renews)
    counts = counts_of(rows)
    if counts["bad"]:
        raise Refused(say("有 {n} 行有误，没有写入任何内容；请改正后重新上传。", n=counts["bad"]))
    wanted = [row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)]
    if not wanted:
        raise Refused(say("表中的专业与现有列表完全相同，没有需要写入的内容。"))
    departments: dict[str, Department] = {row.name: row for row in departments_of(school)}
    offered = [OfferedMajor(row.code, row.name, departments.get(row.department), row.edition) for row in wanted]
    save_majors(school, offered, by=by, at=at)
    return counts


def offer_major(
    school: School, code: str, name: str, department: Department | None, *, by: Actor, at: datetime
) -> SchoolMajor:
    """One major of the school's list with the edition its code comes from. Raises Refused."""
    known = queries.known_code(code)
    edition = known.major.catalogue_id if known is not None else ""
    name = name or (known.major.name if known is not None else "")
    return save_major(school, code, name, department, by=by, at=at, catalogue=edition)


def renew_offered(major: SchoolMajor, code: str, *, by: Actor, at: datetime) -> SchoolMajor:
    """Put a code of today in the place of an old one. Raises Refused when the old major did not go into it."""
    known = queries.known_code(major.code)
    later = {one.code: one for one in known.successors} if known is not None else {}
    to = later.get(code) or (next(iter(later.values())) if len(later) == 1 and not code else None)
    if to is None:
        raise Refused(say("“{major}”没有改为代码 {code} 的对照关系。", major=major, code=code or "—"))
    return renew_major(major, OfferedMajor(to.code, to.name, major.department, to.catalogue_id), by=by, at=at)
