"""Pages of the item author: the bank, imports, papers."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex import items
from onex.bank import queries, services
from onex.bank.forms import AssembleForm, ImportForm
from onex.bank.rules import KIND_LABELS, PAPER, Part
from onex.common.moves import offers
from onex.common.pages import get_or_404, page_of, permit
from onex.common.queries import timeline_of
from onex.common.text import Refused, say


@permit("bank.see")
def item_list(request: Any) -> HttpResponse:
    kind, task = request.GET.get("kind", ""), request.GET.get("task", "")
    found = queries.items_seen_by(request.actor, text=request.GET.get("q", "").strip(), kind=kind, task=task)
    chips = [{"label": say("全部"), "value": ""}, *({"label": word, "value": k} for k, word in KIND_LABELS.items())]
    page = page_of(request, found)
    context = {"page": page, "chips": chips, "kinds": KIND_LABELS}
    return render(request, "bank/item_list.html", context)


@permit("bank.see")
def item_detail(request: Any, pk: str) -> HttpResponse:
    item = get_or_404(queries.items_seen_by(request.actor), pk=pk)
    context = {"item": item, "kind": KIND_LABELS[item.kind], "shown": items.public(item.content)}
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
    context = {"page": page_of(request, queries.papers_seen_by(request.actor)), "flow": PAPER, "part_words": _parts()}
    return render(request, "bank/paper_list.html", context)


def _parts() -> dict[str, Any]:
    return {part.value: part.label for part in Part}


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
    return _paper_page(request, get_or_404(queries.papers_seen_by(request.actor), pk=pk))


def _paper_page(request: Any, paper: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    coverage = queries.coverage(paper)
    kinds = [kind for kind in KIND_LABELS if any(kind in counts for counts in coverage.values())]
    context = {
        "paper": paper,
        "flow": PAPER,
        "part": Part(paper.part).label,
        "lines": queries.paper_items(paper),
        "kinds": KIND_LABELS,
        "kind_heads": [KIND_LABELS[kind] for kind in kinds],
        "coverage": [(task, [counts.get(kind, 0) for kind in kinds]) for task, counts in coverage.items()],
        "facts": queries.facts_to_freeze(paper),
        "shared": queries.shared_items(paper),
        "offers": offers(PAPER, paper, request.actor, request.at, facts=queries.facts_to_freeze),
        "timeline": timeline_of(paper),
        "problems": problems,
    }
    return render(request, "bank/paper_detail.html", context, status=status)


@permit("bank.see")
@require_POST
def paper_move(request: Any, pk: str, move: str) -> HttpResponse:
    paper = get_or_404(queries.papers_seen_by(request.actor), pk=pk)
    try:
        services.move_paper(paper, move, by=request.actor, at=request.at, note=request.POST.get("note", ""))
    except Refused as refused:
        return _paper_page(request, paper, refused.reasons, status=409)
    return redirect("bank:paper-detail", pk=paper.pk)
