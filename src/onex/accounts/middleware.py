"""Puts who, when and from where on every request: `request.actor` (or None), `request.at`, `request.address`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse

from onex.accounts import queries
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
