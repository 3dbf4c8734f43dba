"""Pages of results: the organisation releases, schools and authorities look."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex.common import sheets
from onex.common.moves import offers
from onex.common.pages import get_or_404, page_of, permit
from onex.common.queries import timeline_of
from onex.common.text import Refused, Say, say
from onex.results import queries, services
from onex.results.rules import RELEASE

COLUMNS = (
    sheets.Column("plan", say("考试计划"), 24),
    sheets.Column("level", say("证书等级"), 26),
    sheets.Column("school", say("院校"), 28),
    sheets.Column("name", say("姓名")),
    sheets.Column("student_no", say("学号")),
    sheets.Column("ticket_no", say("准考证号"), 18),
    sheets.Column("theory", say("理论考核成绩"), as_text=False),
    sheets.Column("practical", say("实训考核成绩"), as_text=False),
    sheets.Column("decision", say("结论"), 10),
)


@permit("results.see")
def result_list(request: Any) -> HttpResponse:
    found = queries.results_seen_by(request.actor, request.GET.get("q", "").strip())
    return render(request, "results/result_list.html", {"page": page_of(request, found), "flow": RELEASE})


@permit("results.see")
def result_export(request: Any) -> HttpResponse:
    """Exactly the list that is shown, as Excel."""
    found = queries.results_seen_by(request.actor, request.GET.get("q", "").strip())
    return sheets.respond(f"{say('成绩')}.xlsx", COLUMNS, (_line(result) for result in found))


def _line(result: Any) -> dict[str, Any]:
    entry = result.entry
    return {
        "plan": entry.plan_level.plan.title,
        "level": entry.plan_level.level.name,
        "school": entry.student.school.name,
        "name": entry.student.name,
        "student_no": entry.student.student_no,
        "ticket_no": entry.seat.ticket_no,
        "theory": "" if result.theory is None else float(result.theory),
        "practical": "" if result.practical is None else float(result.practical),
        "decision": say("合格") if result.passed else say("不合格"),
    }


@permit("results.manage")
def release_list(request: Any) -> HttpResponse:
    return _release_list(request)


def _release_list(request: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {
        "levels": queries.levels_to_compute(request.actor),
        "page": page_of(request, queries.releases_seen_by(request.actor)),
        "flow": RELEASE,
        "problems": problems,
    }
    return render(request, "results/release_list.html", context, status=status)


@permit("results.manage")
@require_POST
def level_compute(request: Any, pk: str) -> HttpResponse:
    level = get_or_404(queries.levels_to_compute(request.actor), pk=pk)
    try:
        release = services.compute(level, by=request.actor, at=request.at)
    except Refused as refused:
        return _release_list(request, refused.reasons, status=409)
    messages.success(request, str(say("已核算成绩，请核对后公示。")))
    return redirect("results:release-detail", pk=release.pk)


@permit("results.manage")
def release_detail(request: Any, pk: str) -> HttpResponse:
    return _detail(request, get_or_404(queries.releases_seen_by(request.actor), pk=pk))


def _detail(request: Any, release: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    results = [(r, [Say.from_json(reason) for reason in r.reasons]) for r in queries.results_of(release)]
    context = {
        "release": release,
        "flow": RELEASE,
        "results": results,
        "offers": offers(RELEASE, release, request.actor, request.at, facts=queries.facts_of),
        "timeline": timeline_of(release),
        "bands": queries.spread_of(release),
        "problems": problems,
    }
    return render(request, "results/release_detail.html", context, status=status)


@permit("results.manage")
@require_POST
def release_move(request: Any, pk: str, move: str) -> HttpResponse:
    release = get_or_404(queries.releases_seen_by(request.actor), pk=pk)
    actions = {"publicise": services.publicise, "release": services.release}
    try:
        if move not in actions:
            raise Refused(say("没有这个操作。"))
        actions[move](release, by=request.actor, at=request.at)
    except Refused as refused:
        return _detail(request, release, refused.reasons, status=409)
    return redirect("results:release-detail", pk=release.pk)
