"""批量办理: the queue as a sheet and back, and the preview of many decisions before they are made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.common import exports, sheets
from onex.common.actors import Role
from onex.common.pages import ActorRequest, get_or_404, permit, typed
from onex.common.text import Refused, say
from onex.pilots import decision_sheet, queries, services
from onex.pilots.models import DecisionBatch
from onex.pilots.queries import Effect, Waiting
from onex.pilots.rules import (
    DECISION_LABELS,
    DECISIONS,
    POSSIBLE,
    SIGNAL_MARKS,
    BatchSource,
    BatchState,
    Decision,
    Judged,
    Outlook,
    Signal,
    batch_label,
    corrections_end,
    counts_of,
    outlook,
    said_in,
    whole_number,
)
from onex.pilots.views.queueing import queue_asked
from onex.pilots.views.review import queue_page, still_waiting

SHOWN = 100  # lines of one kind on a page
LEAVE_OUT = "leave"  # in place of a decision: nothing is done for this line


def _office(request: ActorRequest) -> str:
    return "city" if request.actor.role == Role.CITY else "province"


@permit("pilots.queue_see")
def review_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the workbench shows, as a sheet to fill in."""
    queue = {one.pk: one for one in queue_asked(request)}
    rows = queries.applications_by_key(request.actor, list(queue))

    def line(row: Any) -> dict[str, Any]:
        light: Waiting = queue[row.pk]
        return {
            "school": row.school.name,
            "city": light.city,
            "certificate": row.level.short_name,
            "batch": f"{row.plan.year} {batch_label(row.plan.batch)}",
            "requested": row.requested_count,
            "signals": "、".join(str(SIGNAL_MARKS[one]) for one in Signal if one in light.signals),
            "submitted_at": f"{localtime(row.submitted_at):%Y-%m-%d %H:%M}",
            "assignee": row.assignee.name if row.assignee else "",
            "application": str(row.pk),
            "revision": str(row.revision),
        }

    office = _office(request)
    return exports.respond(
        request,
        _("试点申报审核表.xlsx"),
        decision_sheet.columns_for(office),
        rows,
        line,
        write=decision_sheet.writer_for(office),
    )


@permit("pilots.decide_many")
@require_POST
def batch_create(request: ActorRequest) -> HttpResponse:
    """The ticked applications with one decision, as a preview."""
    decision, note = typed(request.POST, "decision"), typed(request.POST, "note")
    try:
        rows = still_waiting(request, request.POST.getlist("pk"))
        batch = services.preview_ticked(rows, decision, note, by=request.actor, at=request.at)
    except Refused as refused:
        return queue_page(request, refused.reasons, status=409)
    return redirect("pilots:batch-detail", batch.pk)


@permit("pilots.decide_many")
def batch_import(request: ActorRequest) -> HttpResponse:
    """导入审核结果: a filled sheet becomes a preview."""
    problems: Any = ()
    if request.method == "POST":
        upload = request.FILES.get("sheet")
        try:
            if upload is None:
                raise Refused(say("请选择填好的审核表（.xlsx）。"))
            batch = services.preview_sheet(upload, decision_sheet.READ, by=request.actor, at=request.at)
        except Refused as refused:
            problems = refused.reasons
        else:
            return redirect("pilots:batch-detail", batch.pk)
    context = {
        "problems": problems,
        "how": decision_sheet.HOW[_office(request)],
        "batches": queries.batches_seen_by(request.actor)[:10],
        "flow": DECISIONS,
    }
    return render(request, "pilots/batch_import.html", context, status=422 if problems else 200)


@permit("pilots.decide_many")
def batch_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """What confirming would do, line by line and for the totals; nothing is decided yet."""
    return _batch_page(request, get_or_404(queries.batches_seen_by(request.actor), pk=pk))


def _batch_page(request: ActorRequest, batch: DecisionBatch, problems: Any = (), status: int = 200) -> HttpResponse:
    is_open = batch.state == BatchState.PREVIEW
    effect = queries.effect_of(queries.lines_of(batch), request.actor, request.at) if is_open else None
    counts = counts_of(effect.judged) if effect else batch.counts
    decided = [one for one in effect.judged if one.decision] if effect else []
    bad = [one for one in effect.judged if one.reason] if effect else []
    done = _done(batch, request) if batch.state == BatchState.DONE else []
    context = {
        "batch": batch,
        "flow": DECISIONS,
        "is_open": is_open,
        "is_sheet": batch.source == BatchSource.SHEET,
        "counts": [
            {"label": DECISION_LABELS[one], "n": counts.get(one.value, 0), "tone": TONES.get(one, "")}
            for one in Decision
            if counts.get(one.value)
        ],
        "bad_count": counts.get("bad", 0),
        "same_count": counts.get("same", 0),
        "doable": len(decided),
        "lines": [_shown(one, effect, request) for one in decided[:SHOWN]] if effect else [],
        "more": max(len(decided) - SHOWN, 0),
        "bad": [_shown(one, effect, request) for one in bad[:SHOWN]] if effect else [],
        "done": done[:SHOWN],
        "more_done": max(len(done) - SHOWN, 0),
        "leave_out": LEAVE_OUT,
        "grants": _office(request) == "province",
        "more_bad": max(len(bad) - SHOWN, 0),
        "effect": effect,
        "problems": problems,
    }
    return render(request, "pilots/batch_detail.html", context, status=status)


TONES = {Decision.APPROVE: "good", Decision.PASS: "good", Decision.REJECT: "bad"}


def _done(batch: DecisionBatch, request: ActorRequest) -> list[dict[str, Any]]:
    """What was decided, line by line, as it was confirmed."""
    found = []
    for line in queries.lines_of(batch):
        decision = said_in(line, by_city=_office(request) == "city")
        if decision is not None:
            count = whole_number(line.approved_count) if decision == Decision.APPROVE else None
            shown = {"word": DECISION_LABELS[decision], "tone": TONES.get(decision, "warn"), "count": count}
            found.append(shown | {"line": line, "key": UUID(line.application.strip())})
    return found


def _shown(one: Judged, effect: Effect, request: ActorRequest) -> dict[str, Any]:
    row = queries.application_of(effect, one)
    late, said = Outlook.FINE, said_in(one.line, by_city=_office(request) == "city")
    if row is not None and one.decision == Decision.RETURN:
        late = outlook(corrections_end(row.plan.closes_at, row.plan.corrections_until), request.at)
    return {
        "judged": one,
        "line": one.line,
        "row": row,
        "word": DECISION_LABELS[said] if said else one.line.decision,
        "tone": TONES.get(one.decision, "warn") if one.decision else "neutral",
        "value": getattr(one.line, one.column, "") if one.column else "",
        "is_late": late == Outlook.PAST,
        "counts": one.decision == Decision.APPROVE,
        "possible": [(it.value, DECISION_LABELS[it], it == said) for it in _possible(row)] if one.is_mendable else [],
    }


def _possible(row: Any) -> tuple[Decision, ...]:
    """What may be concluded of this application as it stands."""
    return next((found for state, found in POSSIBLE.items() if row is not None and row.state == state), ())


@permit("pilots.decide_many")
@require_POST
def batch_move(request: ActorRequest, pk: UUID, move: str = "") -> HttpResponse:
    """确认办理 or 放弃; with `then=check` the numbers and reasons typed into the preview are kept and judged again."""
    batch = get_or_404(queries.batches_seen_by(request.actor), pk=pk)
    name = move or typed(request.POST, "move")
    who: dict[str, Any] = {"by": request.actor, "at": request.at}
    try:
        if batch.state == BatchState.PREVIEW and name == "confirm":
            batch = services.change_batch(batch, *_typed_lines(request), **who)
        if request.POST.get("then") == "check":
            return redirect("pilots:batch-detail", pk)
        if name == "confirm":
            batch = services.confirm_batch(batch, **who)
            n = sum(batch.counts.get(one.value, 0) for one in Decision)
            messages.success(request, _("已办理 %(n)s 份申报。") % {"n": n})
            return redirect("pilots:batch-detail", pk)
        if name == "drop":
            services.drop_batch(batch, **who)
            messages.success(request, _("已放弃，没有办理任何申报。"))
            return redirect("pilots:review-queue")
        raise Refused(say("没有这个操作。"))
    except Refused as refused:
        batch = get_or_404(queries.batches_seen_by(request.actor), pk=pk)
        return _batch_page(request, batch, refused.reasons, status=409)


def _typed_lines(request: ActorRequest) -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Numbers, reasons and decisions typed into the preview; of a line that is left out nothing remains."""
    counts, notes, decisions = (_by_row(request, one) for one in ("count", "note", "decision"))
    for row, decision in decisions.items():
        if decision == LEAVE_OUT:
            counts[row] = notes[row] = decisions[row] = ""
    return counts, notes, decisions


def _by_row(request: ActorRequest, name: str) -> dict[int, str]:
    """What was typed for single lines: `count-3` for the third."""
    found = {}
    for key in request.POST:
        head, _dash, row = key.partition("-")
        if head == name and row.isascii() and row.isdigit() and len(row) < 9:
            found[int(row)] = typed(request.POST, key)[:1_100]
    return found


@permit("pilots.decide_many")
def batch_errors(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The wrong lines as they were, each with its reason, in the sheet's own columns: to be mended and sent again."""
    batch = get_or_404(queries.batches_seen_by(request.actor), pk=pk)
    effect = queries.effect_of(queries.lines_of(batch), request.actor, request.at)
    office = _office(request)
    columns = (
        *[one for one in decision_sheet.columns_for(office) if one.key in ("school", "certificate")],
        *[one for key, one in decision_sheet.TYPED.items() if key != "approved_count" or office == "province"],
        *decision_sheet.IDENTITY,
        sheets.Column("row", "原行号", 10),
        sheets.Column("column", "有误的列", 12),
        sheets.Column("reason", "原因", 60),
    )
    rows = [
        {
            "school": one.line.school,
            "certificate": one.line.certificate,
            "decision": one.line.decision,
            "approved_count": one.line.approved_count,
            "note": one.line.note,
            "application": one.line.application,
            "revision": one.line.revision,
            "row": one.line.row,
            "column": str(one.column_label),
            "reason": str(one.reason),
        }
        for one in effect.judged
        if one.reason is not None
    ]
    return exports.respond(
        request,
        _("审核表有误的行.xlsx"),
        columns,
        rows,
        subject=batch,
        write=decision_sheet.writer_for(office),
    )
