"""Puts who, when and from where on every request: `request.actor` (or None), `request.at`, `request.address`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from onex.accounts import queries, services
from onex.common.addresses import client_address
from onex.common.clock import now


class ActorMiddleware:
    """The hat comes from the session; a hat taken away is gone at the next request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.at = now()
        request.hats = queries.hats_of(request.user) if request.user.is_authenticated else []
        request.address = client_address(request)
        worn = queries.worn_hat(request.hats, request.session.get("hat"))
        request.actor = replace(worn, address=request.address) if worn is not None else None
        return self.get_response(request)


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
        free = ("accounts:password-change", "accounts:sign-out", "accounts:hat-choose", "accounts:hat-switch")
        return path in {reverse(name) for name in (*free, "set_language")}
