"""证书试点申报: the list in the guide's nine columns, for everybody concerned, with all the years and batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from onex.catalog.rules import LEVEL_LABELS, Level
from onex.common import exports, sheets
from onex.common.actors import Role
from onex.common.pages import ActorRequest, chips_of, page_of, permit, sorted_by, typed
from onex.common.permits import holds
from onex.common.text import say
from onex.pilots import queries
from onex.pilots.models import PilotApplication
from onex.pilots.rules import APPLICATION_BY_CITY, ApplicationState, batch_label

S = ApplicationState
SORTS = {
    "year": "plan__year",
    "batch": "plan__batch",
    "school": "school__name",
    "certificate": "level__name",
    "requested": "requested_count",
    "approved": "approved_count",
    "used": "used_count",
    "state": "state",
    "submitted_at": "submitted_at",
}
FILTERS = {
    "year": say("申报年度"),
    "batch": say("申报批次"),
    "certificate": say("证书"),
    "level": say("等级"),
}
COLUMNS = (
    sheets.Column("school", say("院校"), 28),
    sheets.Column("year", say("申报年度"), 10, as_text=False),
    sheets.Column("batch", say("申报批次"), 10),
    sheets.Column("certificate", say("证书名称"), 36),
    sheets.Column("issuer", say("颁证机构"), 28),
    sheets.Column("requested", say("申请培训总人数"), 16, as_text=False),
    sheets.Column("approved", say("批准培训总人数"), 16, as_text=False),
    sheets.Column("used", say("已使用培训数"), 14, as_text=False),
    sheets.Column("submitted_at", say("提交时间"), 18),
    sheets.Column("state", say("申报状态"), 14),
)


@permit("pilots.application_see")
def application_list(request: ActorRequest) -> HttpResponse:
    """The guide's nine columns; reviewers see the school before them."""
    seen = queries.applications_seen_by(request.actor)
    choices = queries.kinds_in(seen)
    narrowed = _narrowed(request, seen, choices)
    flow = APPLICATION_BY_CITY  # both tables have the same words
    chips = chips_of(queries.counts_by_state(narrowed), flow.labels)
    page = page_of(request, queries.applications_listed(sorted_by(request, _in_state(request, narrowed), SORTS)))
    context = {
        "page": page,
        "lines": [{"row": row, "batch": batch_label(row.plan.batch)} for row in page],
        "chips": chips,
        "filters": _filters(request, choices),
        "is_narrowed": bool(request.GET.keys() & {*FILTERS, "q", "state", "plan"}),
        "flow": flow,
        "is_school": request.actor.role == Role.SCHOOL,
        "columns": 9 if request.actor.role == Role.SCHOOL else 10,
        "decides": {Role.CITY: S.CITY_REVIEW, Role.PROVINCE: S.PROVINCE_REVIEW}.get(request.actor.role, ""),
        "export": reverse("pilots:application-export"),
        "printing": reverse("pilots:application-list-print") + _query(request),
        "may_apply": holds("pilots.application_create", request.actor),
    }
    return render(request, "pilots/application_list.html", context)


def rows_asked(request: ActorRequest) -> QuerySet[PilotApplication]:
    """Those that the address asks for, in its order: what the list shows and what leaves as a file."""
    seen = queries.applications_seen_by(request.actor)
    asked = request.GET.keys() & FILTERS
    choices = queries.kinds_in(seen) if asked else {name: {} for name in FILTERS}
    return sorted_by(request, _in_state(request, _narrowed(request, seen, choices)), SORTS)


def _narrowed(
    request: ActorRequest, rows: QuerySet[PilotApplication], choices: Mapping[str, Mapping[str, Any]]
) -> QuerySet[PilotApplication]:
    rows = queries.applications_found(rows, typed(request.GET, "q"))
    if plan := typed(request.GET, "plan"):
        rows = queries.applications_under(rows, plan)
    return queries.applications_narrowed(rows, {name: typed(request.GET, name) for name in FILTERS}, choices)


def _in_state(request: ActorRequest, rows: QuerySet[PilotApplication]) -> QuerySet[PilotApplication]:
    state = typed(request.GET, "state")
    return rows.filter(state=state) if state in set(S) else rows


def _filters(request: ActorRequest, choices: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What can be chosen between; a choice of one is none."""
    words = {"batch": batch_label, "level": lambda level: LEVEL_LABELS[Level(level)]}
    return [
        {
            "name": name,
            "label": label,
            "options": [
                {"value": value, "label": words.get(name, str)(one), "is_chosen": typed(request.GET, name) == value}
                for value, one in choices[name].items()
            ],
        }
        for name, label in FILTERS.items()
        if len(choices[name]) > 1 or typed(request.GET, name)
    ]


def _query(request: ActorRequest) -> str:
    kept = request.GET.copy()
    kept.pop("page", None)
    return f"?{kept.urlencode()}" if kept else ""


@permit("pilots.application_see")
def application_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the list shows, as a sheet."""
    rows = queries.application_lines(rows_asked(request))
    return exports.respond(request, _("证书试点申报.xlsx"), COLUMNS, rows, sheet_line)


def sheet_line(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `application_lines` in the columns of a file."""
    return {
        "school": row["school__name"],
        "year": row["plan__year"],
        "batch": batch_label(row["plan__batch"]),
        "certificate": row["level__name"],
        "issuer": row["level__certificate__issuer_name"],
        "requested": row["requested_count"],
        "approved": "" if row["approved_count"] is None else row["approved_count"],
        "used": row["used_count"],
        "submitted_at": f"{localtime(row['submitted_at']):%Y-%m-%d %H:%M}" if row["submitted_at"] else "",
        "state": APPLICATION_BY_CITY.word(row["state"]),
    }
