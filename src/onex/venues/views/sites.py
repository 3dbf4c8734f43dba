"""Pages of the sites there are: everybody concerned looks, their organisation takes them out of use and back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from onex.common import exports, reveal, sheets
from onex.common.actors import Role
from onex.common.masks import mask_phone
from onex.common.moves import offers
from onex.common.pages import chips_of, get_or_404, page_of, permit, typed
from onex.common.permits import allows, holds
from onex.common.text import Refused, say
from onex.venues import queries, services
from onex.venues.rules import SITE_FLOW, Standing, is_due
from onex.venues.views.shared import PERSONAL, may_apply, tabs, told

SUSPEND_REASONS = (
    say("机房改造，暂不能承担考核"),
    say("监控设备不符合要求，整改后恢复"),
    say("违反考务纪律，停用整改"),
)


@permit("venues.site_see")
def site_list(request: Any) -> HttpResponse:
    context = {
        "page": page_of(request, _sites(request)),
        "tabs": tabs(request, "site"),
        "chips": chips_of(queries.site_counts(request.actor), SITE_FLOW.labels),
        "flow": SITE_FLOW,
        "is_school": request.actor.role == Role.SCHOOL,
        "apply": may_apply(request),
        "export": reverse("venues:site-export"),
    }
    return render(request, "venues/site_list.html", context)


def _sites(request: Any) -> Any:
    rows = queries.sites_found(queries.sites_seen_by(request.actor), typed(request.GET, "q"))
    if (state := request.GET.get("state", "")) in {s.value for s in Standing}:
        rows = rows.filter(state=state)
    return rows


@permit("venues.site_see")
def site_export(request: Any) -> HttpResponse:
    columns = (
        sheets.Column("name", say("考核站点名称"), 48),
        sheets.Column("school", say("院校"), 28),
        sheets.Column("levels", say("考核证书"), 40),
        sheets.Column("address", say("考核站点地址"), 40),
        sheets.Column("contact", say("联系人"), 24),
        sheets.Column("rooms", say("考场数"), 10, as_text=False),
        sheets.Column("machines", say("考试机数量"), 12, as_text=False),
        sheets.Column("spares", say("备用机数量"), 12, as_text=False),
        sheets.Column("state", say("状态"), 12),
        sheets.Column("until", say("有效期至"), 14),
    )

    def line(row: Any) -> dict[str, Any]:
        return {
            "name": row.name,
            "school": row.school.name,
            "levels": "、".join(level.name for level in row.levels.all()),
            "address": f"{row.region}{row.address}",
            "contact": f"{row.contact_name} {mask_phone(row.contact_phone)}",
            "rooms": row.room_count,
            "machines": row.machine_count,
            "spares": row.spare_count,
            "state": str(SITE_FLOW.word(row.state)),
            "until": f"{row.valid_until:%Y-%m-%d}",
        }

    return exports.respond(request, str(say("考核站点.xlsx")), columns, _sites(request), line)


@permit("venues.site_see")
def site_detail(request: Any, pk: str) -> HttpResponse:
    return _site_page(request, get_or_404(queries.sites_seen_by(request.actor), pk=pk))


def _site_page(request: Any, site: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {
        "site": site,
        "masked": reveal.masked(PERSONAL, site),
        "may_reveal": allows("venues.site_reveal", request.actor, site),
        "rooms": list(site.rooms.all()),
        "entries": told(site, SITE_FLOW),
        "flow": SITE_FLOW,
        "may_change": site.state != Standing.REVOKED
        and holds("venues.application_create", request.actor)
        and allows("venues.application_create", request.actor, site.school),
        "offers": offers(
            SITE_FLOW, site, request.actor, request.at, facts=lambda row: queries.standing_of(row, request.at)
        ),
        "canned": {"suspend": SUSPEND_REASONS},
        "is_due": site.state != Standing.REVOKED and is_due(queries.standing_of(site, request.at)),
        "may_see_application": holds("venues.application_see", request.actor)
        and allows("venues.application_see", request.actor, site.application),
        "problems": problems,
    }
    return render(request, "venues/site_detail.html", context, status=status)


@permit("venues.site_manage")
@require_POST
def site_move(request: Any, pk: str, move: str = "") -> HttpResponse:
    site = get_or_404(queries.sites_seen_by(request.actor), pk=pk)
    name, note = move or request.POST.get("move", ""), request.POST.get("note", "")
    try:
        moved = services.move_site(site, name, by=request.actor, at=request.at, note=note)
    except Refused as refused:
        site = get_or_404(queries.sites_seen_by(request.actor), pk=pk)
        return _site_page(request, site, problems=refused.reasons, status=409)
    messages.success(request, str(say("已办理：{state}", state=SITE_FLOW.word(moved.state))))
    return redirect("venues:site-detail", pk=pk)


@permit("venues.application_create")
@require_POST
def site_change(request: Any, pk: str) -> HttpResponse:
    """A site does not apply again: its school files what is to be another, and continues what it began."""
    site = get_or_404(queries.sites_seen_by(request.actor), pk=pk)
    try:
        application = services.create_change(site, by=request.actor, at=request.at)
    except Refused as refused:
        return _site_page(request, site, problems=refused.reasons, status=409)
    page = "venues:application-edit" if application.is_editable else "venues:application-detail"
    return redirect(page, pk=application.pk)


@permit("venues.site_reveal")
@require_POST
def site_reveal(request: Any, pk: str, field: str) -> HttpResponse:
    return reveal.answer(request, get_or_404(queries.sites_to_reveal(request.actor), pk=pk), PERSONAL, field)
