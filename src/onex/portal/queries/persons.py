"""Everything the platform holds about one person, found by the register: what they are given and what is erased."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.timezone import localtime

from onex.accounts.models import User
from onex.common.actors import Actor, Role
from onex.common.permits import seen
from onex.portal.models import ErasureRequest
from onex.portal.queries.register import entries
from onex.portal.rules import ErasureFacts, ErasureState
from onex.registration.models import Entry, Student
from onex.registration.rules.entries import LIVE
from onex.results.rules import ReleaseState

# From a model with personal fields to the person: a lookup from its rows to student or account. A test asks that
# every such model is here or among those that belong to no single person of ours.
OF_STUDENT = {
    "registration.student": "pk",
    "registration.guardianconsent": "student",
    "registration.entry": "student",
    "sittings.seat": "entry__student",
    "marking.script": "entry__student",
    "marking.mark": "job__script__entry__student",
    "results.result": "entry__student",
    "certificates.certificate": "result__entry__student",
    "portal.erasurerequest": "student",
}
OF_ACCOUNT = {
    "accounts.user": "pk",
    "accounts.membership": "user",
    "accounts.signin": "user",
    "accounts.authenticator": "user",
    "accounts.passwordhistory": "user",
    "accounts.recoverycode": "user",
    "integrations.apitoken": "hat__user",
    "common.trace": "actor_id",
    "notices.notice": "user",
    "notices.preference": "user",
    "notices.sending": "notices__user",
    "common.attachment": "actor_id",
    "pilots.approvallist": "actor_id",
    "pilots.decisionbatch": "actor_id",
    "pilots.fieldremark": "actor_id",
    "pilots.placesmove": "actor_id",
    "portal.erasurerequest": "user",
}
IN_ROOM = {  # the sealed room knows entries only
    "examroom.candidate": "entry",
    "examroom.answer": "attempt__candidate__entry",
    "examroom.answerlate": "attempt__candidate__entry",
    "examroom.answerconflict": "attempt__candidate__entry",
    "examroom.presence": "candidate__entry",
}
OF_NOBODY = {  # organisations' contacts, secrets' digests, what is dropped at once, what names officials at work
    "accounts.school", "accounts.institutionregistration", "accounts.institutionchange",
    "accounts.oncetoken", "integrations.webhookendpoint", "venues.siteapplication", "venues.examsite",
    "catalog.regionalcontact", "common.limitcount", "registration.rosterimport", "registration.heldlevel",
    "sittings.sessionstaff",
    "examroom.roomstaff", "examroom.roomevent", "marking.straybundle", "sessions.session",
    "django_tasks_database.dbtaskresult",
}  # fmt: skip
MOST_TRACES = 5_000


def students_of(user: User) -> QuerySet[Student]:
    """The roster rows of the person who has this account."""
    return Student.objects.filter(user=user)


def held_about(students: Sequence[Student], user: User | None) -> list[tuple[str, list[dict[str, str]]]]:
    """(what it is, its rows as word and value) of everything personal that may be shown to the person themselves."""
    shown: dict[str, list[str]] = {}
    for one in entries():
        if one.is_personal and one.mask != "never":
            shown.setdefault(one.model, []).append(one.field)
    found = []
    for label, rows in _rows(students, user):
        model = apps.get_model(label)
        lines = [_line(row, shown.get(label, [])) for row in rows]
        if lines:
            found.append((str(model._meta.verbose_name), lines))
    return found


def _rows(students: Sequence[Student], user: User | None) -> Iterator[tuple[str, QuerySet[Any]]]:
    keys = [student.pk for student in students]
    if user is not None:
        for label, path in OF_ACCOUNT.items():
            rows = apps.get_model(label)._base_manager.filter(**{path: user.pk}).order_by("pk")
            yield label, rows[:MOST_TRACES]
    if not keys:
        return
    for label, path in OF_STUDENT.items():
        yield label, apps.get_model(label)._base_manager.filter(**{f"{path}__in": keys}).order_by("pk")
    entries_of = [str(pk) for pk in Entry.objects.filter(student__in=keys).values_list("pk", flat=True)]
    for label, path in IN_ROOM.items():
        yield label, apps.get_model(label)._base_manager.using("room").filter(**{f"{path}__in": entries_of})


def _line(row: Model, fields: Sequence[str]) -> dict[str, str]:
    return {str(row._meta.get_field(name).verbose_name): _text(getattr(row, name)) for name in fields}  # type: ignore[union-attr]


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


# --- requests to be forgotten -------------------------------------------------------------------------------------


def erasures_seen_by(actor: Actor) -> QuerySet[ErasureRequest]:
    """The requests this actor may see, what waits first, then the newest."""
    rows = seen("portal.erasure_see", actor, ErasureRequest.objects.select_related("school"))
    return rows.order_by("-created_at")


def erasures_to_carry_out() -> QuerySet[ErasureRequest]:
    """Requests that were approved and are not done: what the sweep looks for."""
    return ErasureRequest.objects.filter(state=ErasureState.APPROVED).order_by("created_at")


def open_erasure(student: Student | None = None, user: User | None = None) -> ErasureRequest | None:
    """The request that is under way for this student or account."""
    rows = ErasureRequest.objects.filter(state__in=(ErasureState.FILED, ErasureState.APPROVED))
    return rows.filter(student=student).first() if student is not None else rows.filter(user=user).first()


def students_to_forget(row: ErasureRequest) -> list[Student]:
    """The roster rows that go with this request: all of a person who asked, the one that a school asked for."""
    mine = Q(pk=row.student_id) | Q(user=row.user_id) if row.user_id else Q(pk=row.student_id)
    return list(Student.objects.filter(mine).order_by("pk"))


def erasure_facts(row: ErasureRequest) -> ErasureFacts:
    """What is judged before somebody is forgotten."""
    waiting = Entry.objects.filter(student__in=students_to_forget(row), state__in=LIVE)
    over = waiting.filter(result__release__state=ReleaseState.RELEASED)
    hats = row.user.memberships.filter(is_active=True).values_list("role", flat=True) if row.user else ()
    others = [str(Role(role).label) for role in hats if role not in (Role.STUDENT, Role.LEARNER)]
    return ErasureFacts(waiting.exclude(pk__in=over).count(), others)


def students_to_file_for(actor: Actor) -> QuerySet[Student]:
    """The students for whom this actor may ask, or export."""
    return seen("portal.erasure_file", actor, Student.objects.all())


def students_to_export(actor: Actor) -> QuerySet[Student]:
    """The students whose data this actor may hand to them."""
    return seen("portal.data_export", actor, Student.objects.select_related("school"))


def account_of(actor: Actor) -> User:
    """The account that acts."""
    return User.objects.get(pk=str(actor.user_id))


def may_erase_own(actor: Actor) -> bool:
    """Whether this hat asks for itself; others first leave their organisation."""
    return seen("portal.erasure_own", actor, User.objects.all()).filter(pk=str(actor.user_id)).exists()
