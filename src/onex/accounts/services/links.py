"""Addresses that are sent: their host is the installation's own, whatever a request claimed (trust.md A.6 31)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def activation_url(raw: str) -> str:
    """Where an account is activated with this token."""
    return f"{settings.PUBLIC_URL}{reverse('accounts:activate', args=[raw])}"


def reset_url(raw: str) -> str:
    """Where a password is set anew with this token."""
    return f"{settings.PUBLIC_URL}{reverse('accounts:password-reset', args=[raw])}"


def sign_in_url() -> str:
    """The door."""
    return f"{settings.PUBLIC_URL}{reverse('accounts:sign-in')}"
