"""Named reads: students as their school keeps them, and the files it imports them from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from onex.accounts.models import School
from onex.catalog.models import Major
from onex.common.actors import Actor
from onex.common.permits import seen
from onex.common.queries import timeline_of, with_words
from onex.common.sealed import blind_index
from onex.registration.models import Entry, RosterImport, Student
from onex.registration.rules.entries import (
    LIVE,
)
from onex.registration.rules.roster import Judged, Known, Line, Pupil, RosterState, judge

ID_SCOPE = "registration.student.id_number"


def id_index(number: str) -> str:
    """The index under which a person is found, whatever school's roster has them."""
    return blind_index(number, ID_SCOPE)


def with_id_number(word: str) -> Q:
    """Whose whole ID number this is; in Excel the check digit is often a small x."""
    return Q(id_index=id_index(word.upper()))


def students_seen_by(actor: Actor) -> QuerySet[Student]:
    """The students of the actor's school, with their live entries counted."""
    rows = Student.objects.annotate(live_count=Count("entries", filter=Q(entries__state__in=LIVE)))
    return seen("registration.student_see", actor, rows).order_by("student_no")


def choices_of(rows: QuerySet[Student]) -> dict[str, list[Any]]:
    """What a roster may be filtered by: its years, majors and classes as they occur."""
    return {
        "years": list(rows.order_by("-entry_year").values_list("entry_year", flat=True).distinct()),
        "majors": list(rows.order_by("major_code").values_list("major_code", "major_name").distinct()),
        "classes": list(rows.order_by("class_name").values_list("class_name", flat=True).distinct()),
    }


def students_picked(rows: QuerySet[Student], year: str, major: str, class_name: str) -> QuerySet[Student]:
    """Those of one year, major and class; an empty word means any."""
    if year.isdigit():
        rows = rows.filter(entry_year=int(year))
    if major:
        rows = rows.filter(major_code=major)
    return rows.filter(class_name=class_name) if class_name else rows


def students_to_reveal(actor: Actor) -> QuerySet[Student]:
    """The students whose numbers this actor may see whole, with a reason."""
    return seen("registration.student_reveal", actor, Student.objects.all())


def students_to_drop(at: datetime) -> QuerySet[Student]:
    """Who was never entered and, five years being the longest course, left at least two years ago."""
    return Student.objects.filter(entries=None, entry_year__lt=at.year - 7)


def previews_to_drop(at: datetime) -> QuerySet[RosterImport]:
    """Uploaded rosters that nobody has confirmed or discarded for a week."""
    return RosterImport.objects.filter(state=RosterState.PREVIEW, created_at__lt=at - timedelta(days=7))


def students_found(rows: QuerySet[Student], words: str) -> QuerySet[Student]:
    """Those whose name, number, class or major contains these words; a whole ID number is found by its index."""
    named = ("name", "student_no", "class_name", "major_name", "major_code")
    return with_words(rows, words, *named, also=with_id_number)


def imports_seen_by(actor: Actor) -> QuerySet[RosterImport]:
    """The imports of the actor's school, newest first, without their rows."""
    rows = RosterImport.objects.defer("lines")
    return seen("registration.student_see", actor, rows).order_by("-created_at")


def open_import(school: School) -> RosterImport | None:
    """The preview that waits for the school's confirmation."""
    return RosterImport.objects.defer("lines").filter(school=school, state=RosterState.PREVIEW).first()


def unread_columns(roster: RosterImport) -> list[str]:
    """The heads of the file that are not of the template; what stands below them is not imported."""
    trace = timeline_of(roster).filter(verb="preview").first()
    return list(trace.data.get("unread", ())) if trace else []


def pupil_of(student: Student) -> Pupil:
    """A student as the rules know one."""
    return Pupil(
        name=student.name,
        id_number=student.id_number,
        gender=student.gender,
        birth_on=student.birth_on,
        student_no=student.student_no,
        entry_year=student.entry_year,
        major_code=student.major_code,
        major_name=student.major_name,
        class_name=student.class_name,
        phone=student.phone,
    )


def known_of(school: School) -> list[Known]:
    """The whole roster of a school, with who is entered somewhere; one query."""
    live = Entry.objects.filter(student=OuterRef("pk"), state__in=LIVE)
    rows = Student.objects.filter(school=school).annotate(is_entered=Exists(live))
    return [Known(pupil_of(student), student.is_entered, student.pk) for student in rows.iterator()]


def known_majors(school: School) -> dict[str, str]:
    """The names of majors by code: the catalogues' in force, and before them what the school says it offers.

    A replaced catalogue names nobody's major for certain: old rosters may write it as they always did.
    """
    in_force = Major.objects.filter(catalogue__replaced_by="")
    return dict(in_force.values_list("code", "name")) | dict(school.majors.values_list("code", "name"))


def judged_rows(roster: RosterImport, today: date) -> list[Judged]:
    """The rows of an import judged against the roster as it is now; empty once it is decided."""
    lines = lines_from(roster.lines) if roster.lines else []
    return judge(lines, known_of(roster.school), known_majors(roster.school), today)


def lines_to(lines: Iterable[Line]) -> str:
    """Rows as the text that is sealed between preview and confirmation."""
    return json.dumps([[one.number, dict(one.cells), sorted(one.numeric)] for one in lines], ensure_ascii=False)


def lines_from(text: str) -> list[Line]:
    return [Line(number, cells, frozenset(numeric)) for number, cells, numeric in json.loads(text)]
