"""Puts the actor and the time on every request: `request.actor` (or None) and `request.at`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from onex.accounts import queries
from onex.common.clock import now


class ActorMiddleware:
    """The hat comes from the session; a hat taken away is gone at the next request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.at = now()
        request.hats = queries.hats_of(request.user) if request.user.is_authenticated else []
        request.actor = queries.worn_hat(request.hats, request.session.get("hat"))
        return self.get_response(request)
