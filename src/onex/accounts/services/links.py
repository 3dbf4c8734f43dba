"""Addresses that are sent: their host is the installation's own, whatever a request claimed (trust.md A.6 31)."""

from __future__ import annotations

from django.conf import settings


def activation_url(raw: str) -> str:
    """Where an account is activated with this token."""
    return f"{settings.PUBLIC_URL}/accounts/activate/{raw}/"
