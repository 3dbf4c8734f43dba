"""Photos of many students in one zip: judged and kept aside first, put on the students when the school says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onex.accounts.models import School
from onex.common import files, moves, tx
from onex.common.actors import SYSTEM, Actor
from onex.common.permits import demand
from onex.common.queries import attachments_of
from onex.common.text import Refused, Say, say
from onex.registration import queries
from onex.registration.models import Student
from onex.registration.rules.photos import Claim, Holder, claim_of, holder_of
from onex.registration.rules.students import PHOTO_BYTES, PHOTO_KINDS, problems_with_photo
from onex.registration.services.photos import DRAWN


@dataclass(frozen=True)
class Unfit:
    """A file of an archive that is no student's photo; the name as people may see it, numbers masked."""

    name: str
    reasons: tuple[Say | str, ...]


@dataclass(frozen=True)
class Read:
    """What an archive held: how many photos wait now, and every file that was refused."""

    taken_count: int
    unfit: tuple[Unfit, ...]


def preview_photos(school: School, upload: Any, *, by: Actor, at: datetime) -> Read:
    """Judge an archive and keep its photos aside, each with its student; nobody's photo changes yet.

    A photo that still waited for the same student gives way. Raises Refused when the archive as a whole is none.
    """
    demand("registration.student_import", by, school)
    packed = files.pictures_in(upload, PHOTO_KINDS, most_bytes=PHOTO_BYTES, **DRAWN)
    if not packed:
        raise Refused(say("压缩包里没有文件。"))
    claims = [claim_of(one.name) for one in packed]
    named = [claim for claim in claims if isinstance(claim, Claim)]
    by_id, by_no = queries.photo_holders(school, {c.id_number for c in named}, {c.student_no for c in named})
    fit: dict[Any, files.Packed] = {}
    unfit: list[Unfit] = []
    for one, claim in zip(packed, claims, strict=True):
        holder = holder_of(claim, by_id, by_no) if isinstance(claim, Claim) else claim
        if reasons := _problems(one, holder, fit):
            unfit.append(Unfit(files.clean_name(one.name), reasons))
        elif isinstance(holder, Holder):
            fit[holder.key] = one
    with tx.write():
        for student in Student.objects.filter(school=school, pk__in=list(fit)):
            for earlier in attachments_of(student, queries.WAITING_PHOTO):
                files.remove(earlier)
            body = fit[student.pk].upload
            files.attach(student, queries.WAITING_PHOTO, body, kinds=PHOTO_KINDS, by=by, at=at, sealed=True, **DRAWN)
        counts = {"taken": len(fit), "refused": len(unfit)}
        moves.leave_trace(school, "preview_photos", by=by, at=at, data=counts)
    return Read(len(fit), tuple(unfit))


def _problems(one: files.Packed, holder: Holder | Say, fit: dict[Any, files.Packed]) -> tuple[Say | str, ...]:
    """Why this file is nobody's photo: its name first, for the name is what people mend first."""
    if isinstance(holder, Say):
        return (holder,)
    if one.reasons:
        return one.reasons
    if holder.key in fit:
        earlier = files.clean_name(fit[holder.key].name)
        return (say("与“{name}”是同一名学生，只取了那一张", name=earlier),)
    width, height = files.measure(one.upload, PHOTO_KINDS, **DRAWN)
    return tuple(problems_with_photo(width, height, one.upload.size))


def keep_photos(school: School, replaced: Collection[Any], *, by: Actor, at: datetime) -> int:
    """Put the waiting photos on their students; who has one already only when named in `replaced` (keys of students).

    Answers how many. Raises Refused when there is nothing to keep.
    """
    demand("registration.student_import", by, school)
    ticked = {str(key) for key in replaced}
    with tx.write():
        moves.lock(school)  # the same archive confirmed twice at once
        waiting = list(queries.students_waiting_for_photos(school))
        chosen = [one for one in waiting if not one.has_photo or str(one.pk) in ticked]
        if not chosen:
            raise Refused(say("没有可以保存的照片：已有照片的学生，须勾选后才会更换。"))
        for student in chosen:
            for earlier in attachments_of(student, queries.PHOTO):
                files.remove(earlier)
            for photo in attachments_of(student, queries.WAITING_PHOTO):
                files.seal_again(photo, queries.PHOTO)
            moves.leave_trace(student, "set_photo", by=by, at=at, data={"replaces": student.has_photo})
        counts = {"kept": len(chosen), "left": len(waiting) - len(chosen)}
        moves.leave_trace(school, "keep_photos", by=by, at=at, data=counts)
    return len(chosen)


def discard_photos(school: School, *, by: Actor, at: datetime) -> int:
    """Drop every photo of the school that waits; answers how many. Raises Refused when none does."""
    demand("registration.student_import", by, school)
    with tx.write():
        waiting = list(queries.students_waiting_for_photos(school))
        if not waiting:
            raise Refused(say("没有待确认的照片。"))
        for student in waiting:
            for photo in attachments_of(student, queries.WAITING_PHOTO):
                files.remove(photo)
        moves.leave_trace(school, "discard_photos", by=by, at=at, data={"dropped": len(waiting)})
    return len(waiting)


def discard_old_photos(at: datetime) -> int:
    """Drop photos that nobody has confirmed for a week; answers how many."""
    rows = list(queries.waiting_photos_to_drop(at))
    with tx.write():
        for photo in rows:
            files.remove(photo)
        if rows:
            moves.leave_trace(None, "discard_photos", by=SYSTEM, at=at, data={"dropped": len(rows)})
    return len(rows)
