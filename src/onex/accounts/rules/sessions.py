"""When a sign-in ends and in which words the person hears of it; what is kept of a browser's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from onex.accounts.rules.roles import needs_second_factor
from onex.common.actors import Role
from onex.common.text import Say, say


class WhyEnded(StrEnum):
    """What ended a sign-in."""

    SIGNED_OUT = "signed_out"
    REPLACED = "replaced"  # signed in again in the same browser
    IDLE = "idle"
    TOO_LONG = "too_long"
    BY_SELF = "by_self"
    BY_ADMIN = "by_admin"
    DISABLED = "disabled"
    HAT_LOST = "hat_lost"
    PASSWORD = "password"  # noqa: S105
    FACTOR_RESET = "factor_reset"
    UNKNOWN = "unknown"


SENTENCES: dict[WhyEnded, Say] = {
    WhyEnded.SIGNED_OUT: say("您已退出登录。"),
    WhyEnded.REPLACED: say("您已在本浏览器重新登录，请再登录一次。"),
    WhyEnded.IDLE: say("您较长时间没有操作，为保护账号已自动退出，请重新登录。"),
    WhyEnded.TOO_LONG: say("本次登录已达到最长时限，请重新登录。"),
    WhyEnded.BY_SELF: say("您在另一处结束了本次登录。如不是您本人所为，请尽快修改密码。"),
    WhyEnded.BY_ADMIN: say("管理员结束了您的登录，请重新登录；如有疑问请联系所在机构的管理员。"),
    WhyEnded.DISABLED: say("您的账号已停用，请联系所在机构的管理员。"),
    WhyEnded.HAT_LOST: say("您的身份已变更，请重新登录。"),
    WhyEnded.PASSWORD: say("您的密码已修改，请用新密码重新登录。"),
    WhyEnded.FACTOR_RESET: say("管理员重置了您的第二重验证，请重新登录并重新绑定。"),
    WhyEnded.UNKNOWN: say("登录已失效，请重新登录。"),
}

Limits = Mapping[str, tuple[int, int]]


def limits_for(roles: Iterable[Role], limits: Limits) -> tuple[timedelta, timedelta]:
    """(idle, absolute) of somebody with these hats: one staff hat is enough for the shorter ones."""
    idle, absolute = limits["staff" if needs_second_factor(roles) else "learner"]
    return timedelta(seconds=idle), timedelta(seconds=absolute)


def why_over(
    began_at: datetime, seen_at: datetime, at: datetime, roles: Iterable[Role], limits: Limits
) -> WhyEnded | None:
    """Whether a sign-in is over by the clock."""
    idle, absolute = limits_for(roles, limits)
    if at - began_at >= absolute:
        return WhyEnded.TOO_LONG
    return WhyEnded.IDLE if at - seen_at >= idle else None


_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("QQ", r"QQBrowser/(\d+)"),
    ("360", r"\b360(?:SE|EE)"),
    ("微信", r"MicroMessenger/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"Firefox/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("Linux", r"Linux"),
)


def short_agent(agent: str) -> str:
    """A browser's name as its owner knows it ("Chrome 109 · Windows"); no more of the header is kept."""
    words = []
    for name, pattern in _BROWSERS:
        if found := re.search(pattern, agent[:500]):
            words.append(" ".join((name, *(part for part in found.groups() if part))))
            break
    words += [next((name for name, pattern in _SYSTEMS if re.search(pattern, agent[:500])), "")]
    return " · ".join(word for word in words if word)
