"""Named reads: what waits for a reviewer's decision, in the order of risk and age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from onex.accounts.models import City, Membership, Organisation, User
from onex.accounts.queries import hats_at
from onex.common.actors import Actor, Role
from onex.common.permits import seen
from onex.common.queries import with_words
from onex.pilots.models import FieldRemark, PilotApplication
from onex.pilots.queries.majors import rostered_counts
from onex.pilots.queries.signals import signals_in, weights_of, with_signals
from onex.pilots.rules import GRANTED, ApplicationState, Signal, risk_of

# What this hat decides: the permit, and the state that waits for it.
_DECIDES = {
    Role.CITY: ("pilots.review_city", ApplicationState.CITY_REVIEW),
    Role.PROVINCE: ("pilots.review", ApplicationState.PROVINCE_REVIEW),
}


def applications_waiting_for(actor: Actor) -> QuerySet[PilotApplication]:
    """What this reviewer has to decide now, the longest waiting first."""
    rows = PilotApplication.objects.select_related("plan", "school", "level")
    if actor.role not in _DECIDES:
        return rows.none()
    permit, state = _DECIDES[actor.role]
    return seen(permit, actor, rows.filter(state=state)).order_by("submitted_at", "pk")


def waiting_count(actor: Actor) -> int:
    """How much waits, for the navigation."""
    return applications_waiting_for(actor).order_by().count()


@dataclass(frozen=True)
class Waiting:
    """One application of the queue: what it is sorted, filtered and counted by."""

    pk: UUID
    submitted_at: datetime
    requested_count: int
    plan_id: UUID
    year: int
    batch: int
    certificate_id: UUID
    certificate: str
    level: int
    city_id: UUID | None
    city: str
    school: str
    assignee_id: UUID | None
    is_conflict: bool
    signals: frozenset[Signal]
    risk: int


def queue_of(actor: Actor, words: str = "") -> list[Waiting]:
    """The reviewer's whole queue, the riskiest first and of equal risk the longest waiting; eight queries.

    Signals are columns of one query; sorting and counting thousands of light rows here is cheaper than asking the
    database for the same subqueries once for the order, once for the page and once for every chip.
    """
    rows = with_words(applications_waiting_for(actor), words, "school__name", "level__name")
    weights = weights_of(province_of_reviewer(actor))
    own = own_organisations(actor)
    light = with_signals(rows.select_related(None).order_by()).values_list(
        "pk", "submitted_at", "requested_count", "plan_id", "plan__year", "plan__batch", "level__certificate_id",
        "level__certificate__short_name", "level__level", "school__city_id", "school__city__region_name",
        "school__name", "assignee_id", "school_id", "machine_count", "last_approved", "last_used", "has_same_text",
        "lacks_material", named=True,
    )  # fmt: skip
    rostered = rostered_counts(rows)
    found = []
    for row in light:
        signals = signals_in(row, rostered.get(row.pk, 0))
        found.append(
            Waiting(
                row.pk, row.submitted_at, row.requested_count, row.plan_id, row.plan__year, row.plan__batch,
                row.level__certificate_id, row.level__certificate__short_name, row.level__level, row.school__city_id,
                row.school__city__region_name or "", row.school__name, row.assignee_id, row.school_id in own,
                frozenset(signals), risk_of(signals, weights),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (-one.risk, one.submitted_at, one.pk))


def applications_by_key(actor: Actor, keys: Sequence[UUID]) -> list[PilotApplication]:
    """These of the waiting applications, in this order, with what a row of the queue shows."""
    rows = applications_waiting_for(actor).select_related("plan", "school__city", "level__certificate", "assignee")
    found = {row.pk: row for row in rows.filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


def neighbours_in_queue(queue: Iterable[Waiting], application: PilotApplication) -> tuple[UUID | None, UUID | None]:
    """The applications before and after this one; of one that waits no more the first of those that do comes next."""
    keys = [one.pk for one in queue]
    if application.pk not in keys:
        return None, keys[0] if keys else None
    place = keys.index(application.pk)
    return (keys[place - 1] if place else None), (keys[place + 1] if place + 1 < len(keys) else None)


def signal_counts(queue: Iterable[Waiting]) -> Counter[str]:
    """How many of the queue have each signal."""
    return Counter(signal.value for one in queue for signal in one.signals)


# --- who reviews ---------------------------------------------------------------------------------------------------


def province_of_reviewer(actor: Actor) -> UUID | None:
    """The province whose weights count for this reviewer."""
    if actor.role == Role.CITY:
        return City.objects.filter(pk__in=[actor.organisation_id]).values_list("province", flat=True).first()
    return actor.organisation_id


def own_organisations(actor: Actor) -> set[UUID]:
    """Where this person has a hat of any kind, and the schools whose exam sites these are: none of theirs to judge."""
    if actor.user_id is None:
        return set()
    worn = Membership.objects.filter(user=actor.user_id, is_active=True)
    found: set[UUID] = set()
    for organisation, parent in worn.values_list("organisation_id", "organisation__parent_id"):
        found |= {organisation} if parent is None else {organisation, parent}
    return found


def has_interest(user_id: UUID | None, application: PilotApplication) -> bool:
    """Whether this person belongs to the school that applies."""
    belongs = Q(organisation=application.school_id) | Q(organisation__parent=application.school_id)
    return user_id is not None and Membership.objects.filter(belongs, user=user_id, is_active=True).order_by().exists()


def colleagues_of(actor: Actor) -> list[User]:
    """Who reviews for the same organisation in the same hat, this person included."""
    hats = hats_at(Organisation(pk=actor.organisation_id)).filter(role=actor.role, user__is_active=True)
    return [hat.user for hat in hats.order_by("user__name", "user__username")]


def colleague_by_key(actor: Actor, key: str) -> User | None:
    """One of them by key; None for anybody else."""
    return next((user for user in colleagues_of(actor) if str(user.pk) == key), None)


def reviews_for(user: User, application: PilotApplication, role: Role) -> bool:
    """Whether this person wears this reviewing hat where the application is reviewed."""
    place = application.school.city_id if role == Role.CITY else application.plan.province_id
    return Membership.objects.filter(user=user, role=role, is_active=True, organisation=place).exists()


# --- one application ------------------------------------------------------------------------------------------------


def remarks_of(application: PilotApplication) -> list[FieldRemark]:
    """What reviewers said of single fields of the latest submission."""
    return list(application.remarks.filter(submission=application.submission_count))


def signal_facts(application: PilotApplication) -> tuple[Any, int]:
    """The row of `with_signals` of this application, and how many students of the roster it would let in."""
    rows = PilotApplication.objects.filter(pk=application.pk)
    return with_signals(rows).get(), rostered_counts(rows)[application.pk]


def twins_of(application: PilotApplication, digest: str, most: int = 5) -> QuerySet[PilotApplication]:
    """Applications of other schools with the same words in this text (`digest` names the column)."""
    value = getattr(application, digest)
    rows = PilotApplication.objects.select_related("school", "plan", "level").filter(submitted_at__isnull=False)
    if not value:
        return rows.none()
    return rows.filter(**{digest: value}).exclude(school=application.school_id).order_by("-plan__year")[:most]


def granted_sums(plan_ids: Iterable[UUID]) -> Mapping[tuple[UUID, UUID], int]:
    """What was granted so far under these plans, by plan and certificate."""
    found: Counter[tuple[UUID, UUID]] = Counter()
    rows = PilotApplication.objects.filter(plan__in=set(plan_ids), state__in=GRANTED).order_by()
    for plan, certificate, count in rows.values_list("plan", "level__certificate", "approved_count"):
        found[plan, certificate] += count or 0
    return found
