"""Pages for what went wrong: 403, 404, 500 and a lost CSRF token, each saying what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from onex.common.pages import public
from onex.common.problems import problem

HERE = {"here": "/"}  # an error page repeats nothing of the address that was asked for


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "common/403.html", HERE, status=403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(404)
    return render(request, "common/404.html", HERE, status=404)


@public
def broken(request: HttpRequest) -> HttpResponse:
    # No context processors: the database may be what is broken.
    from django.template.loader import render_to_string

    return HttpResponse(render_to_string("common/500.html"), status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "common/403_csrf.html", HERE, status=403)
