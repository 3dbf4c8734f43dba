"""Named reads: hats, organisations, registrations waiting."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from onex.accounts.models import City, InstitutionRegistration, Membership, OnceToken, Province, School, User
from onex.accounts.rules import RegistrationState
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


def user_by_phone(phone: str) -> User | None:
    """The account of this phone number, found by its index; None for nobody."""
    index = User._meta.get_field("phone_index").index_of(phone)
    return User.objects.filter(phone_index=index).first() if index else None


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
    """Tokens that ended thirty days ago."""
    return OnceToken.objects.filter(expires_at__lt=at - timedelta(days=30))


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
