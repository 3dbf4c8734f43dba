"""院校档案: the schools of a province as they are, what they were called, who acts for them; suspended and restored."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts import queries, services
from onex.accounts.models import School
from onex.accounts.rules import (
    ADMINISTRATOR_CHANGE,
    CHANGE_KIND_LABELS,
    OWNERSHIP_LABELS,
    SCHOOL,
    SCHOOL_TYPE_LABELS,
    Ownership,
    SchoolState,
    SchoolType,
)
from onex.common import reveal
from onex.common.actors import Role
from onex.common.masks import mask_email, mask_phone
from onex.common.moves import offers
from onex.common.pages import ActorRequest, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, say

PERSONAL = {
    "contact_phone": reveal.Fact(say("联系电话"), "contact_phone", mask_phone),
    "contact_email": reveal.Fact(say("联系邮箱"), "contact_email", mask_email),
}
SORTS = {"name": "name", "city": "city__code"}
CANNED = (say("已不再开展职业技能等级证书试点。"), say("办学资质失效，待核实。"))


@permit("accounts.institution_see")
def institution_list(request: ActorRequest) -> HttpResponse:
    """The schools that have an account, found by what they are or were called."""
    seen = queries.institutions_seen_by(request.actor)
    counts = queries.counts_by_state(seen)
    rows = queries.institutions_found(seen, typed(request.GET, "q"))
    if (state := request.GET.get("state", "")) in set(SchoolState):
        rows = rows.filter(state=state)
    context = {
        "page": page_of(request, sorted_by(request, rows, SORTS)),
        "flow": SCHOOL,
        "types": SCHOOL_TYPE_LABELS,
        "chips": [
            {"label": _("全部"), "value": "", "count": sum(counts.values())},
            *(
                {"label": SCHOOL.word(one), "value": one.value, "count": counts.get(one.value, 0)}
                for one in SchoolState
            ),
        ],
    }
    return render(request, "accounts/institution_list.html", context)


@permit("accounts.institution_see")
def institution_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One school with its names, its people, its changes and its story."""
    return _detail(request, get_or_404(queries.institutions_seen_by(request.actor), pk=pk))


def _detail(request: ActorRequest, school: School, problems: Any = (), status: int = 200) -> HttpResponse:
    people = [{"hat": hat, "role": Role(hat.role).label} for hat in queries.hats_at(school)[:50]]
    may_see_changes = holds("accounts.change_see", request.actor)
    context = {
        "school": school,
        "masked": reveal.masked(PERSONAL, school),
        "may_reveal": allows("accounts.institution_reveal", request.actor, school),
        "flow": SCHOOL,
        "type": SCHOOL_TYPE_LABELS[SchoolType(school.school_type)],
        "ownership": OWNERSHIP_LABELS[Ownership(school.ownership)],
        "people": people,
        "names": queries.names_of(school),
        "changes": queries.changes_seen_by(request.actor).filter(school=school)[:20] if may_see_changes else (),
        "kinds": CHANGE_KIND_LABELS,
        "change_flow": ADMINISTRATOR_CHANGE,
        "entries": [
            {
                "who": trace.actor_label,
                "at": trace.at,
                "what": SCHOOL.act(trace.verb),
                "note": trace.note,
                "hat": Role(trace.hat).label,
                "tone": SCHOOL.tone(trace.to_state) if trace.to_state else "neutral",
                "state": SCHOOL.word(trace.to_state) if trace.to_state else "",
            }
            for trace in timeline_of(school).reverse()
        ],
        "offers": offers(SCHOOL, school, request.actor, request.at),
        "canned": {"suspend": CANNED},
        "problems": problems,
    }
    return render(request, "accounts/institution_detail.html", context, status=status)


@permit("accounts.institution_reveal")
@require_POST
def institution_reveal(request: ActorRequest, pk: UUID, field: str) -> HttpResponse:
    """A number of the school's contact, for a reason."""
    return reveal.answer(request, get_or_404(queries.institutions_to_reveal(request.actor), pk=pk), PERSONAL, field)


@permit("accounts.institution_suspend")
@require_POST
def institution_move(request: ActorRequest, pk: UUID, move: str) -> HttpResponse:
    """Suspend or restore, with the reason."""
    school = get_or_404(queries.institutions_seen_by(request.actor), pk=pk)
    try:
        row = services.move_school(school, move, by=request.actor, at=request.at, note=typed(request.POST, "note"))
    except Refused as refused:
        return _detail(request, school, refused.reasons, status=409)
    if row.state == SchoolState.SUSPENDED:
        messages.success(request, _("已暂停：%(school)s 的人员现在不能登录办理业务。") % {"school": row.name})
    else:
        messages.success(request, _("已恢复：%(school)s。") % {"school": row.name})
    return redirect("accounts:institution-detail", pk)
