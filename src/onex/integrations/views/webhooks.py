"""事件推送: the receivers of one's organisation, and everything that is done to one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onex.accounts.queries import organisation_of
from onex.accounts.views.entrance import recently_proved
from onex.common.pages import ActorRequest, chips_of, get_or_404, page_of, permit
from onex.common.text import Refused
from onex.integrations import queries, services
from onex.integrations.forms import EndpointForm
from onex.integrations.models import WebhookDelivery, WebhookEndpoint
from onex.integrations.rules import DELIVERY_LABELS, DELIVERY_TONES, EVENTS, PING, DeliveryState


@permit("integrations.webhook_manage")
def webhook_list(request: ActorRequest) -> HttpResponse:
    """The receivers of this organisation: whether they work, and what was given up."""
    page = page_of(request, queries.endpoints_seen_by(request.actor))
    return render(request, "integrations/webhook_list.html", {"page": page})


@permit("integrations.webhook_manage")
def webhook_detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One receiver, what it is told of, and every delivery of thirty days."""
    return _detail(request, get_or_404(queries.endpoint_of(request.actor), pk=pk))


def _detail(request: ActorRequest, row: WebhookEndpoint, problems: Any = (), status: int = 200) -> HttpResponse:
    deliveries = queries.deliveries_of(row)
    counts = queries.counts_by_state(deliveries)
    if (word := request.GET.get("state", "")) in set(DeliveryState):
        deliveries = queries.deliveries_in(deliveries, word)
    page = page_of(request, deliveries)
    context = {
        "row": row,
        "page": page,
        "lines": [_line(one) for one in page],
        "chips": chips_of(counts, DELIVERY_LABELS),
        "events": [event for code, event in EVENTS.items() if code in row.events],
        "old_secret": row.old_until if row.old_until is not None and request.at < row.old_until else None,
        "problems": problems,
    }
    return render(request, "integrations/webhook_detail.html", context, status=status)


def _line(one: WebhookDelivery) -> dict[str, Any]:
    state = DeliveryState(one.word)  # type: ignore[attr-defined]
    return {
        "row": one,
        "event": _("测试") if one.event == PING else EVENTS[one.event].label if one.event in EVENTS else one.event,
        "state": DELIVERY_LABELS[state],
        "tone": DELIVERY_TONES[state],
        "is_over": state in (DeliveryState.DELIVERED, DeliveryState.STOPPED),
    }


@permit("integrations.webhook_manage")
@recently_proved()
@never_cache
def webhook_create(request: ActorRequest) -> HttpResponse:
    """The form; then the secret, this once."""
    form = EndpointForm(request.POST if request.method == "POST" else None)
    problems: Any = ()
    if request.method == "POST" and form.is_valid():
        try:
            organisation = organisation_of(request.actor)
            row, secret = services.create_endpoint(organisation, form.values(), by=request.actor, at=request.at)
        except services.BadAddress as bad:
            form.add_error("url", [str(reason) for reason in bad.reasons])
        except Refused as refused:
            problems = refused.reasons
        else:
            return _secret_page(request, row, secret)
    return _form_page(request, form, None, problems)


@permit("integrations.webhook_manage")
@recently_proved()
def webhook_edit(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Another name, address or choice of events; the secret stays."""
    row = get_or_404(queries.endpoint_of(request.actor), pk=pk)
    form = EndpointForm(request.POST if request.method == "POST" else None, endpoint=row)
    problems: Any = ()
    if request.method == "POST" and form.is_valid():
        try:
            services.update_endpoint(row, form.values(), by=request.actor, at=request.at)
        except services.BadAddress as bad:
            form.add_error("url", [str(reason) for reason in bad.reasons])
        except Refused as refused:
            problems = refused.reasons
        else:
            messages.success(request, _("已保存。"))
            return redirect("integrations:webhook-detail", pk)
    return _form_page(request, form, row, problems)


def _form_page(request: ActorRequest, form: EndpointForm, row: WebhookEndpoint | None, problems: Any) -> HttpResponse:
    status = 200 if request.method != "POST" else 409 if problems else 422
    context = {"form": form, "row": row, "problems": problems}
    return render(request, "integrations/webhook_form.html", context, status=status)


def _secret_page(request: ActorRequest, row: WebhookEndpoint, secret: str, *, is_new: bool = True) -> HttpResponse:
    return render(request, "integrations/webhook_secret.html", {"row": row, "secret": secret, "is_new": is_new})


@permit("integrations.webhook_manage")
@recently_proved()
@never_cache
@require_POST
def webhook_rotate(request: ActorRequest, pk: UUID) -> HttpResponse:
    """A new secret, shown this once; the old one signs beside it for a day."""
    row = get_or_404(queries.endpoint_of(request.actor), pk=pk)
    return _secret_page(request, row, services.rotate_secret(row, by=request.actor, at=request.at), is_new=False)


@permit("integrations.webhook_manage")
@require_POST
def webhook_ping(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Send a try-out now."""
    row = get_or_404(queries.endpoint_of(request.actor), pk=pk)
    try:
        services.ping(row, by=request.actor, at=request.at)
    except Refused as refused:
        return _detail(request, row, refused.reasons, status=409)
    messages.success(request, _("测试事件已发出，结果在下面的推送记录里；几秒后刷新。"))
    return redirect("integrations:webhook-detail", pk)


@permit("integrations.webhook_manage")
@require_POST
def webhook_pause(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Pause, or with `resume` go on."""
    row = get_or_404(queries.endpoint_of(request.actor), pk=pk)
    paused = "resume" not in request.POST
    services.set_paused(row, paused, by=request.actor, at=request.at)
    messages.success(request, _("已暂停，期间发生的事件不会补发。") if paused else _("已恢复，新的事件会照常推送。"))
    return redirect("integrations:webhook-detail", pk)


@permit("integrations.webhook_manage")
@require_POST
def webhook_remove(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take it away with its deliveries."""
    row = get_or_404(queries.endpoint_of(request.actor), pk=pk)
    services.remove_endpoint(row, by=request.actor, at=request.at)
    messages.success(request, _("已删除“%(name)s”，不再推送。") % {"name": row.name})
    return redirect("integrations:webhook-list")
