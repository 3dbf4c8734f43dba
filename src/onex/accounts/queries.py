"""Named reads: hats, organisations, registrations waiting."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from onex.accounts.models import (
    City,
    InstitutionRegistration,
    Membership,
    NetworkRange,
    Organisation,
    Province,
    School,
    User,
)
from onex.accounts.rules import OrganisationKind, RegistrationState, hex_of, needs_second_factor
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


def counts_by_state(rows: QuerySet[InstitutionRegistration]) -> dict[str, int]:
    """How many of these rows are in each state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def last_rejection_of(registration: InstitutionRegistration) -> Trace | None:
    """The latest rejection while it has not been answered by a new submission."""
    if registration.state != RegistrationState.REJECTED:
        return None
    return timeline_of(registration).filter(verb="reject").last()
