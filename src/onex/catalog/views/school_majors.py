"""开设专业: a school's own list, with the catalogues at its side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts.models import School, SchoolMajor
from onex.accounts.queries import majors_of, majors_offered, school_to_edit
from onex.accounts.services import remove_major
from onex.catalog.forms import OfferedMajorForm
from onex.catalog.queries.school_majors import codes_to_mend, offered_lines
from onex.catalog.services.school_majors import offer_major, renew_offered
from onex.common import exports, sheets
from onex.common.pages import ActorRequest, get_or_404, page_of, permit, sorted_by, typed
from onex.common.text import Refused, say

SORTS = {"code": "code", "name": "name", "department": "department__name"}
COLUMNS = (
    sheets.Column("code", say("专业代码"), required=True, note=say("六位数字，本科目录的 T、K 后缀也要填写")),
    sheets.Column("name", say("专业名称"), 26, note=say("目录中有的专业可不填")),
    sheets.Column("department", say("院系"), 22, note=say("可不填；填写时须是“本校信息”中已有的院系")),
)
EXPORTED = (
    *COLUMNS,
    sheets.Column("edition", say("目录版本"), 14),
    sheets.Column("now", say("现行专业"), 30),
)


@permit("accounts.school_edit")
def major_list(request: ActorRequest) -> HttpResponse:
    """What the school offers: found, mended, exported."""
    return _page(request, get_or_404(school_to_edit(request.actor)))


def _chosen(request: ActorRequest, school: School, mend: dict[str, set[str]]) -> QuerySet[SchoolMajor]:
    rows = majors_offered(majors_of(school), typed(request.GET, "q"))
    if (show := typed(request.GET, "show")) in mend:
        rows = rows.filter(code__in=mend[show])
    return sorted_by(request, rows, SORTS)


def _page(
    request: ActorRequest,
    school: School,
    *,
    form: OfferedMajorForm | None = None,
    offer: Any = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    mend = codes_to_mend(school)
    page = page_of(request, _chosen(request, school, mend), 50)
    words = {"old": _("旧目录代码"), "unknown": _("目录未收录"), "twice": _("重复")}
    chips = [{"label": word, "value": key, "count": len(mend[key])} for key, word in words.items() if mend[key]]
    context = {
        "school": school,
        "page": page,
        "lines": offered_lines(school, page.object_list),
        "chips": [{"label": _("全部"), "value": "", "count": majors_of(school).count()}, *chips] if chips else [],
        "form": form or OfferedMajorForm(school=school),
        "offer": offer,
        "export": reverse("catalog:major-export"),
        "problems": problems,
    }
    return render(request, "catalog/major_list.html", context, status=status)


@permit("accounts.school_edit")
def major_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the list shows, in the columns of the template, so that it can be mended and imported again."""
    school = get_or_404(school_to_edit(request.actor))
    rows = offered_lines(school, _chosen(request, school, codes_to_mend(school)))
    return exports.respond(request, _("开设专业.xlsx"), EXPORTED, rows, _line, subject=school.organisation)


def _line(line: Any) -> dict[str, Any]:
    row = line.row
    return {
        "code": row.code,
        "name": row.name,
        "department": row.department.name if row.department is not None else "",
        "edition": line.edition,
        "now": "、".join(str(major) for major in line.successors),
    }


@permit("accounts.school_edit")
@require_POST
def major_save(request: ActorRequest) -> HttpResponse:
    """A major by its code. An old code is answered by what became of it; `use` says which of the two it shall be."""
    school = get_or_404(school_to_edit(request.actor))
    form = OfferedMajorForm(request.POST, school=school)
    if not form.is_valid():
        return _page(request, school, form=form, status=422)
    given, known, use = form.cleaned_data, form.known, typed(request.POST, "use")
    code, name = given["code"], given["name"]
    if known is not None and known.successors and use != code:
        later = {major.code: major for major in known.successors}
        if use not in later:
            return _page(request, school, form=form, offer=known, status=422)
        code, name = use, later[use].name
    try:
        row = offer_major(school, code, name, given["department"], by=request.actor, at=request.at)
    except Refused as refused:
        return _page(request, school, form=form, problems=refused.reasons, status=409)
    messages.success(request, _("已保存专业“%(name)s”。") % {"name": row})
    return redirect("catalog:major-list")


@permit("accounts.school_edit")
@require_POST
def major_move(request: ActorRequest, pk: UUID, move: str) -> HttpResponse:
    """Offered no more, with the reason; or the code of today in the place of an old one."""
    school = get_or_404(school_to_edit(request.actor))
    row = get_or_404(majors_of(school), pk=pk)
    try:
        if move == "remove":
            remove_major(row, by=request.actor, at=request.at, note=typed(request.POST, "note"))
            told = _("已移除专业“%(name)s”。") % {"name": row}
        elif move == "renew":
            now = renew_offered(row, typed(request.POST, "code"), by=request.actor, at=request.at)
            told = _("已将“%(old)s”改为“%(new)s”。学生和申报中的旧代码仍然有效。") % {"old": row, "new": now}
        else:
            raise Refused(say("没有这个操作。"))
    except Refused as refused:
        return _page(request, school, problems=refused.reasons, status=409)
    messages.success(request, told)
    return redirect("catalog:major-list")
