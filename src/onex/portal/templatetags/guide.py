"""`{% load guide %}`: words of the guide's data in the reader's language."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()
# Django's urlize wants spaces around an address; Chinese sentences have none, so addresses end where ASCII ends.
ADDRESS = re.compile(r"(https?://[\w./~-]*[\w/~-])", re.ASCII)


@register.filter
def words(value: Any) -> str:
    """A text of the guide (a name, a sentence) as the catalogue has it: `{{ task.name|words }}`; itself in Chinese."""
    return gettext(str(value)) if value else ""


@register.filter
def linked(value: Any) -> SafeString:
    """A sentence of the guide with its addresses as links: `{{ note|words|linked }}`."""
    parts = ADDRESS.split(str(value))
    pieces = ((part, f'<a href="{part}" rel="noopener">{part}</a>') for part in parts)
    return format_html_join("", "{}", ((SafeString(link) if n % 2 else part,) for n, (part, link) in enumerate(pieces)))
