"""Where a request came from, told only by as many proxies as this installation counts as its own."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from onex.common.origins import told_address


def client_address(request: HttpRequest) -> str:
    """The client's IP address, normalised; "" when there is none. `settings.TRUSTED_PROXIES` of ours are before us."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    return told_address(str(request.META.get("REMOTE_ADDR", "")), forwarded, settings.TRUSTED_PROXIES)
