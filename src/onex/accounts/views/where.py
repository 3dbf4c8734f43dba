"""Where a request comes from, as the doors count it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from onex.accounts.services import spot_of
from onex.common.limits import Door, enter
from onex.common.pages import View


def place(request: Any) -> dict[str, str]:
    """The keys of this request's address: `site` inside a registered range, `address` anywhere else."""
    return spot_of(request.address).keys


def counted(door: Door, *methods: str) -> Callable[[View], View]:
    """Count each request to this view by its address (these methods only, all without): 429 once it is too many."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not methods or request.method in methods:
                enter(door, at=request.at, **place(request))
            return view(request, *args, **kwargs)

        return guarded

    return decorate
