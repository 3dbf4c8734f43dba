"""The life of a site after its approval: taken out of use and back, confirmed year by year, over when nobody does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow

DUE_DAYS = 60  # before its last day a site may be confirmed for another year, and is reminded of it


class Standing(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class StandingFacts:
    """What is judged: the last day of the site's year, and today in Beijing."""

    valid_until: date
    today: date


def a_year_after(day: date) -> date:
    """The same day of the next year; from 29 February the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def confirmed_until(facts: StandingFacts) -> date:
    """The last day after a confirmation: nothing is lost by confirming early, nor won by doing it late."""
    return a_year_after(max(facts.valid_until, facts.today))


def is_over(facts: StandingFacts) -> bool:
    return facts.today > facts.valid_until


def is_due(facts: StandingFacts) -> bool:
    """Whether the confirmation may be made: in the last days of the year, and after it."""
    return facts.today >= facts.valid_until - timedelta(days=DUE_DAYS)


def problems_on_confirm(facts: StandingFacts, at: datetime) -> list[Say]:
    if is_due(facts):
        return []
    return [say("有效期至 {day}，到期前 {n} 天起可以办理年度确认。", day=f"{facts.valid_until:%Y-%m-%d}", n=DUE_DAYS)]


def problems_on_restore(facts: StandingFacts, at: datetime) -> list[Say]:
    if not is_over(facts):
        return []
    return [say("有效期已于 {day} 结束，请先办理年度确认再恢复启用。", day=f"{facts.valid_until:%Y-%m-%d}")]


def problems_on_expire(facts: StandingFacts, at: datetime) -> list[Say]:
    return [] if is_over(facts) else [say("考核站点还在有效期内。")]


SITE_FLOW = Workflow(
    "venues.site",
    Standing.ACTIVE,
    Move(
        "suspend",
        (Standing.ACTIVE,),
        Standing.SUSPENDED,
        "venues.site_manage",
        label=say("停用"),
        needs_note=True,
        is_grave=True,
    ),
    Move(
        "restore",
        (Standing.SUSPENDED,),
        Standing.ACTIVE,
        "venues.site_manage",
        problems_on_restore,
        label=say("恢复启用"),
        needs_note=True,
    ),
    Move(
        "confirm",
        (Standing.ACTIVE, Standing.EXPIRED),
        Standing.ACTIVE,
        "venues.site_manage",
        problems_on_confirm,
        label=say("年度确认"),
    ),
    # A suspension outlives the confirmation: only whoever lifts it says that its reason is gone.
    Move(
        "confirm",
        (Standing.SUSPENDED,),
        Standing.SUSPENDED,
        "venues.site_manage",
        problems_on_confirm,
        label=say("年度确认"),
    ),
    Move(
        "expire",
        (Standing.ACTIVE,),
        Standing.EXPIRED,
        "venues.site_expire",
        problems_on_expire,
        label=say("到期"),
    ),
    Move(
        "revoke",
        (Standing.ACTIVE, Standing.SUSPENDED, Standing.EXPIRED),
        Standing.REVOKED,
        "venues.site_manage",
        label=say("撤销"),
        needs_note=True,
        is_grave=True,
    ),
    label=say("考核站点"),
    labels={
        Standing.ACTIVE: say("在用"),
        Standing.SUSPENDED: say("已停用"),
        Standing.EXPIRED: say("已过有效期"),
        Standing.REVOKED: say("已撤销"),
    },
    tones={
        Standing.ACTIVE: "good",
        Standing.SUSPENDED: "warn",
        Standing.EXPIRED: "warn",
        Standing.REVOKED: "bad",
    },
    acts={"open": say("设立考核站点"), "change": say("变更站点信息"), "remind_due": say("提醒年度确认")},
)
