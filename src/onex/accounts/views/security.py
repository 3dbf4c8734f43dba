"""账号安全: where I am signed in, my second factor, and the pages that ask for a proof."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from onex.accounts import kept, passkeys, queries
from onex.accounts.forms.security import (
    CodeForm,
    CredentialForm,
    PasskeyForm,
    PasswordForm,
    RecoveryForm,
    TotpForm,
)
from onex.accounts.models import Authenticator, User
from onex.accounts.rules import FactorKind, needs_second_factor
from onex.accounts.rules.factors import PENDING, provisioning_uri
from onex.accounts.services import factors, sessions
from onex.accounts.views.entrance import before_factor, begin, own_address, pending, pending_onwards, recently_proved
from onex.common.actors import Role
from onex.common.limits import TooMany
from onex.common.pages import public, signed_in
from onex.common.sealed import Unreadable, seal, unseal
from onex.common.text import Refused

_SECRET, _ASKED = "totp_secret", "passkey_asked"
_SEALED_FOR = "accounts.totp_enrolment"


def _is_required(request: Any) -> bool:
    return settings.SECOND_FACTOR == "required" and needs_second_factor(Role(hat.role) for hat in request.hats)


# --- the page


@signed_in
@before_factor
def security(request: Any) -> HttpResponse:
    """Where I am signed in, and what proves that I am I."""
    mine = queries.authenticators_of(request.user)
    sign_ins = list(queries.open_sign_ins_of(request.user))
    sign_ins.sort(key=lambda row: row.pk != request.sign_in.pk)  # this one first
    for row in sign_ins:
        row.role = Role(row.hat.role).label if row.hat else ""  # type: ignore[attr-defined]
    shown = {
        "sign_ins": sign_ins,
        "factors": mine,
        "codes_left": queries.recovery_codes_left(request.user) if mine else 0,
        "passkeys_possible": passkeys.are_possible(),
        "is_required": _is_required(request),
    }
    return render(request, "accounts/security.html", shown)


@signed_in
@require_POST
def session_end(request: Any) -> HttpResponse:
    """End one of my sign-ins, or all but this one."""
    asked = request.POST.get("session", "")
    rows = [row.pk for row in queries.open_sign_ins_of(request.user)]
    others = [pk for pk in rows if pk != request.sign_in.pk]
    chosen = others if asked == "others" else [pk for pk in others if str(pk) == asked]
    if not chosen and asked != "others":
        raise Http404
    count = sessions.end_own(request.user, chosen, by=request.actor, at=request.at)
    messages.success(request, _("已结束 %(n)s 处登录，那里的下一次操作就会要求重新登录。") % {"n": count})
    return redirect("accounts:security")


# --- enrolling


@signed_in
@before_factor
@recently_proved()
@sensitive_post_parameters("code")
def totp_enrol(request: Any) -> HttpResponse:
    """An authenticator app: the picture, the key for typing, and the first code."""
    form = TotpForm(request.POST if request.method == "POST" else None)
    secret = _secret_of(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            factors.enrol_totp(request.user, secret, given["code"], given["name"], by=request.actor, at=request.at)
        except Refused as refused:
            form.add_error("code", [str(reason) for reason in refused.reasons])
        else:
            request.session.pop(_SECRET, None)
            return _enrolled(request)
    uri = provisioning_uri(secret, request.user.username, "OneX")
    shown = {
        "form": form,
        "picture": segno.make(uri, error="m").svg_data_uri(scale=5, border=3),
        "key": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    }
    return render(request, "accounts/totp_enrol.html", shown, status=422 if form.errors else 200)


def _secret_of(request: Any) -> str:
    """The secret that is being enrolled: the same while the page is open, sealed in the session."""
    try:
        return unseal(base64.b64decode(request.session[_SECRET]), _SEALED_FOR)
    except (KeyError, Unreadable, ValueError):
        secret = factors.new_secret()
        request.session[_SECRET] = base64.b64encode(seal(secret, _SEALED_FOR)).decode()
        return secret


@signed_in
@before_factor
@recently_proved()
def passkey_enrol(request: Any) -> HttpResponse:
    """A passkey: the browser makes it, we keep its public half."""
    if not passkeys.are_possible():
        raise Http404
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            state = _asked(request)
            factors.enrol_passkey(
                request.user, state, given["credential"], given["name"], by=request.actor, at=request.at
            )
        except Refused as refused:
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            return _enrolled(request)
    user: User = request.user
    known = _known(queries.authenticators_of(user))
    options, state = passkeys.ask_to_make(user.pk.bytes, user.username, user.name, known)
    _ask(request, state)
    shown = {"form": form, "options": json.dumps(options)}
    return render(request, "accounts/passkey_enrol.html", shown, status=422 if form.errors else 200)


def _known(mine: list[Authenticator]) -> list[str]:
    return [row.secret for row in mine if row.kind == FactorKind.PASSKEY]


def _ask(request: Any, state: Any) -> None:
    request.session[_ASKED] = {**state, "at": request.at.isoformat()}


def _asked(request: Any) -> Any:
    """The question that the answer must fit; each is good once, for five minutes."""
    state = request.session.pop(_ASKED, None)
    if state is None or request.at.fromisoformat(state["at"]) + PENDING < request.at:
        raise Refused(passkeys.NOT_FITTING)
    return state


def _enrolled(request: Any) -> HttpResponse:
    """A factor more: the key of the session changes with what it may do; the first brings its recovery codes."""
    request.session.cycle_key()
    sessions.note_proof(request.sign_in, at=request.at, factor=True)
    if queries.recovery_codes_left(request.user):
        messages.success(request, _("已添加。下次登录时可以用它验证。"))
        return redirect("accounts:security")
    return _show_codes(request)


def _show_codes(request: Any) -> HttpResponse:
    codes = factors.renew_recovery_codes(request.user, by=request.actor, at=request.at)
    onwards = request.session.pop("after_factor", "") or resolve_url(settings.LOGIN_REDIRECT_URL)
    if len(request.hats) > 1 and "after_hat" in request.session:
        onwards = reverse("accounts:hat-choose")
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "onwards": onwards})


@signed_in
@require_POST
@recently_proved()
def recovery_codes_renew(request: Any) -> HttpResponse:
    """Ten new codes; the old ones are worth nothing from now on."""
    if not queries.authenticators_of(request.user):
        raise Refused(_("请先启用第二重验证，再生成恢复代码。"))
    return _show_codes(request)


@signed_in
@require_POST
@recently_proved()
def factor_remove(request: Any, pk: Any) -> HttpResponse:
    """Take one of my factors away."""
    row = next((one for one in queries.authenticators_of(request.user) if one.pk == pk), None)
    if row is None:
        raise Http404
    factors.remove_factor(row, by=request.actor, at=request.at, is_required=_is_required(request))
    messages.success(request, _("已移除“%(name)s”。") % {"name": row.name})
    return redirect("accounts:security")


# --- proving


@public
@never_cache
@sensitive_post_parameters("code", "recovery")
def second_factor(request: Any) -> HttpResponse:
    """登录 · 第二重验证: after the password, before anything else."""
    user = pending(request)
    if user is None:
        if request.actor is None:
            messages.warning(request, _("登录已超时，请重新输入账号和密码。"))
        return redirect("accounts:sign-in")
    onwards = pending_onwards(request)
    if request.method == "POST":
        answer, form = _try(request, user)
        if answer:
            _tell_codes_left(request, user)
            return begin(request, user, onwards, factor=True)
        return _ask_page(request, "accounts/second_factor.html", user, form)
    return _ask_page(request, "accounts/second_factor.html", user, None)


@signed_in
@before_factor
@never_cache
@sensitive_post_parameters("code", "recovery", "password")
def prove(request: Any) -> HttpResponse:
    """Once more, before something grave: the second factor, or the password of who has none."""
    onwards = own_address(request, str(request.POST.get("next") or request.GET.get("next") or ""))
    has_factor = bool(queries.authenticators_of(request.user))
    form: forms.Form | None = None
    if request.method == "POST":
        answer, form = _try(request, request.user) if has_factor else _try_password(request)
        if answer:
            request.session.cycle_key()
            sessions.note_proof(request.sign_in, at=request.at, factor=has_factor)
            return redirect(onwards or reverse("accounts:security"))
    return _ask_page(request, "accounts/prove.html", request.user, form, {"next": onwards, "has_factor": has_factor})


def _try(request: Any, user: User) -> tuple[bool, forms.Form]:
    """One proof as sent, whichever of the page's forms was used; the form carries what was wrong."""
    form: forms.Form
    if "credential" in request.POST:
        form = CredentialForm(request.POST)
    elif "recovery" in request.POST:
        form = RecoveryForm(request.POST)
    else:
        form = CodeForm(request.POST)
    if not form.is_valid():
        return False, form
    given = form.cleaned_data
    try:
        passkey = (_asked(request), given["credential"]) if "credential" in given else None
        factors.prove(
            user,
            at=request.at,
            address=request.address,
            code=given.get("code", ""),
            recovery=given.get("recovery", ""),
            passkey=passkey,
        )
    except Refused as refused:
        _blame(form, refused)
        return False, form
    return True, form


def _try_password(request: Any) -> tuple[bool, forms.Form]:
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return False, form
    try:
        factors.prove_password(request.user, form.cleaned_data["password"], at=request.at, address=request.address)
    except Refused as refused:
        _blame(form, refused)
        return False, form
    return True, form


def _blame(form: forms.Form, refused: Refused) -> None:
    visible = [name for name, field in form.fields.items() if not field.widget.is_hidden]
    form.add_error(visible[0] if visible else None, [str(reason) for reason in refused.reasons])
    form.wait = refused.wait if isinstance(refused, TooMany) else 0  # type: ignore[attr-defined]


def _ask_page(
    request: Any, template: str, user: User, sent: forms.Form | None, more: dict[str, Any] | None = None
) -> HttpResponse:
    """The forms of every way this person has; the one that was sent comes back with what was wrong."""
    mine = queries.authenticators_of(user)
    known = _known(mine)
    shown: dict[str, Any] = {
        "code_form": sent if isinstance(sent, CodeForm) else CodeForm(),
        "recovery_form": sent if isinstance(sent, RecoveryForm) else RecoveryForm(),
        "password_form": sent if isinstance(sent, PasswordForm) else PasswordForm(),
        "passkey_form": sent if isinstance(sent, CredentialForm) else CredentialForm(),
        "has_totp": any(row.kind == FactorKind.TOTP for row in mine),
        "codes_left": queries.recovery_codes_left(user) if mine else 0,
        "options": None,
    }
    if known and passkeys.are_possible():
        options, state = passkeys.ask_for_one(known)
        shown["options"] = json.dumps(options)
        _ask(request, state)
    wait = getattr(sent, "wait", 0)
    response = render(request, template, shown | (more or {}), status=429 if wait else 422 if sent else 200)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _tell_codes_left(request: Any, user: User) -> None:
    if "recovery" in request.POST:
        left = queries.recovery_codes_left(user)
        messages.warning(
            request, _("您用掉了一个恢复代码，还剩 %(n)s 个。请尽快在“账号安全”里重新绑定。") % {"n": left}
        )


# --- what was typed when the sign-in was over


def _is_for_people(value: str) -> bool:
    """Whether somebody typed this; keys of rows and words of choices say nothing to who reads them."""
    return bool(value.strip()) and not re.fullmatch(r"[a-z_]+|[0-9a-f-]{36}", value)


@signed_in
@before_factor
def post_resume(request: Any) -> HttpResponse:
    """What I had typed, to be sent again or dropped."""
    post = kept.look(request.session, request.user.pk, request.at)
    if request.method == "POST":
        kept.drop(request.session)
        return redirect(settings.LOGIN_REDIRECT_URL)
    if post is None:
        messages.info(request, _("没有保留的内容，或已超过 30 分钟。"))
        return redirect(settings.LOGIN_REDIRECT_URL)
    kept.mark_shown(request.session)
    shown = [value for _name, value in post.fields if _is_for_people(value)]  # names of fields are the form's affair
    return render(request, "accounts/post_resume.html", {"post": post, "shown": shown})
