"""The register that every component enters; `templatetags/ui.py` hands it to Django."""

from __future__ import annotations

from django import template

register = template.Library()
