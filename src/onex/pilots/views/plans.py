"""证书申报计划: the guide's list with 立即申报 for schools, and the province's own pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common import exports, sheets
from onex.common.actors import Role
from onex.common.moves import offers
from onex.common.pages import ActorRequest, chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, say
from onex.pilots import queries, services
from onex.pilots.models import PilotPlan
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    PHASE_LABELS,
    PHASE_TONES,
    PLAN,
    REMINDER_LABELS,
    PlanPhase,
    PlanState,
    batch_label,
    year_of,
)
from onex.pilots.services.plans import plan_facts
from onex.pilots.views.lists import lists_shown
from onex.pilots.views.plan_words import changes_shown, scope_of

SORTS = {"year": "year", "batch": "batch", "closes_at": "closes_at"}
ONE_PROVINCE = (Role.PROVINCE, Role.CITY, Role.SCHOOL)
REASONS = (say("计划内容有误，将重新发布。"), say("本批次与其他批次合并。"))


@permit("pilots.plan_see")
def plan_list(request: ActorRequest) -> HttpResponse:
    """The plans of one's province in the guide's eight columns."""
    seen = queries.plans_seen_by(request.actor, request.at)
    rows = _chosen(request, seen)
    counts = queries.counts_by_phase(seen)
    chips = chips_of(counts, PHASE_LABELS)
    page = page_of(request, sorted_by(request, rows, SORTS))
    opening = queries.next_opening(school_of(request.actor).province, request.at) if may_apply(request) else None
    may_create = holds("pilots.plan_create", request.actor)
    this_year = year_of(request.at)
    context = {
        "page": page,
        "lines": [_line(plan) for plan in page],
        "chips": chips if len(chips) > 2 else [],
        "years": queries.years_of(seen),
        "opening": opening,
        "opening_batch": batch_label(opening.batch) if opening else "",
        "export": reverse("pilots:plan-export"),
        "may_apply": may_apply(request),
        "may_create": may_create,
        "is_narrowed": any(typed(request.GET, name) for name in ("phase", "year", "q")),
        "this_year": this_year,
        "to_copy": [(one, batch_label(one.batch)) for one in queries.plans_to_copy(request.actor, this_year)]
        if may_create
        else [],
        "shows_province": request.actor.role not in ONE_PROVINCE,
    }
    return render(request, "pilots/plan_list.html", context)


def may_apply(request: ActorRequest) -> bool:
    """Whether this hat files applications at all."""
    return holds("pilots.application_create", request.actor)


def _chosen(request: ActorRequest, rows: Any) -> Any:
    """Those of the plans that the address asks for."""
    phase, year = request.GET.get("phase", ""), typed(request.GET, "year")
    if phase in set(PlanPhase):
        rows = queries.plans_in(rows, phase)
    if year.isascii() and year.isdigit() and len(year) == 4:
        rows = rows.filter(year=int(year))
    return queries.plans_found(rows, typed(request.GET, "q"))


COLUMNS = (
    sheets.Column("province", say("省份"), 16),
    sheets.Column("year", say("申报年度"), 10, as_text=False),
    sheets.Column("batch", say("申报批次"), 10),
    sheets.Column("window", say("申报时间"), 36),
    sheets.Column("corrections_until", say("审核修改截止时间"), 18),
    sheets.Column("majors", say("是否要求按专业填报"), 18),
    sheets.Column("city", say("是否要求地市级教育局审批"), 24),
    sheets.Column("scope", say("开放证书范围"), 36),
    sheets.Column("phase", say("状态"), 10),
    sheets.Column("notes", say("填报说明"), 40),
)


@permit("pilots.plan_see")
def plan_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the list shows, as a sheet."""
    rows = sorted_by(request, _chosen(request, queries.plans_seen_by(request.actor, request.at)), SORTS)
    return exports.respond(request, _("证书申报计划.xlsx"), COLUMNS, rows, _sheet_line)


def _sheet_line(plan: Any) -> dict[str, Any]:
    return {
        "province": plan.province.region_name,
        "year": plan.year,
        "batch": batch_label(plan.batch),
        "window": f"{localtime(plan.opens_at):%Y-%m-%d %H:%M} ~ {localtime(plan.closes_at):%Y-%m-%d %H:%M}",
        "corrections_until": f"{localtime(plan.corrections_until):%Y-%m-%d %H:%M}" if plan.corrections_until else "",
        "majors": _("是") if plan.requires_majors else _("否"),
        "city": _("是") if plan.requires_city_approval else _("否"),
        "scope": scope_of(plan, "name"),
        "phase": PHASE_LABELS[PlanPhase(plan.phase)],
        "notes": plan.notes,
    }


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


@permit("pilots.plan_see")
def plan_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One plan, what was filed under it, and for its province the moves."""
    return _detail(request, get_or_404(queries.plans_seen_by(request.actor, request.at), pk=pk))


def _detail(request: ActorRequest, plan: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    manages = holds("pilots.plan_manage", request.actor) and allows("pilots.plan_manage", request.actor, plan)
    entries = timeline_shown(plan, to_schools=not manages)
    context = {
        "line": _line(plan),
        "plan": plan,
        "manages": manages,
        "may_apply": may_apply(request),
        "totals": queries.totals_of(plan) if manages else None,
        "caps": queries.totals_shown(plan) if manages else [],
        "materials": plan.materials.all(),
        "offers": offers(PLAN, plan, request.actor, request.at, plan_facts),
        "canned": {"cancel": REASONS},
        "entries": entries if manages else [],
        "changed": [one for one in entries if one["changes"]],
        "why_cancelled": queries.cancellation_of(plan) if not manages else None,
        "years_to_copy": _years_to_copy(plan, request) if manages else [],
        "own": queries.applications_under(queries.applications_seen_by(request.actor), str(plan.pk)),
        "application_flow": APPLICATION_BY_CITY,
        **lists_shown(request, plan),
        "has_aside": manages or request.actor.role == Role.SCHOOL,
        "problems": problems,
    }
    return render(request, "pilots/plan_detail.html", context, status=status)


VERBS = {
    "create": say("新建草稿"),
    "update": say("修改草稿"),
    "change": say("修改已发布的计划"),
    "copied_from": say("复制自"),
    "issue_list": say("制发批准名单"),
    **REMINDER_LABELS,
}


def _years_to_copy(plan: PilotPlan, request: ActorRequest) -> list[int]:
    """The years a copy of the plan may be of: this one, and the next when the plan itself is of this one."""
    this_year = max(plan.year, year_of(request.at))
    return [this_year] if plan.year < this_year else [this_year, this_year + 1]


def timeline_shown(plan: PilotPlan, *, to_schools: bool = False) -> list[dict[str, Any]]:
    """The traces of a plan, newest first, in words; to schools without what a province keeps to itself."""
    moves = {move.name: move.label for move in PLAN.moves}
    return [
        {
            "who": trace.actor_label,
            "at": trace.at,
            "what": VERBS.get(trace.verb) or moves.get(trace.verb) or say("其他办理"),
            "note": trace.note,
            "changes": changes_shown(trace.data.get("changes", {}), to_schools=to_schools),
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
