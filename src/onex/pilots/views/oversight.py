"""试点申报统计: what provinces, cities, organisations and the operator see of many applications at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from onex.common import exports
from onex.common.pages import ActorRequest, page_of, permit, typed
from onex.pilots import queries
from onex.pilots.views import oversight_shown as shown

SORTS = ("name", "applications", "requested", "approved", "used")


@permit("pilots.oversight")
def oversight(request: ActorRequest) -> HttpResponse:
    """The charts, each an answer to one question; every filter stays in the address."""
    seen = queries.applications_overseen_by(request.actor)
    filters, chosen = _filters(request, seen)
    rows = queries.applications_chosen(seen, chosen)
    # A trend over years is one of all years, whichever year the rest of the page is about.
    any_year = queries.applications_chosen(seen, {k: v for k, v in chosen.items() if k != "year"})
    places, charts = shown.charts_of(rows, any_year, request.actor.role)
    context = {
        "filters": filters,
        "chosen": chosen,
        "is_any": bool(filters["state"]["options"]),
        "places": places,
        "charts": charts,
        "query": request.GET.urlencode(),
    }
    return render(request, "pilots/oversight.html", context)


@permit("pilots.oversight")
def oversight_places(request: ActorRequest) -> HttpResponse:
    """All bars of one chart of places, however many: a list that sorts and pages."""
    by = _asked(request, shown.places_dimensions(request.actor.role))
    seen = queries.applications_overseen_by(request.actor)
    filters, chosen = _filters(request, seen)
    lines = queries.places_lines(queries.applications_chosen(seen, chosen), by)
    field = request.GET.get("sort", "")
    if field.removeprefix("-") in SORTS:
        lines = lines.order_by(field, "name")
    page = page_of(request, lines)
    context = {
        "by": by,
        "filters": filters,
        "chosen": chosen,
        "dimension": shown.DIMENSIONS[by].label,
        "question": shown.DIMENSIONS[by].question,
        "page": page,
        "lines": [shown.places_shown(by, line) for line in page],
        "export_url": f"{reverse('pilots:oversight-export')}?{request.GET.urlencode()}",
    }
    return render(request, "pilots/oversight_places.html", context)


@permit("pilots.oversight")
def oversight_export(request: ActorRequest) -> HttpResponse:
    """The whole table behind one chart, as a sheet: `?by=` names it, the filters are those of the page."""
    by = _asked(request, shown.tables(request.actor.role))
    seen = queries.applications_overseen_by(request.actor)
    _options, chosen = _filters(request, seen)
    if by == "year":
        chosen.pop("year", None)
    columns, lines = shown.table_of(queries.applications_chosen(seen, chosen), by)
    name = _("试点申报统计-%(table)s.xlsx") % {"table": shown.tables(request.actor.role)[by]}
    return exports.respond(request, name, columns, lines)


def _asked(request: ActorRequest, known: Collection[str]) -> str:
    """Which table the address means; the schools' when it names none that this role has."""
    by = typed(request.GET, "by")
    return by if by in known else "school"


def _filters(request: ActorRequest, seen: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The choices that these applications leave, and which of them the address chose; else it is ignored."""
    filters: dict[str, Any] = {}
    chosen: dict[str, str] = {}
    for name in shown.filters_for(request.actor.role):
        # Cities of the whole country are offered once a province is chosen.
        if name == "city" and "province" in filters and "province" not in chosen:
            continue
        rows = queries.applications_chosen(seen, {"province": chosen["province"]}) if "province" in chosen else seen
        options = queries.choices_in(rows, name)
        value = typed(request.GET, name)
        if value in dict(options):
            chosen[name] = value
        filters[name] = shown.filter_shown(name, options, chosen.get(name, ""))
    return filters, chosen
