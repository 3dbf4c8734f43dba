"""Coming in, going out, and changing hats."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from onex.accounts import queries
from onex.accounts.forms import SignInForm
from onex.accounts.views.entrance import let_in
from onex.common.actors import Role
from onex.common.pages import public, signed_in


def next_of(request: HttpRequest) -> str:
    """Where to go on to: an address of ours that the visitor came from, or nowhere."""
    asked = str(request.POST.get("next") or request.GET.get("next") or "")
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if is_ours else ""


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: Any) -> HttpResponse:
    """The guide's sign-in page. Who has several hats chooses one next."""
    onwards = next_of(request)
    if request.method != "POST":
        if request.actor is not None:
            return redirect(onwards or resolve_url(settings.LOGIN_REDIRECT_URL))
        return render(request, "accounts/sign_in.html", {"form": SignInForm(), "next": onwards})
    form = SignInForm(request.POST)
    user = authenticate(request, **form.cleaned_data) if form.is_valid() else None
    hats = queries.hats_of(user) if user is not None else []
    if user is None or not hats:
        if user is not None:
            form.add_error(None, _("您的账号目前没有可用的身份，请联系所在机构的管理员。"))
        elif form.is_valid():
            form.add_error(None, _("账号或密码不正确。"))
        return render(request, "accounts/sign_in.html", {"form": form, "next": onwards}, status=422)
    return let_in(request, user, onwards)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Out, with nothing of the session left."""
    logout(request)
    messages.success(request, _("您已退出登录。"))
    return redirect("accounts:sign-in")


@signed_in
def hat_choose(request: Any) -> HttpResponse:
    """Which of their hats a person wears now."""
    hats = [{"pk": hat.pk, "role": Role(hat.role).label, "organisation": hat.organisation.name} for hat in request.hats]
    asked = queries.invitations_of(request.actor)
    invitations = [{"pk": hat.pk, "role": Role(hat.role).label, "organisation": hat.organisation.name} for hat in asked]
    context = {"hats": hats, "invitations": invitations, "next": request.session.get("after_hat", "")}
    return render(request, "accounts/hat_choose.html", context)


@signed_in
@require_POST
def hat_switch(request: Any) -> HttpResponse:
    """Put on another hat of one's own; the session key changes with what it may do."""
    hat = next((hat for hat in request.hats if str(hat.pk) == request.POST.get("hat")), None)
    if hat is None:
        raise Http404
    request.session.cycle_key()
    request.session["hat"] = str(hat.pk)
    request.session.pop("after_hat", None)
    return redirect(next_of(request) or resolve_url(settings.LOGIN_REDIRECT_URL))


@public
def password_help(request: HttpRequest) -> HttpResponse:
    """忘记密码: whom to ask."""
    return render(request, "accounts/password_help.html")
