"""The second factor: one-time codes of RFC 6238, recovery codes, and what keeps one from being taken away."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import struct
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode

from onex.common.actors import Role
from onex.common.text import Say, say

STEP, DIGITS, DRIFT = 30, 6, 1  # seconds, digits of a code, steps that a telephone's clock may be off
CODES = 10  # recovery codes of a set
MOST_FACTORS = 10
PENDING = timedelta(minutes=5)  # how long somebody may take between the password and the second factor
RECENT = timedelta(minutes=15)  # how long a proof counts as fresh


class FactorKind(StrEnum):
    """How a person proves more than a password."""

    TOTP = "totp"
    PASSKEY = "passkey"

    @property
    def label(self) -> Say:
        return FACTOR_LABELS[self]


FACTOR_LABELS = {FactorKind.TOTP: say("动态口令"), FactorKind.PASSKEY: say("通行密钥")}
WRONG_CODE = say("验证码不正确或已经用过。请等应用显示下一个 6 位数字再输入，并确认手机时间准确。")
WRONG_RECOVERY = say("恢复代码不正确或已经用过。")


def code_at(secret: str, step: int) -> str:
    """The six digits of this step. Raises ValueError for a secret that is no base32."""
    try:
        key = base64.b32decode(secret)
    except binascii.Error as wrong:
        raise ValueError("the secret is no base32") from wrong
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()  # RFC 6238; HMAC-SHA-1 is sound
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(at: datetime) -> int:
    return int(at.timestamp()) // STEP


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The step within the drift whose code this is, or None; every candidate is compared in constant time."""
    present = step_of(at)
    steps = range(present - DRIFT, present + DRIFT + 1)
    found = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return found[-1] if found else None


def tidy_code(text: str) -> str:
    """A code as typed: blanks and full-width digits are forgiven."""
    return "".join(str(int(one)) if one.isdigit() else one for one in text if not one.isspace())


def tidy_recovery(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def grouped(code: str) -> str:
    """Two halves are easier to type than ten characters."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


def provisioning_uri(secret: str, account: str, issuer: str) -> str:
    """What the picture for the authenticator app says."""
    query = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"


def is_recent(proved_at: datetime, at: datetime, within: timedelta = RECENT) -> bool:
    return at - proved_at < within


def problems_on_removal(others: int, is_required: bool) -> list[Say]:
    """Why this factor may not be taken away by its owner."""
    if is_required and others == 0:
        return [say("您的身份必须启用第二重验证：请先添加另一个，再移除这一个。")]
    return []


def problems_on_reset(role: Role, is_self: bool, has_other_hats: bool) -> list[Say]:
    """Why this administrator may not reset that person's second factor."""
    if is_self:
        return [say("不能重置自己的第二重验证，请由另一位管理员办理。")]
    if has_other_hats and role != Role.SECURITY_ADMIN:
        return [say("此人在其他机构还有身份，须由平台安全管理员重置。")]  # which ones is told to no organisation
    return []
