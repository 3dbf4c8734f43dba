"""接口令牌: the list of those one may see, a new one shown once, and the end of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onex.accounts.views.entrance import recently_proved
from onex.common.actors import Role
from onex.common.pages import ActorRequest, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import holds
from onex.common.text import Refused
from onex.integrations import queries, services
from onex.integrations.forms import TokenForm
from onex.integrations.models import ApiToken
from onex.integrations.rules import SCOPES, TOKEN_LABELS, TOKEN_TONES, TokenState, token_state

SORTS = {"name": "name", "expires_at": "expires_at", "used_at": "used_at", "created_at": "created_at"}


@permit("integrations.token_see")
def token_list(request: ActorRequest) -> HttpResponse:
    """Whose, what for, until when, last used; what may be revoked."""
    seen = queries.tokens_seen_by(request.actor)
    rows = queries.tokens_found(seen, typed(request.GET, "q"), request.GET.get("state", ""), request.at)
    page = page_of(request, sorted_by(request, rows, SORTS))
    context = {
        "page": page,
        "lines": [_line(row, request) for row in page],
        "chips": [{"label": _("全部"), "value": ""}]
        + [{"label": label, "value": state.value} for state, label in TOKEN_LABELS.items()],
        "may_issue": holds("integrations.token_issue", request.actor),
        "may_revoke": holds("integrations.token_revoke", request.actor),
        "names_holder": request.actor.role in (Role.SCHOOL, Role.ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR),
    }
    return render(request, "integrations/token_list.html", context)


def _line(row: ApiToken, request: ActorRequest) -> dict[str, Any]:
    state = token_state(row.expires_at, row.revoked_at, request.at)
    return {
        "row": row,
        "role": Role(row.hat.role).label,
        "state": TOKEN_LABELS[state],
        "tone": TOKEN_TONES[state],
        "is_good": state == TokenState.GOOD,
        "scopes": [scope.label for code, scope in SCOPES.items() if code in row.scopes],
    }


@permit("integrations.token_issue")
@recently_proved()
@never_cache
def token_create(request: ActorRequest) -> HttpResponse:
    """The form; then the token itself, this once."""
    form = TokenForm(request.POST if request.method == "POST" else None, actor=request.actor)
    problems: Any = ()
    if request.method == "POST" and form.is_valid():
        try:
            token, text = services.issue(form.values(request.at), by=request.actor, at=request.at)
        except Refused as refused:
            problems = refused.reasons
        else:
            return render(request, "integrations/token_shown.html", {"token": token, "text": text})
    status = 200 if request.method != "POST" else 409 if problems else 422
    context = {"form": form, "problems": problems, "role": request.actor.role.label}
    return render(request, "integrations/token_form.html", context, status=status)


@permit("integrations.token_revoke")
@require_POST
def token_revoke(request: ActorRequest, pk: UUID) -> HttpResponse:
    """From now on it opens nothing."""
    token = get_or_404(queries.tokens_seen_by(request.actor), pk=pk)
    services.revoke(token, by=request.actor, at=request.at)
    messages.success(request, _("已吊销“%(name)s”，使用它的程序从现在起不能再访问。") % {"name": token.name})
    return redirect("integrations:token-list")
