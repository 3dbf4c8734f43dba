"""Letting somebody in whose credentials are proved: one function for every door that proves them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url

from onex.accounts import queries
from onex.accounts.models import User


def let_in(request: Any, user: User, onwards: str = "") -> HttpResponse:
    """Begin this person's session and lead them on; who has several hats chooses one first."""
    login(request, user)
    if len(queries.hats_of(user)) > 1:
        request.session["after_hat"] = onwards
        return redirect("accounts:hat-choose")
    return redirect(onwards or resolve_url(settings.LOGIN_REDIRECT_URL))
