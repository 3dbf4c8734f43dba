"""One application: where it stands, what may be done with it, its files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.common import files
from onex.common.actors import Role
from onex.common.moves import offers
from onex.common.pages import ActorRequest, get_or_404, permit, typed
from onex.common.permits import allows, holds
from onex.common.text import Refused, say
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    DECIDING,
    EDITABLE,
    ApplicationState,
    Field,
    flow_of,
    remarked,
)
from onex.pilots.views.deciding import decisions_shown, remark_fields, return_until, signals_shown, typed_shown
from onex.pilots.views.filing_shown import checklist_of, window_problems
from onex.pilots.views.queueing import address_of, asked_of, queue_asked
from onex.pilots.views.shown import (
    facts_shown,
    holder_shown,
    materials_compared,
    materials_shown,
    next_step,
    offer_facts,
    steps_of,
    timeline_shown,
)


@permit("pilots.application_see")
def application_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One application: where it stands, what was asked, what was granted, who did what; the moves of this person."""
    return _detail(request, get_or_404(queries.applications_seen_by(request.actor), pk=pk))


def _detail(
    request: ActorRequest, row: PilotApplication, problems: Any = (), status: int = 200, tried: str = ""
) -> HttpResponse:
    flow = flow_of(row.plan.requires_city_approval)
    shown = offers(flow, row, request.actor, request.at, offer_facts)
    is_school = request.actor.role == Role.SCHOOL
    is_editable = row.state in EDITABLE and allows("pilots.application_file", request.actor, row)
    deciding = [one for one in shown if one.name in DECIDING]
    before = None if is_school else queries.submission_before(row)
    changed_files = materials_compared(row, before)
    checklist = _checklist(row, request) if is_editable else []
    context = {
        "row": row,
        "flow": flow,
        "steps": steps_of(row),
        "holder": holder_shown(row),
        "next": next_step(row),
        "facts": facts_shown(row, before),
        "is_compared": before is not None,
        "changed_files": changed_files,
        "material_remarks": [one for one in queries.remarks_of(row) if one.field == Field.MATERIALS],
        "materials": materials_shown(row, changed_files["new"]),
        "places": queries.places_of(row)[:20],
        "may_see_ledger": holds("pilots.places_see", request.actor),
        "may_adjust": row.state == ApplicationState.APPROVED and holds("pilots.places_adjust", request.actor),
        "entries": timeline_shown(row, is_school),
        "offers": [one for one in shown if one not in deciding],
        "is_editable": is_editable,
        "checklist": checklist,
        # One main button: what was returned is corrected first, a draft with nothing missing is handed in.
        "is_to_write": is_editable
        and (row.state == ApplicationState.RETURNED or any(not one["done"] for one in checklist)),
        "may_apply_again": row.state == ApplicationState.WITHDRAWN
        and allows("pilots.application_create", request.actor, row.plan)
        and not window_problems(row.plan, request.at),
        "problems": problems,
        **_reviewing(request, row, deciding, tried),
    }
    return render(request, "pilots/application_detail.html", context, status=status)


def _checklist(row: PilotApplication, request: ActorRequest) -> list[dict[str, Any]]:
    return checklist_of(row, request.at, reverse("pilots:application-edit", args=[row.pk]))


def _reviewing(request: ActorRequest, row: PilotApplication, deciding: list[Any], tried: str) -> dict[str, Any]:
    """What only a reviewer sees: the decisions with what was typed, the signals, the neighbours in the queue."""
    if request.actor.role not in (Role.CITY, Role.PROVINCE):
        return {}
    is_waiting = any(one.name in ("approve", "pass", "return") for one in deciding)
    asked = asked_of(request.GET)
    before, after, place = None, None, 0
    queue: list[Any] = []
    if is_waiting or "from" in request.GET:
        queue = queue_asked(request)
        before, after = queries.neighbours_in_queue(queue, row)
        place = next((n for n, one in enumerate(queue, start=1) if one.pk == row.pk), 0)
    decisions = decisions_shown(row, deciding, request, tried)
    return {
        "decisions": decisions,
        "typed": typed_shown(request, tried, decisions),
        "remark_fields": remark_fields(request),
        "returning": return_until(row, request.at),
        "signals": signals_shown(row, request.actor) if is_waiting else [],
        "is_reviewing": is_waiting,
        "before": address_of(before, asked) if before else "",
        "after": address_of(after, asked) if after else "",
        "place": place,
        "queue_length": len(queue),
        "queue_address": reverse("pilots:review-queue") + (f"?{asked}" if asked else ""),
        "asked": asked,
    }


@permit("pilots.application_see")
@require_POST
def application_move(request: ActorRequest, pk: UUID, move: str = "") -> HttpResponse:
    """Make a move: its name in the address or in the form, with `note` and for "approve" `approved_count`.

    A decision comes with the `revision` of the page it was made on and, for a return, a `remark-…` for each field;
    `then=next` goes on to the next of the queue.
    """
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    name = move or typed(request.POST, "move")
    count, revision = typed(request.POST, "approved_count").strip(), typed(request.POST, "revision")
    after = _next_after(request, row) if request.POST.get("then") == "next" else None
    try:
        if count and not (count.isascii() and count.isdigit() and len(count) < 9):
            raise Refused(say("批准培训总人数请填写整数。"))
        moved = services.move_application(
            row,
            name,
            by=request.actor,
            at=request.at,
            note=typed(request.POST, "note"),
            approved_count=int(count) if count else None,
            remarks=remarked({one.value: typed(request.POST, f"remark-{one}") for one in Field}),
            revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 9 else None,
        )
    except Refused as refused:
        # As it is now: after somebody else's decision the page shows that one, and what was typed stays.
        fresh = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
        return _detail(request, fresh, refused.reasons, status=409, tried=name)
    done = _done(row, name, moved)
    if after is not None:  # it is read on the page of the next one
        of = f"{row.school.name} · {row.level.short_name}"
        messages.success(request, _("%(of)s：%(done)s") % {"of": of, "done": done})
        return redirect(address_of(after, asked_of(request.GET)))
    messages.success(request, done)
    back = reverse("pilots:application-detail", args=[pk])
    return redirect(f"{back}?from=queue" if "from" in request.GET else back)


def _next_after(request: ActorRequest, row: PilotApplication) -> UUID | None:
    return queries.neighbours_in_queue(queue_asked(request), row)[1]


def _done(row: PilotApplication, name: str, moved: PilotApplication) -> str:
    if name == "withdraw":
        return _("已撤回。申报时间内可以重新申报。")
    if name == "correct":
        return _("已撤销原来的结论，这份申报重新等待审核。")
    if name == "approve":
        return _("已通过，批准 %(n)s 人。") % {"n": moved.approved_count}
    return _("已办理：%(state)s。") % {"state": APPLICATION_BY_CITY.word(moved.state)}


@permit("pilots.application_see")
def material_download(request: ActorRequest, pk: UUID, file: UUID) -> Any:
    """One of the files of an application as a download."""
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    return files.respond(get_or_404(queries.all_materials_of(row), pk=file))
