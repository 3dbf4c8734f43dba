"""The one way out: a POST to an address that was judged, and to no other.

The name is resolved here, every answer is judged, and the connection goes to one of the judged addresses (a name that
answers something else a moment later is not asked again). Nothing is followed, little is read, nothing waits long.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from django.conf import settings

from onex.common.text import Refused, say
from onex.integrations.rules import CAP, Receiver, problems_with_address, receiver_of

Resolve = Callable[[str, int], list[str]]
CONNECT, WHOLE = 5.0, 15.0  # seconds


class BadAddress(Refused):
    """Nothing may be sent to this address, or it leads nowhere."""


@dataclass(frozen=True)
class Answer:
    """What came back: a status and the beginning of the text, or no status and what went wrong, in a few words."""

    status: int | None
    text: str


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, as this machine's name service tells them. Raises OSError for an unknown name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def addresses_of(url: str, resolve: Resolve = resolved) -> tuple[Receiver, list[str]]:
    """The receiver and its addresses, each of them public.

    Raises Refused when the address is not one to send to: its text, an unknown name, or a machine inside.
    """
    loopback = settings.WEBHOOKS_TO_LOOPBACK
    receiver = receiver_of(url, loopback=loopback)
    try:
        found = resolve(receiver.host, receiver.port)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise BadAddress(say("域名 {host} 查不到地址，请核对网址。", host=receiver.host))
    for address in found:
        if problems := problems_with_address(address, loopback=loopback):
            raise BadAddress(*problems)
    return receiver, found


class _Pinned(HTTPConnection):
    """A connection to this very address; the name is only shown (Host, TLS) and checked (the certificate)."""

    def __init__(self, receiver: Receiver, address: str) -> None:
        super().__init__(receiver.host, receiver.port, timeout=CONNECT)
        self.receiver, self.address = receiver, address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.receiver.port), CONNECT)
        if self.receiver.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.receiver.host)


def post(url: str, body: bytes, headers: Mapping[str, str], resolve: Resolve = resolved) -> Answer:
    """Send it once and answer what came back; raises nothing."""
    try:
        receiver, addresses = addresses_of(url, resolve)
    except Refused as refused:
        return Answer(None, str(refused))
    connection = _Pinned(receiver, addresses[0])
    # Each read may wait for CONNECT seconds; a receiver that dribbles is cut off after WHOLE.
    cut = threading.Timer(WHOLE, _cut, (connection,))
    cut.daemon = True
    cut.start()
    try:
        connection.request("POST", receiver.path, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(CAP).decode("utf-8", "replace"))
    except (OSError, HTTPException, ValueError) as broken:
        return Answer(None, _words(broken))
    finally:
        cut.cancel()
        connection.close()


def _cut(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _words(broken: Exception) -> str:
    if isinstance(broken, ssl.SSLCertVerificationError):
        return str(say("对方的证书无效：{why}", why=broken.verify_message))
    if isinstance(broken, TimeoutError):
        return str(say("对方没有及时应答。"))
    if isinstance(broken, ConnectionRefusedError):
        return str(say("对方拒绝连接。"))
    return str(say("发送失败：{kind}", kind=type(broken).__name__))
