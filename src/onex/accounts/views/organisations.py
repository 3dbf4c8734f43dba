"""The platform's organisations, and the facts a school keeps about itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts import queries, services
from onex.accounts.forms import CityForm, DepartmentForm, EvaluationOrgForm, SchoolForm
from onex.accounts.models import Organisation, School
from onex.accounts.rules import (
    HEADS,
    ORGANISATION_ACTS,
    ORGANISATION_KIND_LABELS,
    OWNERSHIP_LABELS,
    SCHOOL_TYPE_LABELS,
    OrganisationKind,
    Ownership,
    SchoolType,
)
from onex.accounts.views.people import _Move
from onex.common import exports, sheets
from onex.common.actors import Role
from onex.common.pages import ActorRequest, chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, Say, say

SORTS = {"name": "name", "kind": "kind", "created": "created_at", "heads": "head_count"}
COLUMNS = (
    sheets.Column("name", say("机构名称"), 34),
    sheets.Column("kind", say("机构类别"), 18),
    sheets.Column("heads", say("管理员（人）"), as_text=False),
    sheets.Column("state", say("状态")),
)


@permit("accounts.organisation_see")
def organisation_list(request: ActorRequest) -> HttpResponse:
    """Every organisation of the platform, by kind."""
    counts = queries.kind_counts(request.actor)
    chips = chips_of(counts, ORGANISATION_KIND_LABELS)
    context = {
        "page": page_of(request, _chosen(request)),
        "chips": chips,
        "kinds": ORGANISATION_KIND_LABELS,
        "may_create": holds("accounts.organisation_create", request.actor),
        "standing": typed(request.GET, "standing"),
        "export": reverse("accounts:organisation-export"),
    }
    return render(request, "accounts/organisation_list.html", context)


def _chosen(request: ActorRequest) -> QuerySet[Organisation]:
    rows: Any = queries.organisations_found(queries.organisations_seen_by(request.actor), typed(request.GET, "q"))
    if (kind := typed(request.GET, "kind")) in set(OrganisationKind):
        rows = rows.filter(kind=kind)
    standing = typed(request.GET, "standing")
    if standing in ("on", "off"):
        rows = rows.filter(is_active=standing == "on")
    if standing == "headless":
        rows = rows.filter(head_count=0)
    return sorted_by(request, rows, SORTS)


@permit("accounts.organisation_see")
def organisation_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the list shows, as a sheet."""
    return exports.respond(request, _("机构.xlsx"), COLUMNS, _chosen(request), _line)


def _line(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": ORGANISATION_KIND_LABELS[OrganisationKind(row.kind)],
        "heads": row.head_count,
        "state": _("在用") if row.is_active else _("已停用"),
    }


@permit("accounts.organisation_see")
def organisation_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One organisation: what it is, who looks after it, what was done to it."""
    return _record(request, get_or_404(queries.organisations_seen_by(request.actor), pk=pk))


def _record(request: ActorRequest, row: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    kind = OrganisationKind(row.kind)
    moves = []
    if allows("accounts.organisation_manage", request.actor, row):
        moves = [
            _Move("suspend", say("停用机构"), is_grave=True) if row.is_active else _Move("restore", say("恢复机构"))
        ]
    context = {
        "organisation": row,
        "kind": ORGANISATION_KIND_LABELS[kind],
        "facts": queries.facts_of_organisation(row),
        "heads": "、".join(str(role.label) for role in HEADS[kind]),
        "moves": moves,
        "sees_people": allows("accounts.people_see", request.actor, row),
        "may_invite": allows("accounts.people_manage", request.actor, row),
        "entries": _timeline(row),
        "problems": problems,
    }
    return render(request, "accounts/organisation_detail.html", context, status=status)


def _timeline(row: Organisation) -> list[dict[str, Any]]:
    return [
        {
            "who": trace.actor_label,
            "at": trace.at,
            "what": ORGANISATION_ACTS.get(trace.verb, Say(trace.verb)),
            "note": trace.note,
            "hat": Role(trace.hat).label,
        }
        for trace in timeline_of(row).reverse()[:50]
    ]


@permit("accounts.organisation_manage")
@require_POST
def organisation_move(request: ActorRequest, pk: UUID, move: str) -> HttpResponse:
    """Shut out or let in again, with the reason."""
    row = get_or_404(queries.organisations_seen_by(request.actor), pk=pk)
    try:
        if move not in ("suspend", "restore"):
            raise Refused(say("没有这个操作。"))
        services.set_organisation_active(
            row, move == "restore", by=request.actor, at=request.at, note=typed(request.POST, "note")
        )
    except Refused as refused:
        return _record(request, row, refused.reasons, status=409)
    words = {"name": row.name}
    messages.success(
        request,
        _("“%(name)s”已恢复。") % words
        if move == "restore"
        else _("“%(name)s”已停用，其人员下一次操作即退出。") % words,
    )
    return redirect("accounts:organisation-detail", pk)


@permit("accounts.organisation_create")
def organisation_create(request: ActorRequest) -> HttpResponse:
    """A new evaluation organisation, or a city of a jurisdiction; schools register themselves, sites are opened."""
    is_city = request.GET.get("kind") == "city"
    form: Any = CityForm(request.POST or None) if is_city else EvaluationOrgForm(request.POST or None)
    problems: Any = ()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            make = services.create_city if is_city else services.create_evaluation_org
            try:
                made = make(**form.cleaned_data, by=request.actor, at=request.at)
            except Refused as refused:
                problems, status = refused.reasons, 409
            else:
                messages.success(request, _("已新建“%(name)s”，请邀请其第一位管理员。") % {"name": made.name})
                return redirect("accounts:organisation-detail", made.pk)
    context = {"form": form, "is_city": is_city, "problems": problems}
    return render(request, "accounts/organisation_form.html", context, status=status)


# --- a school about itself


@permit("accounts.school_edit")
def school_home(request: ActorRequest) -> HttpResponse:
    """The school's facts and departments; its majors have a page of their own."""
    return _school(request)


def _school(
    request: ActorRequest,
    *,
    form: SchoolForm | None = None,
    department: DepartmentForm | None = None,
    renamed: UUID | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    school = get_or_404(queries.school_to_edit(request.actor))
    names = list(SchoolForm.base_fields)
    departments = list(queries.departments_of(school))
    for row in departments:
        if row.pk == renamed:  # what was typed stays in its field
            row.name = typed(request.POST, "name")
    context = {
        "school": school,
        "facts": [
            (_("学校全称"), school.name),
            (_("所属地区"), " ".join(filter(None, (str(school.province.region_name), _city(school))))),
            (_("学校类型"), SCHOOL_TYPE_LABELS[SchoolType(school.school_type)]),
            (_("办学性质"), OWNERSHIP_LABELS[Ownership(school.ownership)]),
            (_("学校标识码"), school.school_code or "—"),
            (_("统一社会信用代码"), school.credit_code),
        ],
        "form": form or SchoolForm(initial={name: getattr(school, name) for name in names}),
        "departments": departments,
        "department_form": department or DepartmentForm(prefix="department"),
        "majors": queries.majors_of(school),
        "sites": queries.sites_of_school(school),
        "entries": _timeline(school.organisation),
        "problems": problems,
    }
    return render(request, "accounts/school_home.html", context, status=status)


def _city(school: School) -> str:
    return school.city.region_name if school.city else ""


@permit("accounts.school_edit")
@require_POST
def school_edit(request: ActorRequest) -> HttpResponse:
    """Address and contact."""
    school, form = get_or_404(queries.school_to_edit(request.actor)), SchoolForm(request.POST)
    if not form.is_valid():
        return _school(request, form=form, status=422)
    services.edit_school(school, **form.cleaned_data, by=request.actor, at=request.at)
    messages.success(request, _("已保存。"))
    return redirect("accounts:school-home")


@permit("accounts.school_edit")
@require_POST
def department_save(request: ActorRequest, pk: UUID | None = None) -> HttpResponse:
    """A new department, or a new name."""
    school = get_or_404(queries.school_to_edit(request.actor))
    row = get_or_404(queries.departments_of(school), pk=pk) if pk else None
    form = DepartmentForm(request.POST, prefix=None if row else "department")
    if not form.is_valid():
        if row is not None:
            return _school(request, renamed=row.pk, problems=form.errors["name"], status=422)
        return _school(request, department=form, status=422)
    try:
        services.save_department(school, form.cleaned_data["name"], by=request.actor, at=request.at, department=row)
    except Refused as refused:
        return _school(request, department=None if row else form, renamed=pk, problems=refused.reasons, status=409)
    messages.success(request, _("已保存。"))
    return redirect("accounts:school-home")


@permit("accounts.school_edit")
@require_POST
def department_remove(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take a department away while nothing belongs to it."""
    school = get_or_404(queries.school_to_edit(request.actor))
    row = get_or_404(queries.departments_of(school), pk=pk)
    try:
        services.remove_department(row, by=request.actor, at=request.at)
    except Refused as refused:
        return _school(request, problems=refused.reasons, status=409)
    messages.success(request, _("已删除院系“%(name)s”。") % {"name": row.name})
    return redirect("accounts:school-home")
