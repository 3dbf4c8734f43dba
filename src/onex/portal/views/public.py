"""The public pages: the front page and everything the guide says, each number read from the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from onex.catalog.models import GuideVersion
from onex.catalog.rules import Level
from onex.common.pages import address_with, public, typed
from onex.common.text import Say, say
from onex.portal.queries import news
from onex.portal.queries import public as queries
from onex.portal.queries import register as register_rows
from onex.portal.register import notice
from onex.portal.rules import AUDIENCES, CYCLE, months_of, narrowed, occasions_of
from onex.portal.views.feed import feed_address

NEWS_ON_HOME = 5
CALENDAR_COLUMNS = 4
# What a scheme says besides minutes and marks: the figure's name in the catalogue, its words, its unit.
SCHEME_FACTS = (
    ("notice_days", say("考前发布报名通知"), say("天左右")),
    ("minimum_candidates", say("每个考点考试人数，原则上不低于"), say("人")),
    ("entry_opens_minutes", say("考前开始入场"), say("分钟")),
    ("latest_entry_minutes", say("开考后最迟入场"), say("分钟")),
    ("earliest_hand_in_minutes", say("开考后最早交卷"), say("分钟")),
    ("publicity_working_days", say("成绩公示"), say("个工作日")),
)


def with_guide(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hands the guide in force to a public page; before the first load the page says so and answers 503."""

    @public
    @wraps(view)
    def guided(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        guide = queries.guide()
        if guide is None:
            return render(request, "portal/no_guide.html", status=503)
        return view(request, guide, *args, **kwargs)

    return guided


def page(request: Any, template: str, guide: GuideVersion, **context: Any) -> HttpResponse:
    """A public page with what its foot says of the guide."""
    return render(request, f"portal/{template}.html", {"guide": guide, **context})


@with_guide
def home(request: Any, guide: GuideVersion) -> HttpResponse:
    """What this is, for whom, and the four things people come for."""
    return page(
        request,
        "home",
        guide,
        cycle=CYCLE,
        audiences=AUDIENCES,
        certificates=queries.certificates(),
        counts=guide.texts["guide"]["counts"],
        next_sitting=queries.next_sitting(guide, request.at),
        news=news.latest(guide, NEWS_ON_HOME),
        contacts=guide.texts["contacts"],
        regions=queries.regions(),
        fee_unit=guide.texts["fees"]["unit"],
        scheme=queries.figures_of(guide),
    )


@with_guide
def standard_list(request: Any, guide: GuideVersion) -> HttpResponse:
    """Both certificates side by side."""
    pages = [found for row in queries.certificates() if (found := queries.standard_page(row.code))]
    return page(
        request,
        "standard_list",
        guide,
        pages=pages,
        assessment=guide.texts["assessment"],
        fee_unit=guide.texts["fees"]["unit"],
    )


@with_guide
def standard_detail(request: Any, guide: GuideVersion, code: str) -> HttpResponse:
    """One certificate with everything the guide prints of it."""
    found = queries.standard_page(code)
    if found is None:
        raise Http404
    scheme = found.scheme
    return page(
        request,
        "standard_detail",
        guide,
        found=found,
        certificate=found.certificate,
        scheme=scheme,
        sections=queries.sections_of(scheme),
        scheme_facts=[
            {"label": label, "value": getattr(scheme, name), "unit": unit, "ours": name in scheme.set_by_onex}
            for name, label, unit in SCHEME_FACTS
        ],
        occasions=occasions_of(queries.rows_of(found.page)),
        assessment=guide.texts["assessment"],
        majors=guide.texts["majors"],
        fee_unit=guide.texts["fees"]["unit"],
    )


@with_guide
def calendar(request: Any, guide: GuideVersion) -> HttpResponse:
    """The sittings of the guide's year as a list or as months, and what is announced now."""
    certificates = list(queries.certificates())
    every, sittings = queries.calendar_rows(guide), queries.announced_sittings(request.at)
    asked = typed(request.GET, "certificate"), typed(request.GET, "level")
    rows, announced_rows = narrowed(every, *asked), narrowed(queries.announced_rows(sittings), *asked)
    shown = {row.plan for row in announced_rows}
    is_months = request.GET.get("view") == "months"
    tabs = [
        {"label": _("按日期"), "url": address_with(request, view=None), "current": not is_months},
        {"label": _("按月"), "url": address_with(request, view="months"), "current": is_months},
    ]
    return page(
        request,
        "calendar",
        guide,
        columns=CALENDAR_COLUMNS,
        occasions=occasions_of(rows),
        total=len(every),
        months=months_of(rows),
        chips=_chips(every, certificates),
        level_chips=_level_chips(every),
        tabs=tabs,
        is_months=is_months,
        has_announced=bool(sittings),
        announced=[one for one in sittings if one.plan.pk in shown],
        announced_months=months_of(announced_rows),
        feeds=_feeds(certificates),
        words=guide.texts["calendar"],
        scheme=queries.figures_of(guide),
    )


def _chips(rows: Any, certificates: Any) -> list[dict[str, Any]]:
    return [{"label": _("全部"), "value": "", "count": len(rows)}] + [
        {"label": Say(one.short_name), "value": one.code, "count": len(narrowed(rows, one.code))}
        for one in certificates
    ]


def _level_chips(rows: Any) -> list[dict[str, Any]]:
    return [{"label": _("全部级别"), "value": "", "count": len(rows)}] + [
        {"label": level.label, "value": str(level.value), "count": len(narrowed(rows, "", str(level.value)))}
        for level in Level
    ]


def _feeds(certificates: Any) -> list[dict[str, Any]]:
    """Every calendar that can be subscribed to, the whole one first."""
    found: list[dict[str, Any]] = [{"certificate": _("全部证书"), "level": _("全部级别"), "address": feed_address()}]
    for one in certificates:
        name = Say(one.short_name)
        found.append({"certificate": name, "level": _("全部级别"), "address": feed_address(one.code)})
        found += [
            {"certificate": name, "level": level.label, "address": feed_address(one.code, str(level.value))}
            for level in sorted(Level(row.level) for row in one.levels.all())
        ]
    return found


@with_guide
def training(request: Any, guide: GuideVersion) -> HttpResponse:
    """Teacher training: the calendar of each certificate, notes, and what is awarded."""
    rows = list(queries.training_rows(guide))
    words = guide.texts["training"]
    calendars = [
        {
            "certificate": one,
            "title": words["titles"][one.code],
            "rows": [r for r in rows if r.certificate_id == one.pk],
        }
        for one in queries.certificates()
    ]
    return page(
        request,
        "training",
        guide,
        calendars=calendars,
        words=words,
        training_url=guide.texts["guide"]["training_url"],
        website=guide.texts["guide"]["website"],
    )


@with_guide
def textbook_list(request: Any, guide: GuideVersion) -> HttpResponse:
    """The books, what is special about them, and the ways to order."""
    return page(request, "textbook_list", guide, books=queries.textbooks(guide), words=guide.texts["textbooks"])


@with_guide
def cloud_course(request: Any, guide: GuideVersion) -> HttpResponse:
    """What the cloud courses offer and how a teacher applies."""
    return page(
        request,
        "cloud_course",
        guide,
        words=guide.texts["courses"],
        website=guide.texts["guide"]["website"],
    )


@with_guide
def how_to_apply(request: Any, guide: GuideVersion) -> HttpResponse:
    """The guide's ways to a pilot application and to an exam site, step by step."""
    return page(
        request,
        "how_to_apply",
        guide,
        pilots=guide.texts["pilots"],
        venues=guide.texts["venues"],
        platform=guide.texts["guide"]["platform"],
    )


@with_guide
def contact_list(request: Any, guide: GuideVersion) -> HttpResponse:
    """Whom to ask: by province, the office, the groups."""
    asked = queries.region_by_code(request.GET.get("province", ""))
    lines = queries.contact_lines(guide, asked)
    return page(
        request,
        "contact_list",
        guide,
        lines=lines,
        asked=asked,
        answer=next((line for line in lines if line.is_asked_for), None) if asked else None,
        regions=queries.regions(),
        words=guide.texts["contacts"],
        groups=[
            group | {"certificate": one}
            for group in guide.texts["contacts"]["groups"]
            for one in queries.certificates()
            if one.code == group["certificate"]
        ],
        website=guide.texts["guide"]["website"],
    )


@with_guide
def data_notes(request: Any, guide: GuideVersion) -> HttpResponse:
    """Where every figure comes from, what was corrected, and what is ours because the guide leaves it open."""
    return page(request, "data_notes", guide, head=guide.texts["guide"])


@with_guide
def privacy(request: Any, guide: GuideVersion) -> HttpResponse:
    """What we keep of people, why, for how long, and what they may ask; every line is read from the register."""
    entries = register_rows.entries()
    return page(request, "privacy", guide, sections=notice(entries), texts=guide.texts["contacts"])
