"""E-mail as its reader gets it: the demonstration's installation writes what it sends into a folder."""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

from demo.browser import Surprise

FOLDER = "mail"  # below the data folder; see `./onex demo`


def last_mail(folder: Path, to: str) -> str:
    """The words of the newest e-mail to this address. Raises Surprise when there is none."""
    for file in sorted(folder.glob("*.log"), key=lambda one: one.stat().st_mtime_ns, reverse=True):
        # Django's file backend ends each message with a line of dashes; one connection may have sent several.
        for raw in reversed(file.read_bytes().split(b"-" * 79 + b"\n")):
            message = email.message_from_bytes(raw, policy=email.policy.default)
            if to in str(message["To"] or ""):
                return str(message.get_content())
    raise Surprise(f"no e-mail to {to} in {folder}")


def activation_link(words: str) -> str:
    """The path of the activation link in an e-mail. Raises Surprise when it has none."""
    found = re.search(r"/accounts/activate/[^/\s]+/", words)
    if found is None:
        raise Surprise(f"no activation link in: {words[:200]}")
    return found.group()
