"""The console: a room as it stands, kept fresh by polling a fragment; a seat with what may be done there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from onex.common.pages import get_or_404
from onex.common.text import Refused
from onex.examroom import queries, rules, services
from onex.examroom.forms import GrantForm, HandInForm, IncidentForm
from onex.examroom.models import Room
from onex.examroom.rules import Part, PartState, SeatState
from onex.examroom.views.door import posted
from onex.examroom.views.shown import entry, legend, moment, shown

HELP_WANTED_FOR = timedelta(minutes=5)  # a refusal at another machine stays on top that long


@posted("examroom.see_seats")
def room_list(request: Any) -> HttpResponse:
    """An invigilator goes straight to the own room, the chief chooses."""
    rooms = list(queries.rooms_of(request.staff))
    if not rooms:
        raise Http404
    if len(rooms) == 1:
        return redirect("examroom:room-detail", pk=rooms[0].pk)
    figures = [(room, queries.counters_of(_seats(request, room))) for room in rooms]
    return render(
        request, "examroom/room_list.html", {"figures": figures, "session": rooms[0].session, "staff": request.staff}
    )


@posted("examroom.see_seats")
def room_detail(request: Any, pk: UUID) -> HttpResponse:
    room = _room(request, pk)
    context = _room_context(request, room)
    context["grant"] = _room_grant_form(request, room)
    if request.GET.get("seat"):
        context |= _seat_context(request, _seat(request, request.GET["seat"]))
    return render(request, "examroom/room_detail.html", context)


@posted("examroom.see_seats")
def room_seats(request: Any, pk: UUID) -> HttpResponse:
    """The fragment that keeps the page fresh; 204 when the asker has it already."""
    context = _room_context(request, _room(request, pk))
    if request.GET.get("v") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "examroom/_room.html", context)


@posted("examroom.admit")
@require_POST
def room_admit(request: Any, pk: UUID) -> HttpResponse:
    """Admit the chosen seats of the room."""
    room = _room(request, pk)
    chosen = [pk for pk in request.POST.getlist("pk") if _is_uuid(pk)]
    rows = list(queries.seats_seen(request.staff).filter(room=room, pk__in=chosen))
    problems: tuple[Any, ...] = ()
    try:
        services.admit(rows, by=request.staff, at=request.at)
    except Refused as refused:
        problems = refused.reasons
    if not request.htmx:
        for reason in problems:
            messages.error(request, str(reason))
        return redirect("examroom:room-detail", pk=room.pk)
    context = _room_context(request, room) | {"problems": problems}
    return render(request, "examroom/_room.html", context, status=409 if problems else 200)


@posted("examroom.grant_minutes")
@require_POST
def room_grant(request: Any, pk: UUID) -> HttpResponse:
    """Minutes for everybody in the room who can still use them: power, network, noise."""
    room = _room(request, pk)
    form = GrantForm(list(Part), request.POST, prefix="all")
    problems: Sequence[Any] = ()
    reached = 0
    if form.is_valid():
        rows = list(queries.seats_seen(request.staff).filter(room=room))
        try:
            reached = len(services.grant_minutes(rows, **form.cleaned_data, by=request.staff, at=request.at))
        except Refused as refused:
            problems = refused.reasons
    status = 409 if problems else 422 if not form.is_valid() else 200
    context = {"room": room, "grant": form if status != 200 else _room_grant_form(request, room)}
    context |= {"problems": problems, "reached": reached, "is_open": status != 200}
    if not request.htmx:
        return redirect("examroom:room-detail", pk=room.pk) if status == 200 else _whole(request, room, context, status)
    return _fresh(render(request, "examroom/_room_grant.html", context, status=status))


@posted("examroom.see_seats")
def seat_detail(request: Any, pk: UUID) -> HttpResponse:
    seat = _seat(request, pk)
    if not request.htmx:
        return redirect(f"{_page_of(seat)}?seat={pk}")
    return render(request, "examroom/_seat.html", _seat_context(request, seat))


@posted("examroom.admit")
@require_POST
def seat_admit(request: Any, pk: UUID) -> HttpResponse:
    seat = _seat(request, pk)
    return _done(request, pk, lambda: services.admit([seat.candidate], by=request.staff, at=request.at))


@posted("examroom.release_seat")
@require_POST
def seat_release(request: Any, pk: UUID) -> HttpResponse:
    seat = _seat(request, pk)
    return _done(request, pk, lambda: services.release_seat(seat.candidate, by=request.staff, at=request.at))


@posted("examroom.grant_minutes")
@require_POST
def seat_grant(request: Any, pk: UUID) -> HttpResponse:
    seat = _seat(request, pk)
    form = GrantForm(list(seat.parts), request.POST, prefix="grant")
    return _done(
        request,
        pk,
        lambda: services.grant_minutes([seat.candidate], **form.cleaned_data, by=request.staff, at=request.at),
        grant=form,
    )


@posted("examroom.force_hand_in")
@require_POST
def seat_hand_in(request: Any, pk: UUID) -> HttpResponse:
    seat = _seat(request, pk)
    form = HandInForm(list(seat.parts), request.POST, prefix="end")
    return _done(
        request,
        pk,
        lambda: services.force_hand_in(seat.candidate, **form.cleaned_data, by=request.staff, at=request.at),
        end=form,
    )


@posted("examroom.record_incident")
@require_POST
def seat_incident(request: Any, pk: UUID) -> HttpResponse:
    seat = _seat(request, pk)
    form = IncidentForm(request.POST, prefix="incident")
    return _done(
        request,
        pk,
        lambda: services.record_incident(seat.candidate, **form.cleaned_data, by=request.staff, at=request.at),
        incident=form,
    )


# --- what they share ---------------------------------------------------------------------------------------------


def _room(request: Any, pk: UUID) -> Room:
    return get_or_404(queries.rooms_of(request.staff), pk=pk)


def _seat(request: Any, pk: UUID | str) -> queries.Seat:
    seat = queries.seat_of(UUID(str(pk)), by=request.staff, at=request.at) if _is_uuid(pk) else None
    if seat is None:
        raise Http404
    return seat


def _seats(request: Any, room: Room) -> list[queries.Seat]:
    return queries.seats_in(queries.seats_seen(request.staff).filter(room=room), at=request.at)


def _room_context(request: Any, room: Room) -> dict[str, Any]:
    seats = _seats(request, room)
    refused = queries.seats_refused_since(room, request.at - HELP_WANTED_FOR)
    starts_at = room.session.starts_at
    given = rules.rules_from(room.session.rules)
    context: dict[str, Any] = {
        "room": room,
        "session": room.session,
        "rooms": list(queries.rooms_of(request.staff)),
        "seats": [shown(seat, wants_help=seat.candidate.pk in refused) for seat in seats],
        "counters": queries.counters_of(seats),
        "interrupted": [seat for seat in seats if seat.state is SeatState.INTERRUPTED],
        "refused": [seat for seat in seats if seat.candidate.pk in refused and not seat.may_switch],
        "starts": moment(starts_at),
        "theory_ends": moment(rules.common_end(Part.THEORY, given, starts_at)),
        "legend": legend(),
        "staff": request.staff,
    }
    return context | {"version": _version(context, request)}


def _room_grant_form(request: Any, room: Room) -> GrantForm:
    """For everybody: the part that most are in at this time."""
    given = rules.rules_from(room.session.rules)
    theory_ends = moment(rules.common_end(Part.THEORY, given, room.session.starts_at))
    is_theory = theory_ends is None or request.at <= theory_ends
    part = Part.THEORY if is_theory else Part.PRACTICAL
    return GrantForm(list(Part), prefix="all", initial={"part": part})


def _version(context: dict[str, Any], request: Any) -> str:
    """What a person would see of the room, in short: another one is sent only when this changes."""
    told = [
        f"{localtime(request.at):%H:%M}",
        *(f"{one.seat.candidate.pk} {one.word} {one.seat.incident_count}" for one in context["seats"]),
        *(str(seat.candidate.pk) for seat in context["refused"]),
        str(context["counters"]),
    ]
    return sha256("\n".join(told).encode()).hexdigest()[:16]


def _seat_context(request: Any, seat: queries.Seat, **bound: forms.Form) -> dict[str, Any]:
    open_parts = [part for part, state in seat.parts.items() if state is PartState.OPEN]
    context: dict[str, Any] = {
        "seat": seat,
        "shown": shown(seat),
        "room": seat.candidate.room,
        "parts": [
            (part, state.label, moment(seat.sats[part].closes_at), seat.sats[part].granted_ms // rules.MINUTE)
            for part, state in seat.parts.items()
        ],
        "entries": [entry(event) for event in queries.events_of(seat.candidate)],
        "grant": GrantForm(list(seat.parts), prefix="grant", initial={"part": seat.current}) if seat.current else None,
        "end": HandInForm(open_parts, prefix="end") if open_parts else None,
        "incident": IncidentForm(prefix="incident"),
        "opened": next(iter(bound), ""),
        "staff": request.staff,
    }
    return context | bound


def _done(request: Any, pk: UUID, act: Callable[[], object], **bound: forms.Form) -> HttpResponse:
    """Do it when what was typed is in order; answer with the seat as it stands afterwards and why not, if not."""
    problems: Sequence[Any] = ()
    status = 200
    if any(not form.is_valid() for form in bound.values()):
        status = 422
    else:
        try:
            act()
            bound = {}
        except Refused as refused:
            problems, status = refused.reasons, 409
    seat = _seat(request, pk)
    if not request.htmx:
        for reason in problems:
            messages.error(request, str(reason))
        if status == 422:
            return _whole(request, seat.candidate.room, _seat_context(request, seat, **bound), status)
        return redirect(f"{_page_of(seat)}?seat={pk}")
    context = _seat_context(request, seat, **bound) | {"problems": problems}
    return _fresh(render(request, "examroom/_seat.html", context, status=status))


def _whole(request: Any, room: Room, context: dict[str, Any], status: int) -> HttpResponse:
    """The page around a form with mistakes, for browsers without script."""
    around = _room_context(request, get_or_404(queries.rooms_of(request.staff), pk=room.pk))
    around["grant"] = _room_grant_form(request, room)
    return render(request, "examroom/room_detail.html", around | context, status=status)


def _fresh(answer: HttpResponse) -> HttpResponse:
    """Tell the page that its seats are stale."""
    answer.headers["HX-Trigger"] = "seats-changed"
    return answer


def _page_of(seat: queries.Seat) -> str:
    return redirect("examroom:room-detail", pk=seat.candidate.room_id).url


def _is_uuid(text: object) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True
