"""Letting somebody in whose credentials are proved: one function for every door that proves them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url

from onex.accounts import queries
from onex.accounts.models import Membership, User
from onex.accounts.services import door_traces


def let_in(request: Any, user: User, onwards: str = "", *, door: str = "password") -> HttpResponse:
    """Begin this person's session, trace it, and lead them on; who has several hats chooses one first.

    `door` is how they proved themselves, for the trace.
    """
    login(request, user)
    hats = queries.hats_of(user)
    worn = queries.worn_hat(hats, None)
    if worn is not None:
        actor = replace(worn, address=request.address)
        door_traces.came_in(actor, at=request.at, agent=door_traces.agent_of(request), door=door)
    if len(hats) > 1:
        request.session["after_hat"] = onwards
        return redirect("accounts:hat-choose")
    return redirect(onwards or resolve_url(settings.LOGIN_REDIRECT_URL))


def turn_away(request: Any, login_name: str, user: User | None, why: str, *, door: str = "password") -> None:
    """Trace that somebody did not get in, the same for an account that exists and one that does not."""
    agent = door_traces.agent_of(request)
    door_traces.was_refused(login_name, user, at=request.at, address=request.address, agent=agent, why=why, door=door)


def put_on(request: Any, hat: Membership) -> None:
    """Trace that this person wears another of their hats from now on."""
    door_traces.put_on(replace(queries.actor_in(hat), address=request.address), at=request.at)


def let_out(request: Any) -> None:
    """Trace and end this person's session."""
    if request.actor is not None:
        door_traces.went(request.actor, at=request.at)
    logout(request)
