"""Named reads of the door: accounts as they sign in, their sessions and second factors, registered ranges."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from onex.accounts.models import (
    Authenticator,
    NetworkRange,
    OnceToken,
    Organisation,
    Province,
    SignIn,
    User,
)
from onex.accounts.queries.hats import roles_of
from onex.accounts.rules import (
    hex_of,
    needs_second_factor,
)
from onex.common.actors import Actor
from onex.common.permits import seen


def user_by_phone(phone: str) -> User | None:
    """Who has this phone, found by its index, or signs in by its number; None for nobody."""
    index = User._meta.get_field("phone_index").index_of(phone)
    return User.objects.filter(Q(phone_index=index) | Q(username=phone)).first() if index else None


def users_by_email(email: str) -> QuerySet[User]:
    """The accounts that gave this address, in whatever case; an office may share one."""
    index = User._meta.get_field("email_index").index_of(email)
    return User.objects.filter(email_index=index) if index else User.objects.none()


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


def user_by_account(account: str) -> User | None:
    """Who signs in under this name, if anybody does."""
    return User.objects.filter(username=account).first()


def user_by_id(pk: str) -> User | None:
    """Who this is; nobody for an empty or unknown key."""
    return User.objects.filter(pk=pk).first() if pk else None


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


def tokens_to_drop(at: datetime) -> QuerySet[OnceToken]:
    """Tokens that were used or ended thirty days ago."""
    long_ago = at - timedelta(days=30)
    return OnceToken.objects.filter(Q(expires_at__lt=long_ago) | Q(used_at__lt=long_ago))


def sign_ins_to_drop(at: datetime) -> QuerySet[SignIn]:
    """Sign-ins that ended half a year ago: the law wants the log of the net for six months."""
    return SignIn.objects.filter(ended_at__lt=at - timedelta(days=183))
