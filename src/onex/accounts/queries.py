"""Named reads: hats, organisations, registrations waiting."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Case, Count, Exists, Min, Model, OuterRef, Prefetch, Q, QuerySet, Value, When

from onex.accounts.models import (
    Authenticator,
    City,
    Department,
    InstitutionChange,
    InstitutionRegistration,
    Membership,
    NetworkRange,
    OnceToken,
    Organisation,
    Province,
    School,
    SchoolMajor,
    SignIn,
    User,
)
from onex.accounts.rules import (
    HEADS,
    LINK_FAILED,
    LINK_SENT,
    PEOPLE_ACTS,
    ChangeKind,
    ChangeState,
    OrganisationKind,
    RegistrationState,
    Standing,
    hex_of,
    needs_second_factor,
)
from onex.common.actors import Actor, Role
from onex.common.models import Attachment, Trace
from onex.common.permits import seen
from onex.common.queries import LOOKS, attachments_of, timeline_of
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


def user_by_phone(phone: str) -> User | None:
    """Who has this phone, found by its index, or signs in by its number; None for nobody."""
    index = User._meta.get_field("phone_index").index_of(phone)
    return User.objects.filter(Q(phone_index=index) | Q(username=phone)).first() if index else None


def users_by_email(email: str) -> QuerySet[User]:
    """The accounts that gave this address, in whatever case; an office may share one."""
    index = User._meta.get_field("email_index").index_of(email)
    return User.objects.filter(email_index=index) if index else User.objects.none()


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


# --- sign-ins and second factors


def digest_of_key(key: str) -> str:
    """What a sign-in stores of its session's key: who reads the table cannot ride on a session."""
    return hashlib.sha256(f"session:{key}".encode()).hexdigest()


def sign_in_by_key(key: str | None) -> SignIn | None:
    """The sign-in of this session with its person, ended or not."""
    rows = SignIn.objects.select_related("user")
    return rows.filter(key_digest=digest_of_key(key)).first() if key else None


def open_sign_ins_of(user: User) -> QuerySet[SignIn]:
    """Where this person is signed in now, the latest seen first."""
    return SignIn.objects.filter(user=user, ended_at__isnull=True).select_related("hat__organisation")


def authenticators_of(user: User | Any) -> list[Authenticator]:
    """The second factors of this person, oldest first."""
    return list(Authenticator.objects.filter(user=user))


def recovery_codes_left(user: User) -> int:
    """How many recovery codes still open."""
    return user.recovery_codes.filter(used_at__isnull=True).count()


def user_of(pk: str) -> User | None:
    """The person who may sign in under this key."""
    return User.objects.filter(pk=pk, is_active=True).first()


# --- the door


def user_by_account(account: str) -> User | None:
    """Who signs in under this name, if anybody does."""
    return User.objects.filter(username=account).first()


def user_by_id(pk: str) -> User | None:
    """Who this is; nobody for an empty or unknown key."""
    return User.objects.filter(pk=pk).first() if pk else None


def roles_of(user: User) -> list[Role]:
    """The roles of the hats this person wears, whichever organisation."""
    return [Role(role) for role in user.memberships.filter(is_active=True).values_list("role", flat=True)]


def is_staff(user: User) -> bool:
    """Whether more is asked of their password: every hat above a student, and who has none yet."""
    roles = roles_of(user)
    return not roles or needs_second_factor(roles)


def words_about(user: User) -> list[str]:
    """What others know of a person and would try as a password."""
    names = Organisation.objects.filter(memberships__user=user).values_list("name", flat=True)
    regions = Province.objects.filter(schools__memberships__user=user).values_list("region_name", flat=True)
    return [user.username, user.name, user.phone, user.email.partition("@")[0], *names, *regions]


def last_password_at(user: User) -> datetime | None:
    """When the present password was set; None for one that is older than the record."""
    return user.passwords.values_list("set_at", flat=True).first()


def range_of(address: str) -> NetworkRange | None:
    """The registered range that an address lies in."""
    try:
        spot = hex_of(ipaddress.ip_address(address))
    except ValueError:
        return None
    rows = NetworkRange.objects.filter(first__lte=spot, last__gte=spot, organisation__is_active=True)
    return rows.order_by("-first").first()


def networks_seen_by(actor: Actor) -> QuerySet[NetworkRange]:
    """The ranges this hat files and takes away."""
    return seen("accounts.network_manage", actor, NetworkRange.objects.select_related("organisation"))


def organisation_named(name: str) -> Organisation | None:
    """The one school or site of this full name."""
    rows = Organisation.objects.filter(name=name, kind__in=[OrganisationKind.SCHOOL, OrganisationKind.SITE])
    return rows.first()


def organisation_of(actor: Actor) -> Organisation:
    """The organisation this hat belongs to."""
    return Organisation.objects.get(pk__in=[actor.organisation_id])


def operator() -> Organisation | None:
    """The organisation that runs this installation."""
    return Organisation.objects.filter(kind=OrganisationKind.OPERATOR).first()


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


def registrations_to_reveal(actor: Actor) -> QuerySet[InstitutionRegistration]:
    """The registrations whose contact this actor may see whole, with a reason."""
    return seen("accounts.registration_reveal", actor, InstitutionRegistration.objects.all())


def registrations_to_drop(at: datetime) -> QuerySet[InstitutionRegistration]:
    """Those begun or rejected, and not touched for a year."""
    waiting = (RegistrationState.DRAFT, RegistrationState.REJECTED)
    old = at - timedelta(days=365)
    rows = InstitutionRegistration.objects.filter(state__in=waiting, school=None, created_at__lt=old)
    return rows.filter(Q(submitted_at=None) | Q(submitted_at__lt=old))


def tokens_to_drop(at: datetime) -> QuerySet[OnceToken]:
    """Tokens that were used or ended thirty days ago."""
    long_ago = at - timedelta(days=30)
    return OnceToken.objects.filter(Q(expires_at__lt=long_ago) | Q(used_at__lt=long_ago))


def sign_ins_to_drop(at: datetime) -> QuerySet[SignIn]:
    """Sign-ins that ended half a year ago: the law wants the log of the net for six months."""
    return SignIn.objects.filter(ended_at__lt=at - timedelta(days=183))


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


def filed_fields(registration: InstitutionRegistration) -> dict[str, str]:
    """The fields of a registration as plain values, to be kept and compared with another time."""
    row = registration
    names = [one.original_name for one in licences_of(row)]
    place = (row.province.region_name, row.city.region_name if row.city else "", row.district)
    return {
        "name": row.name,
        "province": " ".join(filter(None, place)),
        "school_type": row.school_type,
        "ownership": row.ownership,
        "school_code": row.school_code,
        "credit_code": row.credit_code,
        "legal_representative": row.legal_representative,
        "address": row.address,
        "contact_name": row.contact_name,
        "contact_phone": row.contact_phone,
        "contact_email": row.contact_email,
        "username": row.username,
        "majors": "\n".join(f"{major['code']} {major['name']}" for major in row.majors),
        "licence": "\n".join(names),
    }


def remarks_on(registration: InstitutionRegistration) -> dict[str, str]:
    """What the reviewer remarked on single fields, while the registration is back with its school."""
    rejection = last_rejection_of(registration)
    return dict(rejection.data.get("remarks", {})) if rejection is not None else {}


def account_of(registration: InstitutionRegistration) -> User | None:
    """The account that an approved registration opened."""
    if registration.school_id is None:
        return None
    return User.objects.filter(
        username=registration.username, memberships__organisation_id=registration.school_id
    ).first()


def last_link_of(row: Model) -> Trace | None:
    """How the latest activation link went out: sent or not, when, to which masked address."""
    return timeline_of(row).filter(verb__in=(LINK_SENT, LINK_FAILED)).last()


def counts_by_state(rows: QuerySet[Any]) -> dict[str, int]:
    """How many of these rows are in each state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def last_rejection_of(registration: InstitutionRegistration) -> Trace | None:
    """The latest rejection while it has not been answered by a new submission."""
    if registration.state != RegistrationState.REJECTED:
        return None
    return timeline_of(registration).filter(verb="reject").last()


# --- schools as their province keeps them, and their changes

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
    for word in words.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(school_code__icontains=word)
            | Q(credit_code__icontains=word)
            | Q(contact_name__icontains=word)
            | Q(
                pk__in=InstitutionChange.objects.filter(
                    kind=ChangeKind.NAME, state=ChangeState.APPROVED, old_name__icontains=word
                ).values("school")
            )
        )
    return rows


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


def people_to_reveal(actor: Actor) -> QuerySet[User]:
    """The people whose numbers this actor may see whole, with a reason."""
    return seen("accounts.user_reveal", actor, User.objects.all())


def people_found(rows: QuerySet[User], words: str) -> QuerySet[User]:
    """Those whose name or account contains these words."""
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(username__icontains=word))
    return rows


def people_of_staff(rows: QuerySet[User], organisation: Organisation) -> QuerySet[User]:
    """Without those who are here only because they registered for the cloud course themselves: a crowd of its own."""
    staff = Membership.objects.filter(organisation=organisation.pk, user=OuterRef("pk"))
    return rows.filter(Exists(staff.exclude(role__in=(Role.STUDENT, Role.LEARNER))))


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


def traces_of_person(user: User, organisation: Organisation, *, account: bool) -> QuerySet[Trace]:
    """What was done to a person's hats here and, if asked for, to their account, newest first.

    Not how they came and went, or tried to: that is the log's, and would bury the rest.
    """
    hats = Membership.objects.filter(user=user, organisation=organisation.pk).values("pk")
    mine = Q(subject_type=User._meta.label_lower, subject_id=user.pk, verb__in=PEOPLE_ACTS)
    here = Q(subject_type=Membership._meta.label_lower, subject_id__in=hats)
    rows = Trace.objects.filter(mine | here if account else here)
    return rows.exclude(verb__in=LOOKS).order_by("-at", "-id")  # who looked is the auditor's to read


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


def institution_by_code(code: str) -> School | None:
    """The school with this 学校标识码 or 统一社会信用代码."""
    return School.objects.filter(Q(school_code=code) | Q(credit_code=code)).first() if code else None


def hats_at(organisation: Organisation) -> QuerySet[Membership]:
    """Who wears a hat of this organisation now, the earliest first."""
    return Membership.objects.filter(organisation_id=organisation.pk, is_active=True).select_related("user")


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
    for word in words.split():
        rows = rows.filter(
            Q(school__name__icontains=word)
            | Q(old_name__icontains=word)
            | Q(new_name__icontains=word)
            | Q(person_name__icontains=word)
        )
    return rows


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
