"""The paper: one certificate a page, with every fact, the number and the signed QR code."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from onex.certificates.models import Certificate
from onex.certificates.rules import day_of
from onex.common import pdf


def papers(certificates: Iterable[Certificate]) -> bytes:
    """A PDF with one landscape A4 page for each certificate; always in Chinese, as issued."""
    address = settings.PUBLIC_URL.partition("://")[2] + reverse("certificates:verify")
    with override(settings.LANGUAGE_CODE):
        pages = [
            {
                **one.facts,
                "id_number": one.id_number,
                "qr": one.qr,
                "address": address,
                "issued_on": str(day_of(one.facts["issued_on"])),
            }
            for one in certificates
        ]
        return pdf.render("certificates/paper.typ", {"pages": pages})
