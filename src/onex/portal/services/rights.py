"""The rights of a person: a copy of everything, and to be forgotten as far as the law lets results stand."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError
from django.template.loader import render_to_string

from onex.accounts.models import User
from onex.accounts.services import erase_account
from onex.certificates import services as certificates
from onex.certificates.queries import certificates_of
from onex.common import moves, tx
from onex.common.actors import SYSTEM, Actor
from onex.common.limits import Door, Limit, enter
from onex.common.masks import mask_name
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.examroom.services import forget_candidates
from onex.notices.services import forget_notices
from onex.portal.models import ErasureRequest
from onex.portal.queries import persons
from onex.portal.rules import ERASURE, ErasureState
from onex.registration.models import Student
from onex.registration.services import erase_student

EXPORTS = Door("data_export", say("导出个人信息"), Limit("account", 5, 86_400), Limit("target", 5, 86_400))
ERASED = "已注销"
UNDER_WAY = say("已有一份删除申请正在办理。")


# --- a copy -------------------------------------------------------------------------------------------------------


def data_of(students: Sequence[Student], user: User | None, *, at: datetime) -> bytes:
    """A ZIP of everything personal held about this person: data.json for machines, data.html for people."""
    held = persons.held_about(students, user)
    said = {"version": 1, "made_at": at.isoformat(), "data": [{"what": what, "rows": rows} for what, rows in held]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(said, ensure_ascii=False, indent=1))
        archive.writestr("data.html", render_to_string("portal/data_copy.html", {"held": held, "at": at}))
    return buffer.getvalue()


def note_export(row: Student | User, *, by: Actor, at: datetime) -> None:
    """Count and trace that somebody's data leaves. Raises TooMany above five a day."""
    enter(EXPORTS, at=at, account=str(by.user_id), target=str(row.pk))
    with tx.write():
        moves.leave_trace(row, "export_person", by=by, at=at)


# --- to be forgotten ----------------------------------------------------------------------------------------------


def file_erasure(student: Student, reason: str, *, by: Actor, at: datetime) -> ErasureRequest:
    """A school asks for one of its students. Raises Refused for others' and while a request is under way."""
    demand("portal.erasure_file", by, student)
    return _file(ErasureRequest(student=student, school=student.school), student.name, reason, by=by, at=at)


def file_own_erasure(user: User, reason: str, *, by: Actor, at: datetime) -> ErasureRequest:
    """Somebody asks for themselves: the account and the roster rows that are theirs. Raises Refused."""
    demand("portal.erasure_own", by, user)
    student = persons.students_of(user).first()
    row = ErasureRequest(user=user, student=student, school=student.school if student else None)
    return _file(row, user.name, reason, by=by, at=at)


def _file(row: ErasureRequest, name: str, reason: str, *, by: Actor, at: datetime) -> ErasureRequest:
    if not reason.strip():
        raise Refused(say("请写明理由"))
    row.label, row.reason = mask_name(name), reason.strip()
    row.filed_by, row.filed_by_id = by.label, by.user_id
    try:
        with tx.write():
            row.save()
            moves.leave_trace(row, "file", by=by, at=at, to_state=row.state)
    except IntegrityError as clash:
        raise Refused(UNDER_WAY) from clash
    return row


def move_erasure(row: ErasureRequest, move: str, *, by: Actor, at: datetime, note: str = "") -> ErasureRequest:
    """Approve, refuse or withdraw; what is approved is carried out at once. Who asked does not decide.

    Raises Refused with every reason.
    """
    if move in ("approve", "refuse") and row.filed_by_id == by.user_id:
        raise Refused(say("您提出的申请须由另一个人办理。"))
    moved = moves.move(ERASURE, row, move, by=by, at=at, note=note, facts=persons.erasure_facts)
    return carry_out(moved, at=at) if moved.state == ErasureState.APPROVED else moved


def carry_out(row: ErasureRequest, *, at: datetime) -> ErasureRequest:
    """Forget the person of an approved request; the sweep does it again when it stopped half way. Twice is once.

    The room first: it is another database, and as long as it was not reached the request stays to be done.
    """
    students = persons.students_to_forget(row)
    entries = [entry.pk for student in students for entry in student.entries.all()]
    forget_candidates([str(pk) for pk in entries], ERASED)
    with tx.write():
        for certificate in certificates_of(entries):
            certificates.forget_holder(certificate, ERASED, by=SYSTEM, at=at)
        for student in students:
            erase_student(student, at=at)
        if row.user is not None:
            forget_notices(row.user)
            erase_account(row.user)
        own = {"filed_by": ERASED} if row.user_id and row.filed_by_id == row.user_id else {}
        ErasureRequest.objects.filter(pk=row.pk).update(label=ERASED, reason="", done_at=at, **own)
        return moves.move(ERASURE, row, "finish", by=SYSTEM, at=at)
