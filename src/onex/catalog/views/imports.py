"""开设专业 from a sheet: template, preview, confirmation.

The preview keeps nothing on the server: its rows come back with the confirmation and are judged anew.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from onex.accounts.models import School
from onex.accounts.queries import school_to_edit
from onex.catalog.forms import MajorsFileForm
from onex.catalog.queries.school_majors import judged_lines
from onex.catalog.rules.school_majors import MOST_ROWS, SheetLine, Verdict, counts_of
from onex.catalog.services.school_majors import import_majors
from onex.catalog.views.school_majors import COLUMNS
from onex.common import sheets
from onex.common.pages import ActorRequest, get_or_404, permit, typed
from onex.common.text import Refused, say

WORDS = {
    Verdict.BAD: (say("有误"), "bad"),
    Verdict.NEW: (say("新增"), "good"),
    Verdict.CHANGED: (say("更新"), "info"),
    Verdict.SAME: (say("相同"), "neutral"),
}


@permit("accounts.school_edit")
def major_template(request: ActorRequest) -> HttpResponse:
    """An empty list with its columns."""
    return sheets.respond(_("开设专业模板.xlsx"), COLUMNS, ())


@permit("accounts.school_edit")
def major_import(request: ActorRequest) -> HttpResponse:
    """Choose a file, look at what it would do, confirm. `lines` are the rows of a file that was looked at."""
    school = get_or_404(school_to_edit(request.actor))
    if request.method != "POST":
        return _choose(request, MajorsFileForm())
    if "lines" in request.POST:
        return _confirm(request, school)
    form = MajorsFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _choose(request, form, status=422)
    try:
        lines = _read(form.cleaned_data["file"])
    except Refused as refused:
        return _choose(request, MajorsFileForm(), problems=refused.reasons, status=422)
    return _preview(request, school, lines)


def _read(upload: Any) -> list[SheetLine]:
    rows = sheets.read(upload, COLUMNS)
    if not rows:
        raise Refused(say("文件中没有专业：请从模板的第 2 行开始填写。"))
    if len(rows) > MOST_ROWS:
        raise Refused(say("一次最多导入 {n} 个专业。", n=MOST_ROWS))
    return [
        SheetLine(row.number, row.cells.get("code", ""), row.cells.get("name", ""), row.cells.get("department", ""))
        for row in rows
    ]


def _choose(request: ActorRequest, form: MajorsFileForm, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {"form": form, "columns": COLUMNS, "problems": problems}
    return render(request, "catalog/major_import.html", context, status=status)


def _preview(
    request: ActorRequest, school: School, lines: list[SheetLine], problems: Any = (), status: int = 200
) -> HttpResponse:
    rows = judged_lines(school, lines)
    counts = counts_of(rows)
    renewed = counts_of(judged_lines(school, lines, renews=True)) if not counts["bad"] else {"bad": 1}
    order = list(WORDS)
    shown = [
        (one, *WORDS[one.verdict]) for one in sorted(rows, key=lambda one: (order.index(one.verdict), one.line.number))
    ]
    olds = sum(one.is_renewable for one in rows)
    context = {
        "rows": shown,
        "counts": counts,
        "writes": counts["new"] + counts["changed"],
        "olds": olds if not renewed["bad"] else 0,
        "payload": json.dumps([[one.number, one.code, one.name, one.department] for one in lines], ensure_ascii=False),
        "problems": problems,
    }
    return render(request, "catalog/major_preview.html", context, status=status)


def _confirm(request: ActorRequest, school: School) -> HttpResponse:
    try:
        lines = _lines(typed(request.POST, "lines"))
    except (ValueError, RecursionError):
        return _choose(request, MajorsFileForm(), problems=[_("预览的内容不完整，请重新上传文件。")], status=422)
    renews = typed(request.POST, "then") == "renew"
    try:
        counts = import_majors(school, lines, renews=renews, by=request.actor, at=request.at)
    except Refused as refused:
        return _preview(request, school, lines, problems=refused.reasons, status=409)
    told = _("已导入：新增 %(new)s 个，更新 %(changed)s 个专业。")
    messages.success(request, told % {"new": counts["new"], "changed": counts["changed"]})
    return redirect("catalog:major-list")


def _lines(text: str) -> list[SheetLine]:
    """The rows that the preview sent along. Raises ValueError for anything that it cannot have sent."""
    rows = json.loads(text)
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_ROWS:
        raise ValueError(len(rows) if isinstance(rows, list) else 0)
    found = []
    for row in rows:
        match row:
            case [int(number), str(code), str(name), str(department)]:
                found.append(SheetLine(number, code[:40], name[:200], department[:100]))
            case _:
                raise ValueError(row)
    return found
