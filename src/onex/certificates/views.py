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
from onex.certificates.forms import VerifyForm
from onex.certificates.models import Certificate
from onex.certificates.rules import CERTIFICATE, REVOKE_REASONS, CertificateState, clean_number
from onex.certificates.shown import facts_shown, is_signed, verdict_of
from onex.common import limits, sheets
from onex.common.actors import Role
from onex.common.files import as_download
from onex.common.limits import Door, Limit
from onex.common.moves import offers
from onex.common.pages import get_or_404, page_of, permit, public, sorted_by, typed
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
    chips = [{"label": say("全部"), "value": "", "count": sum(counts.values())}]
    chips += [{"label": CERTIFICATE.word(s), "value": s, "count": counts[s]} for s in CertificateState if s in counts]
    context = {
        "page": page_of(request, _found(request)),
        "chips": chips,
        "flow": CERTIFICATE,
        "is_school": request.actor.role == Role.SCHOOL,
        "may_issue": holds("certificates.issue", request.actor),
    }
    return render(request, "certificates/certificate_list.html", context)


@permit("certificates.see")
def certificate_export(request: Any) -> HttpResponse:
    """Exactly the list that is shown, as Excel, with ID numbers masked."""
    return sheets.respond(f"{say('已签发证书')}.xlsx", COLUMNS, (_line(one) for one in _found(request)))


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


# Misses are counted, so that numbers are not walked and names not guessed; an employer with a pile of papers in hand
# misses nothing. Who scans a code that we signed has the paper before them.
VERIFY = Door("verify", say("证书查验"), Limit("address", 10, 60), Limit("target", 20, 3600))
SCAN = Door("verify_qr", say("扫码查验证书"), Limit("address", 120, 60))


@public
@never_cache
@require_safe
def verify(request: Any) -> HttpResponse:
    """By number and name. The answer for an unknown number and for a wrong name is one and the same."""
    if not ("number" in request.GET or "name" in request.GET):
        return render(request, "certificates/verify.html", {"form": VerifyForm()})
    form = VerifyForm(request.GET)
    if not form.is_valid():
        return _unlisted(render(request, "certificates/verify.html", {"form": form}, status=422))
    number = clean_number(form.cleaned_data["number"])
    limits.look(VERIFY, at=request.at, address=request.address, target=number)
    found = queries.verify(number, form.cleaned_data["name"])
    if found is None:
        limits.strike(VERIFY, at=request.at, address=request.address, target=number)
    return _answer(request, form, found)


@public
@never_cache
@require_safe
def verify_qr(request: Any, token: str) -> HttpResponse:
    """By the signed code on the paper."""
    limits.enter(SCAN, at=request.at, address=request.address)
    return _answer(request, VerifyForm(), queries.verify_token(token))


def _answer(request: Any, form: VerifyForm, found: Certificate | None) -> HttpResponse:
    context = {
        "form": form,
        "blank": VerifyForm(),
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
