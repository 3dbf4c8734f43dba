"""证书申报计划: the guide's list with 立即申报 for schools, and the province's own pages."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.common.actors import Role
from onex.common.moves import offers
from onex.common.pages import ActorRequest, chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, say
from onex.pilots import queries, services
from onex.pilots.forms import PlanForm, initial_of_plan
from onex.pilots.models import PilotPlan
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    PHASE_LABELS,
    PHASE_TONES,
    PLAN,
    PlanPhase,
    PlanState,
    batch_label,
    year_of,
)
from onex.pilots.services.plans import plan_facts

SORTS = {"year": "year", "batch": "batch", "closes_at": "closes_at"}
ONE_PROVINCE = (Role.PROVINCE, Role.CITY, Role.SCHOOL)
REASONS = (say("计划内容有误，将重新发布。"), say("本批次与其他批次合并。"))


@permit("pilots.plan_see")
def plan_list(request: ActorRequest) -> HttpResponse:
    """The plans of one's province in the guide's eight columns."""
    seen = queries.plans_seen_by(request.actor, request.at)
    phase = request.GET.get("phase", "")
    rows = queries.plans_in(seen, phase) if phase in set(PlanPhase) else seen
    counts = queries.counts_by_phase(seen)
    chips = chips_of(counts, PHASE_LABELS)
    page = page_of(request, sorted_by(request, rows, SORTS))
    context = {
        "page": page,
        "lines": [_line(plan) for plan in page],
        "chips": chips if len(chips) > 2 else [],
        "may_apply": holds("pilots.application_create", request.actor),
        "may_create": holds("pilots.plan_create", request.actor),
        "shows_province": request.actor.role not in ONE_PROVINCE,
    }
    return render(request, "pilots/plan_list.html", context)


def _line(plan: Any) -> dict[str, Any]:
    phase = PlanPhase(plan.phase)
    return {
        "plan": plan,
        "batch": batch_label(plan.batch),
        "phase": PHASE_LABELS[phase],
        "tone": PHASE_TONES[phase],
        "is_open": phase == PlanPhase.OPEN,
        "is_draft": phase == PlanPhase.DRAFT,
        "scope": scope_of(plan, "name"),
        "scope_short": scope_of(plan, "short_name"),
    }


def scope_of(plan: PilotPlan, name: str) -> str:
    """开放证书范围, by the certificates' `name` or `short_name`."""
    if plan.all_certificates:
        return _("全部")
    return "、".join(getattr(certificate, name) for certificate in plan.certificates.all())


@permit("pilots.plan_create")
def plan_create(request: ActorRequest) -> HttpResponse:
    """A new plan of the actor's province, saved as a draft or published at once."""
    if request.method != "POST":
        return _form_page(request, PlanForm(initial=_suggested(request)), None)
    return _keep(request, PlanForm(request.POST), None)


def _suggested(request: ActorRequest) -> dict[str, Any]:
    """This year's next batch, from tomorrow's first minute for thirty days."""
    year = year_of(request.at)
    today = localtime(request.at).date()
    return {
        "year": year,
        "batch": queries.next_batch(request.actor, year, request.at),
        "opens_at": make_aware(datetime.combine(today + timedelta(days=1), time(0, 0))),
        "closes_at": make_aware(datetime.combine(today + timedelta(days=31), time(18, 0))),
        "requires_majors": "no",
        "requires_city_approval": "no",
        "all_certificates": "all",
    }


@permit("pilots.plan_manage")
def plan_edit(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Change a draft."""
    plan = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=pk)
    if plan.state != PlanState.DRAFT:
        raise Refused(say("只有草稿可以修改；已发布的计划院校已经看到。"))
    if request.method != "POST":
        return _form_page(request, PlanForm(initial=initial_of_plan(plan)), plan)
    return _keep(request, PlanForm(request.POST), plan)


def _keep(request: ActorRequest, form: PlanForm, plan: PilotPlan | None) -> HttpResponse:
    if not form.is_valid():
        return _form_page(request, form, plan, status=422)
    try:
        if plan is None:
            plan = services.create_plan(form.values(), by=request.actor, at=request.at)
        else:
            plan = services.update_plan(plan, form.values(), by=request.actor, at=request.at)
    except Refused as refused:
        return _form_page(request, form, plan, problems=refused.reasons, status=409)
    if request.POST.get("then") == "publish":
        try:
            services.move_plan(plan, "publish", by=request.actor, at=request.at)
        except Refused as refused:
            return _form_page(request, form, plan, problems=refused.reasons, status=409)
        messages.success(request, _("计划已发布，院校在申报时间内可以申报。"))
    else:
        messages.success(request, _("已保存为草稿，发布后院校才能看到。"))
    return redirect("pilots:plan-detail", plan.pk)


def _form_page(
    request: ActorRequest, form: PlanForm, plan: PilotPlan | None, problems: Any = (), status: int = 200
) -> HttpResponse:
    context = {"form": form, "plan": plan, "problems": problems}
    return render(request, "pilots/plan_form.html", context, status=status)


@permit("pilots.plan_see")
def plan_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One plan, what was filed under it, and for its province the moves."""
    return _detail(request, get_or_404(queries.plans_seen_by(request.actor, request.at), pk=pk))


def _detail(request: ActorRequest, plan: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    manages = holds("pilots.plan_manage", request.actor) and allows("pilots.plan_manage", request.actor, plan)
    context = {
        "line": _line(plan),
        "plan": plan,
        "flow": PLAN,
        "manages": manages,
        "may_apply": holds("pilots.application_create", request.actor),
        "totals": queries.totals_of(plan) if manages else None,
        "offers": offers(PLAN, plan, request.actor, request.at, plan_facts),
        "canned": {"cancel": REASONS},
        "entries": timeline_shown(plan) if manages else [],
        "own": queries.applications_under(queries.applications_seen_by(request.actor), str(plan.pk)),
        "application_flow": APPLICATION_BY_CITY,
        "has_aside": manages or request.actor.role == Role.SCHOOL,
        "problems": problems,
    }
    return render(request, "pilots/plan_detail.html", context, status=status)


VERBS = {"create": say("新建草稿"), "update": say("修改草稿")}


def timeline_shown(plan: PilotPlan) -> list[dict[str, Any]]:
    """The traces of a plan, newest first, in words."""
    moves = {move.name: move.label for move in PLAN.moves}
    return [
        {
            "who": trace.actor_label,
            "at": trace.at,
            "what": VERBS.get(trace.verb) or moves[trace.verb],
            "note": trace.note,
            "tone": PLAN.tone(trace.to_state) if trace.to_state else "neutral",
            "state": PLAN.word(trace.to_state) if trace.to_state else "",
        }
        for trace in timeline_of(plan).reverse()
    ]


@permit("pilots.plan_manage")
@require_POST
def plan_move(request: ActorRequest, pk: UUID, move: str = "") -> HttpResponse:
    """Publish or cancel; `move` in the address or in the form."""
    plan = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=pk)
    name, note = move or typed(request.POST, "move"), typed(request.POST, "note")
    try:
        moved = services.move_plan(plan, name, by=request.actor, at=request.at, note=note)
    except Refused as refused:
        return _detail(request, plan, refused.reasons, status=409)
    if moved.state == PlanState.PUBLISHED:
        messages.success(request, _("计划已发布，院校在申报时间内可以申报。"))
    else:
        messages.success(request, _("计划已取消。"))
    return redirect("pilots:plan-detail", pk)
