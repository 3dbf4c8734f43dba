"""Who may be entered for a level of a sitting, and the life of an entry (报名) as one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow
from onex.registration.rules.plans import BEIJING, PlanLevelState, Window


class EntryState(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    CANCELLED = "cancelled"


# An entry that takes a place and a seat.
LIVE = (EntryState.SUBMITTED, EntryState.ACCEPTED)


@dataclass(frozen=True)
class OfferFacts:
    """What all candidates of one registration share: the level, the school's places, the site.

    `places_left` and `seats_left` are None where there is no application or no site to count in.
    """

    state: str
    registration: Window
    places_left: int | None
    is_site_active: bool
    does_site_hold_level: bool
    is_site_near: bool
    seats_left: int | None


@dataclass(frozen=True)
class OtherEntry:
    """Another live entry of the same person: its title and the windows it may take."""

    title: str
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class EntryFacts:
    """One candidate for one level. `allowed_major_codes` are those that the application and the level leave."""

    offer: OfferFacts
    is_own_student: bool
    major_code: str
    major_name: str
    allowed_major_codes: frozenset[str]
    are_majors_declared: bool
    is_entered: bool
    holds_level: bool
    windows: tuple[Window, ...]
    others: Sequence[OtherEntry] = ()


def problems_on_entry(facts: EntryFacts, at: datetime) -> list[Say]:
    """Every reason why this candidate may not be entered; none when they may. The one rule of registration."""
    return problems_with_offer(facts.offer, at) + problems_with_candidate(facts)


def problems_with_offer(offer: OfferFacts, at: datetime) -> list[Say]:
    """Why nobody of this school may be entered for this level at this site now."""
    found = []
    if offer.state != PlanLevelState.ANNOUNCED:
        closed = offer.state != PlanLevelState.DRAFT
        found.append(say("该统考的报名已截止") if closed else say("该统考尚未发布报名通知"))
    elif at < offer.registration.starts_at:
        found.append(say("报名将于 {at} 开始", at=_minute(offer.registration.starts_at)))
    elif at >= offer.registration.ends_at:
        found.append(say("报名已于 {at} 截止", at=_minute(offer.registration.ends_at)))
    if offer.places_left is None:
        found.append(say("贵校本年度没有审核通过的该证书该等级试点申报"))
    elif offer.places_left < 1:
        found.append(say("该证书该等级的培训名额已用完"))
    if not offer.is_site_active:
        found.append(say("该考核站点已停用"))
    if not offer.does_site_hold_level:
        found.append(say("该考核站点不承担该证书该等级的考核"))
    if not offer.is_site_near:
        found.append(say("该考核站点不在贵校所在省份"))
    if offer.seats_left is not None and offer.seats_left < 1:
        found.append(say("该考核站点本次统考的机位已报满"))
    return found


def problems_with_candidate(facts: EntryFacts) -> list[Say]:
    """Why this one person may not be entered, whatever the level and site leave.

    Without an approved application nobody knows which majors it would allow: the offer says that it is missing.
    """
    found = []
    if not facts.is_own_student:
        found.append(say("不是贵校学生库中的学生"))
    if facts.offer.places_left is not None and facts.major_code not in facts.allowed_major_codes:
        major = f"{facts.major_name}（{facts.major_code}）"
        found.append(
            say("专业“{major}”不在贵校试点申报的拟申报专业之内", major=major)
            if facts.are_majors_declared
            else say("专业“{major}”不在该证书该等级的对应专业之内", major=major)
        )
    if facts.is_entered:
        found.append(say("已报名该统考的该证书该等级"))
    if facts.holds_level:
        found.append(say("已取得该证书该等级，不能重复报考"))
    found.extend(
        say("与已报名的“{title}”考试时段冲突（{slot}）", title=other.title, slot=clash)
        for other in facts.others
        if (clash := clash_of(facts.windows, other.windows)) is not None
    )
    return found


def clash_of(own: Sequence[Window], others: Sequence[Window]) -> Window | None:
    """The first window of `others` that an own window overlaps.

    An entry without a fixed slot may be arranged into any slot of its sitting, so all of them count: what is promised
    at registration can then always be arranged.
    """
    return next((other for other in sorted(others) if any(mine.overlaps(other) for mine in own)), None)


def problems_on_count(count: int, places_left: int | None, seats_left: int | None) -> list[Say]:
    """Why so many candidates cannot be entered at once."""
    if count < 1:
        return [say("请至少选择一名学生")]
    found = []
    if places_left is not None and count > places_left:
        found.append(say("选择了 {n} 人，该证书该等级只剩 {left} 个培训名额", n=count, left=places_left))
    if seats_left is not None and count > seats_left:
        found.append(say("选择了 {n} 人，该考核站点本次统考只剩 {left} 个机位", n=count, left=seats_left))
    return found


def allot(major_codes: Sequence[str], grants: Sequence[tuple[int, frozenset[str]]]) -> list[int | None]:
    """Which grant each candidate's place comes from, in the candidates' order; None where no fitting place is left.

    `grants` are (places left, major codes allowed): a school may hold one for each batch. The narrowest grant that
    fits gives first, so that a wide one is kept for those whom no other takes.
    """
    left = [count for count, _ in grants]
    narrow_first = sorted(range(len(grants)), key=lambda n: len(grants[n][1]))
    found: list[int | None] = []
    for code in major_codes:
        grant = next((n for n in narrow_first if left[n] > 0 and code in grants[n][1]), None)
        if grant is not None:
            left[grant] -= 1
        found.append(grant)
    return found


@dataclass(frozen=True)
class DeadlineFacts:
    """What is judged when an entry is cancelled or returned."""

    level_state: str
    closes_at: datetime


def problems_on_cancel(facts: DeadlineFacts, at: datetime) -> list[Say]:
    """A school cancels before the deadline; then the place is free again."""
    if facts.level_state == PlanLevelState.ANNOUNCED and at < facts.closes_at:
        return []
    return [say("报名已截止，不能自行取消；名额不再退回，请联系培训评价组织。")]


def problems_on_review(facts: DeadlineFacts, at: datetime) -> list[Say]:
    """Entries are decided until registration is closed; seats are arranged for what was accepted then."""
    if facts.level_state in (PlanLevelState.ANNOUNCED, PlanLevelState.CLOSED):
        return []
    return [say("考场已编排，不能再改变报名结果")]


def _minute(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


ENTRY_FLOW = Workflow(
    "registration.entry",
    EntryState.SUBMITTED,
    Move(
        "accept",
        (EntryState.SUBMITTED,),
        EntryState.ACCEPTED,
        "registration.entry_review",
        problems_on_review,
        label=say("受理"),
    ),
    Move(
        "return",
        (EntryState.SUBMITTED, EntryState.ACCEPTED),
        EntryState.RETURNED,
        "registration.entry_review",
        problems_on_review,
        label=say("退回"),
        needs_note=True,
    ),
    Move(
        "cancel",
        (EntryState.SUBMITTED, EntryState.ACCEPTED),
        EntryState.CANCELLED,
        "registration.entry_cancel",
        problems_on_cancel,
        label=say("取消报名"),
        is_grave=True,
    ),
    label=say("报名"),
    labels={
        EntryState.SUBMITTED: say("待受理"),
        EntryState.ACCEPTED: say("已受理"),
        EntryState.RETURNED: say("已退回"),
        EntryState.CANCELLED: say("已取消"),
    },
    tones={EntryState.SUBMITTED: "info", EntryState.ACCEPTED: "good", EntryState.RETURNED: "warn"},
)
