"""A province's plans: written as drafts, published, changed with a reason, copied, cancelled before they open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import F

from onex.accounts.models import Province
from onex.accounts.queries import province_of
from onex.catalog.models import CertificateType
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, Say, say
from onex.pilots import queries
from onex.pilots.models import PilotPlan, PlanMaterial, PlanTotal
from onex.pilots.rules import (
    PLAN,
    ChangeFacts,
    PlanFacts,
    PlanState,
    TotalFacts,
    batch_label,
    moved_by_years,
    problems_on_change,
    problems_with_plan,
    to_minute,
    year_of,
)
from onex.pilots.services.notifying import notify_of_plan
from onex.pilots.services.told import tell_of_plan

TAKEN = say("同一年度的这个批次已有申报计划，请换一个批次。")
CHANGED = say("计划刚刚被别人修改，请刷新后再改；您填写的内容还在页面上，可以先复制。")
TIMES = ("opens_at", "closes_at", "corrections_until", "reviews_until")
# What a province keeps to itself of its plan: schools are not told when only this changes.
INWARD = ("reviews_until", "totals")
# Columns that are written as they come.
PLAIN = (
    "year", "batch", "opens_at", "closes_at", "corrections_until", "reviews_until",
    "requires_majors", "requires_city_approval", "all_certificates", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class PlanInput:
    """What a province writes down. Times are aware and cut to the minute.

    `certificates` counts only when not all are open. `totals`: the most places by certificate, None for all together.
    `materials`: names with whether they must be handed in, in order. `revision`: of the plan as the form showed it;
    None does not ask.
    """

    year: int
    batch: int
    opens_at: datetime
    closes_at: datetime
    corrections_until: datetime | None = None
    reviews_until: datetime | None = None
    requires_majors: bool = False
    requires_city_approval: bool = False
    all_certificates: bool = True
    certificates: Sequence[CertificateType] = ()
    notes: str = ""
    totals: Mapping[CertificateType | None, int] = field(default_factory=dict)
    materials: Sequence[tuple[str, bool]] = ()
    revision: int | None = None

    def __post_init__(self) -> None:
        for name in TIMES:
            if moment := getattr(self, name):
                object.__setattr__(self, name, to_minute(moment))


def create_plan(values: PlanInput, *, by: Actor, at: datetime) -> PilotPlan:
    """A new draft of the actor's province. Raises Refused with everything that is wrong with it."""
    return _created(values, "create", by=by, at=at)


def _created(values: PlanInput, verb: str, *, by: Actor, at: datetime, note: str = "") -> PilotPlan:
    province = province_of(by)
    demand("pilots.plan_create", by, province)
    try:
        with tx.write():
            plan = PilotPlan(province=province)
            _refuse(problems_with_plan(facts_of(plan, values)))
            _write(plan, values)
            moves.leave_trace(plan, verb, by=by, at=at, note=note)
    except IntegrityError as clash:  # two officers wrote the same batch at once; everything else is judged above
        raise Refused(TAKEN) from clash
    return plan


def update_plan(plan: PilotPlan, values: PlanInput, *, by: Actor, at: datetime, reason: str = "") -> PilotPlan:
    """Change a draft freely, a published plan with a reason and within what schools rely on.

    Drafts of schools stay as they are; what the change asks of them their checklists say. Raises Refused, and when
    the plan was changed since the form was opened.
    """
    demand("pilots.plan_manage", by, plan)
    try:
        with tx.write():
            plan = moves.lock(plan)
            _refuse(problems_of_change(plan, values, reason, at))
            changes = told_changes(plan, values)
            _write(plan, values)
            if plan.state == PlanState.DRAFT:
                moves.leave_trace(plan, "update", by=by, at=at)
            else:
                moves.leave_trace(plan, "change", by=by, at=at, note=reason, data={"changes": changes})
                if changes.keys() - set(INWARD):
                    tell_of_plan(plan, "change", at=at)
                    notify_of_plan(plan, "change", by=by, at=at, note=reason)
    except IntegrityError as clash:
        raise Refused(TAKEN) from clash
    return plan


def problems_of_change(plan: PilotPlan, values: PlanInput, reason: str, at: datetime) -> list[Say]:
    """Why the plan cannot become this, now. Of a form that others overtook nothing else is said."""
    if values.revision is not None and values.revision != plan.revision:
        return [CHANGED]
    after = facts_of(plan, values)
    if plan.state == PlanState.DRAFT:
        return problems_with_plan(after)
    facts = ChangeFacts(
        before=plan_facts(plan),
        after=after,
        keeps_name=(plan.year, plan.batch) == (values.year, values.batch),
        keeps_city=plan.requires_city_approval == values.requires_city_approval,
        submitted_count=queries.submitted_under(plan),
        reason=reason,
    )
    return problems_on_change(facts, at)


def told_changes(plan: PilotPlan, values: PlanInput) -> dict[str, list[Any]]:
    """What of a plan becomes different: field → [was, becomes], as the trace keeps it and pages show it."""
    was = input_of(plan)
    found = {name: [getattr(was, name), getattr(values, name)] for name in PLAIN}
    found["certificates"] = [  # what is still ticked below 全部 counts as little as it is kept
        [] if side.all_certificates else [one.name for one in side.certificates] for side in (was, values)
    ]
    found["totals"] = [
        {one.name if one else "": n for one, n in sorted(side.totals.items(), key=_by_code)} for side in (was, values)
    ]
    found["materials"] = [[list(one) for one in side.materials] for side in (was, values)]
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def _by_code(item: tuple[CertificateType | None, int]) -> str:
    return item[0].code if item[0] else ""


def input_of(plan: PilotPlan) -> PlanInput:
    """The plan as its form would say it."""
    certificates = [] if plan.all_certificates else list(plan.certificates.order_by("code"))
    return PlanInput(
        **{name: getattr(plan, name) for name in PLAIN},
        certificates=certificates,
        totals={one.certificate: one.total for one in plan.totals.select_related("certificate")},
        materials=[(one.name, one.is_required) for one in plan.materials.all()],
        revision=plan.revision,
    )


def copy_plan(plan: PilotPlan, *, by: Actor, at: datetime, year: int | None = None) -> PilotPlan:
    """A draft like this plan, in the next free batch of `year`, its dates moved along with it.

    Without a year an earlier plan comes into this one, and a plan of this year becomes its next batch. Raises Refused
    when the year is before the plan's or more than one ahead, and when it has no batch left.
    """
    demand("pilots.plan_manage", by, plan)
    was = input_of(plan)
    this_year = max(plan.year, year_of(at))
    year = this_year if year is None else year
    if not plan.year <= year <= this_year + 1:
        raise Refused(say("计划只能复制到本年度或下一年度。"))
    batch = queries.free_batch(plan.province, year)
    if batch is None:
        raise Refused(say("{year} 年度的批次已用完，不能再复制。", year=year))

    def moved(moment: datetime | None) -> datetime | None:
        return moved_by_years(moment, year - plan.year) if moment else None

    values = replace(
        was,
        year=year,
        batch=batch,
        opens_at=moved_by_years(was.opens_at, year - plan.year),
        closes_at=moved_by_years(was.closes_at, year - plan.year),
        corrections_until=moved(was.corrections_until),
        reviews_until=moved(was.reviews_until),
        revision=None,
    )
    return _created(values, "copied_from", by=by, at=at, note=f"{plan.year} {batch_label(plan.batch)}")


def move_plan(plan: PilotPlan, move: str, *, by: Actor, at: datetime, note: str = "") -> PilotPlan:
    """Publish or cancel; a form opened before is stale after it. Raises Refused."""
    sets = {"revision": F("revision") + 1}
    with tx.write():
        was = moves.lock(plan).state
        moved = moves.move(PLAN, plan, move, by=by, at=at, note=note, facts=plan_facts, sets=sets)
        tell_of_plan(moved, move, at=at, was=was)
        if move == "publish" or was == PlanState.PUBLISHED:
            notify_of_plan(moved, move, by=by, at=at, note=note)
    return moved


def plan_facts(plan: PilotPlan) -> PlanFacts:
    """What the plan's rules judge."""
    return facts_of(plan, input_of(plan))


def facts_of(plan: PilotPlan, values: PlanInput) -> PlanFacts:
    """What the plan's rules would judge if it were this."""
    granted = queries.granted_under(plan) if not plan._state.adding else {}
    totals = sorted(values.totals.items(), key=_by_code)
    return PlanFacts(
        state=plan.state,
        year=values.year,
        opens_at=values.opens_at,
        closes_at=values.closes_at,
        corrections_until=values.corrections_until,
        reviews_until=values.reviews_until,
        all_certificates=values.all_certificates,
        certificate_count=len(values.certificates),
        is_taken=_is_taken(plan.province, plan, values),
        totals=tuple(
            TotalFacts(one.name if one else "", total, granted.get(one.pk if one else None, 0)) for one, total in totals
        ),
        materials=tuple(name for name, _required in values.materials),
    )


def _is_taken(province: Province, plan: PilotPlan, values: PlanInput) -> bool:
    others = PilotPlan.objects.filter(province=province, year=values.year, batch=values.batch)
    return others.exclude(pk=plan.pk).exclude(state=PlanState.CANCELLED).exists()


def _write(plan: PilotPlan, values: PlanInput) -> None:
    for name in PLAIN:
        setattr(plan, name, getattr(values, name))
    plan.notes = plan.notes.strip()
    plan.revision += 1
    plan.save()
    plan.certificates.set([] if values.all_certificates else list(values.certificates))
    plan.totals.all().delete()
    PlanTotal.objects.bulk_create(PlanTotal(plan=plan, certificate=one, total=n) for one, n in values.totals.items())
    _write_materials(plan, values.materials)


def _write_materials(plan: PilotPlan, materials: Sequence[tuple[str, bool]]) -> None:
    """By their names: what schools uploaded for a material that stays, stays where it was handed in."""
    kept = {one.name: one for one in plan.materials.all()}
    names = [name for name, _required in materials]
    plan.materials.exclude(name__in=names).delete()
    for position, (name, is_required) in enumerate(materials):
        one = kept.get(name) or PlanMaterial(plan=plan, name=name)
        one.position, one.is_required = position, is_required
        one.save()


def _refuse(problems: Sequence[Say]) -> None:
    if problems:
        raise Refused(*problems)
