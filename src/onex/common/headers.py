"""Headers that every answer carries besides Django's own: what a page may use, who may keep it, who may embed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class HeadersMiddleware:
    """What a signed-in person sees is kept by nobody: no shared cache, no disk of a school's machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "sign_in", None) is not None:
            response.headers["Cache-Control"] = "private, no-store"
        return response
