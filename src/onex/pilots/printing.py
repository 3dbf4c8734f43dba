"""What is printed of a plan: the list of approvals under its document number, in the product's own language."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.utils.translation import override

from onex.common import pdf
from onex.pilots.models import ApprovalList
from onex.pilots.rules import batch_label


def approval_list(row: ApprovalList) -> bytes:
    """The frozen lines with sums by certificate. Raises GlyphMissing."""
    with override(settings.LANGUAGE_CODE):
        return pdf.render("pilots/approval_list.typ", _shown(row))


def _shown(row: ApprovalList) -> dict[str, Any]:
    return {
        "title": row.title,
        "document_no": row.document_no,
        "province": row.plan.province.name,
        "plan": f"{row.plan.year} 年度{batch_label(row.plan.batch)}",
        "issued_on": f"{row.issued_on.year}年{row.issued_on.month}月{row.issued_on.day}日",
        "lines": row.lines,
        "sums": sums_of(row),
        "schools": len({line["school"] for line in row.lines}),
        "approved": sum(line["approved"] for line in row.lines),
    }


def sums_of(row: ApprovalList) -> list[dict[str, Any]]:
    """How many schools and places each certificate level has on the list."""
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"count": 0, "approved": 0})
    for line in row.lines:
        found[line["certificate"]]["count"] += 1
        found[line["certificate"]]["approved"] += line["approved"]
    return [{"certificate": name, **sums} for name, sums in sorted(found.items())]
