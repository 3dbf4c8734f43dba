"""What tests of people share: an administrator, a colleague, and how somebody stands."""

from __future__ import annotations

from typing import Any

from onex.accounts import queries
from onex.accounts.models import Organisation, User
from onex.accounts.services import Invitation
from onex.accounts.tests.factories import (
    a_hat,
    a_school,
    a_user,
    an_actor,
)
from onex.common.actors import Actor, Role

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW = Invitation("li_mei", "李梅", "li.mei@example.edu.cn")


def an_admin(role: Role = Role.SCHOOL, organisation: Organisation | None = None) -> Actor:
    return an_actor(role, organisation or a_school())


def own(actor: Actor) -> Organisation:
    return Organisation.objects.get(pk=str(actor.organisation_id))


def a_colleague(admin: Actor, role: Role, name: str = "钱进") -> User:
    user = a_user(name=name)
    a_hat(role, own(admin), user)
    return user


def standing(user: User, organisation: Organisation) -> str:
    found: Any = queries.people_of(organisation).get(pk=user.pk)
    return str(found.standing)


def worn(user: User) -> set[str]:
    return set(user.memberships.filter(is_active=True).values_list("role", flat=True))
