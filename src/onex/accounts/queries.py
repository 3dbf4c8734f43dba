"""Named reads: hats, organisations, registrations waiting."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime
from typing import Any

from django.db.models import Count, Model, Q, QuerySet

from onex.accounts.models import (
    Authenticator,
    City,
    InstitutionChange,
    InstitutionRegistration,
    Membership,
    NetworkRange,
    Organisation,
    Province,
    School,
    SignIn,
    User,
)
from onex.accounts.rules import (
    LINK_FAILED,
    LINK_SENT,
    ChangeKind,
    ChangeState,
    OrganisationKind,
    RegistrationState,
    hex_of,
    needs_second_factor,
)
from onex.common.actors import Actor, Role
from onex.common.models import Attachment, Trace
from onex.common.permits import seen
from onex.common.queries import attachments_of, timeline_of

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


def user_by_phone(phone: str) -> User | None:
    """Who has this phone, or signs in by it. The one look-up by phone: the column may be sealed one day."""
    return User.objects.filter(Q(phone=phone) | Q(username=phone)).first()


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
