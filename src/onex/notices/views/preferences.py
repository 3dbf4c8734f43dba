"""How one wants to be told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from onex.common.actors import Role
from onex.common.masks import mask_email, mask_phone
from onex.common.pages import signed_in
from onex.common.text import say
from onex.notices import queries, services
from onex.notices.forms import PaceForm, field_of
from onex.notices.rules import DIGEST_HOUR
from onex.notices.views.shown import tabs


@signed_in
@never_cache
def preferences(request: Any) -> HttpResponse:
    """Each kind of notice that the person's hats may be told, and how its e-mail comes."""
    words = queries.all_words()
    chosen = queries.preferences_of(request.actor)
    initial = {field_of(one.template.code): chosen.get(one.template.code, one.template.pace) for one in words}
    form = PaceForm(
        request.POST or None,
        roles={Role(hat.role) for hat in request.hats},
        urgent=[one.template.code for one in words if one.is_urgent],
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        services.choose(form.wanted, by=request.actor, at=request.at)
        messages.success(request, str(say("接收方式已保存，对今后的消息有效。")))
        return redirect("notices:preferences")
    context = {
        "form": form,
        "tabs": tabs(request, "preferences"),
        "email": mask_email(request.user.email) if request.user.email else "",
        "phone": mask_phone(request.user.phone) if request.user.phone else "",
        "hour": DIGEST_HOUR,
    }
    return render(request, "notices/preferences.html", context, status=422 if form.errors else 200)
