"""Named reads: hats, organisations, registrations waiting."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Case, Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Value, When

from onex.accounts.models import (
    City,
    Department,
    InstitutionRegistration,
    Membership,
    Organisation,
    Province,
    School,
    SchoolMajor,
    User,
)
from onex.accounts.rules import HEADS, OrganisationKind, RegistrationState, Standing
from onex.common.actors import Actor, Role
from onex.common.models import Attachment, Trace
from onex.common.permits import seen
from onex.common.queries import attachments_of, timeline_of
from onex.common.text import say

LICENCE = "licence"  # the slot of the stamped form or licence


def hats_of(user: User | Any) -> list[Membership]:
    """The hats this person may wear now, oldest first."""
    return list(
        Membership.objects.filter(user=user, is_active=True, user__is_active=True, organisation__is_active=True)
        .select_related("organisation", "user")
        .order_by("created_at")
    )


def actor_in(hat: Membership) -> Actor:
    """The person in this hat, as services know them."""
    return Actor(hat.user_id, hat.user.name, Role(hat.role), hat.organisation_id, hat.organisation.name)


def worn_hat(hats: list[Membership], chosen: str | None) -> Actor | None:
    """The chosen hat if it is still theirs, else the first; None for who has none."""
    worn = next((hat for hat in hats if str(hat.pk) == chosen), hats[0] if hats else None)
    return actor_in(worn) if worn else None


def province_of(actor: Actor) -> Province:
    """The province this hat belongs to. Raises Province.DoesNotExist for other hats."""
    return Province.objects.get(organisation__in=[actor.organisation_id])


def school_of(actor: Actor) -> School:
    """The school this hat belongs to. Raises School.DoesNotExist for other hats."""
    return School.objects.select_related("province", "city").get(organisation__in=[actor.organisation_id])


def provinces() -> QuerySet[Province]:
    """Every jurisdiction that publishes plans, by code."""
    return Province.objects.filter(is_active=True).order_by("code")


def cities() -> QuerySet[City]:
    """Every city with its province, by code."""
    return City.objects.filter(is_active=True).select_related("province").order_by("province__code", "code")


# --- institution registrations


def digest_of_token(token: str) -> str:
    """What is stored of the secret in a registration's address: nobody who reads the table can open one."""
    return hashlib.sha256(token.encode()).hexdigest()


def registration_by_token(token: str) -> QuerySet[InstitutionRegistration]:
    """The one registration that this secret opens, or none."""
    rows = InstitutionRegistration.objects.select_related("province", "city", "school")
    return rows.filter(token=digest_of_token(token))


def registrations_seen_by(actor: Actor) -> QuerySet[InstitutionRegistration]:
    """The registrations this actor may see, the longest waiting first, then the newest."""
    rows = InstitutionRegistration.objects.select_related("province", "city", "school")
    return seen("accounts.registration_see", actor, rows).order_by("-submitted_at")


def registrations_found(rows: QuerySet[InstitutionRegistration], words: str) -> QuerySet[InstitutionRegistration]:
    """Those whose name, codes or contact contain these words."""
    for word in words.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(school_code__icontains=word)
            | Q(credit_code__icontains=word)
            | Q(contact_name__icontains=word)
        )
    return rows


def licences_of(registration: InstitutionRegistration) -> QuerySet[Attachment]:
    """The stamped form or licences the school handed in, oldest first."""
    return attachments_of(registration, LICENCE)


def _waiting_besides(registration: InstitutionRegistration) -> QuerySet[InstitutionRegistration]:
    return InstitutionRegistration.objects.filter(state=RegistrationState.PENDING).exclude(pk=registration.pk)


def school_code_is_taken(code: str, registration: InstitutionRegistration) -> bool:
    """Whether a school has this 学校标识码, or another registration with it is waiting."""
    return bool(code) and (
        School.objects.filter(school_code=code).exists()
        or _waiting_besides(registration).filter(school_code=code).exists()
    )


def credit_code_is_taken(code: str, registration: InstitutionRegistration) -> bool:
    """Whether a school has this 统一社会信用代码, or another registration with it is waiting."""
    return bool(code) and (
        School.objects.filter(credit_code=code).exists()
        or _waiting_besides(registration).filter(credit_code=code).exists()
    )


def username_is_taken(username: str, registration: InstitutionRegistration) -> bool:
    """Whether somebody has this account, in whatever case it is written, or another registration asks for it."""
    return bool(username) and (
        User.objects.filter(username__iexact=username).exists()
        or _waiting_besides(registration).filter(username__iexact=username).exists()
    )


def counts_by_state(rows: QuerySet[InstitutionRegistration]) -> dict[str, int]:
    """How many of these rows are in each state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def last_rejection_of(registration: InstitutionRegistration) -> Trace | None:
    """The latest rejection while it has not been answered by a new submission."""
    if registration.state != RegistrationState.REJECTED:
        return None
    return timeline_of(registration).filter(verb="reject").last()


# --- people of an organisation


# How Django writes a password that opens nothing: an account that was never activated.
NO_PASSWORD = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def organisations_whose_people(actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose people this actor may see, the own one first."""
    own = Case(When(pk=actor.organisation_id, then=Value(0)), default=Value(1))
    return seen("accounts.people_see", actor, Organisation.objects.all()).order_by(own, "name")


def organisations_to_choose(actor: Actor, chosen: Organisation) -> list[Organisation]:
    """The own organisation and those below it, for an actor who looks after several; none for one, none for all."""
    own = Case(When(pk=actor.organisation_id, then=Value(0)), default=Value(1))
    rows = Organisation.objects.filter(Q(pk=actor.organisation_id) | Q(parent=actor.organisation_id))
    rows = rows.order_by(own, "name")
    found = list(seen("accounts.people_see", actor, rows)[:30])
    return found if len(found) > 1 else []


def people_of(organisation: Organisation) -> QuerySet[User]:
    """Everybody with a hat here, but for students: `standing`, `since`, and their `hats_here` in one more query."""
    here = Membership.objects.filter(organisation=organisation.pk).exclude(role=Role.STUDENT)
    own = here.filter(user=OuterRef("pk"))
    standing = Q(is_active=True) | Q(invited_at__isnull=False) | Q(suspended_at__isnull=False)
    return (
        User.objects.filter(Exists(own.filter(standing)))
        .annotate(
            standing=Case(
                When(is_active=False, then=Value(Standing.DISABLED.value)),
                When(Exists(own.filter(suspended_at__isnull=False)), then=Value(Standing.SUSPENDED.value)),
                When(~Exists(own.filter(is_active=True)), then=Value(Standing.INVITED.value)),
                When(NO_PASSWORD, then=Value(Standing.WAITING.value)),
                default=Value(Standing.ACTIVE.value),
            ),
            since=Min("memberships__created_at", filter=Q(memberships__organisation=organisation.pk)),
        )
        .prefetch_related(Prefetch("memberships", here.filter(standing).order_by("role"), to_attr="hats_here"))
        .order_by("name", "pk")
    )


def people_found(rows: QuerySet[User], words: str) -> QuerySet[User]:
    """Those whose name or account contains these words."""
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(username__icontains=word))
    return rows


def people_with_hat(rows: QuerySet[User], organisation: Organisation, role: str) -> QuerySet[User]:
    """Those who have this hat here, whether they wear it now or not."""
    standing = Q(is_active=True) | Q(invited_at__isnull=False) | Q(suspended_at__isnull=False)
    own = Membership.objects.filter(standing, organisation=organisation.pk, role=role, user=OuterRef("pk"))
    return rows.filter(Exists(own))


def standing_counts(rows: QuerySet[User]) -> dict[str, int]:
    """How many of these people stand how."""
    counted: Any = rows.order_by()
    return dict(counted.values_list("standing").annotate(n=Count("pk", distinct=True)))


def other_hats_of(user: User, organisation: Organisation) -> bool:
    """Whether this person has hats elsewhere; which ones is theirs to tell."""
    return user.memberships.filter(is_active=True).exclude(organisation=organisation.pk).exists()


def traces_of_person(user: User, organisation: Organisation) -> QuerySet[Trace]:
    """What was done to a person's account and to their hats here, newest first."""
    hats = Membership.objects.filter(user=user, organisation=organisation.pk).values("pk")
    mine = Q(subject_type=User._meta.label_lower, subject_id=user.pk)
    return Trace.objects.filter(mine | Q(subject_type=Membership._meta.label_lower, subject_id__in=hats)).order_by(
        "-at", "-id"
    )


def hats_by_key(keys: set[Any]) -> dict[Any, Role]:
    """The role of each of these memberships, for telling what was given or taken."""
    return {pk: Role(role) for pk, role in Membership.objects.filter(pk__in=keys).values_list("pk", "role")}


def invitations_of(actor: Actor) -> QuerySet[Membership]:
    """Hats that this person is asked to put on."""
    rows = Membership.objects.filter(user=actor.user_id, invited_at__isnull=False, organisation__is_active=True)
    return rows.select_related("organisation").order_by("invited_at")


# --- organisations


def organisations_seen_by(actor: Actor) -> QuerySet[Organisation]:
    """Every organisation this actor may look at, with its `head_count` of administrators who can come in."""
    heads = Q()
    for kind, roles in HEADS.items():
        heads |= Q(kind=kind, memberships__role__in=roles)
    able = Q(memberships__is_active=True, memberships__user__is_active=True)
    rows = seen("accounts.organisation_see", actor, Organisation.objects.all())
    counted = Count("memberships__user", filter=heads & able, distinct=True)
    return rows.select_related("parent").annotate(head_count=counted).order_by("name", "pk")


def organisations_found(rows: QuerySet[Organisation], words: str) -> QuerySet[Organisation]:
    """Those whose name or code contains these words."""
    for word in words.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(as_school__school_code__startswith=word)
            | Q(as_evaluation_org__org_code__istartswith=word)
            | Q(as_province__code__startswith=word)
            | Q(as_city__code__startswith=word)
        )
    return rows


def kind_counts(actor: Actor) -> dict[str, int]:
    """How many organisations of each kind this actor may look at."""
    rows = seen("accounts.organisation_see", actor, Organisation.objects.all())
    return dict(rows.order_by().values_list("kind").annotate(n=Count("pk")))


def school_to_edit(actor: Actor) -> QuerySet[School]:
    """The school whose facts this actor keeps, or none."""
    return seen("accounts.school_edit", actor, School.objects.select_related("province", "city"))


def departments_of(school: School) -> QuerySet[Department]:
    """A school's departments with the number of their majors."""
    return school.departments.annotate(major_count=Count("majors")).order_by("name")


def majors_of(school: School) -> QuerySet[SchoolMajor]:
    """The majors a school offers, by code."""
    return school.majors.select_related("department").order_by("code")


def sites_of_school(school: School) -> QuerySet[Organisation]:
    """The exam sites that belong to a school, as organisations."""
    return Organisation.objects.filter(parent=school.pk, kind=OrganisationKind.SITE).order_by("name")


def account_counts() -> dict[str, int]:
    """The platform's accounts, and those of them that are shut out."""
    return User.objects.aggregate(all=Count("pk"), disabled=Count("pk", filter=Q(is_active=False)))


def privileged_people() -> int:
    """How many people wear one of the operator's three administrators' hats."""
    worn = Membership.objects.filter(is_active=True, role__in=HEADS[OrganisationKind.OPERATOR])
    return worn.values("user").distinct().count()


def organisations_without_head() -> int:
    """Organisations in use that nobody looks after."""
    heads = Q()
    for kind, roles in HEADS.items():
        heads |= Q(organisation__kind=kind, role__in=roles)
    looked_after = Membership.objects.filter(heads, is_active=True, organisation=OuterRef("pk"))
    return Organisation.objects.filter(~Exists(looked_after), is_active=True).count()


def facts_of_organisation(row: Organisation) -> list[tuple[Any, str]]:
    """What is known of an organisation of its kind: (label, value)."""
    kind = OrganisationKind(row.kind)
    if kind == OrganisationKind.EVALUATION_ORG:
        org = row.as_evaluation_org
        return [(say("组织机构代码"), org.org_code), (say("简称"), org.short_name)]
    if kind == OrganisationKind.PROVINCE:
        return [(say("省份"), row.as_province.region_name), (say("行政区划代码"), row.as_province.code)]
    if kind == OrganisationKind.CITY:
        city = row.as_city
        return [(say("所属省份"), city.province.region_name), (say("行政区划代码"), city.code)]
    if kind == OrganisationKind.SCHOOL:
        school = row.as_school
        place = f"{school.province.region_name} {school.city.region_name if school.city else ''}"
        codes = [(say("学校标识码"), school.school_code or "—"), (say("统一社会信用代码"), school.credit_code)]
        return [(say("所属地区"), place), *codes]
    if kind == OrganisationKind.SITE and row.parent is not None:
        return [(say("所属院校"), row.parent.name)]
    return []
