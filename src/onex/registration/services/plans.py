"""Sittings: opened by the evaluation organisation from the guide's calendar, announced, closed, and moved on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from onex.accounts.models import EvaluationOrg
from onex.catalog.models import AssessmentScheme, CertificateLevel
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, Say, say
from onex.registration import queries
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel, PlanSlot
from onex.registration.rules.entries import LIVE
from onex.registration.rules.plans import (
    LEVEL_FLOW,
    PlanLevelState,
    Window,
    problems_with_registration,
    problems_with_slots,
    warnings_on_announce,
    warnings_on_close,
)
from onex.registration.services.telling import tell_schools, withdraw_edition, write_edition

TAKEN = say("同一年度已有这个次序的统考，请换一个次序。")


@dataclass(frozen=True)
class PlanInput:
    """A sitting as the organisation writes it down; one registration window for all of its levels."""

    year: int
    number: int
    title: str
    slots: Sequence[Window]
    levels: Sequence[CertificateLevel]
    registration: Window
    scheme_label: str = ""


def open_plan(organisation: EvaluationOrg, values: PlanInput, *, by: Actor, at: datetime) -> ExamPlan:
    """A new sitting as a draft, with its slots and levels.

    Raises Refused with everything that is wrong with it, and when the number is taken.
    """
    demand("registration.plan_open", by, organisation)
    return _kept(ExamPlan(organisation=organisation), values, "create", by=by, at=at)


def update_plan(plan: ExamPlan, values: PlanInput, *, by: Actor, at: datetime) -> ExamPlan:
    """Change a sitting of which nothing is announced yet. Raises Refused."""
    demand("registration.plan_edit", by, plan)
    return _kept(plan, values, "update", by=by, at=at)


def _kept(plan: ExamPlan, values: PlanInput, verb: str, *, by: Actor, at: datetime) -> ExamPlan:
    problems = _problems_with(plan, values)
    if problems:
        raise Refused(*problems)
    schemes = _schemes(values)
    try:
        with tx.write():
            if not plan._state.adding:
                plan = moves.lock(plan)
                if plan.levels.exclude(state=PlanLevelState.DRAFT).exists():
                    raise Refused(say("已发布报名通知的统考不能再修改；请先撤回报名通知。"))
            plan.year, plan.number, plan.title = values.year, values.number, values.title.strip()
            plan.scheme_label = values.scheme_label
            plan.save()
            _keep_slots(plan, values.slots)
            _keep_levels(plan, values, schemes)
            moves.leave_trace(plan, verb, by=by, at=at)
    except IntegrityError as clash:  # the number was taken, perhaps by another click
        raise Refused(TAKEN) from clash
    return plan


def _problems_with(plan: ExamPlan, values: PlanInput) -> list[Say]:
    found = problems_with_slots(values.slots) + problems_with_registration(values.registration, values.slots)
    if not values.title.strip():
        found.append(say("请填写统考名称"))
    if not values.levels:
        found.append(say("请至少选择一个证书等级"))
    issued = set(queries.levels_issued_by(plan.organisation).values_list("pk", flat=True))
    found.extend(say("“{level}”不是本组织颁发的证书", level=lv) for lv in values.levels if lv.pk not in issued)
    return found


def _schemes(values: PlanInput) -> dict[Any, AssessmentScheme]:
    try:
        return {level.pk: queries.scheme_for(level, values.scheme_label) for level in values.levels}
    except AssessmentScheme.DoesNotExist as missing:
        raise Refused(say("所选证书等级没有“{label}”考核方案", label=values.scheme_label or say("正式"))) from missing


def _keep_slots(plan: ExamPlan, slots: Sequence[Window]) -> None:
    plan.slots.all().delete()
    PlanSlot.objects.bulk_create(PlanSlot(plan=plan, starts_at=s.starts_at, ends_at=s.ends_at) for s in sorted(slots))


def _keep_levels(plan: ExamPlan, values: PlanInput, schemes: dict[Any, AssessmentScheme]) -> None:
    plan.levels.all().delete()
    ExamPlanLevel.objects.bulk_create(
        ExamPlanLevel(
            plan=plan,
            level=level,
            scheme=schemes[level.pk],
            registration_opens_at=values.registration.starts_at,
            registration_closes_at=values.registration.ends_at,
        )
        for level in values.levels
    )


def move_plan_level(plan_level: ExamPlanLevel, move: str, *, by: Actor, at: datetime, note: str = "") -> ExamPlanLevel:
    """Make one move of the table. What was warned about and done all the same stands in the trace with its reason.

    Raises Refused with every reason.
    """
    with tx.write():
        moved = moves.move(
            LEVEL_FLOW,
            plan_level,
            move,
            by=by,
            at=at,
            note=note,
            facts=lambda row: queries.level_facts(row, note),
            data=_warned(plan_level, move, note, at),
        )
        if move == "announce":
            write_edition(moved, at=at)
        if move == "retract":
            withdraw_edition(moved, at=at)
        tell_schools(moved, move, by=by, at=at)
    return moved


def _warned(plan_level: ExamPlanLevel, move: str, note: str, at: datetime) -> dict[str, Any]:
    """The warnings a person went past, as they stood, and the counts they were about."""
    if move == "announce":
        return {"warnings": [w.as_json() for w in warnings_on_announce(queries.plan_facts(plan_level), at)]}
    if move == "close":
        facts = queries.closing_facts(plan_level, note)
        return {
            "warnings": [warning.as_json() for warning in warnings_on_close(facts, at)],
            "sites": [{"site": one.site, "accepted": one.count} for one in facts.sites],
            "entries": Entry.objects.filter(plan_level=plan_level, state__in=LIVE).count(),
        }
    return {}
