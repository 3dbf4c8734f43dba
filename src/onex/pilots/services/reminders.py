"""Reminders of deadlines: each is sent once, and its trace is the memory of it."""

from __future__ import annotations

from datetime import datetime

from onex.common import moves, tx
from onex.common.actors import SYSTEM
from onex.pilots import queries
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import Reminder, corrections_end
from onex.pilots.services.notifying import remind_office, remind_school


def remind_reviewers(plan: PilotPlan, *, at: datetime) -> None:
    """Tell every office with something waiting under the plan until when it is to be decided."""
    until = plan.reviews_until
    with tx.write():
        moves.lock(plan)
        if until is None or plan.pk not in {one.pk for one in queries.plans_to_remind_of(at)}:
            return  # another process was faster
        waiting = queries.reviewers_of(plan)
        for organisation, role, n in waiting:
            remind_office(plan, organisation, role, n, until, at=at)
        data = {"until": until.isoformat(), "waiting": {str(organisation): n for organisation, _role, n in waiting}}
        moves.leave_trace(plan, Reminder.REVIEWS.value, by=SYSTEM, at=at, data=data)


def remind_of_draft(application: PilotApplication, *, at: datetime) -> None:
    """Tell the school that its draft is not handed in and the window closes."""
    _remind_school(application, Reminder.DRAFT, application.plan.closes_at, at)


def remind_of_correction(application: PilotApplication, *, at: datetime) -> None:
    """Tell the school that what was returned can be corrected only so long."""
    plan = application.plan
    _remind_school(application, Reminder.CORRECTION, corrections_end(plan.closes_at, plan.corrections_until), at)


def _remind_school(application: PilotApplication, reminder: Reminder, until: datetime, at: datetime) -> None:
    with tx.write():
        row = moves.lock(application)
        if row.state != application.state or queries.was_reminded(row, reminder, until):
            return  # handed in meanwhile, or another process was faster
        remind_school(row, reminder, until, at=at)
        moves.leave_trace(row, reminder.value, by=SYSTEM, at=at, data={"until": until.isoformat()})
