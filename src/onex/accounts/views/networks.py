"""登记网段: a school and an exam site say which addresses are theirs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts import queries, services
from onex.accounts.forms import NetworkForm
from onex.common.actors import Role
from onex.common.pages import get_or_404, page_of, permit
from onex.common.text import Refused


@permit("accounts.network_manage")
def network_list(request: Any) -> HttpResponse:
    """The ranges of this organisation (the security administrator sees all), and the form for one more."""
    names = request.actor.role == Role.SECURITY_ADMIN
    form = NetworkForm(request.POST if request.method == "POST" else None, names_organisation=names)
    if request.method == "POST" and form.is_valid() and _add(request, form):
        messages.success(request, _("网段已登记。"))
        return redirect("accounts:network-list")
    context = {
        "form": form,
        "page": page_of(request, queries.networks_seen_by(request.actor)),
        "address": request.address,
        "current": queries.range_of(request.address),
        "names_organisation": names,
    }
    return render(request, "accounts/network_list.html", context, status=422 if form.is_bound else 200)


def _add(request: Any, form: NetworkForm) -> bool:
    given = form.cleaned_data
    organisation = (
        queries.organisation_named(given["organisation"].strip())
        if "organisation" in given
        else queries.organisation_of(request.actor)
    )
    if organisation is None:
        form.add_error("organisation", _("没有这个名称的学校或考点，请填写全称"))
        return False
    try:
        services.add_network(organisation, given["cidr"], given["label"], by=request.actor, at=request.at)
    except Refused as refused:
        form.add_error("cidr", [str(reason) for reason in refused.reasons])
        return False
    return True


@permit("accounts.network_manage")
@require_POST
def network_remove(request: Any, pk: str) -> HttpResponse:
    row = get_or_404(queries.networks_seen_by(request.actor), pk=pk)
    services.remove_network(row, by=request.actor, at=request.at)
    messages.success(request, _("网段已移除。"))
    return redirect("accounts:network-list")
