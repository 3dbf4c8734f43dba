"""Log lines that nobody outside can write into: one record is one line, without control marks, personal numbers and
addresses, or what is named as a secret.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

from onex.common.masks import mask_personal

# C0 and C1 controls (ESC starts ANSI sequences), Unicode line ends, direction marks.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

# A long word of an address that is no UUID is a secret of somebody's (an activation, a registration, a seat).
_TOKEN = re.compile(
    r"(?<=[/=])(?![0-9a-fA-F]{8}-[0-9a-fA-F]{4}-)([A-Za-z0-9_~.:-]{4})[A-Za-z0-9_~.:=-]{20,}(?=[/?&#\"'\s]|$)"
)

# What is called a secret is one: `password=…`, `"sessionid": "…"`, `Cookie: …`. A whole Cookie or Authorization header
# goes; of anything else the word or the quoted text that follows.
_NAMES = (
    r"[\w-]*(?:password|passwd|passphrase|secret|sessionid|csrftoken|csrfmiddlewaretoken|token|api[_-]?key|otp|captcha)"
    r"[\w-]*"
)
_NAMED = re.compile(
    rf"""(?ix) (?P<name> (?<![\w-]) (?P<quote>\\?['"]?) {_NAMES} (?P=quote) \s*[=:]\s* )
    (?: (?P<open>\\?['"]) .*? (?P=open) | [^\s'"&,;)\]}}]+ )"""
)
# Secrets of ours that say what they are, wherever they stand: an API token, a webhook's signing key.
_OURS = re.compile(r"\b(onex_[a-z2-7]{12}_|onexwh_)[A-Za-z0-9_-]{8,}")
_HEADER = re.compile(r"(?im)\b((?:set-)?cookie|(?:proxy-)?authorization)(['\"]?\s*[:=]\s*)(?!\*\*\*)[^\n]+")


def mask_secrets(text: str) -> str:
    """The text with the values of everything that is named as a secret left out."""
    return _NAMED.sub(r"\g<name>***", _HEADER.sub(r"\1\2***", _OURS.sub(r"\1***", text)))


def mask_tokens(text: str) -> str:
    """The text with the secrets in addresses cut to their first four characters."""
    return _TOKEN.sub(r"\1…", text)


def one_line(text: str) -> str:
    """The text with everything that could end a line or move a terminal's cursor written out (`\\n`, `\\x1b`)."""
    return _UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


class OneLine(logging.Formatter):
    """Formats a record as one line; the lines of a traceback follow, indented, so that none can pass for a record."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 (logging's name)
        """The moment in UTC with its offset, so that logs of several machines stand in one order."""
        return datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        if self.usesTime():
            record.asctime = self.formatTime(record, self.datefmt)
        line = one_line(self.formatMessage(record))
        details = [record.exc_text or (self.formatException(record.exc_info) if record.exc_info else "")]
        if record.stack_info:
            details.append(self.formatStack(record.stack_info))
        told = [f"    {one_line(part)}" for text in details if text for part in text.splitlines()]
        return mask_tokens(mask_secrets(mask_personal("\n".join([line, *told]))))
