"""The room's own door: name and code of the package open it, a signed cookie keeps it open for the day."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from onex.common.clock import to_ms
from onex.common.limits import TooMany, enter, forgive, give_back
from onex.common.origins import household
from onex.common.pages import public
from onex.common.permits import holds
from onex.common.text import say
from onex.examroom import queries
from onex.examroom.doors import ROOM_SIGN_IN
from onex.examroom.forms import SignInForm
from onex.examroom.gate import tokens
from onex.examroom.permits import RoomActor

PATH, HOURS = "/room/", 12
COOKIE = "__Secure-onex-room" if settings.SESSION_COOKIE_SECURE else "onex_room"  # of one path, so not __Host-
View = Callable[..., HttpResponse]


class RoomRequest(HttpRequest):
    """A request behind `posted`: `staff` is the person of the room."""

    staff: RoomActor
    at: Any


def posted(code: str) -> Callable[[View], View]:
    """Only for people of the room who have this permit at all; the seats are judged by queries and services."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            staff = _staff_of(request)
            if staff is None:
                return _to_the_door(request)
            if not holds(code, staff):
                raise PermissionDenied
            request.staff = staff
            return view(request, *args, **kwargs)

        guarded.permit = code  # type: ignore[attr-defined]
        guarded.has_own_door = True  # type: ignore[attr-defined]  # the sign-in of accounts is no matter here
        return guarded

    return decorate


def _staff_of(request: Any) -> RoomActor | None:
    try:
        token = tokens.read_staff(request.COOKIES.get(COOKIE, ""), settings.SEAT_KEYS.by_id, to_ms(request.at))
    except tokens.BadToken:
        return None
    # Read anew each time: a package that was replaced takes its people with it.
    return queries.staff_member(token.staff)


def _to_the_door(request: Any) -> HttpResponse:
    door = reverse("examroom:sign-in")
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": door})
    return redirect(door)


@public
def sign_in(request: Any) -> HttpResponse:
    """The door. Wrong name and wrong code get one answer, and a pause after five."""
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "examroom/sign_in.html", {"form": form}, status=422 if form.is_bound else 200)
    name = form.cleaned_data["name"].strip()
    address = household(request.address)
    tried = {"pair": f"{name}|{address}", "account": name, "address": address}
    try:
        # Counted before it is judged, so that many guesses at once are many tries; a good one is given back.
        enter(ROOM_SIGN_IN, at=request.at, **tried)
    except TooMany as shut:
        form.add_error(None, str(shut))
        response = render(request, "examroom/sign_in.html", {"form": form}, status=429)
        response["Retry-After"] = str(shut.wait)
        return response
    staff = queries.staff_at_door(name, form.cleaned_data["code"], at=request.at)
    if staff is None:
        form.add_error(None, str(say("姓名或监考口令不正确，或不在考试日期内。")))
        return render(request, "examroom/sign_in.html", {"form": form}, status=422)
    give_back(ROOM_SIGN_IN, at=request.at, account=name, address=address)
    forgive(ROOM_SIGN_IN, pair=tried["pair"])
    answer = redirect("examroom:room-list")
    life = HOURS * 3600
    assert staff.user_id is not None and staff.session_id is not None  # noqa: S101, PT018
    token = tokens.make(
        tokens.STAFF,
        tokens.Staff(staff.user_id, staff.session_id, to_ms(request.at) + life * 1000),
        settings.SEAT_KEYS.by_id,
    )
    answer.set_cookie(
        COOKIE,
        token,
        max_age=life,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return answer


@public
@require_POST
def sign_out(request: Any) -> HttpResponse:
    answer = redirect("examroom:sign-in")
    answer.delete_cookie(COOKIE, path=PATH)
    return answer
