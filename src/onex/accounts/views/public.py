"""立即申报: a school without an account registers, comes back by its secret address, corrects and follows it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onex.accounts import queries, services
from onex.accounts.forms import RegistrationForm, initial_of
from onex.accounts.models import InstitutionRegistration
from onex.accounts.rules import EDITABLE, REGISTRATION
from onex.accounts.services.registrations import applicant_of
from onex.accounts.views.printing import application_form
from onex.accounts.views.shown import account_shown, facts_shown, steps_of, timeline_shown
from onex.common.masks import mask_email
from onex.common.pages import get_or_404, public
from onex.common.text import Refused


@public
@never_cache
def registration_create(request: HttpRequest) -> HttpResponse:
    """The empty form; saving or handing in gives it its own address."""
    if request.method != "POST":
        return _form_page(request, RegistrationForm())
    return _keep(request, RegistrationForm(request.POST, request.FILES), None, "")


@public
@never_cache
def registration_edit(request: HttpRequest, token: str) -> HttpResponse:
    """The kept form, while it may be changed."""
    registration = get_or_404(queries.registration_by_token(token))
    if registration.state not in EDITABLE:
        return redirect("accounts:registration-status", token)
    if request.method != "POST":
        form = RegistrationForm(initial=initial_of(registration), registration=registration)
        return _form_page(request, form, registration, token)
    return _keep(request, RegistrationForm(request.POST, request.FILES, registration=registration), registration, token)


def _keep(
    request: Any, form: RegistrationForm, registration: InstitutionRegistration | None, token: str
) -> HttpResponse:
    """Keep what can be kept even when something is wrong: a file would have to be chosen again."""
    if not form.is_valid() and not form.may_be_kept:
        if request.POST.get("then") != "save":
            form.show_missing()
        return _form_page(request, form, registration, token, status=422)
    licence = form.cleaned_data.get("licence") or None
    try:
        kept, new_token = services.save_registration(
            form.values(), at=request.at, registration=registration, licence=licence
        )
    except Refused as refused:
        return _form_page(request, form, registration, token, problems=refused.reasons, status=409)
    token = token or new_token
    form.knows(kept)
    is_draft = request.POST.get("then") == "save"
    if form.errors:
        if not is_draft:
            form.show_problems(kept)
        return _form_page(request, form, kept, token, status=422)
    if is_draft:
        messages.success(request, _("已保存为草稿，尚未提交。请记下本页地址，以后凭它继续填写。"))
        return redirect("accounts:registration-status", token)
    try:
        services.move_registration(kept, "submit", by=applicant_of(kept), at=request.at)
    except Refused as refused:
        form.show_problems(kept)
        problems = () if form.errors else refused.reasons
        return _form_page(request, form, kept, token, problems=problems, status=409 if problems else 422)
    messages.success(request, _("已提交，等待省级教育行政部门审核。请记下本页地址，以后凭它查看结果。"))
    return redirect("accounts:registration-status", token)


def _form_page(
    request: HttpRequest,
    form: RegistrationForm,
    registration: InstitutionRegistration | None = None,
    token: str = "",
    *,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    kept_at = reverse("accounts:registration-edit", args=[token]) if token else ""
    context = {
        "form": form,
        "action": kept_at or reverse("accounts:registration-create"),
        "status_url": reverse("accounts:registration-status", args=[token]) if token else "",
        "print_url": reverse("accounts:registration-print", args=[token]) if token else "",
        "licences": queries.licences_of(registration) if registration else (),
        "rejection": _last_rejection(registration),
        "problems": problems,
    }
    return render(request, "accounts/registration_form.html", context, status=status)


def _last_rejection(registration: InstitutionRegistration | None) -> Any:
    return queries.last_rejection_of(registration) if registration is not None else None


@public
@never_cache
def registration_status(request: HttpRequest, token: str) -> HttpResponse:
    """Where the registration stands, for whoever holds its address."""
    registration = get_or_404(queries.registration_by_token(token))
    context = {
        "registration": registration,
        "flow": REGISTRATION,
        "is_editable": registration.state in EDITABLE,
        "steps": steps_of(registration),
        "facts": facts_shown(registration),
        "account": account_shown(registration),
        "contact_email": mask_email(registration.contact_email),
        "link_url": reverse("accounts:registration-link", args=[token]),
        "print_url": reverse("accounts:registration-print", args=[token]),
        "licences": queries.licences_of(registration),
        "entries": timeline_shown(registration),
        "address": request.build_absolute_uri(),
        "edit_url": reverse("accounts:registration-edit", args=[token]),
    }
    return render(request, "accounts/registration_status.html", context)


@public
@never_cache
def registration_print(request: Any, token: str) -> HttpResponse:
    """院校注册申请表, filled in from what is saved, to be printed, stamped and uploaded."""
    registration = get_or_404(queries.registration_by_token(token))
    answer = application_form(registration)
    services.note_form_print(registration, address=request.address, at=request.at)
    return answer


@public
@require_POST
def registration_link(request: Any, token: str) -> HttpResponse:
    """The activation link once more, to the contact's e-mail; the one before ends."""
    registration = get_or_404(queries.registration_by_token(token))
    if services.ask_for_link(registration, address=request.address, at=request.at):
        messages.success(request, _("激活链接已重新发送，之前的链接不再有效。"))
    else:
        messages.error(request, _("邮件暂时无法发出，请稍后再试，或联系所在省份的省级教育行政部门。"))
    return redirect("accounts:registration-status", token)
