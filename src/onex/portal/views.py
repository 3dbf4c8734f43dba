"""The public front page and the home of a role."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from onex.common.pages import public, signed_in


@public
def home(request: Any) -> HttpResponse:
    return render(request, "portal/home.html")


@signed_in
def desk(request: Any) -> HttpResponse:
    return render(request, "portal/desk.html")
