"""Named reads: hats, organisations, registrations waiting."""

from __future__ import annotations

from typing import Any

from onex.accounts.models import City, Membership, Province, School, User
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


def city_of(actor: Actor) -> City:
    """The city this hat belongs to. Raises City.DoesNotExist for other hats."""
    return City.objects.get(organisation__in=[actor.organisation_id])


def school_of(actor: Actor) -> School:
    """The school this hat belongs to. Raises School.DoesNotExist for other hats."""
    return School.objects.select_related("province", "city").get(organisation__in=[actor.organisation_id])
