"""Named reads: hats, organisations, registrations waiting."""

from __future__ import annotations

from typing import Any

from onex.accounts.models import Membership, User
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
