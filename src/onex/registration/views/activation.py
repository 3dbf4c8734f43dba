"""The student's way in: the slip's code and the name, then a password, the own data, consent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from onex.accounts.views.entrance import let_in
from onex.common.actors import visitor
from onex.common.clock import to_ms
from onex.common.masks import mask_middle
from onex.common.pages import public
from onex.common.text import Refused
from onex.registration import queries, services
from onex.registration.forms import ConfirmForm, SlipForm
from onex.registration.models import Student
from onex.registration.rules.students import NOTICE, needs_guardian

SLIP = "student_slip"  # in the session: the slip that was looked at, and until when the second page is open
PATIENCE_MS = 30 * 60_000


@public
@never_cache
@sensitive_post_parameters("code")
def student_activate(request: Any) -> HttpResponse:
    """Code and name; a wrong one of them is answered the same as an unknown slip."""
    if request.method != "POST":
        return render(request, "registration/student_activate.html", {"form": SlipForm()})
    form = SlipForm(request.POST)
    if not form.is_valid():
        return render(request, "registration/student_activate.html", {"form": form}, status=422)
    given = form.cleaned_data
    try:
        token, _ = services.look_at_slip(given["code"], given["name"], address=request.address, at=request.at)
    except Refused as refused:
        status = 429 if hasattr(refused, "wait") else 422
        form.add_error(None, [str(reason) for reason in refused.reasons])
        response = render(request, "registration/student_activate.html", {"form": form}, status=status)
        if status == 429:
            response["Retry-After"] = str(getattr(refused, "wait", 60))
        return response
    request.session[SLIP] = [str(token.pk), to_ms(request.at) + PATIENCE_MS]
    return redirect("registration:student-confirm")


@public
@never_cache
@sensitive_post_parameters("password", "password_again")
def student_confirm(request: Any) -> HttpResponse:
    """What the school says of the student, the notice, a password; then the desk."""
    pk, until = request.session.get(SLIP) or ("", 0)
    token = queries.open_slip(pk, request.at) if to_ms(request.at) < until else None
    student = queries.student_of_slip(token) if token is not None else None
    if token is None or student is None:
        request.session.pop(SLIP, None)
        return redirect("registration:student-activate")
    earlier = None if student.user_id else queries.earlier_account_of(student)
    asks = {
        "is_new_password": student.user_id is not None,
        "has_account": earlier is not None,
        "with_guardian": student.user_id is None and needs_guardian(student.birth_on, request.at),
    }
    if request.method != "POST":
        return _page(request, student, earlier, ConfirmForm(**asks))
    form = ConfirmForm(request.POST, **asks)
    if not form.is_valid():
        return _page(request, student, earlier, form, status=422)
    try:
        user = services.activate(
            token.pk,
            form.cleaned_data["password"],
            guardian=form.guardian(),
            by=visitor(request.address),
            at=request.at,
        )
    except Refused as refused:
        is_too_many = hasattr(refused, "wait")
        form.add_error(None if is_too_many else "password", [str(reason) for reason in refused.reasons])
        return _page(request, student, earlier, form, status=429 if is_too_many else 422)
    del request.session[SLIP]
    return let_in(request, user)


def _page(request: Any, student: Student, earlier: Any, form: ConfirmForm, status: int = 200) -> HttpResponse:
    account = mask_middle(earlier.username) if earlier is not None else student.account
    context = {"student": student, "account": account, "earlier": earlier, "form": form, "notice": NOTICE}
    return render(request, "registration/student_confirm.html", context, status=status)
