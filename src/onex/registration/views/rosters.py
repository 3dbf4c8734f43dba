"""Pages of the roster: list, template, upload, preview, confirmation, the sheet of wrong rows."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common import exports, reveal, sheets
from onex.common.masks import mask_id_number, mask_phone
from onex.common.moves import offers
from onex.common.pages import get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.text import Refused, say
from onex.registration import queries, services
from onex.registration.forms import PhotoForm, RosterForm, ticks_in
from onex.registration.models import RosterImport, Student
from onex.registration.rules import merging
from onex.registration.rules.entries import ENTRY_FLOW
from onex.registration.rules.plans import BEIJING
from onex.registration.rules.roster import (
    ERROR_HEADS,
    HEADS,
    LABELS,
    ROSTER_FLOW,
    ConfirmFacts,
    Judged,
    RosterState,
    Verdict,
    counts_of,
)
from onex.registration.services.rosters import COLUMNS
from onex.registration.views.accounts import offered

SORTS = {"name": "name", "number": "student_no", "year": "entry_year", "major": "major_code", "class": "class_name"}
PERSONAL = {
    "id_number": reveal.Fact(LABELS["id_number"], "id_number", mask_id_number),
    "phone": reveal.Fact(LABELS["phone"], "phone", mask_phone),
}
SHOWN = 100  # rows of one verdict on the preview; the sheet has them all


@permit("registration.student_see")
def student_list(request: Any) -> HttpResponse:
    every = queries.students_seen_by(request.actor)
    context = {
        "page": page_of(request, _filtered(request)),
        "is_empty": not every.exists(),
        "choices": queries.choices_of(every),
        "waiting": queries.open_import(school_of(request.actor)),
        "export": reverse("registration:student-export"),
    }
    return render(request, "registration/student_list.html", context)


def _filtered(request: Any) -> Any:
    given = request.GET
    rows = queries.students_found(queries.students_seen_by(request.actor), typed(given, "q"))
    rows = queries.students_picked(rows, *(typed(given, one) for one in ("year", "major", "class")))
    return sorted_by(request, rows, SORTS)


@permit("registration.student_see")
def student_export(request: Any) -> HttpResponse:
    """Exactly what the list shows, ID numbers masked as there."""
    columns = (
        sheets.Column("name", LABELS["name"], 12),
        sheets.Column("id_number", LABELS["id_number"], 22),
        sheets.Column("gender", LABELS["gender"], 8),
        sheets.Column("student_no", LABELS["student_no"], 16),
        sheets.Column("entry_year", LABELS["entry_year"], 10),
        sheets.Column("major_code", LABELS["major_code"], 12),
        sheets.Column("major_name", LABELS["major_name"], 22),
        sheets.Column("class_name", LABELS["class_name"], 18),
        sheets.Column("live_count", say("有效报名"), 10, as_text=False),
    )

    def line(row: Any) -> dict[str, Any]:
        return {
            "name": row.name,
            "id_number": row.masked_id_number,
            "gender": row.gender_label,
            "student_no": row.student_no,
            "entry_year": str(row.entry_year),
            "major_code": row.major_code,
            "major_name": row.major_name,
            "class_name": row.class_name,
            "live_count": row.live_count,
        }

    return exports.respond(request, str(say("学生名单.xlsx")), columns, _filtered(request), line)


@permit("registration.student_import")
def student_template(request: Any) -> HttpResponse:
    """An empty roster whose columns keep every digit."""
    return sheets.respond(str(say("学生名单模板.xlsx")), COLUMNS, ())


@permit("registration.student_import")
def student_import(request: Any) -> HttpResponse:
    is_sent = request.method == "POST"
    form = RosterForm(request.POST, request.FILES) if is_sent else RosterForm()
    problems: Any = ()
    status = 200
    if is_sent:
        status = 422
        if form.is_valid():
            try:
                roster = services.preview_students(
                    school_of(request.actor), form.cleaned_data["file"], by=request.actor, at=request.at
                )
            except Refused as refused:
                problems = refused.reasons
            else:
                return redirect("registration:import-detail", pk=roster.pk)
    context = {
        "form": form,
        "problems": problems,
        "heads": HEADS,
        "imports": queries.imports_seen_by(request.actor)[:10],
        "flow": ROSTER_FLOW,
    }
    return render(request, "registration/student_import.html", context, status=status)


@permit("registration.student_see")
def import_detail(request: Any, pk: str) -> HttpResponse:
    return _preview(request, get_or_404(queries.imports_seen_by(request.actor), pk=pk))


def _judged(request: Any, roster: RosterImport) -> list[Judged]:
    return queries.judged_rows(roster, request.at.astimezone(BEIJING).date())


def _preview(
    request: Any,
    roster: RosterImport,
    problems: Any = (),
    status: int = 200,
    ticks: merging.Ticks = merging.NONE,
) -> HttpResponse:
    rows = _judged(request, roster)
    by_verdict = {
        verdict: list(found) for verdict, found in groupby(sorted(rows, key=_verdict), key=lambda one: one.verdict)
    }
    counts = counts_of(rows) if roster.state == RosterState.PREVIEW else roster.counts
    bad = by_verdict.get(Verdict.BAD, [])
    context = {
        "roster": roster,
        "unread": "、".join(queries.unread_columns(roster)),
        "flow": ROSTER_FLOW,
        "is_open": roster.state == RosterState.PREVIEW,
        "counts": counts,
        "bad": [(one, one.line.cells.get("name", ""), one.line.cells.get(one.column, "")) for one in bad[:SHOWN]],
        "changed": [(one, _told(one, ticks)) for one in by_verdict.get(Verdict.CHANGED, [])[:SHOWN]],
        "columns": [
            (column, LABELS[column], count, column in ticks.columns)
            for column, count in merging.changes_by_column(rows).items()
        ],
        "seen": merging.seen_of(rows),
        "new": by_verdict.get(Verdict.NEW, [])[:10],
        "offers": offers(ROSTER_FLOW, roster, request.actor, request.at, facts=lambda _: ConfirmFacts(counts)),
        "problems": problems,
        "shown": SHOWN,
    }
    return render(request, "registration/import_detail.html", context, status=status)


def _told(row: Judged, ticks: merging.Ticks) -> list[dict[str, Any]]:
    """The changes of a row: what each would be, and whether it has a tick of its own or goes with another column."""
    return [
        {
            "column": column,
            "label": LABELS[column],
            "before": before,
            "after": after,
            "goes_with": LABELS[leading] if (leading := merging.leading_of(row, column)) != column else "",
            "is_ticked": (row.number, column) in ticks.cells,
        }
        for column, before, after in row.changes
    ]


def _verdict(one: Judged) -> str:
    return str(one.verdict)


@permit("registration.student_see")
def import_errors(request: Any, pk: str) -> HttpResponse:
    """The wrong rows as they were, each with its reason, in the template's own columns: to be mended and sent again."""
    roster = get_or_404(queries.imports_seen_by(request.actor), pk=pk)
    columns = (
        *COLUMNS,
        sheets.Column("row", ERROR_HEADS["row"], 10),
        sheets.Column("column", ERROR_HEADS["column"], 14),
        sheets.Column("reason", ERROR_HEADS["reason"], 60),
    )
    rows = [
        {**one.line.cells, "row": one.number, "column": str(one.column_label), "reason": str(one.reason)}
        for one in _judged(request, roster)
        if one.verdict == Verdict.BAD
    ]
    return exports.respond(request, str(say("学生名单有误的行.xlsx")), columns, rows, subject=roster)


@permit("registration.student_see")
def import_changes(request: Any, pk: str) -> HttpResponse:
    """Every change that the file asks for, a line for each: to be gone through where the page shows only the first."""
    roster = get_or_404(queries.imports_seen_by(request.actor), pk=pk)
    columns = (
        sheets.Column("row", say("原行号"), 10),
        sheets.Column("name", LABELS["name"], 12),
        sheets.Column("student_no", LABELS["student_no"], 16),
        sheets.Column("column", say("列"), 14),
        sheets.Column("before", say("学生库中"), 24),
        sheets.Column("after", say("文件中"), 24),
    )
    rows = [
        {
            "row": one.number,
            "name": one.known.pupil.name,
            "student_no": one.known.pupil.student_no,
            "column": str(LABELS[column]),
            # Masked as wherever somebody's number leaves the house: which row it is says the rest.
            "before": mask_phone(before) if column == "phone" else before,
            "after": mask_phone(after) if column == "phone" else after,
        }
        for one in _judged(request, roster)
        if one.known is not None
        for column, before, after in one.changes
    ]
    return exports.respond(request, str(say("学生名单的改动.xlsx")), columns, rows, subject=roster)


@permit("registration.student_write")
@require_POST
def import_move(request: Any, pk: str, move: str = "") -> HttpResponse:
    roster = get_or_404(queries.imports_seen_by(request.actor), pk=pk)
    name = move or request.POST.get("move", "")
    ticks = ticks_in(request.POST)
    try:
        if name == "confirm":
            roster = services.import_students(roster, by=request.actor, at=request.at, ticks=ticks)
            counts = roster.counts
            messages.success(
                request,
                str(say("已导入：新增 {new} 人，更新 {changed} 人。", new=counts["new"], changed=counts["changed"])),
            )
            if counts["kept"]:
                messages.info(request, str(say("{n} 人的改动没有勾选，学生库中保持原样。", n=counts["kept"])))
            return redirect("registration:student-list")
        if name != "discard":
            raise Refused(say("没有这个操作"))
        services.discard_import(roster, by=request.actor, at=request.at)
    except Refused as refused:
        return _preview(request, roster, problems=refused.reasons, status=409, ticks=ticks)
    messages.success(request, str(say("已放弃本次导入，没有写入任何学生。")))
    return redirect("registration:student-import")


@permit("registration.student_see")
def student_detail(request: Any, pk: str) -> HttpResponse:
    return student_page(request, get_or_404(queries.students_seen_by(request.actor), pk=pk))


def student_page(
    request: Any, student: Student, *, photo_form: PhotoForm | None = None, problems: Any = (), status: int = 200
) -> HttpResponse:
    account = queries.accounts_seen_by(request.actor).filter(pk=student.pk).select_related("slip", "user").first()
    state = queries.account_state_of(account, request.at) if account is not None else None
    context = {
        "student": student,
        "account": account,
        "account_state": state,
        "offered": offered(state) if state is not None else {},
        "photo": queries.photo_of(student),
        "photo_form": (photo_form or PhotoForm()) if holds("registration.photo_write", request.actor) else None,
        "may_write": holds("registration.student_write", request.actor),
        "masked": reveal.masked(PERSONAL, student),
        "may_reveal": allows("registration.student_reveal", request.actor, student),
        "entries": queries.entries_seen_by(request.actor).filter(student=student),
        "flow": ENTRY_FLOW,
        "problems": problems,
    }
    return render(request, "registration/student_detail.html", context, status=status)


@permit("registration.student_reveal")
@require_POST
def student_reveal(request: Any, pk: str, field: str) -> HttpResponse:
    student = get_or_404(queries.students_to_reveal(request.actor), pk=pk)
    return reveal.answer(request, student, PERSONAL, field)


@permit("registration.student_write")
@require_POST
def student_remove(request: Any, pk: str) -> HttpResponse:
    student = get_or_404(queries.students_seen_by(request.actor), pk=pk)
    try:
        services.remove_student(student, by=request.actor, at=request.at)
    except Refused as refused:
        return student_page(request, student, problems=refused.reasons, status=409)
    messages.success(request, str(say("已从学生库中删除“{student}”。", student=student)))
    return redirect("registration:student-list")
