"""A sitting of the year (考试计划): its windows, and the life of each certificate level in it as one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from itertools import pairwise

from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow

BEIJING = timezone(timedelta(hours=8))
_DIGITS = "零一二三四五六七八九十"


class PlanLevelState(StrEnum):
    DRAFT = "draft"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    READY = "ready"
    IN_PROGRESS = "in_progress"
    SCORING = "scoring"
    PUBLICISED = "publicised"
    FINISHED = "finished"


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of time, the end not included."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: Window) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def __str__(self) -> str:
        start, end = self.starts_at.astimezone(BEIJING), self.ends_at.astimezone(BEIJING)
        last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{start:%Y-%m-%d %H:%M}–{last}"


@dataclass(frozen=True)
class PlanFacts:
    """What is judged when a level of a sitting is announced. `minutes_needed` is theory and practical together."""

    slots: Sequence[Window]
    registration: Window
    minutes_needed: int
    notice_days: int


@dataclass(frozen=True)
class SiteCount:
    """One site's candidates in a sitting: `count` accepted, `waiting` not yet decided."""

    site: str
    count: int
    waiting: int = 0


@dataclass(frozen=True)
class ClosingFacts:
    """What is judged when registration is closed; `reason` is what the organisation wrote."""

    sites: Sequence[SiteCount]
    minimum: int
    closes_at: datetime
    reason: str


@dataclass(frozen=True)
class LevelFacts:
    """Everything the table of a level judges; each move reads its part. `entry_count` is of entries in any state."""

    plan: PlanFacts
    closing: ClosingFacts
    entry_count: int


def sitting_name(number: int) -> str:
    """第一次统考 … 第二十一次统考, as the guide numbers its sittings; beyond 99 in figures."""
    if number > 99:
        return f"第{number}次统考"
    tens, ones = divmod(number, 10)
    word = _DIGITS[ones] if tens == 0 else f"{'' if tens == 1 else _DIGITS[tens]}十{_DIGITS[ones] if ones else ''}"
    return f"第{word}次统考"


def default_window(first_start: datetime, notice_days: int, at: datetime) -> Window:
    """When schools register, unless the organisation says otherwise.

    From the notice (about 30 days ahead, guide) until a third of that time before the first slot, so that ten days
    are left for arranging seats; never from the past, and without notice days until one hour before the start.
    """
    opens = max(first_start - timedelta(days=notice_days), at)
    closes = first_start - (timedelta(days=notice_days) / 3 if notice_days else timedelta(hours=1))
    return Window(opens, max(closes, opens))


def default_slots(calendar: Sequence[Window], notice_days: int, at: datetime) -> tuple[Window, ...]:
    """When a sitting of the guide's calendar takes place this year.

    The guide's own day and hours, if they are still ahead by the notice; else its hours on days after the notice and
    ten days more, so that schools have their time. `calendar` are the slots as some year's guide prints them.
    """
    if not calendar:
        return ()
    ordered = sorted(calendar)
    year = at.astimezone(BEIJING).year
    first = ordered[0].starts_at.astimezone(BEIJING)
    try:
        day = first.replace(year=year)
    except ValueError:  # 29 February in another year
        day = first.replace(year=year, day=28)
    if day < at + timedelta(days=notice_days):
        ahead = at.astimezone(BEIJING) + timedelta(days=notice_days + 10)
        day = first.replace(year=ahead.year, month=ahead.month, day=ahead.day)
    shift = day - first
    return tuple(Window(slot.starts_at + shift, slot.ends_at + shift) for slot in ordered)


def is_open_for_entries(state: str, registration: Window, at: datetime) -> bool:
    """Whether schools may register candidates now."""
    return state == PlanLevelState.ANNOUNCED and registration.starts_at <= at < registration.ends_at


def problems_with_slots(slots: Sequence[Window]) -> list[Say]:
    """Why these slots cannot be sat, independent of the level."""
    if not slots:
        return [say("请至少填写一个考试时段")]
    found = [say("考试时段 {slot} 的结束时间应晚于开始时间", slot=s) for s in slots if s.ends_at <= s.starts_at]
    ordered = sorted(slots)
    found.extend(
        say("考试时段 {one} 与 {other} 重叠", one=one, other=other)
        for one, other in pairwise(ordered)
        if one.overlaps(other)
    )
    return found


def problems_with_registration(registration: Window, slots: Sequence[Window]) -> list[Say]:
    """Why schools could not register in this window for these slots."""
    found = []
    if registration.ends_at <= registration.starts_at:
        found.append(say("报名截止时间应晚于报名开始时间"))
    if slots and registration.ends_at > min(slot.starts_at for slot in slots):
        found.append(say("报名截止时间应不晚于首个考试时段的开始时间"))
    return found


def problems_with_times(slots: Sequence[Window], minutes_needed: int) -> list[Say]:
    """Slots too short for theory and practical together."""
    return [
        say("考试时段 {slot} 只有 {n} 分钟，容不下理论与实训共 {m} 分钟", slot=s, n=s.minutes, m=minutes_needed)
        for s in slots
        if 0 < s.minutes < minutes_needed
    ]


def problems_on_announce(facts: PlanFacts, at: datetime) -> list[Say]:
    """Everything that keeps a level of a sitting from being announced."""
    found = problems_with_slots(facts.slots) + problems_with_registration(facts.registration, facts.slots)
    found.extend(problems_with_times(facts.slots, facts.minutes_needed))
    if facts.slots and min(slot.starts_at for slot in facts.slots) <= at:
        found.append(say("首个考试时段已经开始，不能再发布报名通知"))
    elif facts.registration.ends_at <= at:
        found.append(say("报名截止时间已过，不能再发布报名通知"))
    return found


def warnings_on_announce(facts: PlanFacts, at: datetime) -> list[Say]:
    """What the organisation should know before it announces; none of it forbids."""
    if not facts.slots:
        return []
    ahead = (min(slot.starts_at for slot in facts.slots) - at).days
    if ahead < facts.notice_days - 5:  # 考前 30 天左右: five days either way is still "about"
        return [say("距首个考试时段只有 {n} 天；报名通知一般在考前 {m} 天左右发布。", n=ahead, m=facts.notice_days)]
    return []


def warnings_on_close(facts: ClosingFacts, at: datetime) -> list[Say]:
    """What needs the organisation's written reason before registration may be closed."""
    found = [
        say(
            "{site}报名 {n} 人，低于每个考点原则上不少于 {m} 人的要求",
            site=one.site,
            n=one.count,
            m=facts.minimum,
        )
        for one in facts.sites
        if one.count < facts.minimum
    ]
    if not facts.sites:
        found.append(say("还没有任何报名"))
    if at < facts.closes_at:
        found.append(say("报名截止时间是 {at}，现在还未到", at=f"{facts.closes_at.astimezone(BEIJING):%Y-%m-%d %H:%M}"))
    return found


def problems_on_close(facts: ClosingFacts, at: datetime) -> list[Say]:
    """Everything that keeps registration from being closed: undecided entries, and warnings without a reason."""
    found = [
        say("{site}还有 {n} 名考生的报名未受理，请先受理或退回", site=one.site, n=one.waiting)
        for one in facts.sites
        if one.waiting
    ]
    warnings = warnings_on_close(facts, at)
    if warnings and not facts.reason.strip():
        found.extend(warnings)
        found.append(say("如仍要截止报名，请写明理由；理由会记入操作记录。"))
    return found


def problems_on_retract(entry_count: int) -> list[Say]:
    """A level that schools have entered candidates for stays announced."""
    return [say("已有 {n} 条报名，不能撤回报名通知", n=entry_count)] if entry_count else []


def _announce(facts: LevelFacts, at: datetime) -> list[Say]:
    return problems_on_announce(facts.plan, at)


def _close(facts: LevelFacts, at: datetime) -> list[Say]:
    return problems_on_close(facts.closing, at)


def _retract(facts: LevelFacts, at: datetime) -> list[Say]:
    return problems_on_retract(facts.entry_count)


_MANAGE, _PROGRESS = "registration.plan_manage", "registration.plan_progress"
_S = PlanLevelState

LEVEL_FLOW = Workflow(
    "registration.plan_level",
    _S.DRAFT,
    #    move         from                to              permit      not while
    Move("announce", (_S.DRAFT,), _S.ANNOUNCED, _MANAGE, _announce, label=say("发布报名通知")),
    Move("retract", (_S.ANNOUNCED,), _S.DRAFT, _MANAGE, _retract, label=say("撤回报名通知")),
    Move("close", (_S.ANNOUNCED,), _S.CLOSED, _MANAGE, _close, label=say("截止报名")),
    # The rest of the life is moved by the apps that do the work, through services.move_plan_level.
    Move("release", (_S.CLOSED,), _S.READY, _PROGRESS, label=say("发布准考证")),
    # Other levels of a sitting that is put off stay where they are; tickets that are out are void.
    Move("reschedule", (_S.READY,), _S.CLOSED, _MANAGE, label=say("改期")),
    Move("start", (_S.READY,), _S.IN_PROGRESS, _PROGRESS, label=say("开考")),
    Move("score", (_S.IN_PROGRESS,), _S.SCORING, _PROGRESS, label=say("登记成绩")),
    Move("publicise", (_S.SCORING,), _S.PUBLICISED, _PROGRESS, label=say("公示成绩")),
    Move("finish", (_S.PUBLICISED,), _S.FINISHED, _PROGRESS, label=say("结束考试")),
    label=say("考试计划"),
    labels={
        _S.DRAFT: say("草稿"),
        _S.ANNOUNCED: say("已发布"),
        _S.CLOSED: say("报名已截止"),
        _S.READY: say("待考"),
        _S.IN_PROGRESS: say("考试中"),
        _S.SCORING: say("成绩登记中"),
        _S.PUBLICISED: say("成绩公示中"),
        _S.FINISHED: say("考试已结束"),
    },
    tones={
        _S.ANNOUNCED: "info",
        _S.CLOSED: "warn",
        _S.READY: "info",
        _S.IN_PROGRESS: "info",
        _S.SCORING: "info",
        _S.PUBLICISED: "info",
        _S.FINISHED: "good",
    },
)
# What schools and authorities may see of a sitting.
ANNOUNCED_STATES = tuple(state for state in _S if state != _S.DRAFT)
