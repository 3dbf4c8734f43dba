"""A province's plans: written as drafts, published, cancelled before they open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from onex.accounts.queries import province_of
from onex.catalog.models import CertificateType
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.pilots.models import PilotPlan
from onex.pilots.rules import PLAN, PlanFacts, PlanState, problems_with_plan

TAKEN = say("同一年度的这个批次已有申报计划，请换一个批次。")


@dataclass(frozen=True)
class PlanInput:
    """What a province writes down. Times are aware; `certificates` counts only when not all are open."""

    year: int
    batch: int
    opens_at: datetime
    closes_at: datetime
    corrections_until: datetime | None = None
    requires_majors: bool = False
    requires_city_approval: bool = False
    all_certificates: bool = True
    certificates: Sequence[CertificateType] = ()


def create_plan(values: PlanInput, *, by: Actor, at: datetime) -> PilotPlan:
    """A new draft of the actor's province. Raises Refused with everything that is wrong with it."""
    province = province_of(by)
    demand("pilots.plan_create", by, province)
    return _kept(PilotPlan(province=province), values, "create", by=by, at=at)


def update_plan(plan: PilotPlan, values: PlanInput, *, by: Actor, at: datetime) -> PilotPlan:
    """Change a draft; a published plan stays as schools have read it. Raises Refused."""
    demand("pilots.plan_manage", by, plan)
    return _kept(plan, values, "update", by=by, at=at)


def _kept(plan: PilotPlan, values: PlanInput, verb: str, *, by: Actor, at: datetime) -> PilotPlan:
    try:
        with tx.write():
            if not plan._state.adding:
                plan = moves.lock(plan)
            if plan.state != PlanState.DRAFT:
                raise Refused(say("只有草稿可以修改；已发布的计划院校已经看到。"))
            for name in (
                "year", "batch", "opens_at", "closes_at", "corrections_until",
                "requires_majors", "requires_city_approval", "all_certificates",
            ):  # fmt: skip
                setattr(plan, name, getattr(values, name))
            certificates = [] if values.all_certificates else list(values.certificates)
            problems = problems_with_plan(_facts(plan, len(certificates)))
            if problems:
                raise Refused(*problems)
            plan.save()
            plan.certificates.set(certificates)
            moves.leave_trace(plan, verb, by=by, at=at)
    except IntegrityError as clash:  # two officers wrote the same batch at once; everything else is judged above
        raise Refused(TAKEN) from clash
    return plan


def move_plan(plan: PilotPlan, move: str, *, by: Actor, at: datetime, note: str = "") -> PilotPlan:
    """Publish or cancel. Raises Refused."""
    return moves.move(PLAN, plan, move, by=by, at=at, note=note, facts=plan_facts)


def plan_facts(plan: PilotPlan) -> PlanFacts:
    """What the plan's rules judge."""
    return _facts(plan, plan.certificates.count())


def _facts(plan: PilotPlan, certificate_count: int) -> PlanFacts:
    others = PilotPlan.objects.filter(province_id=plan.province_id, year=plan.year, batch=plan.batch)
    return PlanFacts(
        state=plan.state,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        corrections_until=plan.corrections_until,
        all_certificates=plan.all_certificates,
        certificate_count=certificate_count,
        is_taken=others.exclude(pk=plan.pk).exclude(state=PlanState.CANCELLED).exists(),
    )
