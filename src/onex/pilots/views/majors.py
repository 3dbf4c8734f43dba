"""对应专业: the evaluation organisation keeps which majors belong to a level, with the effect shown before it acts.

The mapping is the catalog's; whom a change touches (schools, students, applications) is known from here up.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.catalog import queries as catalog
from onex.catalog import services
from onex.catalog.models import CertificateLevel, LevelMajor
from onex.catalog.queries import mapping
from onex.catalog.rules import BEIJING, is_mapped_on
from onex.catalog.rules.mapping import MOST_LINES, codes_in
from onex.common import exports, sheets
from onex.common.actors import Role
from onex.common.pages import ActorRequest, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows
from onex.common.text import Refused, say
from onex.pilots import queries
from onex.pilots.forms.majors import MappingForm, PasteForm

SORTS = {"code": "major__code", "name": "major__name", "stage": "major__stage", "from": "from_on"}
ACTS = {
    "majors_add": say("添加对应专业"),
    "majors_remove": say("移除对应专业"),
    "majors_confirm": say("确认对应专业"),
}
COLUMNS = (
    sheets.Column("code", say("专业代码")),
    sheets.Column("name", say("专业名称"), 26),
    sheets.Column("stage", say("学历层次")),
    sheets.Column("catalogue", say("专业目录"), 34),
    sheets.Column("standing", say("状态"), 22),
    sheets.Column("draft", say("草案"), 8),
    sheets.Column("source", say("来源"), 18),
)
FOUND = 40  # majors that a search shows at once


@permit("catalog.majors_see")
def mapping_list(request: ActorRequest) -> HttpResponse:
    """Every level with how many majors are mapped, and the editions their codes come from."""
    levels = mapping.levels_with_mapping(catalog.levels_seen_by(request.actor), catalog.today(request.at))
    context = {"levels": levels, "catalogues": catalog.major_catalogues()}
    return render(request, "pilots/mapping_list.html", context)


@permit("catalog.majors_see")
def mapping_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The mapped majors of one level."""
    return _record(request, get_or_404(catalog.levels_seen_by(request.actor), pk=pk))


def _record(request: ActorRequest, level: CertificateLevel, problems: Any = (), status: int = 200) -> HttpResponse:
    today = catalog.today(request.at)
    counts = mapping.mapping_counts(level, today)
    words = {"": _("在用"), "draft": _("草案"), "changing": _("将有变化"), "ended": _("已停用")}
    page = page_of(request, _chosen(request, level), 50)
    context = {
        "level": level,
        "page": page,
        "lines": [(row, *_standing(row, request)) for row in page.object_list],
        "chips": [
            {"label": word, "value": show, "count": counts[show]}
            for show, word in words.items()
            if show == "" or counts[show]
        ],
        "may_edit": allows("catalog.majors_edit", request.actor, level),
        "export": reverse("pilots:mapping-export", args=[level.pk]),
        "entries": [_entry(trace) for trace in mapping.history_of(level)[:5]],
        "problems": problems,
    }
    return render(request, "pilots/mapping_detail.html", context, status=status)


def _chosen(request: ActorRequest, level: CertificateLevel) -> Any:
    show, words = typed(request.GET, "show"), typed(request.GET, "q")
    return sorted_by(request, mapping.mapping_of(level, catalog.today(request.at), show, words), SORTS)


def _standing(row: LevelMajor, request: ActorRequest) -> tuple[Any, str]:
    today = catalog.today(request.at)
    if row.from_on is not None and row.from_on > today and row.until_on is None:
        return say("{day} 起生效", day=row.from_on.isoformat()), "info"
    if is_mapped_on(row.from_on, row.until_on, today):
        if row.until_on is not None:
            return say("{day} 起停用", day=row.until_on.isoformat()), "warn"
        return say("在用"), "good"
    day = row.until_on.isoformat() if row.until_on is not None else ""
    return say("{day} 起已停用", day=day), "neutral"


def _entry(trace: Any) -> dict[str, Any]:
    majors = "、".join(trace.data.get("majors", ()))
    return {
        "who": trace.actor_label,
        "at": trace.at,
        "what": say("{act}（{n} 个）", act=ACTS[trace.verb], n=len(trace.data.get("majors", ()))),
        "act": ACTS[trace.verb],
        "majors": majors,
        "day": trace.data.get("day", ""),
        "note": trace.note,
        "hat": Role(trace.hat).label,
        "tone": {"majors_add": "good", "majors_remove": "warn"}.get(trace.verb, "info"),
    }


@permit("catalog.majors_see")
def mapping_export(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Exactly what the list shows."""
    level = get_or_404(catalog.levels_seen_by(request.actor), pk=pk)

    def line(row: LevelMajor) -> dict[str, Any]:
        return {
            "code": row.major.code,
            "name": row.major.name,
            "stage": row.major.stage,
            "catalogue": row.major.catalogue.name,
            "standing": str(_standing(row, request)[0]),
            "draft": _("是") if row.is_draft else _("否"),
            "source": _("培训评价组织") if row.is_own else _("指南数据"),
        }

    name = _("对应专业-%(level)s.xlsx") % {"level": level.short_name}
    return exports.respond(request, name, COLUMNS, _chosen(request, level), line, subject=level)


@permit("catalog.majors_see")
def mapping_history(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Every change with who, when and why."""
    level = get_or_404(catalog.levels_seen_by(request.actor), pk=pk)
    page = page_of(request, mapping.history_of(level))
    context = {"level": level, "page": page, "entries": [_entry(trace) for trace in page.object_list]}
    return render(request, "pilots/mapping_history.html", context)


# --- changing it


@permit("catalog.majors_edit")
def mapping_add(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Search the catalogues or paste a list; look at every line; then write with a day and a reason."""
    level = get_or_404(catalog.levels_edited_by(request.actor), pk=pk)
    if request.method != "POST":
        return _find(request, level)
    pasted = typed(request.POST, "pasted")
    chosen = "\n".join(major.code for major in catalog.majors_by_key(request.POST.getlist("major")[:MOST_LINES]))
    lines = codes_in(f"{pasted}\n{chosen}")
    if not lines:
        return _find(request, level, problems=[_("请勾选专业，或粘贴至少一个专业代码。")], status=422)
    if len(lines) > MOST_LINES:
        return _find(request, level, problems=[say("一次最多添加 {n} 个专业。", n=MOST_LINES)], status=422)
    if typed(request.POST, "then") != "confirm":
        return _look(request, level, lines)
    form = MappingForm(request.POST)
    if not form.is_valid():
        return _look(request, level, lines, form, status=422)
    codes = [line.code for line in mapping.lines_to_add(level, lines) if line.is_new]
    try:
        done = services.add_majors(
            level,
            mapping.majors_by_code(codes),
            from_on=form.cleaned_data["day"],
            note=form.cleaned_data["note"],
            by=request.actor,
            at=request.at,
        )
    except Refused as refused:
        return _look(request, level, lines, form, problems=refused.reasons, status=409)
    messages.success(request, _("已添加 %(n)s 个对应专业。") % {"n": len(done.changed)})
    return redirect("pilots:mapping-detail", level.pk)


def _find(request: ActorRequest, level: CertificateLevel, problems: Any = (), status: int = 200) -> HttpResponse:
    words = typed(request.GET, "q").strip()
    found = list(catalog.majors_found(words)[: FOUND + 1]) if words else []
    known = catalog.known_codes(major.code for major in found)
    mapped = catalog.mapped_codes(level)
    context = {
        "level": level,
        "words": words,
        "found": [(major, known[major.code].successors, major.code in mapped) for major in found[:FOUND]],
        "is_more": len(found) > FOUND,
        "most": FOUND,
        "form": PasteForm(request.POST or None),
        "problems": problems,
    }
    return render(request, "pilots/mapping_find.html", context, status=status)


def _look(
    request: ActorRequest,
    level: CertificateLevel,
    lines: list[tuple[int, str]],
    form: MappingForm | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    judged = mapping.lines_to_add(level, lines)
    context = {
        "level": level,
        "lines": judged,
        "counts": {
            "new": sum(line.is_new for line in judged),
            "same": sum(not line.is_new and line.reason is None for line in judged),
            "bad": sum(line.reason is not None for line in judged),
        },
        "pasted": "\n".join(text for _number, text in lines),
        "form": form or MappingForm(initial={"day": catalog.today(request.at)}),
        "problems": problems,
    }
    return render(request, "pilots/mapping_add.html", context, status=status)


@permit("catalog.majors_edit")
@require_POST
def mapping_change(request: ActorRequest, pk: UUID) -> HttpResponse:
    """End the mapping of the chosen majors, or say that drafts are right: first whom it touches, then the reason."""
    level = get_or_404(catalog.levels_edited_by(request.actor), pk=pk)
    rows = mapping.mapped_among(level, request.POST.getlist("pk"))
    act = typed(request.POST, "act")
    if not rows:
        return _record(request, level, [_("请至少选择一个专业。")], status=422)
    if act not in ("remove", "confirm"):
        return _record(request, level, [_("没有这个操作。")], status=409)
    if typed(request.POST, "then") != "confirm":
        return _effect(request, level, rows, act)
    form = MappingForm(request.POST)
    if not form.is_valid():
        return _effect(request, level, rows, act, form, status=422)
    who: Any = {"note": form.cleaned_data["note"], "by": request.actor, "at": request.at}
    majors = [row.major for row in rows]
    try:
        if act == "remove":
            done = services.remove_majors(level, majors, until_on=form.cleaned_data["day"], **who)
            told = _("已移除 %(n)s 个对应专业，已批准的申报不受影响。") % {"n": len(done.changed)}
        else:
            done = services.confirm_majors(level, majors, **who)
            told = _("已确认 %(n)s 个对应专业，不再标为草案。") % {"n": len(done.changed)}
    except Refused as refused:
        return _effect(request, level, rows, act, form, problems=refused.reasons, status=409)
    messages.success(request, told)
    return redirect("pilots:mapping-detail", level.pk)


def _effect(
    request: ActorRequest,
    level: CertificateLevel,
    rows: list[LevelMajor],
    act: str,
    form: MappingForm | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    year = request.at.astimezone(BEIJING).year
    undeclared = queries.undeclared_counts(level, year)
    context = {
        "level": level,
        "rows": rows,
        "act": act,
        "year": year,
        "effects": queries.effects_of_majors(level, [row.major for row in rows], year) if act == "remove" else (),
        "undeclared_open": undeclared[0],
        "undeclared_granted": undeclared[1],
        "form": form or MappingForm(initial={"day": catalog.today(request.at)}),
        "problems": problems,
    }
    return render(request, "pilots/mapping_change.html", context, status=status)
