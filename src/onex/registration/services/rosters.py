"""A roster from Excel: previewed without writing a student, then written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from onex.accounts.models import School
from onex.common import files, moves, sheets, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.queries import attachments_of
from onex.common.text import Refused, say
from onex.registration import queries
from onex.registration.models import RosterImport, Student
from onex.registration.rules import merging
from onex.registration.rules.plans import BEIJING
from onex.registration.rules.roster import (
    ERROR_HEADS,
    HEADS,
    PUPIL_FIELDS,
    ROSTER_FLOW,
    ConfirmFacts,
    Line,
    Pupil,
    RosterState,
    Verdict,
    counts_of,
)
from onex.registration.services.accounts import forget_account
from onex.registration.services.counts import recount

COLUMNS = tuple(
    sheets.Column(head.key, head.title, width=head.width, required=head.is_required, note=head.note) for head in HEADS
)
MOST_BYTES = 5_000_000


def preview_students(school: School, upload: Any, *, by: Actor, at: datetime) -> RosterImport:
    """Read a file and judge every row; nothing of it becomes a student. An earlier preview is discarded.

    Raises Refused when the file cannot be read as a roster.
    """
    demand("registration.student_import", by, school)
    if upload.size > MOST_BYTES:
        raise Refused(say("文件超过 {n} MB，请分批导入。", n=MOST_BYTES // 1_000_000))
    sheet = sheets.read_sheet(upload, COLUMNS)
    lines = [Line(row.number, row.cells, row.numeric) for row in sheet.rows]
    if not lines:
        raise Refused(say("文件里没有学生，请从第 2 行开始填写。"))
    roster = RosterImport(
        school=school,
        file_name=files.clean_name(upload.name, "xlsx"),
        lines=queries.lines_to(lines),
        actor_label=by.label,
    )
    roster.counts = counts_of(queries.judged_rows(roster, at.astimezone(BEIJING).date()))
    with tx.write():
        for earlier in RosterImport.objects.filter(school=school, state=RosterState.PREVIEW):
            discard_import(earlier, by=by, at=at)
        roster.save()
        told = {"counts": roster.counts, "unread": _unread(sheet)}
        moves.leave_trace(roster, "preview", by=by, at=at, data=told)
    return roster


def _unread(sheet: sheets.Sheet) -> list[str]:
    """The file's columns that the template does not have: an old template, or notes of the school."""
    own = {str(title) for title in ERROR_HEADS.values()}
    return [title[:20] for title in sheet.unread if title not in own][:20]


def discard_import(roster: RosterImport, *, by: Actor, at: datetime) -> RosterImport:
    """Drop a preview with its rows. Raises Refused when it is decided already."""
    return moves.move(ROSTER_FLOW, roster, "discard", by=by, at=at, sets={"lines": None})


def import_students(
    roster: RosterImport, *, by: Actor, at: datetime, ticks: merging.Ticks = merging.NONE
) -> RosterImport:
    """Write the rows of a preview, all or none, judged once more against the roster as it is now.

    New students go in; of those who are there only what is ticked is overwritten. Raises Refused when a row is wrong
    by now, or when something was ticked and the roster has changed since.
    """
    try:
        with tx.write():
            roster = moves.lock(roster)
            moves.lock(roster.school)  # no other import of the school comes between judging and writing
            rows = queries.judged_rows(roster, at.astimezone(BEIJING).date())
            changed = merging.merged(rows, ticks)
            counts = counts_of(rows)
            facts = ConfirmFacts(counts, len(changed), ticks.is_stale(rows))
            # `changed` are those whom this import changed, `kept` those whose changes nobody ticked.
            written = counts | {"changed": len(changed), "kept": counts[Verdict.CHANGED] - len(changed)}
            moved = moves.move(
                ROSTER_FLOW,
                roster,
                "confirm",
                by=by,
                at=at,
                facts=lambda _: facts,
                sets={"lines": None, "counts": written},
                data={"counts": written},
            )
            _insert(roster.school, [row.pupil for row in rows if row.verdict == Verdict.NEW and row.pupil is not None])
            _overwrite(roster, changed, by=by, at=at)
            recount(roster.school)
    except IntegrityError as clash:  # a student of these came in between
        raise Refused(say("学生库刚刚被另一次导入改动，请重新上传。")) from clash
    return moved


def _insert(school: School, pupils: Sequence[Pupil]) -> None:
    """New students; one who is there by now is never overwritten, but fails the whole."""
    Student.objects.bulk_create((_student(school, pupil) for pupil in pupils), batch_size=1_000)


def _overwrite(roster: RosterImport, changed: Sequence[merging.Merged], *, by: Actor, at: datetime) -> None:
    """The ticked facts of students who are there, in a few statements, each with a trace on the student."""
    columns = sorted({column for one in changed for column, _, _ in one.changes})
    if not columns:
        return
    Student.objects.bulk_create(
        (_student(roster.school, one.pupil) for one in changed),
        update_conflicts=True,
        unique_fields=["school", "id_index"],
        update_fields=columns,
        batch_size=1_000,
    )
    for one in changed:
        told = {"import": str(roster.pk), **one.told}
        moves.leave_trace(Student(pk=one.key), "update_by_roster", by=by, at=at, data=told)


def _student(school: School, pupil: Pupil) -> Student:
    facts = {name: getattr(pupil, name) for name in PUPIL_FIELDS}
    return Student(school=school, id_index=queries.id_index(pupil.id_number), **facts)


def remove_student(student: Student, *, by: Actor, at: datetime) -> None:
    """Take a student out of the roster. Raises Refused when an entry stands on this row."""
    demand("registration.student_write", by, student)
    with tx.write():
        student = moves.lock(student)
        if student.entries.exists():
            raise Refused(say("该生有报名记录，不能从学生库中删除"))
        moves.leave_trace(student, "remove", by=by, at=at)  # no name: a trace outlives the person's data
        forget_account(student, at=at)
        for one in attachments_of(student):
            files.remove(one)
        student.delete()
        recount(student.school)
