"""The paper: one certificate a page, with every fact, the number and the signed QR code."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import override

from onex.certificates.models import Certificate
from onex.common import pdf


def papers(certificates: Iterable[Certificate]) -> bytes:
    """A PDF with one landscape A4 page for each certificate; always in Chinese, as issued."""
    with override("zh-hans"):
        pages = [{**one.facts, "id_number": one.id_number, "qr": one.qr} for one in certificates]
        return pdf.render("certificates/paper.typ", {"pages": pages})
