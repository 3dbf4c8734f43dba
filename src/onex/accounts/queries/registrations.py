"""Named reads: schools that never applied, on their way in."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Model, Q, QuerySet

from onex.accounts.models import (
    InstitutionRegistration,
    School,
    User,
)
from onex.accounts.rules import (
    LINK_FAILED,
    LINK_SENT,
    RegistrationState,
)
from onex.common.actors import Actor
from onex.common.models import Attachment, Trace
from onex.common.permits import seen
from onex.common.queries import attachments_of, timeline_of, with_words

LICENCE = "licence"  # the slot of the stamped form or licence


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


def registrations_found(rows: QuerySet[InstitutionRegistration], words: str) -> QuerySet[InstitutionRegistration]:
    """Those whose name, codes or contact contain these words."""
    return with_words(rows, words, "name", "school_code", "credit_code", "contact_name")


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
