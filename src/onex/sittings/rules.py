"""A session's life as a table, how candidates are seated, and the numbers and codes that tickets carry."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from onex.common.ids import check_digit
from onex.common.text import Refused, Say, say
from onex.common.workflow import Move, Workflow

C = TypeVar("C")
R = TypeVar("R")


class SessionState(StrEnum):
    ARRANGED = "arranged"
    RELEASED = "released"
    PUBLISHED = "published"
    ENDED = "ended"


class StaffRole(StrEnum):
    """Who is in the room: one chief for the session, invigilators for each room."""

    CHIEF = "chief"
    INVIGILATOR = "invigilator"

    @property
    def label(self) -> Say:
        return say("主考") if self is StaffRole.CHIEF else say("监考员")


@dataclass(frozen=True)
class SessionFacts:
    """What releasing and publishing judge."""

    seat_count: int
    papers: Sequence[str | None]  # titles of the theory and the practical paper, None when not chosen
    rooms_without_staff: Sequence[str]
    starts_at: datetime


def problems_on_release(facts: SessionFacts, at: datetime) -> list[Say]:
    """What keeps admission tickets from being released."""
    found = [say("本场还没有编排座位。")] if not facts.seat_count else []
    if at >= facts.starts_at:
        found.append(say("已到开考时间，不能再发布准考证。"))
    return found


def problems_on_publish(facts: SessionFacts, at: datetime) -> list[Say]:
    """What keeps a session from being handed to its exam room."""
    found = []
    if facts.papers[0] is None:
        found.append(say("请选用理论考核试卷。"))
    if facts.papers[1] is None:
        found.append(say("请选用实训考核试卷。"))
    if facts.rooms_without_staff:
        found.append(say("这些考场还没有监考员：{rooms}", rooms="、".join(facts.rooms_without_staff)))
    return found


_S = SessionState
SESSION = Workflow(
    "sittings.session",
    _S.ARRANGED,
    Move("release", (_S.ARRANGED,), _S.RELEASED, "sittings.arrange", problems_on_release, label=say("发布准考证")),
    Move("publish", (_S.RELEASED,), _S.PUBLISHED, "sittings.arrange", problems_on_publish, label=say("下发考场")),
    Move("end", (_S.PUBLISHED,), _S.ENDED, "sittings.progress", label=say("收卷结束")),
    label=say("考试场次"),
    labels={
        _S.ARRANGED: say("已编排"),
        _S.RELEASED: say("准考证已发布"),
        _S.PUBLISHED: say("已下发考场"),
        _S.ENDED: say("已收卷"),
    },
    tones={_S.RELEASED: "info", _S.PUBLISHED: "info", _S.ENDED: "good"},
    acts={
        "arrange": say("编排座位"),
        "papers": say("选用试卷"),
        "staff": say("安排监考员"),
        "load": say("考务包装入考场"),
        "void": say("统考改期，场次作废"),
        "print_tickets": say("打印准考证"),
        "print_room_list": say("打印考场清单"),
    },
)
# What a person may ask for; a session ends by itself when its answers are in.
ASKED = ("release", "publish")
# Tickets are out: candidates' own schools may look.
TICKETS_OUT = (_S.RELEASED, _S.PUBLISHED, _S.ENDED)


# Handed to a room: what was arranged is a fact.
IN_ROOM = (_S.PUBLISHED, _S.ENDED)


@dataclass(frozen=True)
class Arranged:
    """What is arranged for a sitting: sessions, seats in them, seats whose tickets are out, sessions in their room."""

    session_count: int
    seat_count: int
    ticket_count: int
    in_room_count: int


@dataclass(frozen=True)
class SiteLoad:
    """How many accepted candidates of a level a site has, and what its machines hold over all slots."""

    site: str
    count: int
    room_count: int
    machines: int
    slots: int

    @property
    def capacity(self) -> int:
        return self.machines * self.slots

    @property
    def lacking(self) -> int:
        return max(self.count - self.capacity, 0)


@dataclass(frozen=True)
class RoomSize(Generic[R]):
    """A room and how many machines it has for candidates (spares not counted)."""

    room: R
    machines: int


@dataclass(frozen=True)
class Placed(Generic[C]):
    """One candidate in one seat; seats are numbered from 1 within the room."""

    candidate: C
    room: int  # place of the room in the given order
    seat_no: int


def seat(
    candidates: Sequence[C],
    rooms: Sequence[RoomSize[R]],
    *,
    group: Callable[[C], Hashable],
    seed: int,
) -> list[Placed[C]]:
    """Fill the rooms in order, at random but so that neighbours come from different groups where that is possible.

    The same seed gives the same seats. Raises Refused when there are more candidates than machines.
    """
    machines = sum(room.machines for room in rooms)
    if len(candidates) > machines:
        raise Refused(say("本场 {n} 人，考场只有 {m} 台考试机。", n=len(candidates), m=machines))
    order = list(_apart(candidates, group, random.Random(seed)))  # noqa: S311 (seats are shown to everybody)
    placed, taken = [], 0
    for place, room in enumerate(rooms):
        here = order[taken : taken + room.machines]
        placed += [Placed(candidate, place, number) for number, candidate in enumerate(here, start=1)]
        taken += len(here)
    return placed


def _apart(candidates: Sequence[C], group: Callable[[C], Hashable], chance: random.Random) -> Iterator[C]:
    """Always from the largest group that is not the last one's: fails to alternate only where nothing could."""
    groups: dict[Hashable, list[C]] = defaultdict(list)
    for candidate in candidates:
        groups[group(candidate)].append(candidate)
    for members in groups.values():
        chance.shuffle(members)
    last: Hashable = object()
    while groups:
        others = [key for key in groups if key != last] or list(groups)
        largest = max(len(groups[key]) for key in others)
        last = chance.choice([key for key in others if len(groups[key]) == largest])
        yield groups[last].pop()
        if not groups[last]:
            del groups[last]


def ticket_number(year: int, sitting: int, chance: int) -> str:
    """准考证号: two digits of the year, two of the sitting, nine random ones, a check digit (ISO 7064 MOD 11,10).

    Random, because a number that can be counted up lets anybody walk through everybody's ticket (trust.md A.6 18).
    """
    digits = f"{year % 100:02d}{sitting % 100:02d}{chance % 10**9:09d}"
    return digits + check_digit(digits)
