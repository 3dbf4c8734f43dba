"""Pages of the item author: the bank, imports, papers."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex.bank import queries, services, shown
from onex.bank.forms import AssembleForm, ImportForm
from onex.bank.rules import KIND_LABELS, PAPER, RETIRE_REASONS, Part
from onex.common import exports, sheets
from onex.common.moves import offers
from onex.common.pages import chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, say

COLUMNS = (
    sheets.Column("code", say("题号"), 18),
    sheets.Column("kind", say("题型"), 12),
    sheets.Column("title", say("题目"), 60),
    sheets.Column("level", say("证书等级"), 30),
    sheets.Column("task", say("工作任务"), 26),
    sheets.Column("unit", say("教材知识单元"), 14),
    sheets.Column("points", say("分值"), 8, as_text=False),
    sheets.Column("uses", say("入卷次数"), 10, as_text=False),
)
SORTS = {"code": "code", "points": "points", "uses": "use_count"}


def _asked(request: Any) -> dict[str, str]:
    """What the list of items is narrowed to."""
    asked = {name: typed(request.GET, name) for name in ("kind", "task", "level")}
    return {"text": typed(request.GET, "q").strip(), **asked}


@permit("bank.see")
def item_list(request: Any) -> HttpResponse:
    asked = _asked(request)
    counts = queries.kind_counts(request.actor, **{**asked, "kind": ""})
    chips = chips_of(counts, KIND_LABELS)
    page = page_of(request, sorted_by(request, queries.items_seen_by(request.actor, **asked), SORTS))
    services.note_list([item.code for item in page], by=request.actor, at=request.at)
    context = {
        "page": page,
        "chips": chips,
        "kinds": KIND_LABELS,
        "asked": asked,
        "is_narrowed": any(asked.values()),
        "levels": queries.levels_of(request.actor),
        "may_write": holds("bank.write", request.actor),
        "tasks": queries.tasks_with_items(request.actor),
    }
    return render(request, "bank/item_list.html", context)


@permit("bank.see")
def item_export(request: Any) -> HttpResponse:
    """Exactly the list that is shown, as Excel; answers are not in it."""
    found = sorted_by(request, queries.items_seen_by(request.actor, **_asked(request)), SORTS)
    return exports.respond(request, f"{say('题库')}.xlsx", COLUMNS, found, _line)


def _line(item: Any) -> dict[str, Any]:
    return {
        "code": item.code,
        "kind": KIND_LABELS[item.kind],
        "title": item.title,
        "level": item.level,
        "task": item.task,
        "unit": item.unit,
        "points": float(item.points),
        "uses": item.use_count,
    }


@permit("bank.see")
def item_detail(request: Any, pk: str) -> HttpResponse:
    item = get_or_404(queries.items_seen_by(request.actor), pk=pk)
    services.note_view(item, by=request.actor, at=request.at)
    context = {
        "item": item,
        "kind": KIND_LABELS[item.kind],
        "shown": shown.item_shown(item.content),
        "papers": queries.papers_with(request.actor, item),
        "flow": PAPER,
    }
    return render(request, "bank/item_detail.html", context)


@permit("bank.write")
def item_import(request: Any) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None, actor=request.actor)
    problems: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        level, document = form.cleaned_data["level"], form.cleaned_data["file"]
        try:
            if isinstance(document, dict):
                done, paper = services.import_practical(level, document, by=request.actor, at=request.at)
                messages.success(request, str(say("已建立{paper}（草稿），共 {n} 题。", paper=paper, n=_total(done))))
                return redirect("bank:paper-detail", pk=paper.pk)
            done = services.import_items(level, document, by=request.actor, at=request.at)
        except Refused as refused:
            problems = refused.reasons
        else:
            said = say("新增 {added} 题，更新 {changed} 题，相同 {same} 题。", **vars(done))
            messages.success(request, str(said))
            return redirect("bank:item-list")
    status = 200 if request.method == "GET" else 422
    return render(request, "bank/item_import.html", {"form": form, "problems": problems}, status=status)


def _total(done: services.Imported) -> int:
    return done.added + done.changed + done.same


@permit("bank.see")
def paper_list(request: Any) -> HttpResponse:
    state, part = typed(request.GET, "state"), typed(request.GET, "part")
    counts = queries.paper_counts(request.actor)
    chips = chips_of(counts, PAPER.labels)
    context = {
        "page": page_of(request, queries.papers_seen_by(request.actor, state, part)),
        "chips": chips,
        "flow": PAPER,
        "part_words": {one.value: one.label for one in Part},
        "is_narrowed": bool(state or part),
        "may_assemble": holds("bank.assemble", request.actor),
    }
    return render(request, "bank/paper_list.html", context)


@permit("bank.assemble")
def paper_assemble(request: Any) -> HttpResponse:
    form = AssembleForm(request.POST or None, actor=request.actor)
    problems: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        level, count = form.cleaned_data["level"], form.cleaned_data["count"]
        seed = form.cleaned_data["seed"]
        seed = secrets.randbelow(2**31) if seed is None else seed
        there = queries.papers_seen_by(request.actor).filter(level=level, part=Part.THEORY)
        apart = list(there) if form.cleaned_data["apart"] else []
        try:
            for place in range(count):
                paper = services.assemble_theory(
                    level, seed=seed + place, exclude=apart, by=request.actor, at=request.at
                )
                apart.append(paper)
        except Refused as refused:
            problems = refused.reasons
        else:
            messages.success(request, str(say("已组出 {count} 份试卷，请核对后封卷。", count=count)))
            return redirect("bank:paper-list")
    status = 200 if request.method == "GET" else 422
    return render(request, "bank/paper_assemble.html", {"form": form, "problems": problems}, status=status)


@permit("bank.see")
def paper_detail(request: Any, pk: str) -> HttpResponse:
    paper = get_or_404(queries.papers_seen_by(request.actor), pk=pk)
    return _paper_page(request, paper)


def _paper_page(request: Any, paper: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    services.note_view(paper, by=request.actor, at=request.at)  # here: a refused move shows the paper as well
    lines = list(queries.paper_items(paper))
    facts = queries.facts_to_freeze(paper)
    context = {
        "paper": paper,
        "flow": PAPER,
        "part": Part(paper.part).label,
        "steps": shown.steps_of(paper),
        "sections": [
            (section, [line for line in lines if line.section_id == section.pk])
            for section in {line.section_id: line.section for line in lines}.values()
        ],
        "spread": _chart(queries.coverage(paper)),
        "facts": facts,
        "total": sum(found for _, found, _ in facts.sections),
        "shared": queries.shared_items(paper),
        "offers": offers(PAPER, paper, request.actor, request.at, facts=lambda _: facts),
        "canned": {"retire": RETIRE_REASONS},
        "timeline": timeline_of(paper).reverse(),
        "problems": problems,
    }
    return render(request, "bank/paper_detail.html", context, status=status)


def _chart(coverage: dict[str, dict[str, int]]) -> dict[str, Any]:
    """How many items of each kind touch each work task, by its code."""
    kinds = [kind for kind in KIND_LABELS if any(kind in counts for counts in coverage.values())]
    return {
        "kind": "stacked",
        "unit": str(say("题")),
        "category": str(say("工作任务")),
        "categories": list(coverage),
        "series": [
            {
                "name": str(KIND_LABELS[kind]),
                "values": [counts.get(kind, 0) for counts in coverage.values()],
                "colour": list(KIND_LABELS).index(kind),
            }
            for kind in kinds
        ],
    }


@permit("bank.assemble")
@require_POST
def paper_move(request: Any, pk: str, move: str) -> HttpResponse:
    paper = get_or_404(queries.papers_seen_by(request.actor), pk=pk)
    try:
        moved = services.move_paper(paper, move, by=request.actor, at=request.at, note=typed(request.POST, "note"))
    except Refused as refused:
        paper = get_or_404(queries.papers_seen_by(request.actor), pk=pk)  # as somebody else may have left it
        return _paper_page(request, paper, refused.reasons, status=409)
    messages.success(request, str(say("已办理：{state}", state=PAPER.word(moved.state))))
    return redirect("bank:paper-detail", pk=paper.pk)
