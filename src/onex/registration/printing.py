"""Slips on paper. Paper is in the product's own language, whatever language the page was read in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import override

from onex.common import pdf
from onex.registration.services import Slip


def slips(found: Iterable[Slip]) -> bytes:
    """Ten slips a page, to be cut; a class begins on a page of its own."""
    address = settings.PUBLIC_URL + reverse("registration:student-activate")
    with override(settings.LANGUAGE_CODE):
        classes: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for slip in found:
            key = (slip.student.entry_year, slip.student.class_name)
            classes.setdefault(key, []).append(_slip(slip, address))
        return pdf.render(
            "registration/slips.typ",
            {"address": address.partition("://")[2], "classes": [{"slips": rows} for rows in classes.values()]},
        )


def _slip(slip: Slip, address: str) -> dict[str, Any]:
    student = slip.student
    return {
        "school": student.school.name,
        "class": student.class_name or f"{student.entry_year} 级",
        "name": student.name,
        "student_no": student.student_no,
        "account": student.account,
        "code": in_groups(slip.code),
        "until": f"{localtime(slip.expires_at):%Y-%m-%d %H:%M}",
        "has_account": student.user_id is not None,
        # The code stands behind the #, which a browser never sends: no log of ours or of a proxy has it.
        # Any mask is as right as another; trying all eight takes four fifths of the time of 3,000 slips.
        "qr": segno.make(f"{address}#c={slip.code}", error="m", mask=3).svg_inline(scale=4, border=0),
    }


def in_groups(code: str) -> str:
    """`K7QM 2ZPA 9XWD`: four by four, as it is read out and typed."""
    return " ".join(code[n : n + 4] for n in range(0, len(code), 4))
