"""院校信息变更: the school's page and the province's queue are one list, one record, and the moves each may make."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts import queries, services
from onex.accounts.forms import AdministratorChangeForm, NameChangeForm
from onex.accounts.models import InstitutionChange
from onex.accounts.rules import (
    ADMINISTRATOR_CHANGE,
    CHANGE_FLOWS,
    CHANGE_KIND_LABELS,
    ChangeKind,
    ChangeState,
)
from onex.accounts.services.changes import change_facts
from onex.accounts.views.shown import change_timeline, link_shown
from onex.common import exports, files, reveal, sheets
from onex.common.actors import Role
from onex.common.masks import mask_email, mask_phone
from onex.common.moves import offers
from onex.common.pages import ActorRequest, chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.text import Refused, say

PERSONAL = {
    "person_phone": reveal.Fact(say("联系电话"), "person_phone", mask_phone),
    "person_email": reveal.Fact(say("邮箱"), "person_email", mask_email),
}
SORTS = {"school": "school__name", "submitted_at": "submitted_at"}
FORMS: dict[str, Any] = {ChangeKind.NAME: NameChangeForm, ChangeKind.ADMINISTRATOR: AdministratorChangeForm}
CANNED = (
    say("证明材料没有加盖学校公章，请重新上传。"),
    say("证明材料与填写内容不一致，请核对后更正。"),
)
CHECKED = (say("已按平台登记的电话致电学校，核实无误。"),)
COLUMNS = (
    sheets.Column("school", say("院校"), 30),
    sheets.Column("kind", say("变更类型")),
    sheets.Column("old", say("变更前"), 30),
    sheets.Column("new", say("变更后"), 30),
    sheets.Column("reason", say("原因"), 40),
    sheets.Column("submitted_at", say("提交时间"), 18),
    sheets.Column("state", say("状态")),
)


@permit("accounts.change_see")
def change_list(request: ActorRequest) -> HttpResponse:
    """A school sees its own requests and may file one; a province sees what waits for it."""
    seen = queries.changes_seen_by(request.actor)
    counts = queries.counts_by_state(seen)
    chips = chips_of(counts, ADMINISTRATOR_CHANGE.labels)
    is_school = request.actor.role == Role.SCHOOL
    school = queries.school_of(request.actor) if is_school else None
    context = {
        "page": page_of(request, _chosen(request, seen)),
        "flow": ADMINISTRATOR_CHANGE,
        "kinds": CHANGE_KIND_LABELS,
        "chips": chips,
        "school": school,
        "names": queries.names_of(school) if school else [],
        "administrators": queries.administrators_of(school) if school else [],
        "may_file": holds("accounts.change_file", request.actor),
        "may_review": holds("accounts.change_review", request.actor),
        "export": reverse("accounts:change-export"),
    }
    return render(request, "accounts/change_list.html", context)


def _chosen(request: ActorRequest, rows: QuerySet[InstitutionChange]) -> QuerySet[InstitutionChange]:
    rows = queries.changes_found(rows, typed(request.GET, "q"))
    if (state := request.GET.get("state", "")) in set(ChangeState):
        rows = rows.filter(state=state)
    if (kind := request.GET.get("kind", "")) in set(ChangeKind):
        rows = rows.filter(kind=kind)
    return sorted_by(request, rows, SORTS)


@permit("accounts.change_see")
def change_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the list shows, as a sheet."""
    rows = _chosen(request, queries.changes_seen_by(request.actor))
    return exports.respond(request, _("院校信息变更.xlsx"), COLUMNS, rows, _line)


def _line(row: InstitutionChange) -> dict[str, Any]:
    is_name = row.kind == ChangeKind.NAME
    return {
        "school": row.school.name,
        "kind": CHANGE_KIND_LABELS[ChangeKind(row.kind)],
        "old": row.old_name if is_name else (row.old_user.name if row.old_user else ""),
        "new": row.new_name if is_name else row.person_name,
        "reason": row.reason,
        "submitted_at": f"{localtime(row.submitted_at):%Y-%m-%d %H:%M}",
        "state": CHANGE_FLOWS[ChangeKind(row.kind)].word(row.state),
    }


@permit("accounts.change_file")
def change_create(request: ActorRequest, kind: str) -> HttpResponse:
    """Ask for another name or another administrator; what is still open is shown instead of a second form."""
    form_class = FORMS.get(kind)
    if form_class is None:
        raise Http404
    school = queries.school_of(request.actor)
    already = queries.open_change(school, kind)
    if already is not None and request.method != "POST":
        return redirect("accounts:change-detail", already.pk)
    if request.method != "POST":
        return _form_page(request, form_class(), kind, school)
    form = form_class(request.POST, request.FILES)
    form.is_valid()
    if not form.judge(school):
        return _form_page(request, form, kind, school, status=422)
    try:
        row = services.file_change(form.values(), form.cleaned_data["proof"], by=request.actor, at=request.at)
    except Refused as refused:
        return _form_page(request, form, kind, school, problems=refused.reasons, status=409)
    messages.success(request, _("已提交，等待省级教育行政部门审核。"))
    return redirect("accounts:change-detail", row.pk)


@permit("accounts.change_amend")
def change_edit(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Correct what was returned and hand it in again."""
    change = get_or_404(queries.changes_seen_by(request.actor), pk=pk)
    form_class = FORMS.get(change.kind)
    if form_class is None or change.state != ChangeState.RETURNED:
        return redirect("accounts:change-detail", pk)
    school = change.school
    if request.method != "POST":
        return _form_page(request, form_class(change=change), change.kind, school, change=change)
    form = form_class(request.POST, request.FILES, change=change)
    form.is_valid()
    if not form.judge(school):
        return _form_page(request, form, change.kind, school, change=change, status=422)
    try:
        services.amend_change(change, form.values(), form.cleaned_data.get("proof"), by=request.actor, at=request.at)
    except Refused as refused:
        return _form_page(request, form, change.kind, school, change=change, problems=refused.reasons, status=409)
    messages.success(request, _("已重新提交，等待省级教育行政部门审核。"))
    return redirect("accounts:change-detail", pk)


def _form_page(
    request: ActorRequest,
    form: Any,
    kind: str,
    school: Any,
    *,
    change: InstitutionChange | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "title": CHANGE_KIND_LABELS[ChangeKind(kind)],
        "is_name": kind == ChangeKind.NAME,
        "school": school,
        "change": change,
        "proofs": queries.proofs_of(change) if change else (),
        "returned": queries.last_return_of(change) if change else None,
        "cancel": reverse("accounts:change-detail", args=[change.pk]) if change else reverse("accounts:change-list"),
        "problems": problems,
    }
    return render(request, "accounts/change_form.html", context, status=status)


@permit("accounts.change_see")
def change_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One request: what is and what shall be, side by side, its letters, its story and the decision."""
    return _detail(request, get_or_404(queries.changes_seen_by(request.actor), pk=pk))


def _detail(request: ActorRequest, change: InstitutionChange, problems: Any = (), status: int = 200) -> HttpResponse:
    flow = CHANGE_FLOWS[ChangeKind(change.kind)]
    # Handing in again is done on the form.
    offered = [o for o in offers(flow, change, request.actor, request.at, change_facts) if o.name != "resubmit"]
    may_review = holds("accounts.change_review", request.actor) and allows(
        "accounts.change_review", request.actor, change
    )
    context = {
        "change": change,
        "masked": reveal.masked(PERSONAL, change),
        "may_reveal": allows("accounts.change_reveal", request.actor, change),
        "flow": flow,
        "is_name": change.kind == ChangeKind.NAME,
        "proofs": queries.proofs_of(change),
        "administrators": queries.administrators_of(change.school),
        "entries": change_timeline(change),
        "offers": offered,
        "canned": {"approve": CHECKED, "return": CANNED, "refuse": CANNED},
        "link": link_shown(change) if change.new_user_id else None,
        "may_resend": may_review and change.state == ChangeState.APPROVED and change.kind != ChangeKind.NAME,
        "may_edit": change.state == ChangeState.RETURNED and holds("accounts.change_amend", request.actor),
        "may_see_school": holds("accounts.institution_see", request.actor),
        "problems": problems,
    }
    return render(request, "accounts/change_detail.html", context, status=status)


@permit("accounts.change_reveal")
@require_POST
def change_reveal(request: ActorRequest, pk: UUID, field: str) -> HttpResponse:
    """A number of the new administrator, for a reason."""
    return reveal.answer(request, get_or_404(queries.changes_to_reveal(request.actor), pk=pk), PERSONAL, field)


@permit("accounts.change_see")  # the move itself asks for its own permit
@require_POST
def change_move(request: ActorRequest, pk: UUID, move: str) -> HttpResponse:
    """Approve, return, refuse or withdraw."""
    change = get_or_404(queries.changes_seen_by(request.actor), pk=pk)
    try:
        row = services.move_change(change, move, by=request.actor, at=request.at, note=typed(request.POST, "note"))
    except Refused as refused:
        return _detail(request, change, refused.reasons, status=409)
    flow = CHANGE_FLOWS[ChangeKind(row.kind)]
    words = {"kind": flow.label, "state": flow.word(row.state), "school": row.school.name}
    messages.success(request, _("%(kind)s（%(school)s）：%(state)s。") % words)
    if row.state == ChangeState.APPROVED and row.new_user_id and not link_shown(row)["is_sent"]:
        messages.warning(request, _("激活链接的邮件未能发出，请稍后在本页重新发送。"))
    return redirect("accounts:change-detail", pk)


@permit("accounts.change_review")
@require_POST
def change_resend(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The activation link of the new administrator once more."""
    change = get_or_404(queries.changes_seen_by(request.actor), pk=pk)
    try:
        is_sent = services.send_change_link_again(change, by=request.actor, at=request.at)
    except Refused as refused:
        return _detail(request, change, refused.reasons, status=409)
    if is_sent:
        messages.success(request, _("激活链接已重新发送，之前的链接不再有效。"))
    else:
        messages.error(request, _("邮件仍未能发出，请联系平台管理员检查邮件服务。"))
    return redirect("accounts:change-detail", pk)


@permit("accounts.change_see")
def change_file(request: ActorRequest, pk: UUID, file: UUID) -> Any:
    """A stamped letter as a download."""
    change = get_or_404(queries.changes_seen_by(request.actor), pk=pk)
    return files.respond(get_or_404(queries.proofs_of(change), pk=file))
