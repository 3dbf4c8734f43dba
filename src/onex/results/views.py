"""Pages of results: the organisation releases, schools and authorities look."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex.common import exports, sheets
from onex.common.actors import OF_A_SCHOOL
from onex.common.moves import offers
from onex.common.pages import get_or_404, page_of, permit, sorted_by, typed
from onex.common.queries import timeline_of
from onex.common.text import Refused, Say, say
from onex.results import queries, services
from onex.results.rules import RELEASE, Decision, ReleaseState

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


SORTS = {
    "school": "entry__student__school__name",
    "name": "entry__student__name",
    "theory": "theory",
    "practical": "practical",
}


def _asked(request: Any) -> tuple[str, str]:
    """The words and the decision that the list is narrowed to."""
    return typed(request.GET, "q").strip(), typed(request.GET, "decision")


def _chips(counts: dict[str, int]) -> list[dict[str, Any]]:
    shown = [{"label": say("全部"), "value": "", "count": counts[""]}]
    return shown + [{"label": one.label, "value": one.value, "count": counts[one]} for one in Decision if counts[one]]


def _found(request: Any) -> Any:
    text, decision = _asked(request)
    found = queries.results_seen_by(request.actor, text, decision, typed(request.GET, "plan"))
    return sorted_by(request, found, SORTS)


@permit("results.see")
def result_list(request: Any) -> HttpResponse:
    text, _ = _asked(request)
    plan = typed(request.GET, "plan")
    context = {
        "page": page_of(request, _found(request)),
        "flow": RELEASE,
        "chips": _chips(queries.decision_counts(queries.results_seen_by(request.actor, text, plan=plan))),
        "plans": queries.plans_with_results(request.actor),
        "plan": plan,
        "is_school": request.actor.role in OF_A_SCHOOL,
    }
    return render(request, "results/result_list.html", context)


@permit("results.see")
def result_export(request: Any) -> HttpResponse:
    """Exactly the list that is shown, as Excel."""
    return exports.respond(request, f"{say('成绩')}.xlsx", COLUMNS, _found(request), _line)


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
        "decision": Decision.PASSED.label if result.passed else Decision.FAILED.label,
    }


@permit("results.manage")
def release_list(request: Any) -> HttpResponse:
    return _release_list(request)


def _release_list(request: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {
        "levels": [(level, level.scheme.publicity_working_days) for level in queries.levels_to_compute(request.actor)],
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
    text, decision = _asked(request)
    page = page_of(request, sorted_by(request, queries.results_of(release, text, decision), SORTS))
    context = {
        "release": release,
        "flow": RELEASE,
        "page": page,
        "lines": [(result, [Say.from_json(reason) for reason in result.reasons]) for result in page],
        "chips": _chips(queries.decision_counts(queries.results_of(release, text))),
        "steps": _steps(release),
        "sat_count": release.result_count - release.absent_count,
        "pass_rate": _share(release.pass_count, release.result_count - release.absent_count),
        "days": release.plan_level.scheme.publicity_working_days,
        "offers": offers(RELEASE, release, request.actor, request.at, facts=queries.facts_of),
        "timeline": timeline_of(release).reverse(),
        "spread": _chart(queries.spread_of(release)),
        "problems": problems,
    }
    return render(request, "results/release_detail.html", context, status=status)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _chart(bands: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": "bar",
        "unit": str(say("人")),
        "category": str(say("分数段")),
        "categories": [band["band"] for band in bands],
        "series": [
            {"name": str(say("理论考核")), "values": [band["theory"] for band in bands], "colour": 0},
            {"name": str(say("实训考核")), "values": [band["practical"] for band in bands], "colour": 1},
        ],
    }


def _steps(release: Any) -> list[dict[str, Any]]:
    """核算 → 公示 → 发布 → 签发证书, and where the release stands."""
    words = [say("核算成绩"), say("公示成绩"), say("发布成绩"), say("签发证书")]
    place = {ReleaseState.DRAFT: 1, ReleaseState.PUBLICISED: 2, ReleaseState.RELEASED: 3}[ReleaseState(release.state)]
    return [
        {"label": word, "state": "done" if n < place else "current" if n == place else "todo"}
        for n, word in enumerate(words)
    ]


@permit("results.manage")
def release_export(request: Any, pk: str) -> HttpResponse:
    """The results of one release as they are shown, drafts too, as Excel."""
    release = get_or_404(queries.releases_seen_by(request.actor), pk=pk)
    found = sorted_by(request, queries.results_of(release, *_asked(request)), SORTS)
    rows = found.select_related("entry__plan_level__plan", "entry__plan_level__level")
    return exports.respond(request, f"{say('成绩')}.xlsx", COLUMNS, rows, _line, subject=release)


@permit("results.manage")
@require_POST
def release_move(request: Any, pk: str, move: str) -> HttpResponse:
    release = get_or_404(queries.releases_seen_by(request.actor), pk=pk)
    actions = {"publicise": services.publicise, "release": services.release}
    try:
        if move not in actions:
            raise Refused(say("没有这个操作。"))
        moved = actions[move](release, by=request.actor, at=request.at)
    except Refused as refused:
        release = get_or_404(queries.releases_seen_by(request.actor), pk=pk)  # as somebody else may have left it
        return _detail(request, release, refused.reasons, status=409)
    messages.success(request, str(say("已办理：{state}", state=RELEASE.word(moved.state))))
    return redirect("results:release-detail", pk=release.pk)
