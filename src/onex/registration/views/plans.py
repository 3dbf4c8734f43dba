"""Pages of sittings: the organisation opens, announces and closes; schools see what is announced."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common.actors import OF_A_SCHOOL, Actor, Role
from onex.common.moves import Offer, offers
from onex.common.pages import address_with, chips_of, get_or_404, page_of, permit
from onex.common.permits import allows, holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, Say, say
from onex.registration import queries, services
from onex.registration.forms import PlanForm, SlotTable
from onex.registration.models import ExamPlan, ExamPlanLevel
from onex.registration.rules.months import months_shown
from onex.registration.rules.plans import (
    ANNOUNCED_STATES,
    LEVEL_FLOW,
    PlanLevelState,
    Window,
    default_slots,
    default_window,
    is_open_for_entries,
    sitting_name,
    warnings_on_announce,
    warnings_on_close,
)

VERBS = {"create": say("新建考试计划"), "update": say("修改考试计划"), "register": say("报名")}
MANAGED = ("announce", "retract", "close")  # the other moves belong to the pages of later apps
CLOSE_REASONS = (
    say("本地区试点院校较少，经评估仍按计划开考"),
    say("报名工作已全部完成，提前截止"),
)


@permit("registration.plan_see")
def plan_list(request: Any) -> HttpResponse:
    levels = queries.levels_seen_by(request.actor)
    counts: dict[str, int] = {}
    for state in levels.order_by().values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    chips = chips_of(counts, LEVEL_FLOW.labels)
    if (state := request.GET.get("state", "")) in {s.value for s in PlanLevelState}:
        levels = levels.filter(state=state)
    if request.GET.get("view") == "months":
        return _months_page(request, levels, chips)
    school = school_of(request.actor) if request.actor.role in OF_A_SCHOOL else None
    page = page_of(request, queries.with_counts(levels, school).prefetch_related("plan__slots"))
    for row in page:
        row.is_open = is_open_for_entries(row.state, row.registration, request.at)
    context = {
        "page": page,
        "chips": chips,
        "flow": LEVEL_FLOW,
        "school": school,
        "may_open": holds("registration.plan_open", request.actor),
        "may_enter": holds("registration.entry_create", request.actor),
        "tabs": _tabs(request, is_months=False),
    }
    return render(request, "registration/plan_list.html", context)


def _tabs(request: Any, *, is_months: bool) -> list[dict[str, Any]]:
    return [
        {"label": say("按日期"), "url": address_with(request, view=None), "current": not is_months},
        {"label": say("按月"), "url": address_with(request, view="months", page=None), "current": is_months},
    ]


def _months_page(request: Any, levels: Any, chips: Any) -> HttpResponse:
    """Every sitting of a year at once, drafts too, so that dates can be laid beside each other."""
    years = queries.years_of(levels)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else max(years, default=0)
    shown = queries.sittings_shown(levels.filter(plan__year=year))
    context = {
        "tabs": _tabs(request, is_months=True),
        "chips": chips,
        "flow": LEVEL_FLOW,
        "months": months_shown(shown),
        "years": [{"label": one, "value": one if n else "", "count": None} for n, one in enumerate(map(str, years))],
        "may_open": holds("registration.plan_open", request.actor),
    }
    return render(request, "registration/plan_months.html", context)


@permit("registration.plan_open")
def plan_create(request: Any) -> HttpResponse:
    organisation = queries.organisation_of(request.actor)
    if request.method == "POST":
        return _save(request, organisation, None)
    number = request.GET.get("number", "")
    wanted = int(number) if number.isdigit() and 1 <= int(number) <= 99 else 0
    words, slots = _first_words(request, organisation, wanted)
    form = PlanForm(organisation=organisation, initial=words)
    return _form_page(request, form, SlotTable(slots=slots), None)


def _first_words(request: Any, organisation: Any, asked: int) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """The guide's calendar as a beginning: its number, levels and hours, on days that are still ahead."""
    year = request.at.astimezone().year
    number = asked or queries.next_number(organisation, year)
    calendar, levels = queries.calendar_windows(organisation, number)
    if not calendar:
        calendar, levels = queries.calendar_windows(organisation, 1)
    notice = max((level.schemes.filter(label="").latest("created_at").notice_days for level in levels), default=30)
    slots = default_slots(calendar, notice, request.at)
    words: dict[str, Any] = {
        "year": year,
        "number": number,
        "title": str(say("{year} 年{name}", year=year, name=sitting_name(number))),
        "levels": [level.pk for level in levels],
    }
    if slots:
        window = default_window(slots[0].starts_at, notice, request.at)
        words |= {"registration_opens_at": window.starts_at, "registration_closes_at": window.ends_at}
    return words, slots


@permit("registration.plan_edit")
def plan_edit(request: Any, pk: str) -> HttpResponse:
    plan = get_or_404(queries.plans_seen_by(request.actor), pk=pk)
    if request.method == "POST":
        return _save(request, plan.organisation, plan)
    form = PlanForm(organisation=plan.organisation, initial=PlanForm.words_of(plan))
    return _form_page(request, form, SlotTable(slots=queries.windows_of(plan)), plan)


def _save(request: Any, organisation: Any, plan: ExamPlan | None) -> HttpResponse:
    form, table = PlanForm(request.POST, organisation=organisation), SlotTable(request.POST)
    is_right = form.is_valid()
    if not table.is_valid() or not is_right:
        return _form_page(request, form, table, plan, status=422)
    values, who = form.plan_input(table.slots), {"by": request.actor, "at": request.at}
    try:
        if plan is None:
            plan = services.open_plan(organisation, values, **who)
        else:
            plan = services.update_plan(plan, values, **who)
    except Refused as refused:
        return _form_page(request, form, table, plan, problems=refused.reasons, status=409)
    messages.success(request, str(say("已保存“{title}”。确认无误后请发布报名通知。", title=plan.title)))
    return redirect("registration:plan-detail", pk=plan.pk)


def _form_page(
    request: Any, form: PlanForm, table: SlotTable, plan: ExamPlan | None, *, problems: Any = (), status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "slots": table.rows,
        "plan": plan,
        "problems": problems,
        "numbers": [(n, sitting_name(n)) for n in range(1, 8)],
        "chosen": {str(value) for value in form["levels"].value() or ()},
        "level_rows": list(form.fields["levels"].queryset),  # type: ignore[attr-defined]
    }
    return render(request, "registration/plan_form.html", context, status=status)


@permit("registration.plan_see")
def plan_detail(request: Any, pk: str) -> HttpResponse:
    return _record(request, get_or_404(queries.plans_seen_by(request.actor), pk=pk))


def _record(
    request: Any, plan: ExamPlan, problems: Any = (), about: ExamPlanLevel | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor
    school = school_of(actor) if actor.role in OF_A_SCHOOL else None
    rows = list(queries.with_counts(queries.levels_seen_by(actor).filter(plan=plan), school))
    shown = [_level_shown(request, row) for row in rows]
    context = {
        "plan": plan,
        "slots": queries.windows_of(plan),
        "levels": shown,
        "flow": LEVEL_FLOW,
        "school": school,
        "may_edit": allows("registration.plan_edit", actor, plan)
        and all(row.state == PlanLevelState.DRAFT for row in rows),
        "may_put_off": allows("registration.plan_edit", actor, plan) and queries.may_be_put_off(plan, request.at),
        "entries": _told(plan, rows),
        "problems": problems,
        "about": about,
    }
    return render(request, "registration/plan_detail.html", context, status=status)


def _level_shown(request: Any, row: ExamPlanLevel) -> dict[str, Any]:
    """A level with its moves and what the organisation is warned about before it makes them."""
    may_manage = allows("registration.plan_manage", request.actor, row)
    # With a reason in hand warnings do not block the button, so they are asked for with one.
    moves = offers(LEVEL_FLOW, row, request.actor, request.at, facts=lambda level: queries.level_facts(level, "-"))
    warnings: list[Say] = []
    if may_manage and row.state == PlanLevelState.DRAFT:
        warnings = warnings_on_announce(queries.plan_facts(row), request.at)
    if may_manage and row.state == PlanLevelState.ANNOUNCED:
        warnings = warnings_on_close(queries.closing_facts(row, ""), request.at)
    return {
        "row": row,
        "is_open": is_open_for_entries(row.state, row.registration, request.at),
        "offers": [offer for offer in moves if _is_button(offer, bool(warnings))],
        "close": next((o for o in moves if o.name == "close" and warnings and o.is_open), None),
        "warnings": warnings,
        "reasons": CLOSE_REASONS,
        "sites": queries.site_counts(row) if may_manage and row.state in ANNOUNCED_STATES else (),
        "minimum": row.scheme.minimum_candidates,
    }


def _is_button(offer: Offer, is_warned: bool) -> bool:
    """Closing past a warning has its own form with the reason; taking a notice back is only offered while it may be."""
    if offer.name not in MANAGED or (offer.name == "retract" and not offer.is_open):
        return False
    return not (offer.name == "close" and is_warned and offer.is_open)


def _told(plan: ExamPlan, rows: list[ExamPlanLevel]) -> list[dict[str, Any]]:
    """What was done to the sitting and to each of its levels, newest first."""
    traces = [(trace, "") for trace in timeline_of(plan)]
    traces += [(trace, row.level.short_name) for row in rows for trace in timeline_of(row)]
    found = []
    for trace, name in sorted(traces, key=lambda pair: (pair[0].at, pair[0].created_at), reverse=True):
        move = next((step.label for step in LEVEL_FLOW.moves if step.name == trace.verb), None)
        found.append(
            {
                "who": trace.actor_label,
                "at": trace.at,
                "what": f"{move or VERBS.get(trace.verb, trace.verb)}{' · ' if name else ''}{name}",
                "note": _note_with_warnings(trace),
                "hat": Role(trace.hat).label,
                "state": LEVEL_FLOW.word(trace.to_state) if move else "",
                "tone": LEVEL_FLOW.tone(trace.to_state) if move else "neutral",
            }
        )
    return found


def _note_with_warnings(trace: Any) -> str:
    """The reason, and what was warned about when it was given."""
    warnings = [str(Say.from_json(one)) for one in trace.data.get("warnings", [])]
    lines = [trace.note] if trace.note else []
    if trace.verb == "reschedule":
        lines += _new_times(trace.data)
    if warnings:
        lines.append(str(say("当时的提示：{warnings}", warnings="；".join(warnings))))
    return "\n".join(lines)


def _new_times(data: dict[str, Any]) -> list[str]:
    """The edition of the notice, and both times."""
    before, after = (
        "、".join(str(Window(datetime.fromisoformat(start), datetime.fromisoformat(end))) for start, end in data[name])
        for name in ("before", "after")
    )
    return [str(say("第 {n} 版通知：原定 {before}，改为 {after}", n=data["version"], before=before, after=after))]


def _leave_to_others(row: ExamPlanLevel, name: str, actor: Actor) -> None:
    """Refuse what goes with papers, marks or results: by itself such a move would leave those behind."""
    own = next((one for one in LEVEL_FLOW.moves if one.name == name and name not in MANAGED), None)
    if own is not None and allows(own.permit, actor, row):
        raise Refused(say("这一步随考场、阅卷或成绩发布办理，不能在这里单独进行。"))


@permit("registration.plan_see")
@require_POST
def plan_level_move(request: Any, pk: str, move: str = "") -> HttpResponse:
    row = get_or_404(queries.levels_seen_by(request.actor), pk=pk)
    plan = get_or_404(queries.plans_seen_by(request.actor), pk=row.plan_id)
    name, note = move or request.POST.get("move", ""), request.POST.get("note", "")
    try:
        _leave_to_others(row, name, request.actor)
        moved = services.move_plan_level(row, name, by=request.actor, at=request.at, note=note)
    except Refused as refused:
        return _record(request, plan, problems=refused.reasons, about=row, status=409)
    done = say("“{level}”：{state}", level=row.level.short_name, state=LEVEL_FLOW.word(moved.state))
    messages.success(request, str(done))
    return redirect("registration:plan-detail", pk=plan.pk)
