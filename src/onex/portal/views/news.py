"""新闻资讯, 政策文件, 通知公告: one list by section, and each notice on its own page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse

from onex.catalog.models import GuideVersion
from onex.common.pages import page_of
from onex.common.text import Say
from onex.portal.queries import news as queries
from onex.portal.queries.public import shown_sitting
from onex.portal.rules import NOTICES, PLAN_NEWS, SITTING_NEWS
from onex.portal.views.public import page, with_guide

LINES = 20


@with_guide
def news_list(request: Any, guide: GuideVersion) -> HttpResponse:
    """Our own notices by time, then what the guide prints (without a year)."""
    portal = guide.texts["portal"]
    own, printed = queries.headlines(), queries.guide_news(guide)
    counts = {section["code"]: sum(one.section == section["code"] for one in printed) for section in portal["sections"]}
    counts[NOTICES] += len(own)
    chips = [{"label": Say(portal["all_label"]), "value": "", "count": sum(counts.values())}]
    chips += [
        {"label": Say(one["name"]), "value": one["code"], "count": counts[one["code"]]} for one in portal["sections"]
    ]
    asked = request.GET.get("section", "")
    wanted: list[Any] = [*(own if asked in ("", NOTICES) else []), *(n for n in printed if asked in ("", n.section))]
    found = page_of(request, wanted, LINES)
    lines = list(found.object_list)
    words = iter(queries.words_of(line for line in lines if isinstance(line, queries.Headline)))
    shown = [next(words) if isinstance(line, queries.Headline) else line for line in lines]
    return page(
        request,
        "news_list",
        guide,
        page=found,
        lines=shown,
        chips=chips,
        heading=next((one["name"] for one in portal["sections"] if one["code"] == asked), ""),
    )


@with_guide
def news_detail(request: Any, guide: GuideVersion, slug: str) -> HttpResponse:
    """One notice with its facts."""
    found = queries.news_by_slug(guide, slug)
    if found is None:
        raise Http404
    portal = guide.texts["portal"]
    is_sitting = slug.startswith(f"{SITTING_NEWS}-")
    return page(
        request,
        "news_detail",
        guide,
        news=found,
        section=next(one["name"] for one in portal["sections"] if one["code"] == found.section),
        plan=found.row if slug.startswith(f"{PLAN_NEWS}-") else None,
        sitting=shown_sitting(found.row, request.at) if is_sitting else None,
        words=guide.texts["calendar"],
        rules=guide.texts["pilots"]["rules"],
        fee_unit=guide.texts["fees"]["unit"],
        website=guide.texts["guide"]["website"],
    )
