"""Pages of certificates: issue, list, print, and the public verification."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from onex.certificates import printing, queries, services, signing
from onex.certificates.doors import VERIFY, VERIFY_FREELY, VERIFY_QR
from onex.certificates.forms import VerifyForm
from onex.certificates.models import Certificate
from onex.certificates.rules import CERTIFICATE, REVOKE_REASONS
from onex.certificates.shown import facts_shown, is_signed, verdict_of
from onex.common import exports, sheets
from onex.common.actors import OF_A_SCHOOL
from onex.common.captcha import with_captcha
from onex.common.doors import limited
from onex.common.files import as_download
from onex.common.limits import enter, strike, used_up
from onex.common.moves import offers
from onex.common.origins import household
from onex.common.pages import chips_of, get_or_404, page_of, permit, public, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.queries import timeline_of
from onex.common.text import Refused, say


@permit("certificates.issue")
def release_list(request: Any) -> HttpResponse:
    return _release_list(request)


def _release_list(request: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    page = page_of(request, queries.releases_seen_by(request.actor))
    due = [(release, release.pass_count - release.certificate_count) for release in page]
    context = {"page": page, "lines": due, "due_count": sum(n > 0 for _, n in due), "problems": problems}
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


COLUMNS = (
    sheets.Column("number", say("证书编号"), 26),
    sheets.Column("name", say("姓名")),
    sheets.Column("id_number", say("证件号码"), 22),
    sheets.Column("certificate", say("证书名称"), 30),
    sheets.Column("level", say("等级"), 8),
    sheets.Column("school", say("院校"), 30),
    sheets.Column("student_no", say("学号"), 16),
    sheets.Column("issued_on", say("发证日期"), 14),
    sheets.Column("state", say("状态"), 10),
)
SORTS = {"name": "name", "issued_on": "issued_on", "school": "result__entry__student__school__name"}


def _found(request: Any) -> Any:
    text, state = typed(request.GET, "q").strip(), typed(request.GET, "state")
    return sorted_by(request, queries.certificates_seen_by(request.actor, text, state), SORTS)


@permit("certificates.see")
def certificate_list(request: Any) -> HttpResponse:
    counts = queries.certificate_counts(request.actor)
    chips = chips_of(counts, CERTIFICATE.labels)
    context = {
        "page": page_of(request, _found(request)),
        "chips": chips,
        "flow": CERTIFICATE,
        "is_school": request.actor.role in OF_A_SCHOOL,
        "may_issue": holds("certificates.issue", request.actor),
    }
    return render(request, "certificates/certificate_list.html", context)


@permit("certificates.see")
def certificate_export(request: Any) -> HttpResponse:
    """Exactly the list that is shown, as Excel, with ID numbers masked."""
    return exports.respond(request, f"{say('已签发证书')}.xlsx", COLUMNS, _found(request), _line)


def _line(certificate: Certificate) -> dict[str, Any]:
    return {
        **certificate.facts,
        "student_no": certificate.result.entry.student.student_no,
        "state": CERTIFICATE.word(certificate.state),
    }


@permit("certificates.see")
def certificate_detail(request: Any, pk: str) -> HttpResponse:
    return _detail(request, get_or_404(queries.certificates_seen_by(request.actor), pk=pk))


def _detail(request: Any, certificate: Certificate, problems: Any = (), status: int = 200) -> HttpResponse:
    timeline = timeline_of(certificate)
    context = {
        "certificate": certificate,
        "facts": facts_shown(certificate),
        "flow": CERTIFICATE,
        "plan": certificate.result.entry.plan_level.plan,
        "is_signed": is_signed(certificate),
        "address": settings.PUBLIC_URL
        + reverse("certificates:verify-qr", args=[signing.token_for(certificate.number)]),
        "revoked": timeline.filter(verb="revoke").last(),
        "may_print": allows("certificates.print", request.actor, certificate),
        "offers": offers(CERTIFICATE, certificate, request.actor, request.at),
        "canned": {"revoke": REVOKE_REASONS},
        "timeline": timeline.reverse(),
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
        certificate = get_or_404(queries.certificates_seen_by(request.actor), pk=pk)
        return _detail(request, certificate, refused.reasons, status=409)
    messages.success(request, str(say("已撤销证书 {number}。", number=certificate.number)))
    return redirect("certificates:certificate-detail", pk=certificate.pk)


@permit("certificates.print")
def certificate_paper(request: Any, pk: str) -> HttpResponse:
    """The PDF as it is printed."""
    certificate = get_or_404(queries.certificates_to_print(request.actor), pk=pk)
    if certificate.state != CERTIFICATE.initial:
        raise Refused(say("证书已撤销，不能打印。"))
    content = HttpResponse(printing.papers([certificate]), content_type="application/pdf")
    services.note_print(certificate, by=request.actor, at=request.at)
    answered: HttpResponse = as_download(content, f"{certificate.number}.pdf")
    return answered


@public
@never_cache
@require_safe
@with_captcha
def verify(request: Any) -> HttpResponse:
    """By number and name. The answer for an unknown number and for a wrong name is one and the same.

    Who asks often answers a picture each time; who goes on regardless waits.
    """
    if not ("number" in request.GET or "name" in request.GET):
        return render(request, "certificates/verify.html", {"form": VerifyForm(request=request, asks=False)})
    asked = {"address": household(request.address), "target": typed(request.GET, "number").strip().upper()}
    asks = settings.CAPTCHA and used_up(VERIFY_FREELY, at=request.at, **asked)
    form = VerifyForm(request.GET, request=request, asks=asks)
    if not form.is_valid():
        context = {"form": form, "here": request.get_full_path()}
        return _unlisted(render(request, "certificates/verify.html", context, status=429 if asks else 422))
    enter(VERIFY, at=request.at, address=asked["address"])
    strike(VERIFY_FREELY, at=request.at, **asked)
    return _answer(request, form, queries.verify(form.cleaned_data["number"], form.cleaned_data["name"]))


@public
@never_cache
@require_safe
@with_captcha
@limited(VERIFY_QR)
def verify_qr(request: Any, token: str) -> HttpResponse:
    """By the signed code on the paper."""
    return _answer(request, VerifyForm(request=request, asks=False), queries.verify_token(token))


def _answer(request: Any, form: VerifyForm, found: Certificate | None) -> HttpResponse:
    context = {
        "form": form,
        "blank": VerifyForm(request=request, asks=form.asks_for_picture),
        "asked": True,
        "certificate": found,
        "flow": CERTIFICATE,
        "facts": facts_shown(found) if found else [],
        "verdict": verdict_of(found),
        "checked_at": request.at,
        "here": request.build_absolute_uri(),
    }
    return _unlisted(render(request, "certificates/verify.html", context, status=200 if found else 404))


def _unlisted(response: HttpResponse) -> HttpResponse:
    """No search engine keeps what somebody asked about a person."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
