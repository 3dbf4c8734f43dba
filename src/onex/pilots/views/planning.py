"""A province writes its plans: new, copied, changed as a draft or, with the effect shown first, in force."""

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

from onex.common.pages import ActorRequest, get_or_404, permit, typed
from onex.common.text import Refused, say
from onex.pilots import queries, services
from onex.pilots.forms import PlanForm, initial_of_plan
from onex.pilots.models import PilotPlan
from onex.pilots.rules import PlanState, field_of, year_of
from onex.pilots.services.plans import CHANGED, PlanInput, problems_of_change, told_changes
from onex.pilots.views.plan_words import changes_shown, digest_of, effects_shown


@permit("pilots.plan_create")
def plan_create(request: ActorRequest) -> HttpResponse:
    """A new plan of the actor's province, saved as a draft or published at once."""
    if request.method != "POST":
        return _form_page(request, PlanForm(initial=_suggested(request)), None)
    return _keep(request, PlanForm(request.POST), None)


def _suggested(request: ActorRequest) -> dict[str, Any]:
    """The next batch of tomorrow's year, from tomorrow's first minute for thirty days."""
    year = year_of(request.at + timedelta(days=1))
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
@require_POST
def plan_copy(request: ActorRequest, pk: UUID) -> HttpResponse:
    """复制: a draft like this plan with its dates moved along, of this year or of the `year` that was posted."""
    plan = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=pk)
    year = typed(request.POST, "year")
    to = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    made = services.copy_plan(plan, by=request.actor, at=request.at, year=to)
    messages.success(request, _("已复制为草稿，请核对日期和批次后发布。"))
    return redirect("pilots:plan-edit", made.pk)


@permit("pilots.plan_manage")
def plan_edit(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Change a draft, or a published plan: then the effect is shown before anything is changed."""
    plan = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=pk)
    if plan.state == PlanState.CANCELLED:
        raise Refused(say("计划已取消，不能再修改；可以复制为新的草稿。"))
    is_published = plan.state == PlanState.PUBLISHED
    if request.method != "POST":
        return _form_page(request, PlanForm(initial=initial_of_plan(plan), is_published=is_published), plan)
    form = PlanForm(request.POST, is_published=is_published)
    return _change(request, form, plan) if is_published else _keep(request, form, plan)


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
            form = _at_revision(request, plan)  # the draft was kept: what is posted next is on top of it
            return _form_page(request, form, plan, problems=refused.reasons, status=409)
        messages.success(request, _("计划已发布，院校在申报时间内可以申报。"))
    else:
        messages.success(request, _("已保存为草稿，发布后院校才能看到。"))
    return redirect("pilots:plan-detail", plan.pk)


def _at_revision(request: ActorRequest, plan: PilotPlan) -> PlanForm:
    data = request.POST.copy()
    data["revision"] = str(plan.revision)
    return PlanForm(data)


def _change(request: ActorRequest, form: PlanForm, plan: PilotPlan) -> HttpResponse:
    """First the preview of what the change does, then, for just these values, the change."""
    if not form.is_valid():
        return _form_page(request, form, plan, status=422)
    values, reason = form.values(), typed(request.POST, "reason")
    changes = told_changes(plan, values)
    problems = problems_of_change(plan, values, reason, request.at)
    if problems and (changes or CHANGED in problems):
        return _form_page(request, form, plan, problems=problems, status=409)
    if not changes:
        messages.info(request, _("内容没有变化。"))
        return redirect("pilots:plan-detail", plan.pk)
    if request.POST.get("seen") != digest_of(changes):
        return _form_page(request, form, plan, changes=changes, values=values)
    try:
        services.update_plan(plan, values, by=request.actor, at=request.at, reason=reason)
    except Refused as refused:
        return _form_page(request, form, plan, problems=refused.reasons, status=409)
    messages.success(request, _("计划已修改，院校会看到新的内容和原因。"))
    return redirect("pilots:plan-detail", plan.pk)


def _beside_fields(form: PlanForm, problems: Any) -> list[Any]:
    """Say each problem beside the field it is about; answers those that are about no single one."""
    if problems:
        form.is_valid()  # errors are added to what was judged
    rest = []
    for one in problems:
        if (field := field_of(one)) in form.fields:
            form.add_error(field, str(one))
        else:
            rest.append(one)
    return rest


def _form_page(
    request: ActorRequest,
    form: PlanForm,
    plan: PilotPlan | None,
    problems: Any = (),
    status: int = 200,
    changes: dict[str, list[Any]] | None = None,
    values: PlanInput | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "plan": plan,
        "is_published": plan is not None and plan.state == PlanState.PUBLISHED,
    }
    if plan is not None and CHANGED in problems and form.is_valid():  # what the other wrote, beside what was typed
        fresh = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=plan.pk)
        context["overtaken"] = changes_shown(told_changes(fresh, form.values()))
    context["problems"] = _beside_fields(form, problems)
    if plan is not None and changes and values is not None:
        context["changes"] = changes_shown(changes)
        context["effects"] = effects_shown(plan, values, request.at)
        context["seen"] = digest_of(changes)
    return render(request, "pilots/plan_form.html", context, status=status)
