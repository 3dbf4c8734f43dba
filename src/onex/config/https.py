"""What every answer of an https installation promises, the exam gate's too, which stands before Django."""

from __future__ import annotations

from typing import Any

from onex.config.body import Application, Receive, Scope, Send


def with_hsts(application: Application, seconds: int) -> Application:
    """The application, with Strict-Transport-Security on each answer; unchanged where `seconds` is 0 (plain http)."""
    if not seconds:
        return application
    header = (b"strict-transport-security", f"max-age={seconds}; includeSubDomains; preload".encode())

    async def promising(scope: Scope, receive: Receive, send: Send) -> None:
        async def promise(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], header]}
            await send(message)

        await application(scope, receive, promise)

    return promising
