"""The rights of a person: what is held about me, a copy of it, being forgotten; and the desk that decides on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onex.common.actors import Role
from onex.common.files import as_download
from onex.common.masks import mask_email, mask_phone
from onex.common.moves import offers
from onex.common.pages import get_or_404, page_of, permit, signed_in, typed
from onex.common.permits import holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, say
from onex.portal import services
from onex.portal.models import ErasureRequest
from onex.portal.queries import persons
from onex.portal.rules import ERASURE, REFUSE_REASONS, ErasureState


@signed_in
@never_cache
def my_data(request: Any) -> HttpResponse:
    return _my_data(request)


def _my_data(request: Any, problems: Any = (), reason: str = "", status: int = 200) -> HttpResponse:
    user = persons.account_of(request.actor)
    context = {
        "person": user,
        "phone": mask_phone(user.phone),
        "email": mask_email(user.email) if user.email else "",
        "hats": [(hat.organisation.name, Role(hat.role).label) for hat in request.hats],
        "students": persons.students_of(user),
        "may_erase": persons.may_erase_own(request.actor),
        "under_way": persons.open_erasure(user=user),
        "flow": ERASURE,
        "problems": problems,
        "reason": reason,
    }
    return render(request, "portal/my_data.html", context, status=status)


@signed_in
@require_POST
def my_data_export(request: Any) -> HttpResponse:
    """Everything personal the platform holds about who asks."""
    user = persons.account_of(request.actor)
    services.note_export(user, by=request.actor, at=request.at)
    return _copy(services.data_of(list(persons.students_of(user)), user, at=request.at))


def _copy(content: bytes) -> HttpResponse:
    answered: HttpResponse = as_download(
        HttpResponse(content, content_type="application/zip"), f"{say('个人信息副本')}.zip"
    )
    return answered


@permit("portal.erasure_own")
@require_POST
def my_data_erase(request: Any) -> HttpResponse:
    reason = typed(request.POST, "reason")
    try:
        row = services.file_own_erasure(persons.account_of(request.actor), reason, by=request.actor, at=request.at)
    except Refused as refused:
        return _my_data(request, refused.reasons, reason, status=409)
    messages.success(request, str(say("已提出删除申请，办理结果会显示在本页。")))
    return redirect("portal:erasure-detail", pk=row.pk)


@permit("portal.data_export")
@require_POST
def student_export(request: Any, pk: str) -> HttpResponse:
    """A copy for a student who asked the school; the school hands it over."""
    student = get_or_404(persons.students_to_export(request.actor), pk=pk)
    services.note_export(student, by=request.actor, at=request.at)
    return _copy(services.data_of([student], None, at=request.at))


@permit("portal.erasure_file")
def student_erase(request: Any, pk: str) -> HttpResponse:
    """The form on behalf of a student: what goes, what stays, and why."""
    student = get_or_404(persons.students_to_file_for(request.actor), pk=pk)
    problems: Any = ()
    reason = typed(request.POST, "reason")
    if request.method == "POST":
        try:
            row = services.file_erasure(student, reason, by=request.actor, at=request.at)
        except Refused as refused:
            problems = refused.reasons
        else:
            messages.success(request, str(say("已提出删除申请，须由另一个人办理。")))
            return redirect("portal:erasure-detail", pk=row.pk)
    context = {
        "student": student,
        "under_way": persons.open_erasure(student=student),
        "problems": problems,
        "reason": reason,
    }
    return render(request, "portal/student_erase.html", context, status=409 if problems else 200)


@permit("portal.erasure_see")
def erasure_list(request: Any) -> HttpResponse:
    every = persons.erasures_seen_by(request.actor)
    counts = {state.value: every.filter(state=state).count() for state in ErasureState}
    chips = [{"label": say("全部"), "value": "", "count": sum(counts.values())}]
    chips += [
        {"label": ERASURE.word(state), "value": state.value, "count": counts[state]}
        for state in ErasureState
        if counts[state]
    ]
    asked = request.GET.get("state", "")
    rows = every.filter(state=asked) if asked in counts else every
    context = {"page": page_of(request, rows), "chips": chips, "flow": ERASURE}
    return render(request, "portal/erasure_list.html", context)


@permit("portal.erasure_see")
def erasure_detail(request: Any, pk: str) -> HttpResponse:
    return _erasure(request, get_or_404(persons.erasures_seen_by(request.actor), pk=pk))


def _history(row: ErasureRequest) -> list[Any]:
    """What was done about a request; who is erased is not named again beside it (the audit log keeps its own rows)."""
    found: list[Any] = list(timeline_of(row).reverse())
    for one in found:
        if row.done_at and one.actor_id and one.actor_id == row.user_id:
            one.actor_label = row.label
    return found


def _erasure(request: Any, row: ErasureRequest, problems: Any = (), status: int = 200) -> HttpResponse:
    is_own = row.filed_by_id == request.actor.user_id
    found = offers(ERASURE, row, request.actor, request.at, facts=persons.erasure_facts)
    context = {
        "row": row,
        "flow": ERASURE,
        "offers": [one for one in found if not is_own or one.name == "withdraw"],
        "waits_for_other": is_own and row.state == ErasureState.FILED and holds("portal.erasure_decide", request.actor),
        "canned": {"refuse": REFUSE_REASONS},
        "timeline": _history(row),
        "problems": problems,
    }
    return render(request, "portal/erasure_detail.html", context, status=status)


@permit("portal.erasure_see")
@require_POST
def erasure_move(request: Any, pk: str, move: str = "") -> HttpResponse:
    row = get_or_404(persons.erasures_seen_by(request.actor), pk=pk)
    name = move or typed(request.POST, "move")
    try:
        if name not in ("approve", "refuse", "withdraw"):
            raise Refused(say("没有这个操作。"))
        moved = services.move_erasure(row, name, by=request.actor, at=request.at, note=typed(request.POST, "note"))
    except Refused as refused:
        row.refresh_from_db()
        return _erasure(request, row, refused.reasons, status=409)
    messages.success(request, str(say("已办理：{state}", state=ERASURE.word(moved.state))))
    return redirect("portal:erasure-detail", pk=pk)
