"""What a student sees of the own data."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from onex.common.pages import permit
from onex.registration import queries
from onex.registration.rules.students import NOTICE


@permit("registration.own_data")
def own_data(request: Any) -> HttpResponse:
    """One card for each school that has the student in its roster, and what the data is for."""
    rows = [(row, queries.photo_of(row)) for row in queries.own_rows(request.actor)]
    return render(request, "registration/own_data.html", {"rows": rows, "notice": NOTICE})
