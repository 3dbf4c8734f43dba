"""The school's side of students' accounts: classes, slips to print, one student's account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from onex.common.files import CONTENT_TYPES, as_download
from onex.common.pages import get_or_404, page_of, permit, typed
from onex.common.text import Refused, Say, say
from onex.registration import printing, queries, services
from onex.registration.rules.students import NOT_ACTIVATED, AccountState, ClassKey, classes_in

DONE = {
    "revoke": say("已作废激活单，上面的激活码不能再用。"),
    "disable": say("已停用该生的账号。"),
    "enable": say("已启用该生的账号。"),
}


@permit("registration.student_account")
def account_list(request: Any) -> HttpResponse:
    return _classes(request)


def _classes(request: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    rows = queries.accounts_seen_by(request.actor)
    classes = queries.classes_of(rows, request.at)
    context = {
        "classes": classes,
        "totals": {name: sum(row[name] for row in classes) for name in ("n", "bare", "issued", "lapsed", "active")},
        "chosen": request.POST.getlist("class"),
        "problems": problems,
        "tabs": _tabs(False),
    }
    return render(request, "registration/account_list.html", context, status=status)


def _tabs(by_student: bool) -> list[dict[str, Any]]:
    return [
        {"label": say("按班级"), "url": reverse("registration:account-list"), "current": not by_student},
        {"label": say("按学生"), "url": reverse("registration:account-students"), "current": by_student},
    ]


@permit("registration.student_account")
def account_students(request: Any) -> HttpResponse:
    """Every student with the state of the account; narrowed by class, state and words."""
    rows = queries.students_found(queries.accounts_seen_by(request.actor), typed(request.GET, "q"))
    key = ClassKey.parse(typed(request.GET, "class"))
    if key is not None:
        rows = queries.accounts_in_classes(rows, [key])
    chips = [{"label": say("全部"), "value": "", "count": rows.order_by().count()}]
    for state in AccountState:
        count = queries.accounts_in_state(rows, state, request.at).order_by().count()
        if count:
            chips.append({"label": state.label, "value": state.value, "count": count})
    page = page_of(request, queries.accounts_in_state(rows, typed(request.GET, "state"), request.at))
    every = queries.accounts_seen_by(request.actor)
    context = {
        "page": page,
        "lines": [(row, queries.account_state_of(row, request.at)) for row in page],
        "chips": chips,
        "classes": [row["key"] for row in queries.classes_of(every, request.at)],
        "chosen": str(key) if key else "",
        "tabs": _tabs(True),
    }
    return render(request, "registration/account_students.html", context)


@permit("registration.student_account")
@require_POST
def slip_issue(request: Any) -> HttpResponse:
    """Slips of the chosen classes as one PDF: for those without a good one, or anew for everybody not activated."""
    keys = classes_in(request.POST.getlist("class"))
    if not keys:
        return _classes(request, [say("请先勾选班级。")], status=422)
    rows = queries.accounts_in_classes(queries.accounts_seen_by(request.actor), keys)
    again = request.POST.get("again") == "yes"
    rows = rows.filter(user=None) if again else queries.without_slip(rows, request.at)
    try:
        slips = services.issue_slips(rows, by=request.actor, at=request.at)
    except Refused as refused:
        return _classes(request, refused.reasons, status=409)
    name = keys[0].class_name if len(keys) == 1 else say("{n} 个班级", n=len(keys))
    return _printed(slips, say("学生激活单-{name}.pdf", name=name or say("未填班级")))


@permit("registration.student_account")
@require_POST
def slip_reissue(request: Any, pk: str) -> HttpResponse:
    """A new slip for one student; the earlier code ends. With an account it sets a new password."""
    student = get_or_404(queries.accounts_seen_by(request.actor), pk=pk)
    rows = queries.accounts_seen_by(request.actor).filter(pk=student.pk)
    return _printed(
        services.issue_slips(rows, by=request.actor, at=request.at), say("学生激活单-{name}.pdf", name=student.name)
    )


def _printed(slips: list[services.Slip], name: Say) -> HttpResponse:
    content = HttpResponse(printing.slips(slips), content_type=CONTENT_TYPES["pdf"])
    answered: HttpResponse = as_download(content, str(name))
    return answered


@permit("registration.student_account")
@require_POST
def account_move(request: Any, pk: str, move: str) -> HttpResponse:
    student = get_or_404(queries.accounts_seen_by(request.actor), pk=pk)
    actions = {
        "revoke": services.revoke_slip,
        "disable": services.disable_account,
        "enable": services.enable_account,
    }
    if move not in actions:
        raise Refused(say("没有这个操作。"))
    actions[move](student, by=request.actor, at=request.at)
    messages.success(request, str(DONE[move]))
    return redirect("registration:student-detail", pk=student.pk)


def offered(state: AccountState) -> dict[str, bool]:
    """Which buttons a student's account has now."""
    return {
        "issue": state in (*NOT_ACTIVATED, AccountState.ACTIVE),
        "revoke": state == AccountState.ISSUED,
        "disable": state == AccountState.ACTIVE,
        "enable": state == AccountState.DISABLED,
    }
