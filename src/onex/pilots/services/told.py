"""Telling other systems what happened to plans and applications, in the transaction in which it happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from onex.integrations.services import announce, announce_each
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.queries.programs import concerned_by, operators, told_of_application, told_of_plan
from onex.pilots.rules import PlanState
from onex.pilots.rules.told import APPLICATION_EVENTS, PLAN_EVENTS


def tell_of_application(application: PilotApplication, move: str, *, at: datetime) -> None:
    """Announce a move of an application, as it is now; nothing for a move that is nobody else's news."""
    if (event := APPLICATION_EVENTS.get(move)) is not None:
        facts = facts_of_application(application)
        announce(event.code, facts, organisations=told_of_application(application), at=at)


def tell_of_decisions(decided: Sequence[tuple[PilotApplication, str]], *, at: datetime) -> None:
    """Announce each of many moves of applications that were handed in, as `tell_of_application` does one."""
    by_event: dict[str, list[PilotApplication]] = {}
    for row, move in decided:
        if (event := APPLICATION_EVENTS.get(move)) is not None:
            by_event.setdefault(event.code, []).append(row)
    for code, rows in by_event.items():
        platform = operators()
        announce_each(code, [(facts_of_application(row), concerned_by(row) | platform) for row in rows], at=at)


def tell_of_plan(plan: PilotPlan, move: str, *, at: datetime, was: str = PlanState.PUBLISHED) -> None:
    """Announce what happened to a plan that schools have seen; a draft (`was`) that is cancelled is nobody's news."""
    event = PLAN_EVENTS.get(move)
    if event is not None and (move == "publish" or was == PlanState.PUBLISHED):
        announce(event.code, facts_of_plan(plan), organisations=told_of_plan(plan), at=at)


def facts_of_application(application: PilotApplication) -> dict[str, Any]:
    """Keys, state and figures; who filed it and who decided is asked of the API, by who may know."""
    return {
        "application": str(application.pk),
        "plan": str(application.plan_id),
        "year": application.plan.year,
        "batch": application.plan.batch,
        "school": str(application.school_id),
        "school_name": application.school.name,
        "level": str(application.level_id),
        "level_name": application.level.name,
        "state": str(application.state),
        "requested_count": application.requested_count,
        "approved_count": application.approved_count,
        "used_count": application.used_count,
        "submission": application.submission_count,
    }


def facts_of_plan(plan: PilotPlan) -> dict[str, Any]:
    """Keys, state and times."""
    return {
        "plan": str(plan.pk),
        "province": str(plan.province_id),
        "year": plan.year,
        "batch": plan.batch,
        "state": str(plan.state),
        "opens_at": plan.opens_at.isoformat(),
        "closes_at": plan.closes_at.isoformat(),
        "corrections_until": plan.corrections_until.isoformat() if plan.corrections_until else None,
    }
