"""Named reads: who acts, in which hat, for which organisation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from onex.accounts.models import (
    Membership,
    Organisation,
    Province,
    School,
    User,
)
from onex.common.actors import Actor, Role


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


def roles_of(user: User) -> list[Role]:
    """The roles of the hats this person wears, whichever organisation."""
    return [Role(role) for role in user.memberships.filter(is_active=True).values_list("role", flat=True)]


def organisation_of(actor: Actor) -> Organisation:
    """The organisation this hat belongs to."""
    return Organisation.objects.get(pk__in=[actor.organisation_id])


def hats_by_key(keys: set[Any]) -> dict[Any, Role]:
    """The role of each of these memberships, for telling what was given or taken."""
    return {pk: Role(role) for pk, role in Membership.objects.filter(pk__in=keys).values_list("pk", "role")}


def invitations_of(actor: Actor) -> QuerySet[Membership]:
    """Hats that this person is asked to put on."""
    rows = Membership.objects.filter(user=actor.user_id, invited_at__isnull=False, organisation__is_active=True)
    return rows.select_related("organisation").order_by("invited_at")


def hats_at(organisation: Organisation) -> QuerySet[Membership]:
    """Who wears a hat of this organisation now, the earliest first."""
    return Membership.objects.filter(organisation_id=organisation.pk, is_active=True).select_related("user")


def hats_to_tell(organisations: Iterable[Organisation], roles: Iterable[Role]) -> QuerySet[Membership]:
    """Who wears one of these roles for one of these organisations now and can sign in, the earliest first."""
    rows = Membership.objects.filter(
        organisation__in=[one.pk for one in organisations], role__in=list(roles), is_active=True
    )
    able = rows.filter(user__is_active=True, organisation__is_active=True)
    return able.select_related("user").order_by("created_at", "pk")
