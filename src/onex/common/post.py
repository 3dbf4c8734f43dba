"""What leaves the platform: e-mail and text messages, each through a port with a harmless default.

`settings.SMS_SENDER` names a class with `send(phone, text)`. The default prints to the console, tests keep what was
sent in `outbox`; a real provider is one more class. Sentences go out as plain text: no template engine touches what
people typed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from onex.common.masks import mask_phone
from onex.common.text import Say


class SmsSender(Protocol):
    """A way to send a text message."""

    def send(self, phone: str, text: str) -> None:
        """Hand it over. Raises OSError when it could not be."""


class ConsoleSms:
    """Prints the message: for a first try of the platform, without any provider."""

    def send(self, phone: str, text: str) -> None:
        print(f"[SMS] {mask_phone(phone)}: {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Sms:
    phone: str
    text: str


outbox: list[Sms] = []


class MemorySms:
    """Keeps the messages, as Django's locmem backend does with e-mail."""

    def send(self, phone: str, text: str) -> None:
        outbox.append(Sms(phone, text))


def send_sms(phone: str, text: Say | str) -> None:
    """One text message, in the language of the moment. Raises OSError when the provider does not take it."""
    sender: SmsSender = import_string(settings.SMS_SENDER)()
    sender.send(phone, str(text))


def send_mail(to: str, subject: Say | str, text: Say | str) -> None:
    """One e-mail of plain text. Raises OSError when the server does not take it."""
    # A line break in a subject would start a header of the sender's choice.
    EmailMessage(" ".join(str(subject).split()), str(text), settings.DEFAULT_FROM_EMAIL, [to]).send()
