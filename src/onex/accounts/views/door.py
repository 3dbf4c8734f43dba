"""Coming in, going out, and changing hats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from onex.accounts import doors, queries, services, tasks
from onex.accounts.forms import SignInCodeForm, SignInForm
from onex.accounts.views.entrance import let_in, let_out, own_address, put_on
from onex.accounts.views.where import place
from onex.common import captcha
from onex.common.actors import Role
from onex.common.captcha import with_captcha
from onex.common.doors import CAPTCHA_PICTURE
from onex.common.jobs import later
from onex.common.limits import TooMany, enter
from onex.common.pages import public, signed_in, typed
from onex.common.text import Refused


def next_of(request: HttpRequest) -> str:
    """Where to go on to: an address of ours that the visitor came from, or nowhere."""
    return own_address(request, str(request.POST.get("next") or request.GET.get("next") or ""))


@public
@never_cache
@sensitive_post_parameters("password")
@with_captcha
def sign_in(request: Any) -> HttpResponse:
    """The guide's sign-in page. Who has several hats chooses one next."""
    onwards = next_of(request)
    if request.method != "POST":
        if request.actor is not None:
            return redirect(onwards or resolve_url(settings.LOGIN_REDIRECT_URL))
        return _sign_in_page(request, SignInForm(request=request), onwards)
    form = SignInForm(request.POST, request=request)
    if not form.is_valid():
        return _sign_in_page(request, form, onwards, 422)
    return _try(request, form, onwards, _sign_in_page)


def _sign_in_page(request: Any, form: Any, onwards: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "next": onwards, "here": request.get_full_path()}
    return render(request, "accounts/sign_in.html", context, status=status)


def _try(request: Any, form: Any, onwards: str, page: Callable[..., HttpResponse], **more: Any) -> HttpResponse:
    """Prove what was typed and let them in, or show the page again with the reason."""
    account, password = form.cleaned_data["username"], form.cleaned_data["password"]
    try:
        user = services.prove(account, password, address=request.address, at=request.at, **more)
    except TooMany as shut:
        form.add_error(None, [str(reason) for reason in shut.reasons])
        response = page(request, form, onwards, 429)
        response["Retry-After"] = str(shut.wait)
        return response
    except Refused as refused:
        form.add_error(None, [str(reason) for reason in refused.reasons])
        return page(request, form, onwards, 422)
    if not queries.hats_of(user):
        form.add_error(None, _("您的账号目前没有可用的身份，请联系所在机构的管理员。"))
        return page(request, form, onwards, 422)
    return let_in(request, user, onwards)


@public
@never_cache
@sensitive_post_parameters("password", "code")
def sign_in_code(request: Any) -> HttpResponse:
    """The way in without a picture: a code sent to the account's phone or e-mail stands for it.

    The page says the same whether or not there is such an account.
    """
    onwards = next_of(request)
    if request.method != "POST":
        return _code_page(request, SignInCodeForm(), onwards)
    if request.POST.get("then") == "send":
        return _send_code(request, onwards)
    form = SignInCodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form, onwards, 422)
    also = services.proves_by_code(form.cleaned_data["code"], at=request.at)
    return _try(request, form, onwards, _code_page, also=also)


def _send_code(request: Any, onwards: str) -> HttpResponse:
    account = typed(request.POST, "username").strip()[:40]
    if not account:
        form = SignInCodeForm(request.POST)
        for later_on in ("code", "password"):  # asked for only once a code is out
            form.errors.pop(later_on, None)
        return _code_page(request, form, onwards, 422)
    enter(doors.SEND, at=request.at, account=services.counted_account(account), **place(request))
    user = queries.user_by_account(account)
    later(tasks.send_sign_in_code, user_id=str(user.pk) if user is not None else "")
    return _code_page(request, SignInCodeForm(initial={"username": account}), onwards, was_sent=True)


def _code_page(request: Any, form: Any, onwards: str, status: int = 200, was_sent: bool = False) -> HttpResponse:
    context = {"form": form, "next": onwards, "was_sent": was_sent}
    return render(request, "accounts/sign_in_code.html", context, status=status)


@public
@never_cache
@with_captcha
def captcha_picture(request: Any, token: str) -> HttpResponse:
    """The picture of a token, for the browser that it was given to and while it may be answered."""
    enter(CAPTCHA_PICTURE, at=request.at, **place(request))
    if not captcha.is_good(token, request.visit, request.at):
        raise Http404
    return HttpResponse(captcha.picture(token), content_type="image/png")


@public
@never_cache
@with_captcha
def captcha_new(request: Any) -> HttpResponse:
    """看不清换一张: another picture, and nothing else of the page changes."""
    enter(CAPTCHA_PICTURE, at=request.at, **place(request))
    context = {"token": captcha.new_token(request.visit, request.at)}
    return render(request, "common/_captcha_picture.html", context)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Out, with nothing of the session left."""
    let_out(request)
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
    put_on(request, hat)
    return redirect(next_of(request) or resolve_url(settings.LOGIN_REDIRECT_URL))
