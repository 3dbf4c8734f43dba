"""An announced sitting is put off: its slots move, every level gets a new edition of its notice, people are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from onex.common import moves, tx
from onex.common.actors import Actor, Role
from onex.common.permits import demand
from onex.common.text import Refused
from onex.notices.services import tell, tell_people
from onex.registration.models import ExamPlan, ExamPlanLevel, PlanSlot
from onex.registration.queries import rescheduling as queries
from onex.registration.queries.plans import windows_of
from onex.registration.rules.notices import RESCHEDULED_CANDIDATE, RESCHEDULED_SCHOOL, RESCHEDULED_SITE, TICKETS_VOID
from onex.registration.rules.plans import LEVEL_FLOW, PlanLevelState, Window
from onex.registration.rules.rescheduling import NewTimes, problems_on_reschedule
from onex.registration.services.telling import write_edition


def reschedule_plan(
    plan: ExamPlan, asked: NewTimes, *, by: Actor, at: datetime, void_tickets: bool = False
) -> ExamPlan:
    """Put an announced sitting off. Levels whose tickets are out go back to arrangement; entries stay.

    The app that keeps the seats calls this with its own part in one transaction, and says whether it voids tickets
    of levels that are not ready in whole. Raises Refused with every reason.
    """
    demand("registration.plan_edit", by, plan)
    with tx.write():
        plan = moves.lock(plan)
        before = windows_of(plan)
        problems = problems_on_reschedule(queries.reschedule_facts(plan, asked), at)
        if problems:
            raise Refused(*problems)
        is_void = void_tickets or queries.has_tickets_out(plan)
        _move_slots(plan, asked.slots)
        told = {"before": queries.times_of(before), "after": queries.times_of(asked.slots)}
        plan = ExamPlan.objects.get(pk=plan.pk)
        for row in queries.announced_levels(plan):
            _put_off(row, asked, told, by=by, at=at)
        _tell(plan, before, asked, is_void, by=by, at=at)
    return plan


def _move_slots(plan: ExamPlan, slots: Sequence[Window]) -> None:
    """In place and in the order of time: entries that are bound to the first slot stay in the first."""
    for row, slot in zip(plan.slots.order_by("starts_at"), sorted(slots), strict=True):
        PlanSlot.objects.filter(pk=row.pk).update(starts_at=slot.starts_at, ends_at=slot.ends_at)


def _put_off(row: ExamPlanLevel, asked: NewTimes, told: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    if row.state == PlanLevelState.ANNOUNCED:
        row.registration_closes_at = asked.registration_closes_at
        row.save(update_fields=["registration_closes_at"])
    edition = write_edition(row, at=at, reason=asked.reason)
    data = {**told, "version": edition.version}
    if row.state == PlanLevelState.READY:
        moves.move(LEVEL_FLOW, row, "reschedule", by=by, at=at, note=asked.reason, data=data)
    else:
        moves.leave_trace(
            row, "reschedule", by=by, at=at, note=asked.reason, from_state=row.state, to_state=row.state, data=data
        )


def _tell(
    plan: ExamPlan, before: tuple[Window, ...], asked: NewTimes, is_void: bool, *, by: Actor, at: datetime
) -> None:
    """Every school with candidates, and every site with theirs; in the transaction of what they are told."""
    words = {
        "title": plan.title,
        "before": "、".join(map(str, sorted(before))),
        "after": "、".join(map(str, sorted(asked.slots))),
        "reason": asked.reason.strip(),
        "tickets": TICKETS_VOID if is_void else "",
    }
    more: dict[str, Any] = {"by": by, "at": at, "subject_row": plan}
    inside, outside = reverse("registration:plan-detail", args=[plan.pk]), reverse("portal:calendar")
    for school, count in queries.schools_entered(plan):
        roles, values = (Role.SCHOOL, Role.REGISTRAR), {**words, "count": count}
        tell(RESCHEDULED_SCHOOL.code, organisation=school, roles=roles, values=values, link=inside, **more)
    for site, count in queries.sites_entered(plan):
        tell(
            RESCHEDULED_SITE.code,
            organisation=[site.unit, site.school],
            roles=(Role.SITE_MANAGER, Role.SCHOOL),
            values={**words, "count": count, "site": site.name},
            link=outside,  # a site's own people see no exam plan
            **more,
        )
    candidates = queries.candidates_with_accounts(plan)
    if candidates.exists():
        tell_people(RESCHEDULED_CANDIDATE.code, users=candidates, values=words, link=reverse("portal:my-exams"), **more)
