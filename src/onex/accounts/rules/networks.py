"""Which address ranges a school or an exam site may call its own."""

from __future__ import annotations

import ipaddress

from onex.accounts.identifiers import normalised
from onex.common.text import Refused, Say, say

WIDEST_4, WIDEST_6 = 22, 48  # 1,024 addresses of IPv4; the usual site of IPv6
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def network_of(text: str) -> Network:
    """What was typed as a network: one address, or `10.20.0.0/22`.

    Raises Refused with a sentence for anything else.
    """
    try:
        return ipaddress.ip_network(normalised(text), strict=False)
    except ValueError as wrong:
        raise Refused(
            say("“{text}”不是网段。请写成 10.20.0.0/22 或单个地址 203.0.113.8 的样子。", text=text.strip()[:60])
        ) from wrong


def problems_with_network(network: Network) -> list[Say]:
    """Why nobody may register this range: too wide to be one place, or an address that is no place at all."""
    widest = WIDEST_4 if network.version == 4 else WIDEST_6
    found = []
    if network.prefixlen < widest:
        found.append(say("网段太大：一个网段最多到 /{n}。更大的校园网请分成几段登记。", n=widest))
    if network.is_loopback or network.is_multicast or network.is_link_local or network.is_unspecified:
        found.append(say("{network} 不是学校或考点使用的地址。", network=network))
    return found


def ends_of(network: Network) -> tuple[str, str]:
    """Its first and last address as fixed hexadecimal, which sorts as addresses do; IPv4 in its IPv6 clothes."""
    return hex_of(network.network_address), hex_of(network.broadcast_address)


def hex_of(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """32 hexadecimal digits of an address."""
    mapped = (0xFFFF << 32) if address.version == 4 else 0
    return f"{mapped + int(address):032x}"
