"""The province's side of institution registration: the list, one record, its papers and the decision."""

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

from onex.accounts import queries, services
from onex.accounts.models import InstitutionRegistration
from onex.accounts.rules import REGISTRATION, SCHOOL_TYPE_LABELS, RegistrationState, SchoolType
from onex.accounts.services.registrations import registration_facts
from onex.accounts.views.shown import facts_shown, steps_of, timeline_shown
from onex.common import files, reveal, sheets
from onex.common.masks import mask_email, mask_phone
from onex.common.moves import offers
from onex.common.pages import ActorRequest, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows
from onex.common.text import Refused, say

SORTS = {"name": "name", "submitted_at": "submitted_at", "city": "city__code"}
PERSONAL = {
    "contact_phone": reveal.Fact(say("联系电话"), "contact_phone", mask_phone),
    "contact_email": reveal.Fact(say("联系邮箱"), "contact_email", mask_email),
}
CANNED = (
    say("证明材料不清晰或没有盖章，请重新扫描上传。"),
    say("学校全称与法人证书不一致，请更正。"),
    say("请补充教务处联系人和联系电话。"),
)
COLUMNS = (
    sheets.Column("name", say("学校全称"), 30),
    sheets.Column("school_type", say("学校类型")),
    sheets.Column("city", say("所属城市")),
    sheets.Column("school_code", say("学校标识码")),
    sheets.Column("credit_code", say("统一社会信用代码"), 22),
    sheets.Column("contact_name", say("联系人")),
    sheets.Column("contact_phone", say("联系电话"), 16),
    sheets.Column("submitted_at", say("提交时间"), 18),
    sheets.Column("state", say("状态")),
)


@permit("accounts.registration_see")
def registration_list(request: ActorRequest) -> HttpResponse:
    """Every registration handed in to this province."""
    seen = queries.registrations_seen_by(request.actor)
    counts = queries.counts_by_state(seen)
    chips = [{"label": _("全部"), "value": "", "count": sum(counts.values())}] + [
        {"label": REGISTRATION.word(one), "value": one, "count": counts.get(one, 0)}
        for one in (RegistrationState.PENDING, RegistrationState.REJECTED, RegistrationState.ACTIVE)
    ]
    context = {
        "page": page_of(request, _chosen(request, seen)),
        "flow": REGISTRATION,
        "chips": chips,
        "types": SCHOOL_TYPE_LABELS,
        "export": reverse("accounts:registration-export"),
    }
    return render(request, "accounts/registration_list.html", context)


def _chosen(request: ActorRequest, rows: QuerySet[InstitutionRegistration]) -> QuerySet[InstitutionRegistration]:
    """Those of the rows that the address asks for, in its order."""
    rows = queries.registrations_found(rows, typed(request.GET, "q"))
    if (state := request.GET.get("state", "")) in set(RegistrationState):
        rows = rows.filter(state=state)
    return sorted_by(request, rows, SORTS)


@permit("accounts.registration_see")
def registration_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the list shows, as a sheet."""
    rows = _chosen(request, queries.registrations_seen_by(request.actor))
    return sheets.respond(_("院校注册.xlsx"), COLUMNS, (_line(row) for row in rows))


def _line(row: InstitutionRegistration) -> dict[str, Any]:
    return {
        "name": row.name,
        "school_type": SCHOOL_TYPE_LABELS[SchoolType(row.school_type)],
        "city": row.city.region_name if row.city else "",
        "school_code": row.school_code,
        "credit_code": row.credit_code,
        "contact_name": row.contact_name,
        "contact_phone": mask_phone(row.contact_phone),
        "submitted_at": f"{localtime(row.submitted_at):%Y-%m-%d %H:%M}" if row.submitted_at else "",
        "state": REGISTRATION.word(row.state),
    }


@permit("accounts.registration_see")
def registration_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One registration with its papers, its story and the decision."""
    return _detail(request, get_or_404(queries.registrations_seen_by(request.actor), pk=pk))


def _detail(
    request: ActorRequest, registration: InstitutionRegistration, problems: Any = (), status: int = 200
) -> HttpResponse:
    context = {
        "registration": registration,
        "flow": REGISTRATION,
        "steps": steps_of(registration),
        "facts": facts_shown(registration, is_own=False),
        "personal": [(fact.label, fact.mask(fact.of(registration)), name) for name, fact in PERSONAL.items()],
        "may_reveal": allows("accounts.registration_reveal", request.actor, registration),
        "licences": queries.licences_of(registration),
        "entries": timeline_shown(registration),
        "offers": offers(REGISTRATION, registration, request.actor, request.at, registration_facts),
        "canned": {"reject": CANNED},
        "problems": problems,
    }
    return render(request, "accounts/registration_detail.html", context, status=status)


@permit("accounts.registration_reveal")
@require_POST
def registration_reveal(request: ActorRequest, pk: UUID, field: str) -> HttpResponse:
    return reveal.answer(request, get_or_404(queries.registrations_to_reveal(request.actor), pk=pk), PERSONAL, field)


@permit("accounts.registration_review")
@require_POST
def registration_move(request: ActorRequest, pk: UUID, move: str = "") -> HttpResponse:
    """Approve or reject; `move` in the address or in the form."""
    registration = get_or_404(queries.registrations_seen_by(request.actor), pk=pk)
    name = move or typed(request.POST, "move")
    note = typed(request.POST, "note")
    try:
        row = services.move_registration(registration, name, by=request.actor, at=request.at, note=note)
    except Refused as refused:
        return _detail(request, registration, refused.reasons, status=409)
    if row.state == RegistrationState.ACTIVE:
        messages.success(request, _("已通过：%(school)s 的账号已开通。") % {"school": row.name})
    else:
        messages.success(request, _("已退回：%(school)s。") % {"school": row.name})
    return redirect("accounts:registration-detail", pk)


@permit("accounts.registration_see")
def registration_file(request: ActorRequest, pk: UUID, file: UUID) -> Any:
    """A paper of the registration as a download."""
    registration = get_or_404(queries.registrations_seen_by(request.actor), pk=pk)
    return files.respond(get_or_404(queries.licences_of(registration), pk=file))
