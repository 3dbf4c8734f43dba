"""What is left of a student who asked to be forgotten: nothing, or results that nobody's name stands on."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from onex.accounts.identifiers import normalised
from onex.accounts.services import erase_account
from onex.common import files, moves, tx
from onex.common.actors import SYSTEM
from onex.common.ids import uuid7
from onex.common.queries import attachments_of
from onex.notices.services import forget_notices
from onex.registration import queries
from onex.registration.models import RosterImport, Student
from onex.registration.rules.entries import LIVE
from onex.registration.rules.roster import ROSTER_FLOW
from onex.registration.services.accounts import forget_account
from onex.registration.services.counts import recount
from onex.registration.services.photo_zips import discard_old_photos

ERASED = "已注销"


def erase_student(student: Student, *, at: datetime) -> bool:
    """Take a person off the roster with their files; answers whether a nameless row stays because results stand on it.

    For services that have asked their own permit. Who holds which level stays known by the index alone: it cannot be
    turned back into a number and keeps a certificate from being sat for twice. The account goes with the last thing it
    was for: who studies at another school too, or has another hat, keeps it.
    """
    with tx.write():
        student = moves.lock(student)
        _drop_from_previews(student)
        _drop_account(student, at=at)
        for row in (student, *student.entries.all()):
            for one in attachments_of(row):
                files.remove(one)
        student.entries.exclude(state__in=[state.value for state in LIVE]).filter(seat=None).delete()
        if not student.entries.exists():
            student.delete()
            recount(student.school)
            return False
        nobody = hashlib.sha256(uuid7().bytes).hexdigest()
        student.entries.update(id_index=nobody)
        student.name, student.id_number, student.id_index, student.phone = ERASED, "", nobody, ""
        student.student_no, student.class_name = f"{ERASED}{nobody[:12]}", ""
        student.user = student.account = student.slip = None
        student.guardian_consents.all().delete()
        student.birth_on = date(student.birth_on.year, 1, 1)
        student.save()
    return True


def _drop_account(student: Student, *, at: datetime) -> None:
    forget_account(student, at=at)
    slip, user = student.slip, student.user
    Student.objects.filter(pk=student.pk).update(user=None, account=None, slip=None)
    if slip is not None:
        slip.delete()
    if user is not None and not (user.students.exists() or user.memberships.filter(is_active=True).exists()):
        forget_notices(user)
        erase_account(user)


def _drop_from_previews(student: Student) -> None:
    for roster in RosterImport.objects.filter(school=student.school_id, lines__isnull=False):
        lines = queries.lines_from(roster.lines)
        kept = [line for line in lines if normalised(line.cells.get("id_number", "")) != student.id_number]
        if len(kept) != len(lines):
            roster.lines = queries.lines_to(kept)
            roster.save(update_fields=["lines"])


def drop_unused_students(at: datetime) -> int:
    """Take off the rosters who was never entered and left school long ago; answers how many."""
    return sum(not erase_student(student, at=at) for student in queries.students_to_drop(at))


def discard_old_previews(at: datetime) -> int:
    """Discard previews and photos that nobody decided; answers how many."""
    rows = list(queries.previews_to_drop(at))
    for roster in rows:
        moves.move(ROSTER_FLOW, roster, "lapse", by=SYSTEM, at=at, sets={"lines": None})
    return len(rows) + discard_old_photos(at)
