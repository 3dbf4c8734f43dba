"""What a student sees of the own exams, on one page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from onex.common.pages import permit
from onex.portal.queries.student import exams_of
from onex.registration.rules.entries import ENTRY_FLOW


@permit("registration.own_data")
def my_exams(request: Any) -> HttpResponse:
    """Registration, ticket, result and certificate of every exam, what is ahead first."""
    exams = exams_of(request.actor, request.at)
    context = {"exams": exams, "flow": ENTRY_FLOW}
    return render(request, "portal/my_exams.html", context)
