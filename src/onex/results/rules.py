"""The life of a level's results as a table, and when publicity is over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow

BEIJING = timezone(timedelta(hours=8))


class ReleaseState(StrEnum):
    DRAFT = "draft"
    PUBLICISED = "publicised"
    RELEASED = "released"


@dataclass(frozen=True)
class ReleaseFacts:
    """What is judged: sessions not collected, scripts not finished, results there, and when publicity ends."""

    open_sessions: int
    unscored: int
    result_count: int
    ends_at: datetime | None


def problems_on_publicise(facts: ReleaseFacts, at: datetime) -> list[Say]:
    found = []
    if facts.open_sessions:
        found.append(say("还有 {n} 个场次没有收卷。", n=facts.open_sessions))
    if facts.unscored:
        found.append(say("还有 {n} 份答卷没有评完。", n=facts.unscored))
    if not facts.result_count:
        found.append(say("还没有核算成绩。"))
    return found


def problems_on_release(facts: ReleaseFacts, at: datetime) -> list[Say]:
    if facts.ends_at is not None and at < facts.ends_at:
        return [say("公示到 {at} 结束，之后才能发布。", at=f"{facts.ends_at.astimezone(BEIJING):%Y-%m-%d %H:%M}")]
    return []


_S = ReleaseState
RELEASE = Workflow(
    "results.release",
    _S.DRAFT,
    Move("publicise", (_S.DRAFT,), _S.PUBLICISED, "results.manage", problems_on_publicise, label=say("公示成绩")),
    Move("release", (_S.PUBLICISED,), _S.RELEASED, "results.manage", problems_on_release, label=say("发布成绩")),
    label=say("成绩"),
    labels={_S.DRAFT: say("待公示"), _S.PUBLICISED: say("公示中"), _S.RELEASED: say("已发布")},
    tones={_S.PUBLICISED: "info", _S.RELEASED: "good"},
    acts={"compute": say("核算成绩")},
)


class Decision(StrEnum):
    """How a list of results is narrowed."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"

    @property
    def label(self) -> Say:
        return {"passed": say("合格"), "failed": say("不合格"), "absent": say("缺考")}[self.value]


SHOWN_STATES = (_S.PUBLICISED, _S.RELEASED)


def publicity_ends(
    start: datetime, working_days: int, days_off: Collection[date] = (), days_on: Collection[date] = ()
) -> datetime:
    """The end of a publicity of so many working days: midnight (Beijing) after the last of them; at once for none.

    Saturdays and Sundays do not count unless in `days_on` (调休), other days count unless in `days_off` (holidays).
    """
    if working_days <= 0:
        return start
    day, left = start.astimezone(BEIJING).date(), working_days
    while left:
        day += timedelta(days=1)
        if day in days_on or (day.weekday() < 5 and day not in days_off):
            left -= 1
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=BEIJING)
