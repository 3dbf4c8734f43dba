"""Pages of arrangement: for the organisation that arranges and the school that hosts."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex.common.files import CONTENT_TYPES, as_download
from onex.common.moves import offers
from onex.common.pages import get_or_404, page_of, permit
from onex.common.permits import allows
from onex.common.queries import timeline_of
from onex.common.text import Refused, say
from onex.sittings import printing, queries, services
from onex.sittings.forms import ArrangeForm, PapersForm, StaffForm
from onex.sittings.models import ExamSession
from onex.sittings.rules import SESSION


@permit("sittings.see")
def session_list(request: Any) -> HttpResponse:
    found = queries.sessions_seen_by(request.actor)
    return render(request, "sittings/session_list.html", {"page": page_of(request, found), "flow": SESSION})


@permit("sittings.arrange")
def session_arrange(request: Any) -> HttpResponse:
    """Levels whose registration is closed, each with one button."""
    return _arrange_page(request, ArrangeForm())


def _arrange_page(request: Any, form: ArrangeForm, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {"levels": queries.levels_to_arrange(request.actor), "form": form, "problems": problems}
    return render(request, "sittings/session_arrange.html", context, status=status)


@permit("sittings.arrange")
@require_POST
def level_arrange(request: Any, pk: str) -> HttpResponse:
    level = get_or_404(queries.levels_to_arrange(request.actor), pk=pk)
    form = ArrangeForm(request.POST)
    if not form.is_valid():
        return _arrange_page(request, form, status=422)
    seed = form.cleaned_data["seed"]
    seed = secrets.randbelow(2**31) if seed is None else seed
    try:
        sessions = services.arrange(level, seed=seed, by=request.actor, at=request.at)
    except Refused as refused:
        return _arrange_page(request, form, refused.reasons, status=409)
    messages.success(request, str(say("已编排 {n} 个场次。", n=len(sessions))))
    return redirect("sittings:session-detail", pk=sessions[0].pk)


@permit("sittings.see")
def session_detail(request: Any, pk: str) -> HttpResponse:
    return _detail(request, get_or_404(queries.sessions_seen_by(request.actor), pk=pk))


def _detail(
    request: Any,
    session: ExamSession,
    *,
    papers: PapersForm | None = None,
    staff: StaffForm | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    may_arrange = allows("sittings.arrange", request.actor, session)
    may_staff = allows("sittings.staff", request.actor, session)
    context = {
        "session": session,
        "flow": SESSION,
        "scheme": queries.scheme_of(session),
        "seats": queries.seats_of(session),
        "staff": queries.staff_of(session),
        "papers_form": (papers or PapersForm(session=session)) if may_arrange else None,
        "staff_form": (staff or StaffForm(session=session)) if may_staff else None,
        "may_print": queries.seats_to_print(request.actor, session).exists(),
        "offers": offers(SESSION, session, request.actor, request.at, facts=queries.facts_of),
        "timeline": timeline_of(session),
        "problems": problems,
    }
    return render(request, "sittings/session_detail.html", context, status=status)


@permit("sittings.arrange")
@require_POST
def session_papers(request: Any, pk: str) -> HttpResponse:
    session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)
    form = PapersForm(request.POST, session=session)
    if not form.is_valid():
        return _detail(request, session, papers=form, status=422)
    chosen = form.cleaned_data
    try:
        services.bind_papers(session, chosen["theory"], chosen["practical"], by=request.actor, at=request.at)
    except Refused as refused:
        return _detail(request, session, papers=form, problems=refused.reasons, status=409)
    messages.success(request, str(say("已选用试卷。")))
    return redirect("sittings:session-detail", pk=session.pk)


@permit("sittings.staff")
@require_POST
def session_staff(request: Any, pk: str) -> HttpResponse:
    session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)
    form = StaffForm(request.POST, session=session)
    if not form.is_valid():
        return _detail(request, session, staff=form, status=422)
    try:
        services.name_staff(session, form.cleaned_data["chief"], form.invigilators(), by=request.actor, at=request.at)
    except Refused as refused:
        return _detail(request, session, staff=form, problems=refused.reasons, status=409)
    messages.success(request, str(say("已安排监考员，登录码见考场清单。")))
    return redirect("sittings:session-detail", pk=session.pk)


@permit("sittings.see")
@require_POST
def session_move(request: Any, pk: str, move: str) -> HttpResponse:
    session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)
    actions = {"release": services.release, "publish": services.publish}
    try:
        if move not in actions:
            raise Refused(say("没有这个操作。"))
        actions[move](session, by=request.actor, at=request.at)
    except Refused as refused:
        return _detail(request, session, problems=refused.reasons, status=409)
    return redirect("sittings:session-detail", pk=session.pk)


@permit("sittings.ticket")
def session_tickets(request: Any, pk: str) -> HttpResponse:
    """The tickets this actor may print, as one PDF; only after release."""
    session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)
    if session.state == SESSION.initial:
        raise Refused(say("准考证尚未发布。"))
    seats = queries.seats_to_print(request.actor, session)
    services.note_print(session, "print_tickets", by=request.actor, at=request.at)
    content = HttpResponse(printing.tickets(session, seats), content_type="application/pdf")
    answered: HttpResponse = as_download(content, f"{say('准考证')}-{session.site}.pdf")
    return answered


@permit("sittings.staff")
def session_room_list(request: Any, pk: str) -> HttpResponse:
    """The lists of the rooms with seat and staff codes: for the site on the day."""
    session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)
    if session.state == SESSION.initial:
        raise Refused(say("准考证尚未发布。"))
    services.note_print(session, "print_room_list", by=request.actor, at=request.at)
    content = HttpResponse(printing.room_list(session), content_type="application/pdf")
    answered: HttpResponse = as_download(content, f"{say('考场清单')}-{session.site}.pdf")
    return answered


@permit("sittings.staff")
def session_room_sheets(request: Any, pk: str) -> HttpResponse:
    """The same lists as Excel."""
    session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)
    if session.state == SESSION.initial:
        raise Refused(say("准考证尚未发布。"))
    services.note_print(session, "print_room_list", by=request.actor, at=request.at)
    content = HttpResponse(printing.room_sheets(session), content_type=CONTENT_TYPES["xlsx"])
    answered: HttpResponse = as_download(content, f"{say('考场清单')}-{session.site}.xlsx")
    return answered
