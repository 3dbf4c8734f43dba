"""Setting a password: of a new account, of a forgotten one, and one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from onex.accounts import doors, queries, services, tasks
from onex.accounts.forms import AccountForm, ActivateForm, CodeForm, PasswordChangeForm
from onex.accounts.rules import TokenPurpose
from onex.accounts.views.entrance import let_in
from onex.accounts.views.where import counted, place
from onex.common.actors import Role
from onex.common.captcha import with_captcha
from onex.common.jobs import later
from onex.common.limits import enter, give_back
from onex.common.pages import public, signed_in
from onex.common.text import Refused

_PASSWORDS = sensitive_post_parameters("new", "again", "code", "password-old", "password-new", "password-again")


@public
@never_cache
@with_captcha
def password_help(request: Any) -> HttpResponse:
    """忘记密码: a link or a code is sent, and the page says so whether or not there is such an account."""
    if request.method != "POST":
        return render(request, "accounts/password_help.html", {"form": AccountForm(request=request)})
    form = AccountForm(request.POST, request=request)
    if not form.is_valid():
        return render(request, "accounts/password_help.html", {"form": form}, status=422)
    account = form.cleaned_data["username"]
    enter(doors.SEND, at=request.at, account=services.counted_account(account), **place(request))
    user = queries.user_by_account(account)
    later(tasks.send_reset, user_id=str(user.pk) if user is not None else "")
    return render(request, "accounts/password_sent.html", {"form": CodeForm(initial={"username": account})})


@public
@never_cache
@_PASSWORDS
def password_code(request: Any) -> HttpResponse:
    """The code that came by text message opens the page on which the password is set."""
    if request.method != "POST":
        return redirect("accounts:password-help")
    form = CodeForm(request.POST)
    if form.is_valid():
        account, code = form.cleaned_data["username"], form.cleaned_data["code"]
        enter(doors.CODE, at=request.at, target=f"reset {services.counted_account(account)}", **place(request))
        try:
            return redirect("accounts:password-reset", services.reset_by_code(account, code, at=request.at))
        except Refused:
            form.add_error("code", _("验证码不正确、已经用过或已经过期"))
    return render(request, "accounts/password_sent.html", {"form": form}, status=422)


@public
@never_cache
@_PASSWORDS
@counted(doors.LINK)
def password_reset(request: Any, token: str) -> HttpResponse:
    """A new password, by the link that was sent. The second factor is still asked for."""
    return _by_token(request, token, TokenPurpose.RESET, "accounts/password_reset.html")


@public
@never_cache
@_PASSWORDS
@counted(doors.LINK)
def activate(request: Any, token: str) -> HttpResponse:
    """The first password of an account that somebody opened for this person."""
    return _by_token(request, token, TokenPurpose.ACTIVATE, "accounts/activate.html")


def _by_token(request: Any, raw: str, purpose: TokenPurpose, template: str) -> HttpResponse:
    try:
        user = services.token_of(raw, purpose, at=request.at).user
    except Refused:
        return _ended(request, purpose)
    assert user is not None  # noqa: S101  (token_of saw to it)
    form = ActivateForm(request.POST or None, user=user, is_staff=queries.is_staff(user))
    hats = queries.hats_of(user)
    shown = [{"role": Role(hat.role).label, "organisation": hat.organisation.name} for hat in hats]
    context = {"form": form, "account": user, "hats": shown}
    if request.method != "POST":
        return render(request, template, context)
    if not form.is_valid():
        return render(request, template, context, status=422)
    try:
        user = services.set_password_by_token(
            raw, purpose, form.cleaned_data["new"], address=request.address, at=request.at
        )
    except Refused:
        return _ended(request, purpose)
    if not queries.hats_of(user):
        messages.success(request, _("密码已设置。您的账号目前没有可用的身份，请联系所在机构的管理员。"))
        return redirect("accounts:sign-in")
    messages.success(request, _("密码已设置，以后请用它登录。"))
    return let_in(request, user)


def _ended(request: Any, purpose: TokenPurpose) -> HttpResponse:
    """The same page for an address that never was, was used or is too old."""
    context = {"is_reset": purpose == TokenPurpose.RESET}
    return render(request, "accounts/link_ended.html", context, status=404)


@signed_in
@never_cache
@_PASSWORDS
def password_change(request: Any) -> HttpResponse:
    """A new password for who is signed in. Their sessions on other machines end with it."""
    user = request.user
    # "password" stands in every field's name: whatever keeps what people typed passes such fields over.
    form = PasswordChangeForm(request.POST or None, user=user, is_staff=queries.is_staff(user), prefix="password")
    context = {"form": form, "must_renew": services.must_renew(user, at=request.at)}
    if request.method != "POST":
        return render(request, "accounts/password_change.html", context)
    if not form.is_valid():
        return render(request, "accounts/password_change.html", context, status=422)
    tried = {"account": str(user.pk)}
    enter(doors.PASSWORD_CHANGE, at=request.at, **tried)
    if not services.is_own_password(user, form.cleaned_data["old"]):
        form.add_error("old", _("当前密码不正确"))
        return render(request, "accounts/password_change.html", context, status=422)
    give_back(doors.PASSWORD_CHANGE, at=request.at, **tried)
    try:
        services.set_password(user, form.cleaned_data["new"], by=request.actor, at=request.at)
    except Refused as refused:
        form.add_error("new", [str(reason) for reason in refused.reasons])
        return render(request, "accounts/password_change.html", context, status=422)
    update_session_auth_hash(request, user)
    messages.success(request, _("密码已修改。您在其他设备上的登录都已退出。"))
    return redirect("accounts:security")
