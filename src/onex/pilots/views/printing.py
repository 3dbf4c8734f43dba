"""An application, and a list of them, on paper: made from what the page shows, traced before it goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from onex.common import exports, files, pdf
from onex.common.pages import ActorRequest, get_or_404, permit
from onex.common.text import Refused, say
from onex.pilots import queries
from onex.pilots.models import PilotApplication
from onex.pilots.rules import APPLICATION_BY_CITY, batch_label
from onex.pilots.views.applications import rows_asked, sheet_line

MOST_LINES = 1_000  # rows of one printed list: some forty pages


@permit("pilots.application_see")
def application_print(request: ActorRequest, pk: UUID) -> HttpResponse:
    """证书试点申报表 of one application, with room for the opinions and seals of school, city and province."""
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    with override(settings.LANGUAGE_CODE):  # what goes to an office is in the office's language
        document = _rendered("pilots/application.typ", _form_of(row) | _mark(request))
    name = f"{_('证书试点申报表')}-{row.level.short_name}.pdf"
    exports.note(request, name, 1, subject=row)
    return _answer(document, name)


@permit("pilots.application_see")
def application_list_print(request: ActorRequest) -> HttpResponse:
    """Exactly what the list shows, as a table to print. Raises Refused for more rows than paper is good for."""
    rows = rows_asked(request)
    count = rows.count()
    if count > MOST_LINES:
        raise Refused(
            say("一次最多打印 {most} 行，现在是 {n} 行。请先筛选，或改用“导出当前结果”。", most=MOST_LINES, n=count)
        )
    with override(settings.LANGUAGE_CODE):
        lines = [
            {name: str(value) for name, value in sheet_line(row).items()} for row in queries.application_lines(rows)
        ]
        sums = {name: sum(int(line[name] or 0) for line in lines) for name in ("requested", "approved", "used")}
        document = _rendered("pilots/application_list.typ", {"lines": lines, "sums": sums} | _mark(request))
    name = _("证书试点申报.pdf")
    exports.note(request, name, count)
    return _answer(document, name)


def _form_of(row: PilotApplication) -> dict[str, Any]:
    majors = [str(one) for one in row.declared_majors.all()]
    by_slot: dict[str, list[str]] = {}
    for one in queries.all_materials_of(row):
        by_slot.setdefault(one.slot, []).append(one.original_name)
    materials = [{"name": one.name, "files": by_slot.get(one.slot, [])} for one in row.plan.materials.all()]
    return {
        "number": str(row.pk)[-12:].upper(),
        "province": row.plan.province.name,
        "school": row.school.name,
        "year": str(row.plan.year),
        "batch": str(batch_label(row.plan.batch)),
        "certificate": row.level.name,
        "issuer": row.level.certificate.issuer_name,
        "requested": str(row.requested_count),
        "approved": "" if row.approved_count is None else str(row.approved_count),
        "majors": majors,
        "staff": row.teaching_staff,
        "facilities": row.facilities,
        "machines": "" if row.machine_count is None else str(row.machine_count),
        "materials": [*materials, {"name": _("其他佐证材料"), "files": by_slot.get(queries.MATERIAL, [])}],
        "state": str(APPLICATION_BY_CITY.word(row.state)),
        "submitted_at": f"{localtime(row.submitted_at):%Y-%m-%d %H:%M}" if row.submitted_at else "",
        "by_city": row.plan.requires_city_approval,
    }


def _mark(request: ActorRequest) -> dict[str, str]:
    return {"mark": exports.mark_of(request.actor, request.at)}


def _rendered(template: str, data: dict[str, Any]) -> bytes:
    try:
        return pdf.render(template, data)
    except pdf.GlyphMissing as missing:
        raise Refused(
            *missing.reasons, say("申报内容里有无法打印的字符（例如表情符号），请改掉后再打印。")
        ) from missing


def _answer(document: bytes, name: str) -> HttpResponse:
    answered: HttpResponse = files.as_download(HttpResponse(document, content_type="application/pdf"), name)
    return answered
