"""Pages of arrangement: for the organisation that arranges and the school that hosts."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from onex.common import exports, sheets
from onex.common.actors import Role
from onex.common.files import CONTENT_TYPES, as_download
from onex.common.moves import offers
from onex.common.pages import chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, Say, say
from onex.registration import queries as registration
from onex.registration.rules import NewTimes, problems_on_reschedule
from onex.sittings import printing, queries, services, shown
from onex.sittings.forms import ArrangeForm, PapersForm, RescheduleForm, StaffForm
from onex.sittings.models import ExamSession
from onex.sittings.rules import ASKED, SESSION, SessionState

COLUMNS = (
    sheets.Column("starts_at", say("开考时间"), 18),
    sheets.Column("plan", say("考试计划"), 26),
    sheets.Column("level", say("证书等级"), 30),
    sheets.Column("site", say("考核站点"), 44),
    sheets.Column("seats", say("人数"), 8, as_text=False),
    sheets.Column("theory", say("理论考核试卷"), 40),
    sheets.Column("practical", say("实训考核试卷"), 40),
    sheets.Column("state", say("状态"), 14),
)
SORTS = {"starts_at": "slot__starts_at", "site": "site__name", "seats": "seat_count"}


def _found(request: Any) -> Any:
    text, state = typed(request.GET, "q").strip(), typed(request.GET, "state")
    return sorted_by(request, queries.sessions_seen_by(request.actor, text, state), SORTS)


@permit("sittings.see")
def session_list(request: Any) -> HttpResponse:
    page = page_of(request, _found(request))
    counts = queries.session_counts(request.actor)
    chips = chips_of(counts, SESSION.labels)
    context = {
        "page": page,
        "lines": [(session, shown.waits_for(session)) for session in page],
        "chips": chips,
        "flow": SESSION,
        "may_arrange": holds("sittings.arrange", request.actor),
    }
    return render(request, "sittings/session_list.html", context)


@permit("sittings.see")
def session_export(request: Any) -> HttpResponse:
    """Exactly the list that is shown, as Excel."""
    return exports.respond(request, f"{say('考试场次')}.xlsx", COLUMNS, _found(request), _line)


def _line(session: Any) -> dict[str, Any]:
    return {
        "starts_at": f"{timezone.localtime(session.slot.starts_at):%Y-%m-%d %H:%M}",
        "plan": session.plan_level.plan.title,
        "level": session.plan_level.level.name,
        "site": session.site.name,
        "seats": session.seat_count,
        "theory": session.theory_paper or "",
        "practical": session.practical_paper or "",
        "state": SESSION.word(session.state),
    }


@permit("sittings.arrange")
def session_arrange(request: Any) -> HttpResponse:
    """Levels whose registration is closed, each with its load and one button."""
    return _arrange_page(request)


def _arrange_page(
    request: Any, asked: Any = None, form: ArrangeForm | None = None, problems: Any = (), status: int = 200
) -> HttpResponse:
    """The page; `form` and `problems` belong to the level that was asked for."""
    levels = list(queries.levels_to_arrange(request.actor))
    loads = queries.loads_of(levels)
    lines = [
        {"level": level, "loads": loads[level.pk], "form": form if level.pk == asked else ArrangeForm()}
        for level in levels
    ]
    context = {"lines": lines, "problems": problems}
    return render(request, "sittings/session_arrange.html", context, status=status)


@permit("sittings.arrange")
@require_POST
def level_arrange(request: Any, pk: str) -> HttpResponse:
    level = get_or_404(queries.levels_to_arrange(request.actor), pk=pk)
    form = ArrangeForm(request.POST)
    if not form.is_valid():
        return _arrange_page(request, level.pk, form, status=422)
    seed = form.cleaned_data["seed"]
    seed = secrets.randbelow(2**31) if seed is None else seed
    try:
        sessions = services.arrange(level, seed=seed, by=request.actor, at=request.at)
    except Refused as refused:
        return _arrange_page(request, level.pk, form, refused.reasons, status=409)
    messages.success(request, str(say("已编排 {n} 个场次。", n=len(sessions))))
    return redirect("sittings:session-detail", pk=sessions[0].pk)


@permit("registration.plan_edit")
def plan_reschedule(request: Any, pk: str) -> HttpResponse:
    """Putting a sitting off in two steps: what it would do, then doing it."""
    plan = get_or_404(registration.plans_seen_by(request.actor), pk=pk)
    slots = sorted(registration.windows_of(plan))
    closes_at = registration.deadline_of(plan)
    form = RescheduleForm(request.POST or None, slots=slots, closes_at=closes_at)
    if request.method != "POST":
        return _reschedule_page(request, plan, form)
    if not form.is_valid():
        return _reschedule_page(request, plan, form, status=422)
    asked = form.asked()
    if problems := problems_on_reschedule(registration.reschedule_facts(plan, asked), request.at):
        return _reschedule_page(request, plan, form, asked, problems, status=409)
    # Confirmed is what was shown: other times are shown first.
    if request.POST.get("step") != "confirm" or request.POST.get("seen") != _seen(asked):
        return _reschedule_page(request, plan, form, asked, may_confirm=True)
    try:
        services.reschedule(plan, asked, by=request.actor, at=request.at)
    except Refused as refused:
        return _reschedule_page(request, plan, form, asked, refused.reasons, status=409)
    messages.success(request, str(say("“{title}”已改期，院校和考点已收到通知。", title=plan.title)))
    return redirect("registration:plan-detail", pk=plan.pk)


def _seen(asked: NewTimes) -> str:
    """These times in one word: what the page of effects was about."""
    moments = [moment for slot in asked.slots for moment in (slot.starts_at, slot.ends_at)]
    return " ".join(f"{moment:%Y%m%d%H%M}" for moment in [*moments, asked.registration_closes_at])


def _reschedule_page(
    request: Any,
    plan: Any,
    form: RescheduleForm,
    asked: NewTimes | None = None,
    problems: Any = (),
    *,
    may_confirm: bool = False,
    status: int = 200,
) -> HttpResponse:
    arranged = queries.arranged_for(plan)
    if arranged.in_room_count:
        problems, may_confirm = [say("已有场次下发考场，不能改期。"), *problems], False
    context = {
        "plan": plan,
        "form": form,
        "slots": sorted(registration.windows_of(plan)),
        "asked": sorted(asked.slots) if asked else (),
        "effect": registration.reschedule_effect(plan, asked.slots if asked else ()),
        "arranged": arranged,
        "seen": _seen(asked) if asked and may_confirm else "",
        "may_confirm": may_confirm,
        "problems": problems,
    }
    return render(request, "sittings/plan_reschedule.html", context, status=status)


@permit("sittings.see")
def session_detail(request: Any, pk: str) -> HttpResponse:
    return _detail(request, get_or_404(queries.sessions_seen_by(request.actor), pk=pk))


def _detail(
    request: Any,
    session: Any,
    *,
    papers: PapersForm | None = None,
    staff: StaffForm | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    may_arrange = allows("sittings.arrange", request.actor, session)
    may_staff = allows("sittings.staff", request.actor, session)
    is_open = session.state in (SessionState.ARRANGED, SessionState.RELEASED)
    facts, people = queries.facts_of(session), list(queries.staff_of(session))
    seats = list(queries.seats_seen_by(request.actor, session))
    sees_staff = may_arrange or may_staff
    as_list = request.GET.get("show") == "list"
    open_moves = offers(SESSION, session, request.actor, request.at, facts=lambda _: facts)
    context = {
        "session": session,
        "flow": SESSION,
        "steps": shown.steps_of(session),
        "holder": shown.holder_of(session),
        "checklist": shown.checklist_of(session, facts) if is_open and sees_staff else [],
        "scheme": queries.scheme_of(session),
        "seats": seats,
        "rooms": shown.rooms_of(seats, people if sees_staff else ()),
        "as_list": as_list,
        "tabs": [
            {"label": say("按考场"), "url": "?#seats", "current": not as_list},
            {"label": say("名单"), "url": "?show=list#seats", "current": as_list, "count": len(seats)},
        ],
        "is_open": is_open,
        "is_out": session.state != SessionState.ARRANGED,
        "may_arrange": may_arrange,
        "sees_staff": sees_staff,
        "duties": shown.duties_of(people) if sees_staff else [],
        "papers_form": (papers or PapersForm(session=session)) if may_arrange and is_open else None,
        "staff_form": (staff or StaffForm(session=session)) if may_staff and is_open else None,
        "papers_wrong": papers is not None,
        "staff_wrong": staff is not None,
        "sees_all": len(seats) == session.seat_count,
        "may_print": queries.seats_to_print(request.actor, session).exists(),
        "offers": [offer for offer in open_moves if offer.name in ASKED],
        "timeline": timeline_of(session).reverse(),
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
        if move not in ASKED:
            raise Refused(say("没有这个操作。"))
        moved = actions[move](session, by=request.actor, at=request.at)
    except Refused as refused:
        session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)  # as somebody else may have left it
        return _detail(request, session, problems=refused.reasons, status=409)
    messages.success(request, str(say("已办理：{state}", state=SESSION.word(moved.state))))
    return redirect("sittings:session-detail", pk=session.pk)


@permit("sittings.ticket")
def session_tickets(request: Any, pk: str) -> HttpResponse:
    """The tickets this actor may print, as one PDF; only after release."""
    session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)
    seats = queries.seats_to_print(request.actor, session)
    count = seats.count()
    if not count:
        raise Refused(say("本场没有您可以打印的准考证。"))
    note = partial(services.note_tickets, session, count=count)
    return _printed(request, session, note, lambda: printing.tickets(session, seats), say("准考证"), "pdf")


@permit("sittings.ticket")
def ticket(request: Any, pk: str) -> HttpResponse:
    """One ticket: a student's own until the exam begins, or one of the school's."""
    seat = get_or_404(queries.tickets_of(request.actor), pk=pk)
    session = seat.session
    if request.actor.role == Role.STUDENT and request.at >= session.slot.starts_at:
        raise Refused(say("本场已经开考，准考证不能再下载；如有需要请联系考点。"))
    draw = partial(printing.tickets, session, [seat])
    return _printed(request, session, partial(services.note_tickets, seat, count=1), draw, say("准考证"), "pdf")


@permit("sittings.staff")
def session_room_list(request: Any, pk: str) -> HttpResponse:
    """The lists of the rooms with seat and staff codes: for the site on the day."""
    session = get_or_404(queries.sessions_staffed_by(request.actor), pk=pk)
    note = partial(services.note_room_list, session, count=session.seats.count())
    return _printed(request, session, note, lambda: printing.room_list(session), say("考场清单"), "pdf")


@permit("sittings.staff")
def session_room_sheets(request: Any, pk: str) -> HttpResponse:
    """The same lists as Excel."""
    session = get_or_404(queries.sessions_staffed_by(request.actor), pk=pk)
    note = partial(services.note_room_list, session, count=session.seats.count())
    return _printed(request, session, note, lambda: printing.room_sheets(session), say("考场清单"), "xlsx")


def _printed(
    request: Any, session: ExamSession, note: Callable[..., None], draw: Callable[[], bytes], name: Say, kind: str
) -> HttpResponse:
    """A file with ID numbers or codes: only after release, and traced."""
    if session.state == SESSION.initial:
        raise Refused(say("准考证尚未发布。"))
    content = HttpResponse(draw(), content_type=CONTENT_TYPES[kind])
    note(by=request.actor, at=request.at)
    answered: HttpResponse = as_download(content, f"{name}-{session.site}.{kind}")
    return answered
