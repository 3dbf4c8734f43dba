"""接口令牌: its form, its scopes, how long it lives, and every reason why it opens nothing."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from onex.common.text import Refused, Say, say

LONGEST_LIFE = timedelta(days=366)
LIVES = (30, 90, 180, 365)  # days that a form offers
MOST_TOKENS, MOST_RANGES = 20, 10  # of one hat that still open; of one token

# `onex_<key>_<secret>`: the key finds the row and may stand in a log, the secret is 256 random bits.
_FORM = re.compile(r"onex_([a-z2-7]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Scope:
    """What a token may be allowed to do. Registers itself by `code`; hats without `permit` are not offered it.

    Declared in the rules of the app whose rows it opens, which is above this one.
    """

    code: str
    label: Say
    permit: str

    def __post_init__(self) -> None:
        SCOPES[self.code] = self


SCOPES: dict[str, Scope] = {}


class TokenState(StrEnum):
    """What a token is at a moment: the clock's and people's, never a column."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"


TOKEN_LABELS = {
    TokenState.GOOD: say("可用"),
    TokenState.EXPIRED: say("已过期"),
    TokenState.REVOKED: say("已吊销"),
}
TOKEN_TONES = {TokenState.GOOD: "good", TokenState.EXPIRED: "neutral", TokenState.REVOKED: "bad"}


def token_state(expires_at: datetime, revoked_at: datetime | None, at: datetime) -> TokenState:
    """Revoked counts before expired: somebody decided it."""
    if revoked_at is not None:
        return TokenState.REVOKED
    return TokenState.GOOD if at < expires_at else TokenState.EXPIRED


def shown_once(key: str, secret: str) -> str:
    """The token as its holder keeps it."""
    return f"onex_{key}_{secret}"


def key_and_secret(text: str) -> tuple[str, str] | None:
    """The two parts of what a program sent; None for what is no token of ours."""
    found = _FORM.fullmatch(text.strip())
    return (found[1], found[2]) if found else None


def digest_of(secret: str) -> str:
    """What is stored: 256 random bits need no slow hash."""
    return hashlib.sha256(f"api token:{secret}".encode()).hexdigest()


def matches(secret: str, digest: str) -> bool:
    """Whether the secret is the one behind the digest; takes as long for a wrong one."""
    return hmac.compare_digest(digest_of(secret), digest)


def networks_of(text: str) -> list[str]:
    """The ranges typed, one a line or apart by commas, each in its canonical form.

    Raises Refused with a sentence for each that is none.
    """
    found, wrong = [], []
    for part in re.split(r"[\s,，;；]+", text.strip()):
        if not part:
            continue
        try:
            found.append(str(ipaddress.ip_network(part, strict=False)))
        except ValueError:
            wrong.append(say("“{text}”不是网段。请写成 203.0.113.0/28 或单个地址的样子。", text=part[:60]))
    if len(found) > MOST_RANGES:
        wrong.append(say("一个令牌最多限定 {n} 个来源网段。", n=MOST_RANGES))
    if wrong:
        raise Refused(*wrong)
    return list(dict.fromkeys(found))


def is_from(address: str, networks: Sequence[str]) -> bool:
    """Whether a request from this address may use a token of these ranges; without ranges from everywhere."""
    if not networks:
        return True
    try:
        spot = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(spot in ipaddress.ip_network(one) for one in networks)


def problems_with_token(
    name: str,
    scopes: Iterable[str],
    expires_at: datetime,
    at: datetime,
    *,
    holds: Callable[[str], bool],
    others: int = 0,
) -> list[Say]:
    """Why nobody may issue this token; `holds` tells whether the hat has a permit, `others` how many are open now."""
    chosen = list(scopes)
    found = []
    if not name.strip():
        found.append(say("请填写令牌名称，例如使用它的系统。"))
    if not chosen:
        found.append(say("请至少选择一项权限。"))
    for code in chosen:
        scope = SCOPES.get(code)
        if scope is None:
            found.append(say("没有“{code}”这项权限。", code=code[:40]))
        elif not holds(scope.permit):
            found.append(say("您当前的身份不能授予“{label}”。", label=scope.label))
    if expires_at <= at:
        found.append(say("失效时间应晚于现在。"))
    elif expires_at - at > LONGEST_LIFE:
        found.append(say("令牌的有效期最长一年。"))
    if others >= MOST_TOKENS:
        found.append(say("每个身份最多有 {n} 个可用的令牌，请先吊销不再使用的。", n=MOST_TOKENS))
    return found


class WhyRefused(StrEnum):
    """Why a token that is known opens nothing; told to the log, not to the asker, who hears one sentence."""

    SECRET = "secret"  # noqa: S105 (a word, not a secret)
    REVOKED = "revoked"
    EXPIRED = "expired"
    PERSON = "person"
    HAT = "hat"
    ADDRESS = "address"
    SCOPE = "scope"


def why_refused(
    *,
    secret_fits: bool,
    state: TokenState,
    person_is_active: bool,
    hat_is_worn: bool,
    is_from_here: bool,
) -> WhyRefused | None:
    """The first reason, in an order that tells a thief nothing: the secret comes first."""
    if not secret_fits:
        return WhyRefused.SECRET
    if state == TokenState.REVOKED:
        return WhyRefused.REVOKED
    if state == TokenState.EXPIRED:
        return WhyRefused.EXPIRED
    if not person_is_active:
        return WhyRefused.PERSON
    if not hat_is_worn:
        return WhyRefused.HAT
    return None if is_from_here else WhyRefused.ADDRESS
