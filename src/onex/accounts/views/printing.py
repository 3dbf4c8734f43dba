"""院校注册申请表 as a PDF."""

from __future__ import annotations

from django.http import HttpResponse

from onex.accounts.models import InstitutionRegistration
from onex.accounts.views.shown import facts_shown
from onex.common import files, pdf
from onex.common.text import Refused, say


def application_form(registration: InstitutionRegistration, *, is_own: bool = True) -> HttpResponse:
    """The form for stamping. Raises Refused for characters that our fonts cannot print."""
    words = {fact["field"]: str(fact["value"]) for fact in facts_shown(registration, is_own=is_own)}
    data = {
        **words,
        "authority": registration.province.name,
        "majors": registration.majors,
        "number": str(registration.pk)[-12:].upper(),
    }
    try:
        document = pdf.render("accounts/registration.typ", data)
    except pdf.GlyphMissing as missing:
        raise Refused(say("申请内容里有无法打印的字符（例如表情符号），请改掉后再打印。")) from missing
    response = HttpResponse(document, content_type="application/pdf")
    answered: HttpResponse = files.as_download(response, str(say("院校注册申请表.pdf")))
    return answered
