"""What `manage.py check` says about the door."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from onex.accounts.rules import PROFILES


@register()
def password_profile(**_: Any) -> list[CheckMessage]:
    """An installation names a profile that there is."""
    if settings.PASSWORD_PROFILE in PROFILES:
        return []
    known = ", ".join(PROFILES)
    return [
        Error(f"ONEX_PASSWORD_PROFILE is {settings.PASSWORD_PROFILE!r}; choose one of {known}.", id="accounts.E001")
    ]


@register(deploy=True)
def captcha_on(**_: Any) -> list[CheckMessage]:
    """The picture code is off for demonstrations only, never where real people sign in."""
    if settings.CAPTCHA or not settings.SESSION_COOKIE_SECURE:
        return []
    return [Error("ONEX_CAPTCHA is off on an installation that is served over https.", id="accounts.E002")]
