"""注册云课程账号: a phone that is proved, a name and a password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from onex.accounts import doors, services, tasks
from onex.accounts.forms import LearnerForm, PhoneForm
from onex.accounts.rules import NO_LONGER_GOOD
from onex.accounts.views.entrance import let_in
from onex.accounts.views.where import place
from onex.common.captcha import with_captcha
from onex.common.jobs import later
from onex.common.limits import enter
from onex.common.masks import mask_phone
from onex.common.pages import public
from onex.common.sealed import seal, unseal
from onex.common.text import Refused

PHONE = "learner_phone"  # in the visitor's session, between the two pages


@public
@never_cache
@with_captcha
def learner_create(request: Any) -> HttpResponse:
    """The phone. A code goes to it; to one that has an account goes a notice, and the next page is the same."""
    if request.method != "POST":
        return render(request, "accounts/learner_create.html", {"form": PhoneForm(request=request)})
    form = PhoneForm(request.POST, request=request)
    if not form.is_valid():
        return render(request, "accounts/learner_create.html", {"form": form}, status=422)
    _send(request, form.cleaned_data["phone"])
    return redirect("accounts:learner-confirm")


def _send(request: Any, phone: str) -> None:
    enter(doors.PHONE_SEND, at=request.at, target=phone, **place(request))
    sealed = seal(phone, tasks.PHONE).hex()  # neither the queue nor the session tells a number
    later(tasks.send_phone_code, phone=sealed)
    request.session[PHONE] = sealed


@public
@never_cache
@sensitive_post_parameters("new", "again", "code")
def learner_confirm(request: Any) -> HttpResponse:
    """The code, the name and the password; then the account is there and its owner is in."""
    sealed = request.session.get(PHONE)
    if sealed is None:
        return redirect("accounts:learner-create")
    phone = unseal(bytes.fromhex(sealed), tasks.PHONE)
    form = LearnerForm(request.POST if request.method == "POST" else None, phone=phone)
    if request.method == "POST" and form.is_valid():
        enter(doors.CODE, at=request.at, target=f"phone {phone}", **place(request))
        given = form.cleaned_data
        try:
            user = services.register_learner(
                phone, given["code"], given["name"], given["new"], address=request.address, at=request.at
            )
        except Refused as refused:
            if NO_LONGER_GOOD not in refused.reasons:
                raise
            form.add_error("code", _("验证码不正确、已经用过或已经过期；已有账号的手机号请直接登录"))
        else:
            request.session.pop(PHONE, None)
            messages.success(request, _("账号已开通，以后用手机号和密码登录。"))
            return let_in(request, user)
    context = {"form": form, "phone": mask_phone(phone)}
    return render(request, "accounts/learner_confirm.html", context, status=422 if form.is_bound else 200)
