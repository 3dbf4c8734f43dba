"""A certificate's life as a table, its number, and the words whose signature the QR code carries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from onex.common.ids import check_digit, has_valid_check_digit
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow

NUMBER = re.compile(r"X\d{21}")


class CertificateState(StrEnum):
    ISSUED = "issued"
    REVOKED = "revoked"


CERTIFICATE = Workflow(
    "certificates.certificate",
    CertificateState.ISSUED,
    Move(
        "revoke",
        (CertificateState.ISSUED,),
        CertificateState.REVOKED,
        "certificates.revoke",
        label=say("撤销证书"),
        needs_note=True,
        is_grave=True,
    ),
    label=say("证书"),
    labels={CertificateState.ISSUED: say("有效"), CertificateState.REVOKED: say("已撤销")},
    tones={CertificateState.ISSUED: "good", CertificateState.REVOKED: "bad"},
    acts={"issue": say("签发证书"), "print": say("下载打印"), "forget": say("去除持证人信息")},
)
REVOKE_REASONS = (say("考试作弊，经查属实。"), say("报名信息不实，经查属实。"), say("证书事项有误，另行签发。"))


@dataclass(frozen=True)
class IssueFacts:
    """Whether a release is out and how many passes have no certificate yet."""

    is_released: bool
    due: int


def problems_on_issue(facts: IssueFacts, at: datetime) -> list[Say]:
    if not facts.is_released:
        return [say("成绩发布之后才能签发证书。")]
    return [] if facts.due else [say("没有待签发的证书。")]


def certificate_number(certificate: str, level: int, province: str, year: int, chance: int) -> str:
    """证书编号: X, certificate (3), level (1), province (2), year (4), ten random digits, check digit: 22 characters.

    The national rule is not published (domain.md §10.4). Ours keeps its parts, but the serial is random: a number that
    can be counted up lets anybody walk through everybody's certificate. Check digit: ISO 7064 MOD 11,10.
    """
    digits = f"{int(certificate):03d}{level:d}{int(province):02d}{year:04d}{chance % 10**10:010d}"
    return f"X{digits}{check_digit(digits)}"


def clean_number(text: str) -> str:
    """A number as people type it: full width, spaces, hyphens, lower case."""
    half = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    return re.sub(r"[\s\-－—\u3000]", "", half).upper()


def is_number(text: str) -> bool:
    """Whether this can be a number of ours; a mistyped digit is found without asking the database."""
    return NUMBER.fullmatch(text) is not None and has_valid_check_digit(text[1:])


def day_of(fact: str) -> Say:
    """A day as the paper says it, from the ISO date among the facts."""
    day = date.fromisoformat(fact)
    return say("{year}年{month}月{day}日", year=day.year, month=day.month, day=day.day)


def signed_words(facts: Mapping[str, str]) -> bytes:
    """What the signature covers: every fact on the paper, as canonical JSON."""
    return json.dumps(dict(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
