"""Putting off an announced sitting: until when that may be done, and what has to be right about the new times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from onex.common.text import Say, say
from onex.registration.rules.plans import (
    ANNOUNCED_STATES,
    PlanLevelState,
    Window,
    problems_with_registration,
    problems_with_slots,
    problems_with_times,
)

_S = PlanLevelState
# Until its first paper is handed to a room a level may be put off; later the exam is a fact.
MOVABLE = (_S.DRAFT, _S.ANNOUNCED, _S.CLOSED, _S.READY)


@dataclass(frozen=True)
class NewTimes:
    """What the organisation asks for. The deadline is that of the levels whose registration is still on."""

    slots: Sequence[Window]
    registration_closes_at: datetime
    reason: str


@dataclass(frozen=True)
class RescheduleFacts:
    """What is judged: the times as announced, and for each level its state and the minutes of its two parts."""

    before: Sequence[Window]
    states: Sequence[str]
    minutes_needed: int
    registration: Window
    asked: NewTimes


@dataclass(frozen=True)
class SiteEffect:
    site: str
    count: int


@dataclass(frozen=True)
class RescheduleEffect:
    """Whom it concerns, before it is done: live entries with their schools and sites."""

    entry_count: int
    school_count: int
    sites: Sequence[SiteEffect]
    clashing_count: int  # entries whose people are entered in another sitting at the new times


def problems_on_reschedule(facts: RescheduleFacts, at: datetime) -> list[Say]:
    """Everything that keeps this sitting from being put off to these times."""
    asked, before = facts.asked, sorted(facts.before)
    if not any(state in ANNOUNCED_STATES for state in facts.states):
        return [say("这次统考还没有发布报名通知，请直接修改考试计划。")]
    if any(state not in MOVABLE for state in facts.states) or (before and before[0].starts_at <= at):
        return [say("这次统考已经开考，不能改期。")]
    found = problems_with_slots(asked.slots) + problems_with_times(asked.slots, facts.minutes_needed)
    if len(asked.slots) != len(before):
        found.append(say("改期不增减考试时段：原有 {n} 个，现在是 {m} 个", n=len(before), m=len(asked.slots)))
    if asked.slots and min(slot.starts_at for slot in asked.slots) <= at:
        found.append(say("改期后的首个考试时段应晚于现在"))
    if _S.ANNOUNCED in facts.states:
        found.extend(_problems_with_deadline(facts, at))
    if sorted(asked.slots) == before and not _moves_deadline(facts):
        found.append(say("考试时段和报名截止时间都没有变化"))
    if not asked.reason.strip():
        found.append(say("请写明改期原因；原因会随通知发给院校和考点。"))
    return found


def _moves_deadline(facts: RescheduleFacts) -> bool:
    return _S.ANNOUNCED in facts.states and facts.asked.registration_closes_at != facts.registration.ends_at


def _problems_with_deadline(facts: RescheduleFacts, at: datetime) -> list[Say]:
    closes_at = facts.asked.registration_closes_at
    found = problems_with_registration(Window(facts.registration.starts_at, closes_at), facts.asked.slots)
    if _moves_deadline(facts) and closes_at <= at:
        found.append(say("新的报名截止时间应晚于现在"))
    return found
