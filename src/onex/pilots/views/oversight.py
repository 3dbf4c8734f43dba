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
    places, charts = shown.charts_of(seen, chosen, request.actor.role)
    context = {
        "filters": shown.useful(filters),
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
        "filters": shown.useful(filters),
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
    names = shown.filters_for(request.actor.role)
    is_national = "province" in names
    asked = {name: typed(request.GET, name) for name in names}
    # Cities of the whole country are offered once a province is chosen.
    options = queries.choices_in(seen, [name for name in names if name != "city" or not is_national])
    if is_national and asked["province"] in dict(options["province"]):
        there = queries.applications_chosen(seen, {"province": asked["province"]})
        options |= queries.choices_in(there, names[names.index("province") + 1 :])
    chosen = {name: asked[name] for name in names if asked[name] in dict(options.get(name, ()))}
    filters = {name: shown.filter_shown(name, options[name], chosen.get(name, "")) for name in names if name in options}
    return filters, chosen
