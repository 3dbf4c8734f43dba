"""Where something came from, as the proxies of an installation tell it. No Django: the exam gate asks here too."""

from __future__ import annotations

import ipaddress


def told_address(connected: str, forwarded: str, proxies: int) -> str:
    """The client's IP address in its shortest form, or "": who connected, or who our own proxies say was before them.

    So many `proxies` of ours stand before us, each adding the address it saw at the right end of `X-Forwarded-For`.
    With none the header is ignored: whoever sends it writes what they like (trust.md A.6 31).
    """
    if proxies:
        told = [part.strip() for part in forwarded.split(",") if part.strip()]
        if len(told) >= proxies:
            return normalised(told[-proxies])
    return normalised(connected)


def normalised(text: str) -> str:
    """An IP address in its shortest form (an IPv4 in IPv6 clothes is the IPv4), or "" for anything else."""
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
