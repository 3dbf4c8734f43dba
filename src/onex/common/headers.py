"""Headers of every request and answer besides Django's own: what a page may use, who may keep it, who may embed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

FILE_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class HeadersMiddleware:
    """What a signed-in person sees is kept by nobody: no shared cache, no disk of a school's machine.

    A session cookie that cannot be one of ours never reaches the database: PostgreSQL refuses a NUL with an error.
    TRACE and methods that nobody knows reach no view: Django would answer them like GET.
    Static files pass none of the middlewares that give pages their policy, and a drawing among them opens as a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "a").isalnum():
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        known = request.method in METHODS
        response = self.get_response(request) if known else HttpResponseNotAllowed(METHODS)
        response.headers.setdefault("Content-Security-Policy", FILE_POLICY)
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "sign_in", None) is not None:
            response.headers["Cache-Control"] = "private, no-store"
        return response
