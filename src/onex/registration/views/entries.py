"""Pages of entries: who may be entered and why not, the list, decisions, the statement of fees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common import exports, reveal, sheets
from onex.common.actors import OF_A_SCHOOL, Role
from onex.common.masks import mask_id_number, mask_phone
from onex.common.moves import offers
from onex.common.pages import chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, say
from onex.registration import queries, services
from onex.registration.forms import PLEASE_CHOOSE, OfferForm
from onex.registration.models import Entry
from onex.registration.rules.entries import ENTRY_FLOW, EntryState
from onex.registration.rules.plans import PlanLevelState
from onex.registration.rules.roster import LABELS

PERSONAL = {
    "id_number": reveal.Fact(LABELS["id_number"], "student.id_number", mask_id_number),
    "phone": reveal.Fact(LABELS["phone"], "student.phone", mask_phone),
}
RETURN_REASONS = (
    say("姓名与身份证号不一致，请核实"),
    say("照片或材料不符合要求"),
    say("请改报其他考核站点"),
)
SORTS = {"name": "student__name", "school": "student__school__name", "submitted": "submitted_at", "fee": "fee_fen"}
PAGE = 200  # candidates on one page of the dry run


# --- entering ----------------------------------------------------------------------------------------------------


@permit("registration.entry_create")
def entry_create(request: Any) -> HttpResponse:
    """GET chooses and rehearses; POST enters `students` (or, with `all`, everybody of the filter who may)."""
    school = school_of(request.actor)
    given = request.POST if request.method == "POST" else request.GET
    levels = queries.levels_seen_by(request.actor).filter(state=PlanLevelState.ANNOUNCED)
    form = OfferForm(given or None, school=school, levels=levels)
    if not given.get("plan_level"):
        return _entering(request, OfferForm(None, school=school, levels=levels), levels)
    if not form.is_valid():
        waits = request.method == "GET" and "site" in form.errors and not given.get("site")
        if waits:  # the level was chosen first: now its sites can be offered
            form.errors.clear()
        return _entering(
            request, form, levels, problems=() if waits else (PLEASE_CHOOSE,), status=200 if waits else 422
        )
    chosen = form.cleaned_data
    offer = queries.offer_to(school, chosen["plan_level"], chosen["site"], chosen["slot"])
    picked = _picked(request, given)
    if request.method == "POST":
        return _enter(request, form, levels, offer, picked)
    return _entering(request, form, levels, offer=offer, picked=picked)


def _picked(request: Any, given: Any) -> Any:
    rows = queries.students_found(queries.students_seen_by(request.actor).defer("phone"), typed(given, "q"))
    return queries.students_picked(rows, *(typed(given, one) for one in ("year", "major", "class")))


def _enter(request: Any, form: OfferForm, levels: Any, offer: queries.Offer, picked: Any) -> HttpResponse:
    if request.POST.get("all"):
        students = [one.student for one in queries.rehearse(offer, picked) if one.may]
    else:
        wanted = {pk for text in request.POST.getlist("students") if (pk := _uuid(text)) is not None}
        students = list(queries.students_seen_by(request.actor).filter(pk__in=wanted))
    try:
        entered = services.register(
            offer.school,
            offer.plan_level,
            students,
            offer.site,
            slot=offer.slot,
            by=request.actor,
            at=request.at,
        )
    except Refused as refused:
        ticked = {student.pk for student in students}
        return _entering(
            request, form, levels, offer=offer, picked=picked, ticked=ticked, problems=refused.reasons, status=409
        )
    messages.success(request, str(say("已为 {n} 名学生报名，等待培训评价组织受理。", n=len(entered))))
    return redirect(f"{reverse('registration:entry-list')}?{urlencode({'plan_level': str(offer.plan_level.pk)})}")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _entering(
    request: Any,
    form: OfferForm,
    levels: Any,
    *,
    offer: queries.Offer | None = None,
    picked: Any = None,
    ticked: set[UUID] | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "offer": offer,
        "problems": problems,
        "has_levels": levels.exists(),
        "has_sites": form.chosen is None or queries.sites_for(school_of(request.actor), form.chosen).exists(),
        "given": request.POST if request.method == "POST" else request.GET,
    }
    if offer is not None:
        candidates = queries.rehearse(offer, picked)
        candidates.sort(key=lambda one: not one.may)  # who may be entered comes first; else in the roster's order
        able = [one for one in candidates if one.may]
        show = context["given"].get("show", "")
        shown = able if show == "may" else [one for one in candidates if not one.may] if show == "not" else candidates
        context |= {
            "page": page_of(request, shown, PAGE),
            "chips": [
                {"label": say("全部"), "value": "", "count": len(candidates)},
                {"label": say("可报名"), "value": "may", "count": len(able)},
                {"label": say("不可报名"), "value": "not", "count": len(candidates) - len(able)},
            ],
            "able_count": len(able),
            "ticked": ticked or set(),
            "choices": queries.choices_of(queries.students_seen_by(request.actor)),
            "offer_problems": offer.problems(request.at),
            "fee_fen": offer.plan_level.level.fee_fen,
        }
    return render(request, "registration/entry_create.html", context, status=status)


# --- entries -----------------------------------------------------------------------------------------------------


@permit("registration.entry_see")
def entry_list(request: Any) -> HttpResponse:
    return _list(request)


def _list(request: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    rows = _filtered(request, with_state=False)
    counts = queries.entry_counts(rows)
    chips = chips_of(counts, ENTRY_FLOW.labels)
    context = {
        "page": page_of(request, _filtered(request), 50),
        "chips": chips,
        "flow": ENTRY_FLOW,
        "levels": queries.levels_seen_by(request.actor),
        "is_school": request.actor.role in OF_A_SCHOOL,
        "may_enter": holds("registration.entry_create", request.actor),
        "may_review": holds("registration.entry_review", request.actor),
        "waiting_count": counts.get(EntryState.SUBMITTED, 0),
        "export": reverse("registration:entry-export"),
        "problems": problems,
    }
    return render(request, "registration/entry_list.html", context, status=status)


def _filtered(request: Any, with_state: bool = True) -> Any:
    given = request.GET
    rows = queries.entries_found(queries.entries_seen_by(request.actor), typed(given, "q"))
    if (level := _uuid(given.get("plan_level", ""))) is not None:
        rows = rows.filter(plan_level=level)
    state = given.get("state", "")
    if with_state and state in {s.value for s in EntryState}:
        rows = rows.filter(state=state)
    return sorted_by(request, rows, SORTS)


@permit("registration.entry_see")
def entry_export(request: Any) -> HttpResponse:
    """Exactly what the list shows, ID numbers masked as there."""
    columns = (
        sheets.Column("plan", say("统考"), 20),
        sheets.Column("level", say("证书等级"), 30),
        sheets.Column("school", say("院校"), 26),
        sheets.Column("name", say("姓名"), 12),
        sheets.Column("id_number", say("身份证号"), 22),
        sheets.Column("student_no", say("学号"), 16),
        sheets.Column("major", say("专业"), 26),
        sheets.Column("class_name", say("班级"), 16),
        sheets.Column("site", say("考核站点"), 44),
        sheets.Column("slot", say("考试时段"), 26),
        sheets.Column("fee", say("考核费用（元）"), 14, as_text=False),
        sheets.Column("state", say("状态"), 10),
        sheets.Column("submitted", say("报名时间"), 18),
    )

    def line(row: Any) -> dict[str, Any]:
        return {
            "plan": row.plan_level.plan.title,
            "level": row.plan_level.level.name,
            "school": row.student.school.name,
            "name": row.student.name,
            "id_number": row.student.masked_id_number,
            "student_no": row.student.student_no,
            "major": f"{row.student.major_code} {row.student.major_name}",
            "class_name": row.student.class_name,
            "site": row.site.name,
            "slot": str(row.slot or say("统一编排")),
            "fee": row.fee_fen / 100,
            "state": str(ENTRY_FLOW.word(row.state)),
            "submitted": f"{localtime(row.submitted_at):%Y-%m-%d %H:%M}",
        }

    return exports.respond(request, str(say("报名名单.xlsx")), columns, _filtered(request), line)


@permit("registration.entry_see")
def entry_detail(request: Any, pk: str) -> HttpResponse:
    return _record(request, get_or_404(queries.entries_seen_by(request.actor), pk=pk))


def _record(request: Any, entry: Entry, problems: Any = (), status: int = 200) -> HttpResponse:
    facts = services.entries.deadline_facts(entry.plan_level)
    context = {
        "entry": entry,
        "student": entry.student,
        "masked": reveal.masked(PERSONAL, entry),
        "may_reveal": allows("registration.entry_reveal", request.actor, entry),
        "flow": ENTRY_FLOW,
        "offers": offers(ENTRY_FLOW, entry, request.actor, request.at, facts=lambda _: facts),
        "canned": {"return": RETURN_REASONS},
        "entries": [_told(trace) for trace in timeline_of(entry)][::-1],
        "problems": problems,
    }
    return render(request, "registration/entry_detail.html", context, status=status)


@permit("registration.entry_reveal")
@require_POST
def entry_reveal(request: Any, pk: str, field: str) -> HttpResponse:
    return reveal.answer(request, get_or_404(queries.entries_to_reveal(request.actor), pk=pk), PERSONAL, field)


def _told(trace: Any) -> dict[str, Any]:
    move = next((step.label for step in ENTRY_FLOW.moves if step.name == trace.verb), say("报名"))
    return {
        "who": trace.actor_label,
        "at": trace.at,
        "what": move,
        "note": trace.note,
        "hat": Role(trace.hat).label,
        "state": ENTRY_FLOW.word(trace.to_state),
        "tone": ENTRY_FLOW.tone(trace.to_state),
    }


@permit("registration.entry_see")
@require_POST
def entry_move(request: Any, pk: str, move: str = "") -> HttpResponse:
    entry = get_or_404(queries.entries_seen_by(request.actor), pk=pk)
    name, note = move or request.POST.get("move", ""), request.POST.get("note", "")
    try:
        moved = services.move_entry(entry, name, by=request.actor, at=request.at, note=note)
    except Refused as refused:
        entry.refresh_from_db()
        return _record(request, entry, problems=refused.reasons, status=409)
    done = say("“{student}”：{state}", student=entry.student.name, state=ENTRY_FLOW.word(moved.state))
    messages.success(request, str(done))
    return redirect("registration:entry-detail", pk=pk)


@permit("registration.entry_review")
@require_POST
def entry_accept(request: Any) -> HttpResponse:
    """Accept the ticked ones (`pk`), or with `all` everything of the list that waits."""
    rows = _filtered(request, with_state=False).filter(state=EntryState.SUBMITTED)
    if not request.POST.get("all"):
        wanted = {pk for text in request.POST.getlist("pk") if (pk := _uuid(text)) is not None}
        rows = queries.entries_seen_by(request.actor).filter(pk__in=wanted)
    try:
        count = services.accept_entries(rows, by=request.actor, at=request.at)
        if not count:
            raise Refused(say("没有选择待受理的报名"))
    except Refused as refused:
        return _list(request, problems=refused.reasons, status=409)
    messages.success(request, str(say("已受理 {n} 名考生的报名。", n=count)))
    kept = urlencode({name: value for name, value in request.GET.items() if name != "page"})
    return redirect(f"{reverse('registration:entry-list')}?{kept}")


# --- fees --------------------------------------------------------------------------------------------------------


@permit("registration.fee_see")
def fee_statement(request: Any) -> HttpResponse:
    rows = queries.statement(_billed(request))
    context = {
        "rows": rows,
        "totals": queries.totals_of(rows),
        "levels": queries.levels_seen_by(request.actor),
        "is_school": request.actor.role in OF_A_SCHOOL,
        "export": reverse("registration:fee-export"),
    }
    return render(request, "registration/fee_statement.html", context)


def _billed(request: Any) -> Any:
    """The entries that the statement adds up: who may not see candidates does not find them by their sums either."""
    if holds("registration.entry_see", request.actor):
        return _filtered(request)
    rows = queries.entries_billed_to(request.actor)
    level = _uuid(request.GET.get("plan_level", ""))
    return rows.filter(plan_level=level) if level is not None else rows


@permit("registration.fee_see")
def fee_export(request: Any) -> HttpResponse:
    columns = (
        sheets.Column("plan", say("统考"), 20),
        sheets.Column("level", say("证书等级"), 30),
        sheets.Column("school", say("院校"), 28),
        sheets.Column("fee", say("单价（元/人次）"), 14, as_text=False),
        sheets.Column("accepted_count", say("已受理（人）"), 12, as_text=False),
        sheets.Column("waiting_count", say("待受理（人）"), 12, as_text=False),
        sheets.Column("amount", say("应缴金额（元）"), 16, as_text=False),
    )
    rows = queries.statement(_billed(request))
    lines = [row | {"fee": row["fee_fen"] / 100, "amount": row["amount_fen"] / 100} for row in rows]
    totals = queries.totals_of(rows)
    foot = totals | {"plan": str(say("合计")), "amount": totals["amount_fen"] / 100}
    return exports.respond(request, str(say("考核费用.xlsx")), columns, [*lines, foot])
