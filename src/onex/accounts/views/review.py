"""The province's side of institution registration: the list, one record, its papers and the decision."""

from __future__ import annotations

from dataclasses import replace
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
from onex.accounts.rules import (
    LINK_SENT,
    LONGEST_REMARK,
    REGISTRATION,
    REMARKED,
    SCHOOL_TYPE_LABELS,
    RegistrationState,
    SchoolType,
    why_by_hand,
)
from onex.accounts.services.registrations import registration_facts
from onex.accounts.views.printing import application_form
from onex.accounts.views.shown import account_shown, facts_shown, steps_of, timeline_shown
from onex.common import exports, files, reveal, sheets
from onex.common.masks import mask_email, mask_phone
from onex.common.moves import offers
from onex.common.pages import ActorRequest, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
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
        for one in (
            RegistrationState.PENDING,
            RegistrationState.REJECTED,
            RegistrationState.ACTIVE,
            RegistrationState.REFUSED,
        )
    ]
    page = page_of(request, _chosen(request, seen))
    pending = [row for row in page if row.state == RegistrationState.PENDING]
    context = {
        "by_hand": {row.pk for row in pending if why_by_hand(row.school_type, row.school_code)},
        "page": page,
        "flow": REGISTRATION,
        "chips": chips,
        "types": SCHOOL_TYPE_LABELS,
        "may_review": holds("accounts.registration_review", request.actor),
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
    return exports.respond(request, _("院校注册.xlsx"), COLUMNS, rows, _line)


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
    # As if it had been checked: the page asks for the words together with the button.
    offered = offers(
        REGISTRATION, registration, request.actor, request.at, lambda row: replace(registration_facts(row), checked="-")
    )
    by_hand = why_by_hand(registration.school_type, registration.school_code)
    open_names = {offer.name for offer in offered if offer.is_open}
    shown = facts_shown(registration, compared=True, is_own=False)
    typed_remarks = {field: typed(request.POST, f"remark-{field}") for field in REMARKED} if problems else {}
    account = account_shown(registration)
    context = {
        "registration": registration,
        "flow": REGISTRATION,
        "steps": steps_of(registration),
        "facts": [{**fact, "typed": typed_remarks.get(fact["field"], "")} for fact in shown],
        "personal": tuple(PERSONAL),
        "may_reveal": holds("accounts.registration_reveal", request.actor)
        and allows("accounts.registration_reveal", request.actor, registration),
        "changed": sum(fact["changed"] for fact in shown),
        "licences": queries.licences_of(registration),
        "entries": timeline_shown(registration),
        "by_hand": by_hand if registration.state == RegistrationState.PENDING else None,
        "may_approve": "approve" in open_names,
        "may_reject": "reject" in open_names,
        # With a form of its own on this page, approving is not repeated.
        "approvals": [o for o in offered if o.name == "approve" and not (by_hand and o.is_open)],
        "refusals": [o for o in offered if o.name == "refuse"],
        "has_moves": bool(offered),
        "account": account,
        "may_resend": account is not None and not account["is_used"] and _may_review(request, registration),
        "canned": CANNED,
        "longest_remark": LONGEST_REMARK,
        "note": typed(request.POST, "note") if problems else "",
        "is_returning": bool(problems) and request.path.endswith("/move/reject/"),
        "problems": problems,
    }
    return render(request, "accounts/registration_detail.html", context, status=status)


def _may_review(request: ActorRequest, registration: InstitutionRegistration) -> bool:
    return holds("accounts.registration_review", request.actor) and allows(
        "accounts.registration_review", request.actor, registration
    )


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
    remarks = {field: typed(request.POST, f"remark-{field}") for field in REMARKED}
    try:
        row = services.move_registration(
            registration, name, by=request.actor, at=request.at, note=note, remarks=remarks
        )
    except Refused as refused:
        return _detail(request, registration, refused.reasons, status=409)
    _tell_decided(request, row)
    return redirect("accounts:registration-detail", pk)


def _tell_decided(request: ActorRequest, row: InstitutionRegistration) -> None:
    if row.state == RegistrationState.ACTIVE:
        link = queries.last_link_of(row)
        if link is not None and link.verb == LINK_SENT:
            messages.success(
                request,
                _("已通过：%(school)s 的账号已开通，激活链接已发到 %(email)s。")
                % {"school": row.name, "email": link.note},
            )
        else:
            messages.warning(
                request,
                _("已通过：%(school)s 的账号已开通，但激活链接的邮件未能发出，请稍后在本页重新发送。")
                % {"school": row.name},
            )
    elif row.state == RegistrationState.REFUSED:
        messages.success(request, _("不予注册：%(school)s。") % {"school": row.name})
    else:
        messages.success(request, _("已退回：%(school)s。") % {"school": row.name})


@permit("accounts.registration_review")
@require_POST
def registration_resend(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The activation link once more, after a mail that could not be sent or was lost."""
    registration = get_or_404(queries.registrations_seen_by(request.actor), pk=pk)
    if services.send_link_again(registration, by=request.actor, at=request.at):
        messages.success(request, _("激活链接已重新发送，之前的链接不再有效。"))
    else:
        messages.error(request, _("邮件仍未能发出，请联系平台管理员检查邮件服务。"))
    return redirect("accounts:registration-detail", pk)


@permit("accounts.registration_see")
def registration_paper(request: ActorRequest, pk: UUID) -> HttpResponse:
    """院校注册申请表 as the school prints it, to compare with the stamped one; the contact's numbers masked."""
    return application_form(get_or_404(queries.registrations_seen_by(request.actor), pk=pk), is_own=False)


@permit("accounts.registration_see")
def registration_file(request: ActorRequest, pk: UUID, file: UUID) -> Any:
    """A paper of the registration as a download."""
    registration = get_or_404(queries.registrations_seen_by(request.actor), pk=pk)
    return files.respond(get_or_404(queries.licences_of(registration), pk=file))
