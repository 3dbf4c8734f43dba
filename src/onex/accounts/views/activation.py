"""激活账号: whoever holds the link sets the password, once, and is let in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from onex.accounts import services
from onex.accounts.forms import ActivationForm
from onex.accounts.rules import TokenPurpose
from onex.accounts.services import look_at_token
from onex.accounts.views.entrance import let_in
from onex.common.pages import public
from onex.common.text import Refused


@public
@never_cache
@sensitive_post_parameters("new", "again")
def activate(request: Any, token: str) -> HttpResponse:
    """The password of a new account. A link that is no longer good says so, and whom to ask."""
    try:
        found = look_at_token(token, TokenPurpose.ACTIVATE, at=request.at)
    except Refused as refused:
        return render(request, "accounts/activate.html", {"problems": refused.reasons}, status=409)
    form = ActivationForm(request.POST or None)
    context = {"form": form, "person": found.user}
    if request.method != "POST":
        return render(request, "accounts/activate.html", context)
    if not form.is_valid():
        return render(request, "accounts/activate.html", context, status=422)
    try:
        user = services.activate(token, form.cleaned_data["new"], at=request.at)
    except Refused as refused:
        form.add_error("new", [str(reason) for reason in refused.reasons])
        return render(request, "accounts/activate.html", context, status=422)
    messages.success(request, _("密码已设置，您已登录。"))
    return let_in(request, user)
