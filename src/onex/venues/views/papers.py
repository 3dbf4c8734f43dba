"""考核站点申请表, filled in from the form, to be printed and stamped by the school; others print it masked."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from onex.common import files, pdf, reveal
from onex.common.pages import get_or_404, permit
from onex.common.permits import allows
from onex.common.text import Refused, say
from onex.venues import queries, services, word
from onex.venues.models import ApplicationRoom, SiteApplication
from onex.venues.rules import capacity_of
from onex.venues.views.shared import PERSONAL

# The papers are Chinese, whatever language the page is read in.
TITLE, TITLE_OF_CHANGE = "职业技能等级证书考核站点申请表", "职业技能等级证书考核站点变更申请表"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@permit("venues.application_see")
def application_print(request: Any, pk: str) -> HttpResponse:
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    try:
        document = pdf.render("venues/site_application.typ", _words_of(request, application))
    except pdf.GlyphMissing as missing:
        raise Refused(say("申请内容里有无法打印的字符（例如表情符号），请改掉后再打印。")) from missing
    return _answered(request, application, document, "application/pdf", say("考核站点申请表.pdf"))


@permit("venues.application_see")
def application_word(request: Any, pk: str) -> HttpResponse:
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    document = word.application_form(_words_of(request, application))
    return _answered(request, application, document, WORD, say("考核站点申请表.docx"))


def _is_own(request: Any, application: SiteApplication) -> bool:
    return allows("venues.application_file", request.actor, application)


def _words_of(request: Any, application: SiteApplication) -> dict[str, Any]:
    contact = reveal.masked(PERSONAL, application)
    if _is_own(request, application):
        contact = {name: fact.of(application) for name, fact in PERSONAL.items()}
    rooms = list(application.rooms.all())
    return {
        "title": TITLE_OF_CHANGE if application.changes_id else TITLE,
        "school": application.school.name,
        "organisation": application.organisation.name,
        "name": application.name,
        "address": f"{application.region}{application.address}",
        "contact_name": application.contact_name,
        **contact,
        "levels": [
            {"code": level.certificate.code, "name": level.name}
            for level in application.levels.select_related("certificate")
        ],
        "rooms": [_room(room) for room in rooms],
        "seats": capacity_of(room.machine_count for room in rooms),
        "description": application.description,
        "number": str(application.pk)[-12:].upper(),
    }


def _room(room: ApplicationRoom) -> dict[str, Any]:
    return {
        "name": room.name,
        "place": room.place,
        "machines": room.machine_count,
        "spares": room.spare_count,
        "servers": room.server_count,
        "cameras": room.camera_count,
        "addresses": room.addresses,
        "accessible": "是" if room.is_accessible else "否",
    }


def _answered(request: Any, application: SiteApplication, document: bytes, kind: str, name: Any) -> HttpResponse:
    if _is_own(request, application):
        services.note_print(application, by=request.actor, at=request.at, as_word=kind == WORD)
    answered: HttpResponse = files.as_download(HttpResponse(document, content_type=kind), str(name))
    return answered
