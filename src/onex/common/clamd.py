"""A virus scanner that an installation may have: clamd, asked over its INSTREAM command."""

from __future__ import annotations

import socket
import time

CHUNK = 1 << 16


class Unreachable(Exception):
    """The scanner is configured but gave no verdict: away, too slow, or it refused to scan."""


def scan(address: str, body: bytes, seconds: float = 20.0) -> str:
    """The name of what clamd at `host:port` or `unix:/path` found in these bytes, "" when they are clean.

    Raises Unreachable when there is no verdict within the time.
    """
    ends_at = time.monotonic() + seconds
    try:
        with _connected(address, seconds) as line:
            line.sendall(b"zINSTREAM\0")
            for at in range(0, len(body), CHUNK):
                part = body[at : at + CHUNK]
                line.settimeout(_left(ends_at))
                line.sendall(len(part).to_bytes(4, "big") + part)
            line.sendall(bytes(4))
            said = b""
            while not said.endswith(b"\0") and len(said) < 1_000:
                line.settimeout(_left(ends_at))
                if not (more := line.recv(1_000)):
                    break
                said += more
    except (OSError, ValueError) as failure:
        raise Unreachable(str(failure)) from failure
    verdict = said.rstrip(b"\0\n").decode(errors="replace")
    if verdict == "stream: OK":
        return ""
    if verdict.startswith("stream: ") and verdict.endswith(" FOUND"):
        return verdict.removeprefix("stream: ").removesuffix(" FOUND")
    raise Unreachable(verdict or "it hung up")


def _connected(address: str, seconds: float) -> socket.socket:
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(seconds)
        try:
            line.connect(address.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=min(seconds, 5.0))


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("no verdict in time")
    return left
