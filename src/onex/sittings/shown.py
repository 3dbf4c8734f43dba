"""How a session is shown: its steps, whose turn it is, what is still missing, its rooms seat by seat."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from onex.common.text import Say, say
from onex.sittings.models import ExamSession, Seat, SessionStaff
from onex.sittings.rules import SessionFacts, SessionState, StaffRole

S = SessionState


def steps_of(session: ExamSession) -> list[dict[str, Any]]:
    """编排座位 → 发布准考证 → 下发考场 → 考试 → 收卷, and where the session stands."""
    words = [say("编排座位"), say("发布准考证"), say("下发考场"), say("考试"), say("收卷")]
    place = {S.ARRANGED: 1, S.RELEASED: 2, S.PUBLISHED: 3, S.ENDED: 5}[S(session.state)]
    return [
        {"label": word, "state": "done" if n < place else "current" if n == place else "todo", "note": ""}
        for n, word in enumerate(words)
    ]


def holder_of(session: ExamSession) -> Say | None:
    """Whose turn it is and for what; None when nobody's."""
    organisation = session.plan_level.plan.organisation.name
    return {
        S.ARRANGED: say("由{who}核对座位并发布准考证", who=organisation),
        S.RELEASED: say("由{who}选用试卷并下发考场", who=organisation),
        S.PUBLISHED: say("考场已就绪，由考点按时开考"),
        S.ENDED: None,
    }[S(session.state)]


def checklist_of(session: ExamSession, facts: SessionFacts) -> list[dict[str, Any]]:
    """What a session needs before its room may have it."""
    theory, practical = (paper is not None for paper in facts.papers)
    return [
        {"label": say("发布准考证"), "done": session.state != S.ARRANGED, "note": ""},
        {"label": say("选用理论考核试卷"), "done": theory, "note": ""},
        {"label": say("选用实训考核试卷"), "done": practical, "note": ""},
        {
            "label": say("每个考场都有监考员"),
            "done": not facts.rooms_without_staff,
            "note": say("还缺：{rooms}", rooms="、".join(facts.rooms_without_staff))
            if facts.rooms_without_staff
            else "",
        },
    ]


def waits_for(session: Any) -> Say | str:
    """The one thing a session in the list waits for (needs `lacks_staff` of the list's query)."""
    if session.state == S.ARRANGED:
        return say("待发布准考证")
    if session.state != S.RELEASED:
        return ""
    if not (session.theory_paper_id and session.practical_paper_id):
        return say("待选用试卷")
    return say("待安排监考员") if session.lacks_staff else say("待下发考场")


def rooms_of(seats: Iterable[Seat], staff: Iterable[SessionStaff]) -> list[dict[str, Any]]:
    """Rooms in order, each with its invigilators and its seats as they stand."""
    watch: dict[Any, list[str]] = {}
    for person in staff:
        watch.setdefault(person.room_id, []).append(person.name)
    found = []
    for _, group in groupby(seats, key=lambda seat: seat.room_id):
        here = list(group)
        found.append({"name": here[0].room.name, "seats": here, "staff": "、".join(watch.get(here[0].room_id, ()))})
    return found


def duties_of(staff: Iterable[SessionStaff]) -> list[tuple[Any, str]]:
    """Who does what on the day: the chief first, then each room with its invigilators."""
    found: dict[Any, list[str]] = {}
    for person in staff:
        place = person.room.name if person.room else StaffRole(person.role).label
        found.setdefault(place, []).append(person.name)
    return [(place, "、".join(names)) for place, names in found.items()]
