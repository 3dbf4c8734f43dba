"""批准名单: made from a plan's approvals, looked at and printed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from onex.common.files import as_download
from onex.common.pages import ActorRequest, get_or_404, permit
from onex.common.permits import allows, holds
from onex.common.text import Refused
from onex.pilots import printing, queries, services
from onex.pilots.forms import ApprovalListForm
from onex.pilots.models import PilotPlan
from onex.pilots.rules import batch_label


def lists_shown(request: ActorRequest, plan: PilotPlan) -> dict[str, Any]:
    """What `pilots/_approval_lists.html` on the plan's page shows."""
    may_issue = holds("pilots.list_issue", request.actor) and allows("pilots.list_issue", request.actor, plan)
    return {"approval_lists": queries.lists_of(plan, request.actor), "may_issue_list": may_issue}


@permit("pilots.list_issue")
def approval_list_create(request: ActorRequest, plan: UUID) -> HttpResponse:
    """文号, title and date, with what would be listed."""
    found = get_or_404(queries.plans_to_publish(request.actor), pk=plan)
    fresh, every = (queries.lines_to_publish(found, only_new=one) for one in (True, False))
    form = (
        ApprovalListForm(request.POST)
        if request.method == "POST"
        else ApprovalListForm(initial=_suggested(request, found))
    )
    problems: Any = ()
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                made = services.issue_list(found, **form.values(), by=request.actor, at=request.at)
            except Refused as refused:
                problems, status = refused.reasons, 409
            else:
                messages.success(request, _("名单已制发，可以下载 PDF。"))
                return redirect("pilots:approval-list-detail", made.pk)
    context = {
        "form": form,
        "plan": found,
        "batch": batch_label(found.batch),
        "new_count": len(fresh),
        "all_count": len(every),
        "approved": sum(line["approved"] for line in every),
        "problems": problems,
    }
    return render(request, "pilots/approval_list_form.html", context, status=status)


def _suggested(request: ActorRequest, plan: PilotPlan) -> dict[str, Any]:
    title = _("关于公布 %(year)s 年度%(batch)s 1+X 证书制度试点院校名单的通知")
    return {
        "title": title % {"year": plan.year, "batch": batch_label(plan.batch)},
        "issued_on": localtime(request.at).date(),
        "scope": "new" if plan.approval_lists.exists() else "all",
    }


@permit("pilots.list_see")
def approval_list_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """A list as it was frozen."""
    row = get_or_404(queries.lists_seen_by(request.actor), pk=pk)
    context = {
        "row": row,
        "batch": batch_label(row.plan.batch),
        "sums": printing.sums_of(row),
        "approved": sum(line["approved"] for line in row.lines),
        "schools": len({line["school"] for line in row.lines}),
    }
    return render(request, "pilots/approval_list_detail.html", context)


@permit("pilots.list_see")
def approval_list_paper(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The list as a PDF; that it was printed is traced."""
    row = get_or_404(queries.lists_seen_by(request.actor), pk=pk)
    content = HttpResponse(printing.approval_list(row), content_type="application/pdf")
    services.note_print(row, by=request.actor, at=request.at)
    answered: HttpResponse = as_download(content, f"{row.document_no}.pdf")
    return answered
