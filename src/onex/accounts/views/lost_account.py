"""找回院校账号: for a school that lost its account; the answer never tells whether a school is here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from onex.accounts import services
from onex.accounts.forms import RecoveryForm
from onex.common.pages import public
from onex.common.text import Refused


@public
@never_cache
def recovery_create(request: Any) -> HttpResponse:
    """The form, and one answer for every code that is sound in itself."""
    # An empty form that was sent is a form all the same.
    form = RecoveryForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method != "POST":
        return render(request, "accounts/recovery_form.html", {"form": form})
    form.is_valid()
    if not form.judge_alone():
        return render(request, "accounts/recovery_form.html", {"form": form}, status=422)
    try:
        services.ask_for_recovery(
            form.cleaned_data["code"],
            form.values(),
            form.cleaned_data["proof"],
            address=request.address,
            at=request.at,
        )
    except Refused as refused:
        status = 429 if hasattr(refused, "wait") else 409
        context = {"form": form, "problems": refused.reasons}
        return render(request, "accounts/recovery_form.html", context, status=status)
    return redirect("accounts:recovery-received")


@public
def recovery_received(request: HttpRequest) -> HttpResponse:
    """What happens next, whoever asked for whichever school."""
    return render(request, "accounts/recovery_received.html")
