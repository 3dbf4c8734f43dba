"""Personal facts on a page: masked, and whole only behind a reason."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from onex.common.masks import mask_birth, mask_email, mask_id_number, mask_name, mask_phone
from onex.common.reveal import MOST, REASONS, place_of
from onex.common.ui.library import register

register.filter("ui_masked_id", lambda text: mask_id_number(str(text or "")))
register.filter("ui_masked_phone", lambda text: mask_phone(str(text or "")))
register.filter("ui_masked_email", lambda text: mask_email(str(text or "")))
register.filter("ui_masked_name", lambda text: mask_name(str(text or "")))
register.filter("ui_masked_birth", lambda day: mask_birth(day))


@register.simple_tag(takes_context=True)
def ui_reveal(context: template.Context, shown: str, address: str, pk: Any, name: str, may: bool = True) -> SafeString:
    """A masked value with a button that asks why: `{% ui_reveal shown "app:noun-reveal" row.pk "phone" may=may as x %}`

    `shown` is masked already; without `may`, or with nothing to show, there is no button.
    """
    words = {
        "shown": shown,
        "action": reverse(address, args=[pk, name]) if may and shown else "",
        "id": place_of(pk, name),
        "reasons": REASONS,
        "most": MOST,
        "csrf_token": context.get("csrf_token"),
    }
    return SafeString(render_to_string("common/ui/reveal.html", words).strip())
