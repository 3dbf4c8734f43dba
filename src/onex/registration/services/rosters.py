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
from onex.registration.rules.plans import BEIJING
from onex.registration.rules.roster import (
    HEADS,
    PUPIL_FIELDS,
    ROSTER_FLOW,
    ConfirmFacts,
    Judged,
    Line,
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
    lines = [Line(row.number, row.cells, row.numeric) for row in sheets.read(upload, COLUMNS)]
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
        moves.leave_trace(roster, "preview", by=by, at=at, data={"counts": roster.counts})
    return roster


def discard_import(roster: RosterImport, *, by: Actor, at: datetime) -> RosterImport:
    """Drop a preview with its rows. Raises Refused when it is decided already."""
    return moves.move(ROSTER_FLOW, roster, "discard", by=by, at=at, sets={"lines": None})


def import_students(roster: RosterImport, *, by: Actor, at: datetime) -> RosterImport:
    """Write the rows of a preview, all or none, judged once more against the roster as it is now.

    Raises Refused when a row is wrong by now.
    """
    try:
        with tx.write():
            roster = moves.lock(roster)
            rows = queries.judged_rows(roster, at.astimezone(BEIJING).date())
            counts = counts_of(rows)
            moved = moves.move(
                ROSTER_FLOW,
                roster,
                "confirm",
                by=by,
                at=at,
                facts=lambda _: ConfirmFacts(counts),
                sets={"lines": None, "counts": counts},
                data={"counts": counts},
            )
            _write(roster.school, [row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)])
            recount(roster.school)
    except IntegrityError as clash:  # another import of the same school was written in between
        raise Refused(say("学生库刚刚被另一次导入改动，请重新上传。")) from clash
    return moved


def _write(school: School, rows: Sequence[Judged]) -> None:
    """New rows are inserted and changed ones overwritten, by the person's index, in a few statements."""
    pupils = [row.pupil for row in rows if row.pupil is not None]
    Student.objects.bulk_create(
        (
            Student(
                school=school,
                id_index=queries.id_index(pupil.id_number),
                **{name: getattr(pupil, name) for name in PUPIL_FIELDS},
            )
            for pupil in pupils
        ),
        update_conflicts=True,
        unique_fields=["school", "id_index"],
        update_fields=[name for name in PUPIL_FIELDS if name != "id_number"],
        batch_size=1_000,
    )


def remove_student(student: Student, *, by: Actor, at: datetime) -> None:
    """Take a student out of the roster. Raises Refused when an entry stands on this row."""
    demand("registration.student_write", by, student)
    with tx.write():
        student = moves.lock(student)
        if student.entries.exists():
            raise Refused(say("该生有报名记录，不能从学生库中删除"))
        moves.leave_trace(student, "remove", by=by, at=at)  # no name: a trace outlives the person's data
        forget_account(student, at=at)
        for one in attachments_of(student, queries.PHOTO):
            files.remove(one)
        student.delete()
        recount(student.school)
