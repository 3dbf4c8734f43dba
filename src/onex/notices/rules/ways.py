"""How a notice reaches somebody: channels, the pace people choose, tries again, and how long it is kept."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from enum import StrEnum

from onex.common.text import say


class Channel(StrEnum):
    """The ways to a person; every notice is in the inbox."""

    INBOX = "inbox"
    MAIL = "mail"
    SMS = "sms"


class Pace(StrEnum):
    """How e-mail comes: what a person chooses for each kind of notice."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    INBOX = "inbox"


class Why(StrEnum):
    """Why a delivery did not arrive, or needs not."""

    NONE = ""
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"
    READ = "read"
    LEFT = "left"


class Standing(StrEnum):
    """How a delivery stands, read from its times; never stored."""

    WAITING = "waiting"
    SENT = "sent"
    AGAIN = "again"
    FAILED = "failed"
    SPARED = "spared"


CHANNELS = {Channel.INBOX: say("站内消息"), Channel.MAIL: say("邮件"), Channel.SMS: say("短信")}
PACES = {
    Pace.AT_ONCE: say("立即发邮件"),
    Pace.DAILY: say("每日汇总"),
    Pace.INBOX: say("只在站内"),
}
WHYS = {
    Why.NO_ADDRESS: say("没有登记联系方式"),
    Why.REFUSED: say("对方服务器拒收"),
    Why.UNREACHABLE: say("邮件或短信服务暂时连不上"),
    Why.BROKEN: say("发送出错"),
    Why.READ: say("已在站内阅读，不再发送"),
    Why.LEFT: say("收件人已不在此身份"),
}
STANDINGS = {
    Standing.WAITING: say("待发送"),
    Standing.SENT: say("已发送"),
    Standing.AGAIN: say("发送失败，将再试"),
    Standing.FAILED: say("发送失败"),
    Standing.SPARED: say("无须发送"),
}
STANDING_TONES = {
    Standing.WAITING: "neutral",
    Standing.SENT: "good",
    Standing.AGAIN: "warn",
    Standing.FAILED: "bad",
    Standing.SPARED: "neutral",
}

# After the first failure, the second …; after the last of them nobody tries again.
BACKOFF = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
FINAL = frozenset({Why.NO_ADDRESS, Why.READ, Why.LEFT})  # trying again would change nothing
LEASE = timedelta(minutes=15)  # who takes a delivery and dies is followed by another after this
IN_A_ROW = 3  # failures after which a round stops asking a server that is down
DIGEST_HOUR = 17  # in Beijing: the working day's end, while something can still be done about it
BEIJING = timezone(timedelta(hours=8), "UTC+08:00")
READ_KEPT = timedelta(days=365)
UNREAD_KEPT = timedelta(days=730)


def digest_after(at: datetime) -> datetime:
    """The next daily mail after this moment."""
    local = at.astimezone(BEIJING)
    today = datetime.combine(local.date(), time(DIGEST_HOUR), BEIJING)
    return today if local < today else today + timedelta(days=1)


def mail_due(pace: Pace, is_urgent: bool, at: datetime) -> datetime | None:
    """When the mail of a notice of this moment is to go; None for no mail at all."""
    if is_urgent or pace == Pace.AT_ONCE:
        return at
    return digest_after(at) if pace == Pace.DAILY else None


def retry_at(tries: int, why: Why, at: datetime) -> datetime | None:
    """When to try again after so many tries; None when there is no use."""
    if why in FINAL or not 1 <= tries <= len(BACKOFF):
        return None
    return at + BACKOFF[tries - 1]


def standing_of(*, sent_at: datetime | None, due_at: datetime | None, why: str) -> Standing:
    """How a delivery stands, from what is stored of it."""
    if sent_at is not None:
        return Standing.SENT
    if why in FINAL:
        return Standing.SPARED
    if why:
        return Standing.AGAIN if due_at is not None else Standing.FAILED
    return Standing.WAITING
