"""A student's photo for ticket, list to sign and face check: put, replaced, taken away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from onex.common import files, moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.queries import attachments_of
from onex.common.text import Refused, Say, say
from onex.registration import queries
from onex.registration.models import Student
from onex.registration.rules.students import PHOTO_KINDS, PHOTO_PIXELS, advice_on_photo, problems_with_photo

# As papers and the exam room need it: a JPEG without anything hidden, large enough for print.
DRAWN: dict[str, Any] = {"most_pixels": PHOTO_PIXELS, "reencode_to": "jpg", "longest_side": 1_000}


def set_photo(student: Student, upload: Any, *, by: Actor, at: datetime) -> list[Say]:
    """Keep this photo instead of the earlier one; answers advice about it.

    Raises Refused for what is no photo, too small, too large or broken.
    """
    demand("registration.photo_write", by, student)
    # Judged once, by a process of its own, which decodes it to the end and draws it anew: nothing hostile opens here.
    width, height = files.measure(upload, PHOTO_KINDS, **DRAWN)
    if problems := problems_with_photo(width, height, upload.size):
        raise Refused(*problems)
    with tx.write():
        student = moves.lock(student)
        earlier = list(attachments_of(student, queries.PHOTO))
        files.attach(student, queries.PHOTO, upload, kinds=PHOTO_KINDS, by=by, at=at, sealed=True, **DRAWN)
        for one in earlier:
            files.remove(one)
        moves.leave_trace(student, "set_photo", by=by, at=at)
    return advice_on_photo(upload.size)


def remove_photo(student: Student, *, by: Actor, at: datetime) -> None:
    """Take the photo away. Raises Refused when there is none."""
    demand("registration.photo_write", by, student)
    with tx.write():
        student = moves.lock(student)
        found = list(attachments_of(student, queries.PHOTO))
        if not found:
            raise Refused(say("该生没有照片。"))
        for one in found:
            files.remove(one)
        moves.leave_trace(student, "remove_photo", by=by, at=at)


def note_photo(student: Student, *, by: Actor, at: datetime) -> None:
    """A face is shown: who looked is traced."""
    with tx.write():
        moves.leave_trace(student, "view_photo", by=by, at=at)
