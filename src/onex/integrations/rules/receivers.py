"""Where webhooks may go: to a public machine, by a name, over https. Everything inside is out of bounds.

What a school types here is fetched by our server, which stands where the school does not: beside databases, on a
cloud's metadata address. So addresses are judged twice, when the receiver is saved and at every single send, and
the connection goes to the very address that was judged (a name may answer something else a moment later).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from onex.common.text import Refused, Say, say

LONGEST = 500
_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_INSIDE = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa", ".localdomain", ".corp")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
INSIDE = say("这个网址指向内部网络或保留地址，不能作为接收地址。")


@dataclass(frozen=True)
class Receiver:
    """A receiver's address taken apart."""

    scheme: str
    host: str
    port: int
    path: str  # with the query


def receiver_of(url: str, *, loopback: bool = False) -> Receiver:
    """The parts of an address that may be saved. Raises Refused with every reason.

    `loopback`: plain http to this machine itself is fine, for development and tests.
    """
    if problems := problems_with_url(url, loopback=loopback):
        raise Refused(*problems)
    parts = urlsplit(url.strip())
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Receiver(parts.scheme, str(parts.hostname), port, path)


def problems_with_url(url: str, *, loopback: bool = False) -> list[Say]:
    """Why nothing is sent there, as far as the text of the address tells."""
    text = url.strip()
    if len(text) > LONGEST:
        return [say("网址太长，最多 {n} 个字符。", n=LONGEST)]
    if not text.isascii() or any(c.isspace() or ord(c) < 32 or c in '\\"<>^`{|}' for c in text):
        return [say("网址里有不允许的字符，请按 https://example.cn/path 的样子填写。")]
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return [say("这不是完整的网址，请按 https://example.cn/path 的样子填写。")]
    host = (parts.hostname or "").lower()
    if loopback and host in ("127.0.0.1", "localhost") and parts.scheme in ("http", "https"):
        return []
    found = []
    if parts.scheme != "https":
        found.append(say("只支持 https 网址：内容不能明文经过互联网。"))
    if parts.username is not None or parts.password is not None:
        found.append(say("网址里不能带用户名和密码，请用签名核对来源。"))
    if parts.fragment:
        found.append(say("网址里不能带 # 之后的部分。"))
    if not _NAME.fullmatch(host):  # also 2130706433, 0x7f.1, [::1] and names without a dot
        found.append(say("请填写域名，不能用 IP 地址或内部主机名。"))
    elif host.endswith(_INSIDE):
        found.append(INSIDE)
    if port is not None and port != 443 and not 1024 <= port <= 65535:
        found.append(say("端口只能是 443 或 1024 以上。"))
    return found


def problems_with_address(text: str, *, loopback: bool = False) -> list[Say]:
    """Why nothing is sent to this IP address, which a name was resolved to."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return [INSIDE]
    if loopback and address == ipaddress.ip_address("127.0.0.1"):
        return []
    return [] if all(_is_public(one) for one in _meanings(address)) else [INSIDE]


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _meanings(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The address, and the IPv4 address that an IPv6 one carries inside: 6to4, Teredo, NAT64, mapped."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    inner: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [address]
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner.extend(address.teredo)
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return inner
