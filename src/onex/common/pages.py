"""What every view shares: the permit at the door, the refusal that becomes a page, fragments and paging."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import FieldError, PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from onex.common import tx
from onex.common.actors import Actor, visitor
from onex.common.limits import TooMany
from onex.common.logs import mask_tokens
from onex.common.models import DENIED
from onex.common.moves import leave_trace
from onex.common.permits import holds
from onex.common.queries import denied_lately
from onex.common.text import Refused, Say, say

View = Callable[..., HttpResponse]
M = TypeVar("M", bound=Model)


class ActorRequest(HttpRequest):
    """A request as views see it: `actor` is set behind a permit, `at` and `address` always."""

    actor: Actor
    at: Any
    address: str


def permit(code: str) -> Callable[[View], View]:
    """Only for hats that have this permit at all; the rows are judged by queries and moves."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.actor is None:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            if not holds(code, request.actor):
                note_denied(request, None, permit=code)
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permit = code  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(view: View) -> View:
    """For everybody with a hat: the own home page, the own inbox."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.actor is None:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        return view(request, *args, **kwargs)

    guarded.permit = "signed-in"  # type: ignore[attr-defined]
    return guarded


def public(view: View) -> View:
    """For anybody: a house test compares these with the short public list."""
    view.permit = "public"  # type: ignore[attr-defined]
    return view


PROBING = 20  # refused attempts of one person within an hour that are no mistake any more


class OutOfReach(Http404):
    """A row that is not among those the actor may see, whether there is one or not; RefusedMiddleware traces it."""

    def __init__(self, rows: QuerySet[Any], lookup: Mapping[str, Any]) -> None:
        super().__init__()
        self.rows, self.lookup = rows, lookup

    def row(self) -> Model | None:
        """The row itself, if it is there: an attempt at what is somebody else's, not a worn-out address."""
        try:
            return self.rows.model._base_manager.using(self.rows.db).filter(**self.lookup).first()
        except (FieldError, ValueError, ValidationError):  # a look-up of an annotation tells nothing about the row
            return None


def get_or_404(rows: QuerySet[M], **lookup: Any) -> M:
    """The one row the actor may see, or a 404 that does not tell a foreign row from a missing one.

    To the asker the two look the same; the log tells them apart.
    """
    found = rows.filter(**lookup).first()
    if found is None:
        raise OutOfReach(rows, lookup)
    return found


def note_denied(request: Any, row: Model | None, **data: Any) -> None:
    """Trace an attempt that came to nothing: which address, by whom, at which row."""
    actor = getattr(request, "actor", None) or visitor(getattr(request, "address", ""))
    told = {"path": mask_tokens(request.path)[:300], "method": str(request.method), **data}
    with tx.write():
        leave_trace(row, "denied", by=actor, at=request.at, data=told, outcome=DENIED)
        tries = denied_lately(actor, request.at)
        if actor.user_id is not None and tries and tries % PROBING == 0:  # somebody walks addresses that are not theirs
            leave_trace(None, "alarm", by=actor, at=request.at, data={"kind": "probing", "count": tries})


def refused_page(request: Any, reasons: tuple[Say | str, ...], status: int = 409) -> HttpResponse:
    """A refusal nobody caught nearer to its form: every reason, and the way back."""
    template = "common/_refused.html" if getattr(request, "htmx", False) else "common/refused.html"
    return render(request, template, {"problems": reasons}, status=status)


def too_many_page(request: Any, refused: TooMany) -> HttpResponse:
    """Tried too often: the sentence, 429, and Retry-After for machines."""
    response = refused_page(request, refused.reasons, status=429)
    response["Retry-After"] = str(refused.wait)
    return response


class RefusedMiddleware:
    """A Refused that a view lets pass becomes a 409 page with its sentences, never a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TooMany):
            return too_many_page(request, exception)
        if isinstance(exception, OutOfReach) and exception.rows.db == "default":  # the room keeps its own events
            row = exception.row()
            if row is not None:
                note_denied(request, row)
        if isinstance(exception, Refused):
            return refused_page(request, exception.reasons)
        return None


def typed(values: Mapping[str, Any], name: str) -> str:
    """One text of `request.GET` or `request.POST` that no form has cleaned, without NUL, which PostgreSQL refuses."""
    return str(values.get(name, "")).replace("\x00", "")


def chips_of(counts: Mapping[Any, int], words: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """The chips over a list: all of it, then each kind that has rows, in the order of `words` (kind → its word)."""
    kinds = [{"label": word, "value": kind, "count": counts[kind]} for kind, word in words.items() if counts.get(kind)]
    return [{"label": say("全部"), "value": "", "count": sum(counts.values())}, *kinds]


def page_of(request: HttpRequest, rows: Any, size: int = 30) -> Page[Any]:
    """One page of a list; a wrong or huge page number shows the nearest page there is."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def address_with(request: HttpRequest, **changes: Any) -> str:
    """This address with some query parameters changed (None removes): filters stay in the address."""
    kept = request.GET.dict() | changes
    return "?" + urlencode({name: value for name, value in kept.items() if value not in (None, "")})


def sorted_by(request: HttpRequest, rows: QuerySet[M], columns: Mapping[str, str]) -> QuerySet[M]:
    """The rows in the order that `?sort=` asks for: a key of `columns` (key → field), or with "-" the other way.

    Anything else leaves the rows in their own order.
    """
    asked = request.GET.get("sort", "")
    field = columns.get(asked.removeprefix("-"))
    return rows.order_by(f"-{field}" if asked.startswith("-") else field, "pk") if field else rows
