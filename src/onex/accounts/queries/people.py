"""Named reads: the people of an organisation, and what was done to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Case, Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from onex.accounts.models import (
    Membership,
    Organisation,
    User,
)
from onex.accounts.rules import (
    HEADS,
    PEOPLE_ACTS,
    OrganisationKind,
    Standing,
)
from onex.common.actors import Actor, Role
from onex.common.models import Trace
from onex.common.permits import seen
from onex.common.queries import LOOKS, with_words

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


def names_taken(names: Collection[str]) -> set[str]:
    """Which of these account names somebody has, in whatever case; in small letters."""
    asked = {name.lower() for name in names if name}
    rows = User.objects.annotate(small=Lower("username")).filter(small__in=asked)
    return set(rows.values_list("small", flat=True))


def people_found(rows: QuerySet[User], words: str) -> QuerySet[User]:
    """Those whose name or account contains these words."""
    return with_words(rows, words, "name", "username")


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


def account_counts() -> dict[str, int]:
    """The platform's accounts, and those of them that are shut out."""
    return User.objects.aggregate(all=Count("pk"), disabled=Count("pk", filter=Q(is_active=False)))


def privileged_people() -> int:
    """How many people wear one of the operator's three administrators' hats."""
    worn = Membership.objects.filter(is_active=True, role__in=HEADS[OrganisationKind.OPERATOR])
    return worn.values("user").distinct().count()
