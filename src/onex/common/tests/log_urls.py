"""Addresses for the tests of what is logged: one view that breaks with what was typed in its hands."""

from typing import Any

from django.http import HttpResponse
from django.urls import include, path

from onex.common.pages import public

handler500 = "onex.common.errors.broken"


@public
def breaks(request: Any, token: str = "") -> HttpResponse:
    password, number = request.POST["password"], request.POST["id_number"]
    raise ValueError(
        f"no such student: {number}\r\n2026-01-01 00:00:00 ERROR onex forged line \x1b[31mred {len(password)}"
    )


urlpatterns = [
    path("breaks/<str:token>/", breaks),
    path("", include("onex.config.urls")),
]
