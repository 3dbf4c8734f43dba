"""Puts who, when and from where on every request, and ends what is over.

`request.actor` (or None), `request.hats`, `request.sign_in`, `request.at`, `request.address`. A session without a
living sign-in is nobody's: a disabled person, a lost hat, a changed password or an ended sign-in is out at the next
request, and hears why. Three queries for a signed-in person: the session, the sign-in with its user, the hats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from onex.accounts import kept, queries, services
from onex.accounts.models import Membership, SignIn, User
from onex.accounts.rules import WhyEnded, needs_second_factor
from onex.accounts.rules.sessions import SENTENCES, why_over
from onex.accounts.services import sessions
from onex.common.actors import Role
from onex.common.addresses import client_address
from onex.common.clock import now
from onex.common.text import say

SAFE = ("GET", "HEAD", "OPTIONS")


class ActorMiddleware:
    """The hat comes from the session, the session's life from its sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.at = now()
        request.address = client_address(request)
        request.sign_in, request.hats, request.actor = None, [], None
        request.ended = None  # the sign-in that this very request found to be over
        request.must_enrol = False
        before = _recognise(request)
        response = self.get_response(request)
        if before is not None:
            _follow(request, before, response)
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """What a request may not reach is answered here, so that no view can forget it."""
        if request.must_enrol:
            return _enrol_first(request, view)
        code = getattr(view, "permit", None)
        if code in (None, "public") or getattr(view, "has_own_door", False) or request.actor is not None:
            return None
        return _to_the_door(request)


def _recognise(request: Any) -> SignIn | None:
    """Who this is, when their sign-in still lives; the sign-in as it was before the view."""
    if SESSION_KEY not in request.session:
        request.user = AnonymousUser()
        return None
    found = queries.sign_in_by_key(request.session.session_key)
    hats = queries.hats_of(found.user) if found is not None else []
    hat = _worn(hats, request.session.get("hat"))
    why = _why_ended(request, found, hats, hat)
    if found is None or hat is None or why is not None:
        _end(request, found, why or WhyEnded.UNKNOWN)
        return None
    user: User = found.user
    request.user = request._cached_user = user
    request.sign_in, request.hats = found, hats
    roles = [Role(one.role) for one in hats]
    request.must_enrol = settings.SECOND_FACTOR == "required" and found.factor_at is None and needs_second_factor(roles)
    if not request.must_enrol:
        wear(request, hat)
    if request.method == "POST" and kept.was_shown(request.session):
        kept.drop(request.session)  # whatever is sent after the look at it is that, or something else they do instead
    if "X-Poll" not in request.headers:  # a page that asks by itself is not a person who does something
        sessions.see(found, at=request.at)
    return found


def wear(request: Any, hat: Membership) -> None:
    """From here on this request acts in this hat."""
    request.actor = replace(queries.actor_in(hat), address=request.address)


def _worn(hats: list[Membership], chosen: str | None) -> Membership | None:
    """The chosen hat if it is still theirs; before the choice, the first."""
    if chosen is None:
        return hats[0] if hats else None
    return next((hat for hat in hats if str(hat.pk) == chosen), None)


def _why_ended(request: Any, found: SignIn | None, hats: list[Membership], hat: Membership | None) -> WhyEnded | None:
    if found is None or str(found.user_id) != request.session[SESSION_KEY]:
        return WhyEnded.UNKNOWN
    if found.ended_at is not None:
        return WhyEnded(found.why_ended)
    if not found.user.is_active:
        return WhyEnded.DISABLED
    if not _knows_password(request, found.user):
        return WhyEnded.PASSWORD
    if hat is None:
        return WhyEnded.HAT_LOST
    roles = [Role(one.role) for one in hats]
    return why_over(found.began_at, found.seen_at, request.at, roles, settings.SESSION_LIMITS)


def _knows_password(request: Any, user: User) -> bool:
    """Whether the session began with the password that is the person's now (Django's own check, in our query)."""
    told = request.session.get(HASH_SESSION_KEY, "")
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(told, one) for one in hashes)


def _end(request: Any, found: SignIn | None, why: WhyEnded) -> None:
    if found is not None:
        sessions.end_sign_in(found, why, at=request.at)
    hat_id = request.session.get("hat")
    request.session.flush()
    request.user = request._cached_user = AnonymousUser()
    request.ended = found
    request.ended_hat = hat_id
    if why not in (WhyEnded.SIGNED_OUT, WhyEnded.REPLACED):
        messages.warning(request, str(SENTENCES[why]))


def _follow(request: Any, before: SignIn, response: HttpResponse) -> None:
    """What the view did with the session happens to the sign-in too, whoever did it and by whichever function."""
    if SESSION_KEY not in request.session:
        sessions.end_sign_in(before, WhyEnded.SIGNED_OUT, at=request.at)
        # Only the cache: "storage" would take the unsent answers of an exam on the same machine with it.
        response.headers["Clear-Site-Data"] = '"cache"'
    elif request.sign_in is not before:
        sessions.end_sign_in(before, WhyEnded.REPLACED, at=request.at)
    else:
        key, hat = request.session.session_key, request.session.get("hat")
        if before.key_digest != queries.digest_of_key(key) or str(before.hat_id or "") != str(hat or ""):
            sessions.follow(before, key=key, hat_id=hat)


def _enrol_first(request: Any, view: Any) -> HttpResponse | None:
    """In without a second factor that this installation requires: nothing but enrolling it and going out."""
    if getattr(view, "before_factor", False):
        hat = _worn(request.hats, request.session.get("hat"))
        if hat is not None:
            wear(request, hat)
        return None
    if getattr(view, "permit", None) == "public" or getattr(view, "has_own_door", False):
        return None  # as for any visitor: there is no actor
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": str(say("请先在网页上启用第二重验证。"))}, status=403)
    return elsewhere(request, reverse("accounts:security"))


def _to_the_door(request: Any) -> HttpResponse | None:
    """Nobody is in: lead to the sign-in page in a way that loses nothing typed."""
    if request.headers.get("X-Autosave"):
        return HttpResponse(str(SENTENCES[WhyEnded.UNKNOWN]), status=401, content_type="text/plain; charset=utf-8")
    is_post = request.method not in SAFE
    onwards = _page_of(request) if request.htmx or is_post else request.get_full_path()
    if is_post and request.ended is not None and kept.keep(request, request.ended.user_id, request.ended.hat_id):
        messages.info(request, str(say("您刚才填写的内容已保留 30 分钟，登录后可继续提交（密码和文件除外）。")))
    return elsewhere(request, redirect_to_login(onwards, resolve_url(settings.LOGIN_URL)).url)


def _page_of(request: Any) -> str:
    """The page that a fragment or a form belongs to: a POST cannot be gone back to, nor shown as a page."""
    if request.htmx:
        return str(request.htmx.current_url_abs_path or "/")
    referer = str(request.headers.get("Referer", ""))
    root = request.build_absolute_uri("/")
    return "/" + referer[len(root) :] if referer.startswith(root) else resolve_url(settings.LOGIN_REDIRECT_URL)


def elsewhere(request: Any, address: str) -> HttpResponse:
    """Lead on to another page, also out of a fragment that htmx asked for."""
    if request.htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return redirect(address)


class PasswordAgeMiddleware:
    """Where the profile gives passwords an age (`mlps3`), who is past it sets a new one before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if (
            request.actor is not None
            and services.profile().staff_days
            and not self.is_free(request.path)
            and services.must_renew(request.user, at=request.at)
        ):
            return redirect("accounts:password-change")
        return self.get_response(request)

    def is_free(self, path: str) -> bool:
        doors = ("password-change", "sign-out", "hat-choose", "hat-switch", "second-factor", "prove")
        return path in {reverse("set_language"), *(reverse(f"accounts:{name}") for name in doors)}
