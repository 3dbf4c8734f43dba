"""Named reads: students' own accounts, activation slips and photos."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When

from onex.accounts.models import Membership, OnceToken, School, User
from onex.accounts.rules import TokenPurpose
from onex.common.actors import Actor, Role
from onex.common.files import open_bytes
from onex.common.models import Attachment
from onex.common.permits import seen
from onex.common.queries import attachments_of
from onex.registration.models import Student
from onex.registration.queries.rosters import id_index
from onex.registration.rules.photos import Holder
from onex.registration.rules.students import AccountState, ClassKey, account_state

PHOTO = "photo"  # the slot of a student's photo
WAITING_PHOTO = "waiting_photo"  # of one that came in an archive and nobody has confirmed


def with_account(rows: QuerySet[Student]) -> QuerySet[Any]:
    """Students with what their account's state follows from: `slip_until` of the unused slip, and `is_enabled`."""
    hat = Membership.objects.filter(
        user=OuterRef("user"), organisation=OuterRef("school"), role=Role.STUDENT, is_active=True, user__is_active=True
    )
    unused = When(slip__used_at__isnull=True, then=F("slip__expires_at"))
    return rows.annotate(slip_until=Case(unused, default=None), is_enabled=Exists(hat))


def accounts_seen_by(actor: Actor) -> QuerySet[Any]:
    """The students whose accounts this actor manages, by class and number."""
    rows = seen("registration.student_account", actor, Student.objects.all())
    return with_account(rows).order_by("-entry_year", "class_name", "student_no")


def account_state_of(student: Any, at: datetime) -> AccountState:
    """How far this student is; `student` comes from `with_account`."""
    return account_state(student.user_id is not None, student.is_enabled, student.slip_until, at)


def accounts_in_state(rows: QuerySet[Any], state: str, at: datetime) -> QuerySet[Any]:
    """Those of `with_account` that are in this state; anything else asks for all."""
    wanted = {
        AccountState.NONE: Q(user=None, slip_until=None),
        AccountState.ISSUED: Q(user=None, slip_until__gt=at),
        AccountState.LAPSED: Q(user=None, slip_until__lte=at),
        AccountState.ACTIVE: Q(user__isnull=False, is_enabled=True),
        AccountState.DISABLED: Q(user__isnull=False, is_enabled=False),
    }
    found = next((condition for key, condition in wanted.items() if key == state), None)
    return rows if found is None else rows.filter(found)


def without_slip(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    """Those of `with_account` who have neither an account nor a slip that is good."""
    # Not `exclude(slip_until__gt=at)`: of an empty date SQL says neither yes nor no.
    return rows.filter(Q(slip_until=None) | Q(slip_until__lte=at), user=None)


def accounts_in_classes(rows: QuerySet[Any], keys: Sequence[ClassKey]) -> QuerySet[Any]:
    """Those of these classes; of no class when none is named."""
    condition = Q(pk__in=[])
    for key in keys:
        condition |= Q(entry_year=key.entry_year, class_name=key.class_name)
    return rows.filter(condition)


def classes_of(rows: QuerySet[Any], at: datetime) -> list[dict[str, Any]]:
    """Each class with how many of its students are in which state: one query, however many students."""

    def count(condition: Q) -> Count:
        return Count("pk", filter=condition)

    counted = (
        rows.order_by()
        .values("entry_year", "class_name")
        .annotate(
            n=Count("pk"),
            issued=count(Q(user=None, slip_until__gt=at)),
            lapsed=count(Q(user=None, slip_until__lte=at)),
            active=count(Q(user__isnull=False, is_enabled=True)),
            disabled=count(Q(user__isnull=False, is_enabled=False)),
        )
        .order_by("-entry_year", "class_name")
    )
    return [
        {
            **row,
            "key": ClassKey(row["entry_year"], row["class_name"]),
            "bare": row["n"] - row["issued"] - row["lapsed"] - row["active"] - row["disabled"],
        }
        for row in counted
    ]


def student_of_slip(token: OnceToken) -> Student | None:
    """Whose slip this is."""
    return Student.objects.select_related("school", "user").filter(slip=token).first()


def open_slip(pk: Any, at: datetime) -> OnceToken | None:
    """A slip that was looked at a moment ago and is still good."""
    return OnceToken.objects.filter(
        pk=pk, purpose=TokenPurpose.STUDENT, used_at__isnull=True, expires_at__gt=at, student__isnull=False
    ).first()


def earlier_account_of(student: Student) -> User | None:
    """The account that this person has already by another school's roster."""
    other = Student.objects.filter(id_index=student.id_index, user__isnull=False).exclude(pk=student.pk)
    found = other.select_related("user").order_by("created_at").first()
    return found.user if found else None


def own_rows(actor: Actor) -> QuerySet[Student]:
    """A student's own rows: one for each school whose roster has them."""
    rows = Student.objects.select_related("school", "user").prefetch_related("guardian_consents")
    return seen("registration.own_data", actor, rows).order_by("created_at")


def students_photographed(actor: Actor) -> QuerySet[Student]:
    """The students whose photos this actor may see."""
    return seen("registration.photo_see", actor, Student.objects.all())


def photo_of(student: Student) -> Attachment | None:
    """The student's photo as it was handed in last."""
    return attachments_of(student, PHOTO).order_by("-created_at", "-id").first()


def waiting_photo_of(student: Student) -> Attachment | None:
    """The photo that waits for the school's confirmation."""
    return attachments_of(student, WAITING_PHOTO).order_by("-created_at", "-id").first()


def students_waiting_for_photos(school: School) -> QuerySet[Any]:
    """The school's students with a photo out of an archive that nobody has confirmed; `has_photo`: it replaces one."""
    return (
        Student.objects.filter(school=school)
        .annotate(
            is_waiting=Exists(_photos(WAITING_PHOTO).filter(subject_id=OuterRef("pk"))),
            has_photo=Exists(_photos(PHOTO).filter(subject_id=OuterRef("pk"))),
        )
        .filter(is_waiting=True)
        .order_by("student_no")
    )


def waiting_photos_to_drop(at: datetime) -> QuerySet[Attachment]:
    """Photos that nobody has confirmed or discarded for a week."""
    return _photos(WAITING_PHOTO).filter(created_at__lt=at - timedelta(days=7))


def _photos(slot: str) -> QuerySet[Attachment]:
    return Attachment.objects.filter(subject_type=Student._meta.label_lower, slot=slot)


def photo_holders(
    school: School, id_numbers: Iterable[str], numbers: Iterable[str]
) -> tuple[dict[str, Holder], dict[str, Holder]]:
    """Students of the school by these ID numbers and by these student numbers."""
    by_index = {id_index(number): number for number in id_numbers if number}
    rows = Student.objects.filter(school=school).only("pk", "name", "student_no", "id_index")
    found = rows.filter(Q(id_index__in=list(by_index)) | Q(student_no__in=[one for one in numbers if one]))
    by_id: dict[str, Holder] = {}
    by_no: dict[str, Holder] = {}
    for row in found:
        holder = by_no[row.student_no] = Holder(row.pk, row.name)
        if row.id_index in by_index:
            by_id[by_index[row.id_index]] = holder
    return by_id, by_no


def photos_for_print(students: Iterable[Student]) -> dict[Any, str]:
    """Photos as data addresses by student, for papers that need the face; whoever prints them leaves a trace.

    The one place where a photo's bytes are read for anything but its own page.
    """
    keys = [student.pk for student in students]
    rows = Attachment.objects.filter(subject_type=Student._meta.label_lower, subject_id__in=keys, slot=PHOTO)
    found: dict[Any, str] = {}
    for row in rows.order_by("created_at", "id"):
        found[row.subject_id] = f"data:{row.content_type};base64,{b64encode(open_bytes(row)).decode()}"
    return found
