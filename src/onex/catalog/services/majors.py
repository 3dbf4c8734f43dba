"""对应专业 as the evaluation organisation keeps it: added from a day, ended on a day, confirmed; each with who and why.

Rows are never deleted: what was mapped on the day of a decision stays readable, and a newly loaded guide leaves alone
what the organisation has decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from onex.catalog import queries
from onex.catalog.models import CertificateLevel, LevelMajor, Major
from onex.catalog.rules import EditFacts, is_mapped_on, problems_on_edit
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, say


@dataclass(frozen=True)
class Edited:
    """What an edit did: the majors it changed, and those that were so already."""

    changed: tuple[Major, ...]
    same: tuple[Major, ...]


def add_majors(
    level: CertificateLevel, majors: Iterable[Major], *, from_on: date | None, note: str, by: Actor, at: datetime
) -> Edited:
    """Map majors to a level from a day on; those that are mapped already stay as they are.

    Raises Refused without a reason, without a major, and for a day in the past.
    """

    def add(row: LevelMajor | None, major: Major, day: date) -> bool:
        if row is not None and (row.until_on is None or row.until_on > queries.today(at)):
            begins = min(row.from_on, day) if row.from_on else None
            if row.until_on is None and begins == row.from_on:
                return False
            # An end that was announced is taken back: it goes on without a gap.
            row.from_on, row.until_on, row.is_own = begins, None, True
            row.save(update_fields=("from_on", "until_on", "is_own"))
            return True
        values = {"is_draft": False, "is_own": True, "from_on": day, "until_on": None}
        LevelMajor.objects.update_or_create(level=level, major=major, defaults=values)
        return True

    return _edit(level, list(majors), "majors_add", add, day=from_on, note=note, by=by, at=at)


def remove_majors(
    level: CertificateLevel, majors: Iterable[Major], *, until_on: date | None, note: str, by: Actor, at: datetime
) -> Edited:
    """End the mapping of majors on a day: the first without it. What was approved before keeps its own majors.

    Raises Refused without a reason or a major, for a day in the past, and when nothing would stay mapped.
    """

    def remove(row: LevelMajor | None, _major: Major, day: date) -> bool:
        if row is None or (row.until_on is not None and row.until_on <= day):
            return False
        row.until_on = max(day, row.from_on) if row.from_on else day
        row.is_own = True
        row.save(update_fields=("until_on", "is_own"))
        return True

    return _edit(level, list(majors), "majors_remove", remove, day=until_on, note=note, by=by, at=at)


def confirm_majors(level: CertificateLevel, majors: Iterable[Major], *, note: str, by: Actor, at: datetime) -> Edited:
    """Say that drafts are right: they are the organisation's own from now on. Raises Refused as the others do."""

    def confirm(row: LevelMajor | None, _major: Major, _day: date) -> bool:
        if row is None or not row.is_draft:
            return False
        row.is_draft, row.is_own = False, True
        row.save(update_fields=("is_draft", "is_own"))
        return True

    return _edit(level, list(majors), "majors_confirm", confirm, day=queries.today(at), note=note, by=by, at=at)


def _edit(
    level: CertificateLevel,
    majors: Sequence[Major],
    verb: str,
    change: Callable[[LevelMajor | None, Major, date], bool],
    *,
    day: date | None,
    note: str,
    by: Actor,
    at: datetime,
) -> Edited:
    demand("catalog.majors_edit", by, level)
    today = queries.today(at)
    with tx.write():
        moves.lock(level)
        rows = {row.major_id: row for row in LevelMajor.objects.filter(level=level)}
        going = {major.pk for major in majors} if verb == "majors_remove" else set()
        left = [
            row for pk, row in rows.items() if pk not in going and is_mapped_on(row.from_on, row.until_on, day or today)
        ]
        left_count = len(left) if going else 1
        problems = problems_on_edit(EditFacts(note, day, today, len(majors), left_count))
        if problems or day is None:
            raise Refused(*problems)
        done = [major for major in majors if change(rows.get(major.pk), major, day)]
        if not done:
            raise Refused(say("所选专业已经是这样，没有需要改动的；请刷新后查看。"))
        told = {"majors": [str(major) for major in done], "day": day.isoformat()}
        moves.leave_trace(level, verb, by=by, at=at, note=note.strip(), data=told)
    same = tuple(major for major in majors if major not in done)
    return Edited(tuple(done), same)
