"""One delivery, sent once more."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.common.pages import ActorRequest, get_or_404, permit
from onex.integrations import queries, services


@permit("integrations.webhook_manage")
@require_POST
def delivery_resend(request: ActorRequest, pk: UUID) -> HttpResponse:
    """With the same id, so that a receiver that has it knows."""
    row = get_or_404(queries.deliveries_seen_by(request.actor), pk=pk)
    services.resend(row, by=request.actor, at=request.at)
    messages.success(request, _("已重新推送，结果在下面的推送记录里；几秒后刷新。"))
    return redirect("integrations:webhook-detail", row.endpoint_id)
