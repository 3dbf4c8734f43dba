"""From places to the entries that use them, and whether everything adds up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from onex.common import exports, sheets
from onex.common.pages import ActorRequest, chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import holds
from onex.common.text import say
from onex.pilots.rules import APPLICATION_BY_CITY, batch_label, problems_with_ledger
from onex.registration import queries
from onex.registration.rules.entries import ENTRY_FLOW, EntryState

EVEN_WORDS = {"0": say("不一致"), "1": say("一致")}
SORTS = {"school": "school__name", "year": "plan__year", "approved": "approved_count", "used": "used_count"}
COLUMNS = (
    sheets.Column("school", say("院校"), 28),
    sheets.Column("year", say("申报年度"), 10, as_text=False),
    sheets.Column("batch", say("申报批次"), 10),
    sheets.Column("certificate", say("证书等级"), 36),
    sheets.Column("approved", say("批准培训总人数"), 14, as_text=False),
    sheets.Column("granted", say("台账批准合计"), 14, as_text=False),
    sheets.Column("used", say("已使用培训数"), 14, as_text=False),
    sheets.Column("taken", say("台账占用合计"), 14, as_text=False),
    sheets.Column("live", say("有效报名"), 12, as_text=False),
    sheets.Column("even", say("核对结果"), 10),
    sheets.Column("why", say("说明"), 60),
)


@permit("registration.places_see")
def places_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The entries on the places of one application, and whether as many are live as places are used."""
    actor = request.actor
    row = get_or_404(queries.conservation(queries.places_seen_by(actor)), pk=pk)
    state = request.GET.get("state") or "live"
    state = state if state in {"live", *EntryState} else "live"
    live_seen = queries.entries_on(row, actor, "live").count()
    chips = chips_of(queries.entry_counts(queries.entries_on(row, actor)), ENTRY_FLOW.labels)
    context = {
        "row": row,
        "batch": batch_label(row.plan.batch),
        "problems": problems_with_ledger(queries.facts_of(row)),
        "holders": queries.holders_on(row),
        "page": page_of(request, queries.entries_on(row, actor, state), 50),
        "chips": [{"label": say("有效报名"), "value": "", "count": live_seen}, *chips[1:]],
        "flow": ENTRY_FLOW,
        "application_flow": APPLICATION_BY_CITY,
        "hidden_count": row.live - live_seen,
        "may_check": holds("pilots.places_check", actor),
        "may_see_ledger": holds("pilots.places_see", actor),
    }
    return render(request, "registration/places_detail.html", context)


@permit("pilots.places_check")
def places_check(request: ActorRequest) -> HttpResponse:
    """名额核对: every application with places, those that do not add up first."""
    rows = queries.places_checked_by(request.actor)
    counts = queries.check_counts(queries.places_checked(rows, typed(request.GET, "q"), ""))
    page = page_of(request, _checked(request, rows), 50)
    context = {
        "page": page,
        "lines": [
            {"row": row, "batch": batch_label(row.plan.batch), "problems": problems_with_ledger(queries.facts_of(row))}
            for row in page
        ],
        "broken_count": counts["0"],
        "even_count": counts["1"],
        "chips": chips_of(counts, EVEN_WORDS),
        "export": reverse("registration:places-check-export"),
    }
    return render(request, "registration/places_check.html", context)


def _checked(request: ActorRequest, rows: Any) -> Any:
    return sorted_by(request, queries.places_checked(rows, typed(request.GET, "q"), typed(request.GET, "even")), SORTS)


@permit("pilots.places_check")
def places_check_export(request: ActorRequest) -> HttpResponse:
    """Exactly the check that is shown, as a sheet."""
    rows = queries.check_lines(_checked(request, queries.places_checked_by(request.actor)))
    return exports.respond(request, f"{say('名额核对')}.xlsx", COLUMNS, rows, _sheet_line)


def _sheet_line(row: Any) -> dict[str, Any]:
    """A row of `check_lines` in the columns of the sheet."""
    return {
        "school": row.school__name,
        "year": row.plan__year,
        "batch": batch_label(row.plan__batch),
        "certificate": row.level__name,
        "approved": row.approved_count or 0,
        "granted": row.granted,
        "used": row.used_count,
        "taken": row.taken,
        "live": row.live,
        "even": EVEN_WORDS[str(row.is_even)],
        "why": " ".join(map(str, problems_with_ledger(queries.facts_of(row)))),
    }
