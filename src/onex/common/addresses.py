"""Where a request came from, told only by as many proxies as this installation counts as its own."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's IP address, normalised (an IPv4 in IPv6 clothes is the IPv4); "" when there is none.

    `settings.TRUSTED_PROXIES` proxies stand before us, each adding the address it saw at the right end of
    `X-Forwarded-For`. With none the header is ignored: whoever sends it writes what they like (trust.md A.6 31).
    """
    found = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.TRUSTED_PROXIES
    if proxies:
        told = [part.strip() for part in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
        if len(told) >= proxies:
            found = told[-proxies]
    return normalised(found)


def normalised(text: str) -> str:
    """An IP address in its shortest form, or "" for anything else."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def household(address: str) -> str:
    """What is counted as one address: an IPv4 address, or the /64 that one subscriber has of IPv6."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))
