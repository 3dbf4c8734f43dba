"""Pages of certificates: issue, list, print, and the public verification."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onex.certificates import printing, queries, services, signing
from onex.certificates.forms import VerifyForm
from onex.certificates.models import Certificate
from onex.certificates.rules import CERTIFICATE, signed_words
from onex.common.files import as_download
from onex.common.moves import offers
from onex.common.pages import get_or_404, page_of, permit, public
from onex.common.permits import allows
from onex.common.queries import timeline_of
from onex.common.text import Refused, say


@permit("certificates.issue")
def release_list(request: Any) -> HttpResponse:
    return _release_list(request)


def _release_list(request: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {"page": page_of(request, queries.releases_seen_by(request.actor)), "problems": problems}
    return render(request, "certificates/release_list.html", context, status=status)


@permit("certificates.issue")
@require_POST
def release_issue(request: Any, pk: str) -> HttpResponse:
    release = get_or_404(queries.releases_seen_by(request.actor), pk=pk)
    try:
        count = services.issue_due(release, by=request.actor, at=request.at)
    except Refused as refused:
        return _release_list(request, refused.reasons, status=409)
    messages.success(request, str(say("已签发 {n} 张证书。", n=count)))
    return redirect("certificates:certificate-list")


@permit("certificates.see")
def certificate_list(request: Any) -> HttpResponse:
    found = queries.certificates_seen_by(request.actor, request.GET.get("q", "").strip())
    context = {"page": page_of(request, found), "flow": CERTIFICATE}
    return render(request, "certificates/certificate_list.html", context)


@permit("certificates.see")
def certificate_detail(request: Any, pk: str) -> HttpResponse:
    return _detail(request, get_or_404(queries.certificates_seen_by(request.actor), pk=pk))


def _detail(request: Any, certificate: Certificate, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {
        "certificate": certificate,
        "flow": CERTIFICATE,
        "may_print": allows("certificates.print", request.actor, certificate),
        "offers": offers(CERTIFICATE, certificate, request.actor, request.at),
        "timeline": timeline_of(certificate),
        "problems": problems,
    }
    return render(request, "certificates/certificate_detail.html", context, status=status)


@permit("certificates.see")
@require_POST
def certificate_move(request: Any, pk: str, move: str) -> HttpResponse:
    certificate = get_or_404(queries.certificates_seen_by(request.actor), pk=pk)
    try:
        if move != "revoke":
            raise Refused(say("没有这个操作。"))
        services.revoke(certificate, by=request.actor, at=request.at, note=request.POST.get("note", ""))
    except Refused as refused:
        return _detail(request, certificate, refused.reasons, status=409)
    return redirect("certificates:certificate-detail", pk=certificate.pk)


@permit("certificates.print")
def certificate_paper(request: Any, pk: str) -> HttpResponse:
    """The PDF as it is printed."""
    certificate = get_or_404(queries.certificates_to_print(request.actor), pk=pk)
    if certificate.state != CERTIFICATE.initial:
        raise Refused(say("证书已撤销，不能打印。"))
    services.note_print(certificate, by=request.actor, at=request.at)
    content = HttpResponse(printing.papers([certificate]), content_type="application/pdf")
    answered: HttpResponse = as_download(content, f"{certificate.number}.pdf")
    return answered


@public
@never_cache
def verify(request: Any) -> HttpResponse:
    """By number and name. The answer for an unknown number and for a wrong name is one and the same."""
    asked = "number" in request.GET or "name" in request.GET
    form = VerifyForm(request.GET if asked else None)
    if asked and form.is_valid():
        found = queries.verify(form.cleaned_data["number"], form.cleaned_data["name"])
        return _answer(request, form, found)
    return render(request, "certificates/verify.html", {"form": form, "asked": False})


@public
@never_cache
def verify_qr(request: Any, token: str) -> HttpResponse:
    """By the signed code on the paper."""
    return _answer(request, VerifyForm(), queries.verify_token(token))


def _answer(request: Any, form: VerifyForm, found: Certificate | None) -> HttpResponse:
    context = {
        "form": form,
        "asked": True,
        "certificate": found,
        "flow": CERTIFICATE,
        "is_signed": found is not None and signing.verifies(signed_words(found.facts), found.key_id, found.signature),
        "checked_at": request.at,
    }
    return render(request, "certificates/verify.html", context, status=200 if found else 404)
