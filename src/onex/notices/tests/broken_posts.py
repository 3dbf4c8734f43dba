"""Servers that go wrong in the ways that servers do, as Django's smtp backend and a provider tell it."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend

tried: list[str] = []


class Dead(BaseEmailBackend):
    """Cannot be reached."""

    def send_messages(self, email_messages: Any) -> int:
        tried.extend(to for message in email_messages for to in message.to)
        raise ConnectionRefusedError(111, "Connection refused")


class Picky(BaseEmailBackend):
    """Does not know one address, takes the others."""

    def send_messages(self, email_messages: Any) -> int:
        (message,) = email_messages
        if message.to[0].startswith("nobody"):
            raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
        tried.extend(message.to)
        return 1


class DeadSms:
    """A provider that is away."""

    def send(self, phone: str, text: str) -> None:
        raise TimeoutError
