"""证书试点申报: the school files and corrects, city and province decide, everybody concerned looks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common import exports, files, sheets
from onex.common.actors import Role
from onex.common.moves import offers
from onex.common.pages import ActorRequest, chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.text import Refused, say
from onex.pilots import queries, services
from onex.pilots.forms import ApplicationForm, initial_of_application
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    EDITABLE,
    ApplicationState,
    batch_label,
    flow_of,
    problems_by_field,
    problems_with_window,
)
from onex.pilots.services.applications import application_facts
from onex.pilots.views.shown import facts_shown, holder_shown, offer_facts, steps_of, timeline_shown

S = ApplicationState
SORTS = {
    "year": "plan__year",
    "school": "school__name",
    "certificate": "level__name",
    "requested": "requested_count",
    "approved": "approved_count",
    "used": "used_count",
    "submitted_at": "submitted_at",
}
CANNED = {
    "return": (
        say("请补充师资情况：专任教师人数、双师型教师人数和相关证书。"),
        say("请补充场地情况：机房数量、学生机台数和监控设备。"),
        say("请上传省厅要求的佐证材料。"),
    ),
    "reject": (say("不具备开展该证书培训考核的条件。"), say("拟申报专业与该证书不对应。")),
}
COLUMNS = (
    sheets.Column("school", say("院校"), 28),
    sheets.Column("year", say("申报年度"), 10, as_text=False),
    sheets.Column("batch", say("申报批次"), 10),
    sheets.Column("certificate", say("证书名称"), 36),
    sheets.Column("issuer", say("颁证机构"), 28),
    sheets.Column("requested", say("申请培训总人数"), 16, as_text=False),
    sheets.Column("approved", say("批准培训总人数"), 16, as_text=False),
    sheets.Column("used", say("已使用培训数"), 14, as_text=False),
    sheets.Column("submitted_at", say("提交时间"), 18),
    sheets.Column("state", say("申报状态"), 14),
)


@permit("pilots.application_see")
def application_list(request: ActorRequest) -> HttpResponse:
    """The guide's nine columns; reviewers see the school before them."""
    seen = queries.applications_seen_by(request.actor)
    counts = queries.counts_by_state(seen)
    flow = APPLICATION_BY_CITY  # both tables have the same words
    chips = chips_of(counts, flow.labels)
    page = page_of(request, _chosen(request, seen))
    context = {
        "page": page,
        "lines": [{"row": row, "batch": batch_label(row.plan.batch)} for row in page],
        "chips": chips,
        "flow": flow,
        "is_school": request.actor.role == Role.SCHOOL,
        "decides": {Role.CITY: S.CITY_REVIEW, Role.PROVINCE: S.PROVINCE_REVIEW}.get(request.actor.role, ""),
        "export": reverse("pilots:application-export"),
        "may_apply": holds("pilots.application_create", request.actor),
    }
    return render(request, "pilots/application_list.html", context)


def _chosen(request: ActorRequest, rows: QuerySet[PilotApplication]) -> QuerySet[PilotApplication]:
    """Those of the rows that the address asks for, in its order."""
    rows = queries.applications_found(rows, typed(request.GET, "q"))
    if (state := request.GET.get("state", "")) in set(S):
        rows = rows.filter(state=state)
    if plan := request.GET.get("plan", ""):
        rows = queries.applications_under(rows, plan)
    return sorted_by(request, rows, SORTS)


@permit("pilots.application_see")
def application_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the list shows, as a sheet."""
    rows = _chosen(request, queries.applications_seen_by(request.actor))
    return exports.respond(request, _("证书试点申报.xlsx"), COLUMNS, rows, _sheet_line)


def _sheet_line(row: PilotApplication) -> dict[str, Any]:
    return {
        "school": row.school.name,
        "year": row.plan.year,
        "batch": batch_label(row.plan.batch),
        "certificate": row.level.name,
        "issuer": row.level.certificate.issuer_name,
        "requested": row.requested_count,
        "approved": "" if row.approved_count is None else row.approved_count,
        "used": row.used_count,
        "submitted_at": f"{localtime(row.submitted_at):%Y-%m-%d %H:%M}" if row.submitted_at else "",
        "state": APPLICATION_BY_CITY.word(row.state),
    }


# --- filing ------------------------------------------------------------------------------------------------------


@permit("pilots.application_create")
def application_create(request: ActorRequest, plan: UUID) -> HttpResponse:
    """The guide's form for one plan of the school's province, while it is open."""
    found = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=plan)
    problems = problems_with_window(found.state, found.opens_at, found.closes_at, request.at)
    if problems:
        raise Refused(*problems)
    school = school_of(request.actor)
    if request.method != "POST":
        return _form_page(request, ApplicationForm(plan=found, school=school), found)
    return _keep(request, ApplicationForm(request.POST, request.FILES, plan=found, school=school), found)


@permit("pilots.application_file")
def application_edit(request: ActorRequest, pk: UUID) -> HttpResponse:
    """A draft or a returned application; `?remove=<file>` takes one material away and keeps what was typed."""
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    if application.state not in EDITABLE:
        return redirect("pilots:application-detail", pk)
    plan, school = application.plan, application.school
    if request.method != "POST":
        initial = initial_of_application(application)
        return _form_page(request, ApplicationForm(plan=plan, school=school, initial=initial), plan, application)
    form = ApplicationForm(request.POST, request.FILES, plan=plan, school=school)
    return _keep(request, form, plan, application)


def _keep(
    request: ActorRequest, form: ApplicationForm, plan: PilotPlan, application: PilotApplication | None = None
) -> HttpResponse:
    if not form.is_valid():
        return _form_page(request, form, plan, application, status=422)
    who: Any = {"by": request.actor, "at": request.at}
    try:
        if application is None:
            application = services.create_application(plan, form.values(), **who)
        else:
            application = services.update_application(application, form.values(), **who)
        for upload in form.cleaned_data["materials"]:
            services.add_material(application, upload, **who)
        if removed := request.GET.get("remove"):
            attachment = get_or_404(queries.material_of(application, removed))
            services.remove_material(application, attachment, **who)
            return redirect("pilots:application-edit", application.pk)
    except Refused as refused:
        return _form_page(request, form, plan, application, problems=refused.reasons, status=409)
    if request.POST.get("then") == "save":
        messages.success(request, _("已保存为草稿，尚未提交。请在申报结束前提交。"))
        return redirect("pilots:application-detail", application.pk)
    try:
        services.move_application(application, "submit", **who)
    except Refused as refused:
        return _not_handed_in(request, form, application, refused)
    messages.success(request, _("已提交，等待审核。"))
    return redirect("pilots:application-detail", application.pk)


def _not_handed_in(
    request: ActorRequest, form: ApplicationForm, application: PilotApplication, refused: Refused
) -> HttpResponse:
    problems = problems_by_field(application_facts(application), request.at)
    form.show_problems(problems)
    # What concerns the whole is a refusal; what concerns a field is a mistake beside it.
    whole = () if form.errors else refused.reasons
    status = 409 if whole or "" in problems else 422
    return _form_page(request, form, application.plan, application, problems=whole, status=status)


def _form_page(
    request: ActorRequest,
    form: ApplicationForm,
    plan: PilotPlan,
    application: PilotApplication | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    action = reverse("pilots:application-create", args=[plan.pk])
    cancel = reverse("pilots:plan-list")
    materials = []
    if application is not None:
        action = reverse("pilots:application-edit", args=[application.pk])
        cancel = reverse("pilots:application-detail", args=[application.pk])
        for one in queries.materials_of(application):
            url = reverse("pilots:material-download", args=[application.pk, one.pk])
            materials.append({"file": one, "url": url, "remove": f"{action}?remove={one.pk}"})
    context = {
        "form": form,
        "plan": plan,
        "batch": batch_label(plan.batch),
        "application": application,
        "action": action,
        "cancel": cancel,
        "majors_url": reverse("pilots:major-choose", args=[plan.pk]),
        "materials": materials,
        "returned": queries.last_return_of(application) if application is not None else None,
        "was_kept": application is not None and form.is_bound,
        "problems": problems,
    }
    return render(request, "pilots/application_form.html", context, status=status)


@permit("pilots.application_create")
def major_choose(request: ActorRequest, plan: UUID) -> HttpResponse:
    """选择专业 for the level just chosen: the fragment that the form shows again."""
    found = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=plan)
    asked = {"level": request.GET.get("level", ""), "declared_majors": request.GET.getlist("declared_majors")}
    form = ApplicationForm(initial=asked, plan=found, school=school_of(request.actor))
    return render(request, "pilots/_majors.html", {"form": form, "plan": found})


# --- one application ---------------------------------------------------------------------------------------------


@permit("pilots.application_see")
def application_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One application: where it stands, what was asked, what was granted, who did what; the moves of this person."""
    return _detail(request, get_or_404(queries.applications_seen_by(request.actor), pk=pk))


def _detail(request: ActorRequest, row: PilotApplication, problems: Any = (), status: int = 200) -> HttpResponse:
    flow = flow_of(row.plan.requires_city_approval)
    shown = offers(flow, row, request.actor, request.at, offer_facts)
    is_school = request.actor.role == Role.SCHOOL
    before, after = (None, None) if is_school else queries.neighbours_in_queue(request.actor, row)
    context = {
        "row": row,
        "flow": flow,
        "batch": batch_label(row.plan.batch),
        "steps": steps_of(row),
        "holder": holder_shown(row),
        "facts": facts_shown(row, None if is_school else queries.submission_before(row)),
        "materials": queries.materials_of(row),
        "places": queries.places_of(row)[:20],
        "entries": timeline_shown(row),
        "offers": shown,
        "canned": CANNED,
        "places_typed": typed(request.POST, "approved_count") or row.requested_count,
        "is_editable": row.state in EDITABLE and allows("pilots.application_file", request.actor, row),
        "is_reviewing": not is_school and bool(shown),
        "before": before,
        "after": after,
        "is_school": is_school,
        "problems": problems,
    }
    return render(request, "pilots/application_detail.html", context, status=status)


@permit("pilots.application_see")
@require_POST
def application_move(request: ActorRequest, pk: UUID, move: str = "") -> HttpResponse:
    """Make a move: its name in the address or in the form, with `note` and for "approve" `approved_count`."""
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    name = move or typed(request.POST, "move")
    note, count = typed(request.POST, "note"), typed(request.POST, "approved_count").strip()
    try:
        if count and not (count.isascii() and count.isdigit() and len(count) < 9):
            raise Refused(say("批准培训总人数请填写整数。"))
        moved = services.move_application(
            row, name, by=request.actor, at=request.at, note=note, approved_count=int(count) if count else None
        )
    except Refused as refused:
        return _detail(request, row, refused.reasons, status=409)
    if name == "withdraw":
        messages.success(request, _("已撤回。申报时间内可以重新申报。"))
    elif name == "approve":
        messages.success(request, _("已通过，批准 %(n)s 人。") % {"n": moved.approved_count})
    else:
        messages.success(request, _("已办理：%(state)s。") % {"state": APPLICATION_BY_CITY.word(moved.state)})
    return redirect("pilots:application-detail", pk)


@permit("pilots.application_see")
def material_download(request: ActorRequest, pk: UUID, file: UUID) -> Any:
    """One of 其他佐证材料 as a download."""
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    return files.respond(get_or_404(queries.materials_of(row), pk=file))
