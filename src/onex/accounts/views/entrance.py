"""Letting somebody in whose credentials are proved: one function for every door that proves them.

After the first proof comes the second, if the person has one; then the session begins, with a new key. Views that hold
something grave ask for a fresh proof with `recently_proved`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from onex.accounts import kept, queries
from onex.accounts.middleware import SAFE, elsewhere
from onex.accounts.models import Membership, User
from onex.accounts.rules.factors import PENDING, RECENT, is_recent
from onex.accounts.services import door_traces, sessions
from onex.common.pages import View

_PENDING = "pending_factor"


def let_in(request: Any, user: User, onwards: str = "") -> HttpResponse:
    """Begin this person's session, or ask for their second factor first, and lead them on.

    Call it after the first proof, whichever it was. Who has several hats chooses one next.
    """
    if queries.authenticators_of(user):
        return _ask_for_factor(request, user, onwards)
    return begin(request, user, onwards, factor=False)


def _ask_for_factor(request: Any, user: User, onwards: str) -> HttpResponse:
    if request.sign_in is not None:
        request.session.flush()  # somebody else, or the same person again: the old session ends now
    request.session.cycle_key()
    request.session[_PENDING] = {
        "user": str(user.pk),
        "backend": getattr(user, "backend", None),
        "password": user.get_session_auth_hash(),
        "at": request.at.isoformat(),
        "next": onwards,
    }
    return redirect("accounts:second-factor")


def pending(request: Any) -> User | None:
    """Who has given the first proof in this browser less than five minutes ago, and is still who they were."""
    told = request.session.get(_PENDING)
    if told is None or request.at - datetime.fromisoformat(told["at"]) >= PENDING:
        return None
    user = queries.user_of(told["user"])
    if user is None or not constant_time_compare(told["password"], user.get_session_auth_hash()):
        return None
    user.backend = told["backend"]  # as authenticate() says who vouched
    return user


def pending_onwards(request: HttpRequest) -> str:
    return str(request.session.get(_PENDING, {}).get("next", ""))


def begin(request: Any, user: User, onwards: str, *, factor: bool) -> HttpResponse:
    """Every proof there is has been given: the session begins, under a new key."""
    post = None if kept.was_shown(request.session) else kept.look(request.session, user.pk, request.at)
    before = request.session.session_key
    login(request, user, backend=getattr(user, "backend", None) or settings.AUTHENTICATION_BACKENDS[0])
    request.session.pop(_PENDING, None)
    if request.session.session_key in (None, before):
        # login() leaves the same person's key as it was, and another person's emptied session without one.
        request.session.cycle_key()
    hats = queries.hats_of(user)
    hat = next((one for one in hats if post is not None and str(one.pk) == post.hat), hats[0] if hats else None)
    if hat is not None:
        request.session["hat"] = str(hat.pk)
        by = replace(queries.actor_in(hat), address=request.address)
        request.sign_in = sessions.begin_sign_in(
            user,
            by=by,
            at=request.at,
            key=request.session.session_key,
            hat=hat,
            agent=request.headers.get("User-Agent", ""),
            factor=factor,
        )
    request.session["after_factor"] = onwards  # for who must enrol one before anything else
    if post is not None:
        return redirect("accounts:post-resume")
    if len(hats) > 1:
        request.session["after_hat"] = onwards
        return redirect("accounts:hat-choose")
    return redirect(onwards or resolve_url(settings.LOGIN_REDIRECT_URL))


def before_factor(view: View) -> View:
    """A page that somebody without the required second factor may open: enrolling it, and nothing else."""
    view.before_factor = True  # type: ignore[attr-defined]
    return view


def recently_proved(minutes: int = int(RECENT.total_seconds() // 60)) -> Callable[[View], View]:
    """For grave acts: who proved themselves longer ago proves it again first. Put it below `@permit` or `@signed_in`.

    The second factor is asked for, or the password of who has none; what was typed is kept meanwhile.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not _has_proved(request, timedelta(minutes=minutes)):
                onwards = request.get_full_path()
                if request.method not in SAFE and request.sign_in is not None:
                    kept.keep(request, request.user.pk, request.sign_in.hat_id)
                    onwards = reverse("accounts:post-resume")
                return elsewhere(request, f"{reverse('accounts:prove')}?{urlencode({'next': onwards})}")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _has_proved(request: Any, within: timedelta) -> bool:
    if request.sign_in is None or not is_recent(request.sign_in.proved_at, request.at, within):
        return False
    # A password is no proof of who has more than that, even when this session began before they had it.
    return request.sign_in.factor_at is not None or not queries.authenticators_of(request.user)


def own_address(request: HttpRequest, asked: str) -> str:
    """An address of ours, or nowhere."""
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if is_ours else ""


def put_on(request: Any, hat: Membership) -> None:
    """Trace that this person wears another of their hats from now on."""
    door_traces.put_on(replace(queries.actor_in(hat), address=request.address), at=request.at)


def let_out(request: Any) -> None:
    """Trace and end this person's session."""
    if request.actor is not None:
        door_traces.went(request.actor, at=request.at)
    logout(request)
