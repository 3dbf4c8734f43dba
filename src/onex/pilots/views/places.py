"""名额台账: what was asked, granted, used and is left, over many applications and line by line for one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from onex.catalog.rules import Level
from onex.common import exports, sheets
from onex.common.actors import Role
from onex.common.pages import ActorRequest, chips_of, get_or_404, page_of, permit, sorted_by
from onex.common.permits import allows, holds
from onex.common.text import Refused, say
from onex.pilots import queries, services
from onex.pilots.forms import AdjustForm
from onex.pilots.models import PilotApplication, PlacesMove
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    GRANTED,
    ApplicationState,
    LedgerFacts,
    batch_label,
    problems_with_ledger,
)

SORTS = {
    "year": "plan__year",
    "school": "school__name",
    "certificate": "level__name",
    "requested": "requested_count",
    "approved": "approved_count",
    "used": "used_count",
    "left": "left",
}
COLUMNS = (
    sheets.Column("school", say("院校"), 28),
    sheets.Column("city", say("城市"), 12),
    sheets.Column("year", say("申报年度"), 10, as_text=False),
    sheets.Column("batch", say("申报批次"), 10),
    sheets.Column("certificate", say("证书等级"), 36),
    sheets.Column("issuer", say("颁证机构"), 28),
    sheets.Column("requested", say("申请培训总人数"), 16, as_text=False),
    sheets.Column("approved", say("批准培训总人数"), 16, as_text=False),
    sheets.Column("used", say("已使用培训数"), 14, as_text=False),
    sheets.Column("left", say("剩余名额"), 12, as_text=False),
    sheets.Column("lapsed", say("到期失效"), 12, as_text=False),
    sheets.Column("state", say("申报状态"), 14),
)
LINE_COLUMNS = (
    sheets.Column("at", say("时间"), 20),
    sheets.Column("kind", say("类别"), 12),
    sheets.Column("count", say("名额"), 10, as_text=False),
    sheets.Column("subject", say("对象"), 36),
    sheets.Column("reason", say("事由"), 28),
    sheets.Column("approved", say("批准合计"), 12, as_text=False),
    sheets.Column("used", say("已使用合计"), 12, as_text=False),
    sheets.Column("who", say("操作人"), 20),
)
IN_CHART = 12


@permit("pilots.places_see")
def places_list(request: ActorRequest) -> HttpResponse:
    """The ledger over many applications: filters and order in the address, sums in the foot, a chart by level."""
    asked = queries.LedgerAsked.of(request.GET)
    seen = queries.ledger_seen_by(request.actor, request.at)
    rows = queries.ledger_of(seen, asked)
    page = page_of(request, queries.ledger_listed(sorted_by(request, rows, SORTS)))
    by_level = queries.ledger_by_level(rows, IN_CHART + 1)
    choices = queries.ledger_choices(seen, asked)
    choices["batches"] = [{"value": n, "label": batch_label(n)} for n in choices["batches"]]
    counts = queries.ledger_counts(queries.ledger_of(seen, asked.in_any_state))
    context = {
        "page": page,
        "lines": [{"row": row, "batch": batch_label(row.plan.batch)} for row in page],
        "sums": queries.ledger_sums(rows),
        "chips": chips_of(counts, {state: APPLICATION_BY_CITY.labels[state] for state in GRANTED}),
        "flow": APPLICATION_BY_CITY,
        "asked": asked,
        "choices": choices,
        "levels": [(level.value, level.label) for level in Level],
        "chart": _chart(by_level[:IN_CHART]),
        "is_cut": len(by_level) > IN_CHART,
        "in_chart": IN_CHART,
        "is_school": request.actor.role == Role.SCHOOL,
        "is_of_city": request.actor.role == Role.CITY,
        "is_national": request.actor.role not in (Role.SCHOOL, Role.CITY, Role.PROVINCE),
        "may_check": holds("pilots.places_check", request.actor),
        "export": reverse("pilots:places-export"),
    }
    return render(request, "pilots/places_list.html", context)


def _chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": "bar",
        "unit": _("人"),
        "category": _("证书等级"),
        "categories": [row["name"] for row in rows],
        "series": [
            {"name": _("批准"), "values": [row["approved"] for row in rows], "colour": 0},
            {"name": _("已使用"), "values": [row["used"] for row in rows], "colour": 1},
        ],
    }


@permit("pilots.places_see")
def places_export(request: ActorRequest) -> HttpResponse:
    """Exactly what the ledger shows, as a sheet."""
    seen = queries.ledger_seen_by(request.actor, request.at)
    rows = sorted_by(request, queries.ledger_of(seen, queries.LedgerAsked.of(request.GET)), SORTS)
    return exports.respond(request, _("名额台账.xlsx"), COLUMNS, queries.ledger_lines(rows), _sheet_line)


def _sheet_line(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `ledger_lines` in the columns of the sheet."""
    return {
        "school": row["school__name"],
        "city": row["school__city__region_name"],
        "year": row["plan__year"],
        "batch": batch_label(row["plan__batch"]),
        "certificate": row["level__name"],
        "issuer": row["level__certificate__issuer_name"],
        "requested": row["requested_count"],
        "approved": row["approved_count"],
        "used": row["used_count"],
        "left": row["left"],
        "lapsed": row["lapsed"],
        "state": APPLICATION_BY_CITY.word(row["state"]),
    }


@permit("pilots.places_see")
def places_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The ledger of one application, line by line, and whether its counters are the sums of the lines."""
    row = get_or_404(queries.with_ledger_sums(queries.places_seen_by(request.actor)), pk=pk)
    context = {
        "row": row,
        "batch": batch_label(row.plan.batch),
        "flow": APPLICATION_BY_CITY,
        "page": page_of(request, queries.ledger_lines_of(row), 50),
        "problems": problems_with_ledger(LedgerFacts(row.approved_count, row.used_count, row.granted, row.taken)),
        "is_over": row.state == ApplicationState.EXPIRED,
        # A city reads the ledger of all its schools: students are not its business, nor what did not pass its desk.
        "may_see_application": allows("pilots.application_see", request.actor, row),
        "may_see_entries": request.actor.role != Role.CITY,
        "may_adjust": row.state == ApplicationState.APPROVED and holds("pilots.places_adjust", request.actor),
        "export": reverse("pilots:places-lines", args=[row.pk]),
    }
    return render(request, "pilots/places_detail.html", context)


@permit("pilots.places_see")
def places_lines(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The ledger of one application as a sheet."""
    row = get_or_404(queries.places_seen_by(request.actor), pk=pk)
    return exports.respond(
        request, _("名额流水.xlsx"), LINE_COLUMNS, list(queries.ledger_lines_of(row)), _ledger_line, subject=row
    )


def _ledger_line(line: PlacesMove) -> dict[str, Any]:
    return {
        "at": f"{localtime(line.at):%Y-%m-%d %H:%M:%S}",
        "kind": line.kind_label,
        "count": line.count,
        "subject": line.subject_label,
        "reason": line.reason,
        "approved": line.approved_then,  # type: ignore[attr-defined]
        "used": line.used_then,  # type: ignore[attr-defined]
        "who": line.actor_label,
    }


# --- adjusting ---------------------------------------------------------------------------------------------------


@permit("pilots.places_adjust")
def places_adjust(request: ActorRequest, pk: UUID) -> HttpResponse:
    """GET asks for the new number; POST shows its effect, and with `then=confirm` makes it so."""
    row = get_or_404(queries.places_to_adjust(request.actor), pk=pk)
    if request.method != "POST":
        start = {"approved_count": row.approved_count, "revision": row.revision}
        return _adjusting(request, row, AdjustForm(initial=start))
    form = AdjustForm(request.POST)
    if not form.is_valid():
        return _adjusting(request, row, form, status=422)
    given = form.cleaned_data
    who: Any = {"by": request.actor, "at": request.at, "note": given["note"], "revision": given["revision"]}
    try:
        if request.POST.get("then") != "confirm":
            effect = services.rehearse_adjust(row, given["approved_count"], **who)
            return _adjusting(request, row, form, effect=effect)
        moved = services.adjust_places(row, given["approved_count"], **who)
    except Refused as refused:
        return _adjusting(request, row, form, problems=refused.reasons, status=409)
    messages.success(request, _("已调整，批准 %(n)s 人。") % {"n": moved.approved_count})
    return redirect("pilots:places-detail", pk)


def _adjusting(
    request: ActorRequest,
    row: PilotApplication,
    form: AdjustForm,
    effect: services.AdjustEffect | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "row": row,
        "batch": batch_label(row.plan.batch),
        "form": form,
        "effect": effect,
        "totals": _totals_shown(effect) if effect else [],
        "is_open": row.state == ApplicationState.APPROVED,
        "problems": problems,
    }
    return render(request, "pilots/places_adjust.html", context, status=status)


def _totals_shown(effect: services.AdjustEffect) -> list[dict[str, Any]]:
    return [
        {
            "label": one.label or _("本计划全部证书"),
            "total": one.total,
            "before": one.granted + effect.before,
            "after": one.granted + effect.after,
        }
        for one in effect.totals
    ]
