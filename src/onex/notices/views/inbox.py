"""One's own inbox, for everybody who signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onex.common.actors import Role
from onex.common.pages import address_with, get_or_404, page_of, signed_in, typed
from onex.common.text import say
from onex.notices import queries, services
from onex.notices.models import Notice
from onex.notices.views.shown import from_of, hat_of, kind_of, label_of, tabs, way_of

STATES = {"unread": say("未读"), "read": say("已读")}


@signed_in
@never_cache
def inbox(request: Any) -> HttpResponse:
    rows = _narrowed(request)
    counts = queries.inbox_counts(rows)
    page = page_of(request, _of_state(request, rows))
    chips = [{"label": say("全部"), "value": "", "count": sum(counts.values())}]
    chips += [{"label": word, "value": state, "count": counts[state]} for state, word in STATES.items()]
    context = {
        "page": page,
        "rows": [_line(row) for row in page],
        "chips": chips,
        "unread": counts["unread"],
        "tabs": tabs(request, "inbox"),
        "hats": _hats(request),
        "read_all": reverse("notices:inbox-read") + address_with(request, page=None, state=None),
        "now": request.at.isoformat(),
        "is_filtered": any(request.GET.get(name) for name in ("q", "hat", "state")),
    }
    return render(request, "notices/inbox.html", context)


def _narrowed(request: Any) -> Any:
    """The inbox as searched and for the chosen hat, read and unread alike."""
    rows = queries.notices_found(queries.notices_of(request.actor), typed(request.GET, "q"))
    role, _, organisation = typed(request.GET, "hat").partition(":")
    if role == "own":
        return rows.filter(organisation=None)
    key = _key(organisation)
    return rows.filter(role=role, organisation=key) if key is not None else rows


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _of_state(request: Any, rows: Any) -> Any:
    state = request.GET.get("state", "")
    return rows.filter(read_at__isnull=state == "unread") if state in STATES else rows


def _hats(request: Any) -> list[tuple[str, str]]:
    """The hats to choose from; none when there is nothing to choose."""
    found = [
        (f"{role}:{key}", f"{Role(role).label} · {name}")
        for role, name, key in queries.hats_with_notices(request.actor)
    ]
    return found if len(found) > 1 else []


def _line(row: Notice) -> dict[str, Any]:
    return {
        "row": row,
        "kind": kind_of(row.sending.code),
        "hat": hat_of(row),
        "from": from_of(row),
        "is_unread": row.read_at is None,
    }


@signed_in
@never_cache
def notice_detail(request: Any, pk: str) -> HttpResponse:
    """The whole text. Looking changes nothing: whoever opened it from an e-mail says themselves that it is read."""
    return _detail(request, get_or_404(queries.notices_of(request.actor), pk=pk))


def _detail(request: Any, notice: Notice) -> HttpResponse:
    other = None if _is_worn(request, notice) else _hat(request, notice)
    context = {
        "notice": notice,
        "label": label_of(notice.sending.code),
        "kind": kind_of(notice.sending.code),
        "hat": hat_of(notice),
        "from": from_of(notice),
        "other_hat": other,
        "ways": [way_of(one) for one in notice.deliveries.all()],
    }
    return render(request, "notices/notice_detail.html", context)


def _is_worn(request: Any, notice: Notice) -> bool:
    actor = request.actor
    worn = (notice.organisation_id, notice.role) == (actor.organisation_id, str(actor.role))
    return worn or notice.organisation_id is None


def _hat(request: Any, notice: Notice) -> Any:
    """The person's own hat that it was sent to."""
    asked = (notice.organisation_id, notice.role)
    return next((hat for hat in request.hats if (hat.organisation_id, hat.role) == asked), None)


@signed_in
@require_POST
def notice_open(request: Any, pk: str) -> HttpResponse:
    """Read, and on to what it is about; in another hat its page would not be there, so first the notice itself."""
    notice = get_or_404(queries.notices_of(request.actor), pk=pk)
    services.mark_read(queries.notices_of(request.actor).filter(pk=notice.pk), by=request.actor, at=request.at)
    if notice.sending.link and _is_worn(request, notice):
        return redirect(notice.sending.link)
    return redirect("notices:notice-detail", pk=notice.pk)


@signed_in
@require_POST
def notice_read(request: Any, pk: str) -> HttpResponse:
    notice = get_or_404(queries.notices_of(request.actor), pk=pk)
    services.mark_read(queries.notices_of(request.actor).filter(pk=notice.pk), by=request.actor, at=request.at)
    if request.htmx:  # the page itself says that it was seen
        return HttpResponse(status=204)
    return redirect(reverse("notices:inbox") + address_with(request))


@signed_in
@require_POST
def inbox_read(request: Any) -> HttpResponse:
    """Everything the page showed or its filter covers, but not what came after the page was made."""
    seen_at = parse_datetime_or_none(typed(request.POST, "until")) or request.at
    rows = _narrowed(request).filter(sent_at__lte=min(seen_at, request.at))
    count = services.mark_read(rows, by=request.actor, at=request.at)
    messages.success(request, str(say("已将 {n} 条消息标为已读。", n=count)))
    return redirect(reverse("notices:inbox") + address_with(request))


def parse_datetime_or_none(text: str) -> Any:
    """A moment of a page of ours; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
