"""Named reads: schools as their province and they themselves keep them, and the changes they ask for."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from onex.accounts.models import (
    Department,
    InstitutionChange,
    InstitutionRegistration,
    Membership,
    Organisation,
    School,
    SchoolMajor,
    User,
)
from onex.accounts.queries.hats import hats_at
from onex.accounts.rules import (
    ChangeKind,
    ChangeState,
    OrganisationKind,
    RegistrationState,
)
from onex.common.actors import Actor, Role
from onex.common.models import Attachment, Trace
from onex.common.permits import seen
from onex.common.queries import attachments_of, timeline_of, with_words


def school_name_is_taken(
    name: str,
    *,
    registration: InstitutionRegistration | None = None,
    change: InstitutionChange | None = None,
    school: School | None = None,
) -> bool:
    """Whether another school has this full name, or somebody else is waiting for it."""
    if not name:
        return False
    schools = School.objects.filter(name=name)
    registrations = InstitutionRegistration.objects.filter(state=RegistrationState.PENDING, name=name)
    changes = InstitutionChange.objects.filter(state=ChangeState.SUBMITTED, new_name=name)
    if school is not None:
        schools = schools.exclude(pk=school.pk)
    if registration is not None:
        registrations = registrations.exclude(pk=registration.pk)
    if change is not None:
        changes = changes.exclude(pk=change.pk)
    return schools.exists() or registrations.exists() or changes.exists()


PROOF = "proof"  # the slot of the stamped letter


def institutions_seen_by(actor: Actor) -> QuerySet[School]:
    """The schools on the platform that this actor keeps, by name."""
    rows = School.objects.select_related("province", "city")
    return seen("accounts.institution_see", actor, rows).order_by("name")


def institutions_to_reveal(actor: Actor) -> QuerySet[School]:
    """The schools whose contact this actor may see whole, with a reason."""
    return seen("accounts.institution_reveal", actor, School.objects.all())


def institutions_found(rows: QuerySet[School], words: str) -> QuerySet[School]:
    """Those whose name now or before, codes or contact contain these words."""

    def by_its_former_name(word: str) -> Q:
        renamed = InstitutionChange.objects.filter(kind=ChangeKind.NAME, state=ChangeState.APPROVED)
        return Q(pk__in=renamed.filter(old_name__icontains=word).values("school"))

    return with_words(rows, words, "name", "school_code", "credit_code", "contact_name", also=by_its_former_name)


def institution_by_code(code: str) -> School | None:
    """The school with this 学校标识码 or 统一社会信用代码."""
    return School.objects.filter(Q(school_code=code) | Q(credit_code=code)).first() if code else None


def administrators_of(school: School) -> QuerySet[Membership]:
    """Who acts for the school itself, the earliest first."""
    return hats_at(school).filter(role=Role.SCHOOL.value)


def names_of(school: School) -> list[InstitutionChange]:
    """The approved changes of this school's name, the latest first."""
    rows = InstitutionChange.objects.filter(school=school, kind=ChangeKind.NAME, state=ChangeState.APPROVED)
    return list(rows.order_by("-decided_at"))


def name_at(school: School, at: datetime | None) -> str:
    """What the school was called at that time: for papers that were issued then."""
    if at is None:
        return school.name
    changes = InstitutionChange.objects.filter(
        school=school, kind=ChangeKind.NAME, state=ChangeState.APPROVED, decided_at__gt=at
    )
    first_after = changes.order_by("decided_at").first()
    return first_after.old_name if first_after is not None else school.name


def changes_seen_by(actor: Actor) -> QuerySet[InstitutionChange]:
    """The requests this actor may see, the newest first."""
    rows = InstitutionChange.objects.select_related("school", "school__province", "old_user", "new_user")
    return seen("accounts.change_see", actor, rows).order_by("-submitted_at")


def changes_to_reveal(actor: Actor) -> QuerySet[InstitutionChange]:
    """The requests whose new administrator's numbers this actor may see whole, with a reason."""
    return seen("accounts.change_reveal", actor, InstitutionChange.objects.all())


def changes_found(rows: QuerySet[InstitutionChange], words: str) -> QuerySet[InstitutionChange]:
    """Those of schools or people with these words."""
    return with_words(rows, words, "school__name", "old_name", "new_name", "person_name")


def open_change(school: School, kind: str) -> InstitutionChange | None:
    """The school's request of this kind that is not decided yet."""
    waiting = (ChangeState.SUBMITTED, ChangeState.RETURNED)
    return InstitutionChange.objects.filter(school=school, kind=kind, state__in=waiting).first()


def last_return_of(change: InstitutionChange) -> Trace | None:
    """Why the request was returned, while it has not been handed in again."""
    if change.state != ChangeState.RETURNED:
        return None
    return timeline_of(change).filter(verb="return").last()


def proofs_of(change: InstitutionChange) -> QuerySet[Attachment]:
    """The stamped letters of a request, oldest first."""
    return attachments_of(change, PROOF)


def new_account_is_taken(username: str, school: School) -> bool:
    """Whether this account cannot become the school's administrator: somebody has it who is no colleague."""
    found = User.objects.filter(username__iexact=username).first()
    if found is not None:
        return not hats_at(school).filter(user=found).exists()
    return InstitutionRegistration.objects.filter(state=RegistrationState.PENDING, username__iexact=username).exists()


def colleague(username: str, school: School) -> User | None:
    """The person of this school with this account, if there is one."""
    hat = hats_at(school).filter(user__username__iexact=username).first()
    return hat.user if hat is not None else None


def school_to_edit(actor: Actor) -> QuerySet[School]:
    """The school whose facts this actor keeps, or none."""
    return seen("accounts.school_edit", actor, School.objects.select_related("province", "city"))


def departments_of(school: School) -> QuerySet[Department]:
    """A school's departments with the number of their majors."""
    return school.departments.annotate(major_count=Count("majors")).order_by("name")


def majors_of(school: School) -> QuerySet[SchoolMajor]:
    """The majors a school offers, by code."""
    return school.majors.select_related("department").order_by("code")


def majors_offered(rows: QuerySet[SchoolMajor], words: str) -> QuerySet[SchoolMajor]:
    """Those whose code, name or department contains these words."""
    return with_words(rows, words, "code", "name", "department__name")


def sites_of_school(school: School) -> QuerySet[Organisation]:
    """The exam sites that belong to a school, as organisations."""
    return Organisation.objects.filter(parent=school.pk, kind=OrganisationKind.SITE).order_by("name")
