"""The clock and the seat: when a part opens and closes, what may be done when, and the sentence when it may not.

Read by the gate and by the services alike. All times are integer milliseconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any

from onex.common.text import Say, say

MINUTE = 60_000
SECOND = 1_000


class Part(StrEnum):
    """The two halves of an examination; an attempt is one candidate's one part."""

    THEORY = "theory"
    PRACTICAL = "practical"

    @property
    def label(self) -> Say:
        return _PART_LABELS[self]


_PART_LABELS = {Part.THEORY: say("理论考核"), Part.PRACTICAL: say("实训考核")}


class PartState(StrEnum):
    """Where a part stands for one candidate; derived from times, never stored."""

    WAITING = "waiting"
    READY = "ready"
    OPEN = "open"
    HANDED_IN = "handed_in"
    CLOSED = "closed"
    BARRED = "barred"

    @property
    def label(self) -> Say:
        return _PART_STATE_LABELS[self]


_PART_STATE_LABELS = {
    PartState.WAITING: say("未到时间"),
    PartState.READY: say("可以开始"),
    PartState.OPEN: say("作答中"),
    PartState.HANDED_IN: say("已交卷"),
    PartState.CLOSED: say("已结束"),
    PartState.BARRED: say("不能参加"),
}


class SeatState(StrEnum):
    """A seat as the invigilator sees it from two metres."""

    ABSENT = "absent"
    ARRIVED = "arrived"
    ADMITTED = "admitted"
    ANSWERING = "answering"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"

    @property
    def label(self) -> Say:
        return _SEAT_STATE_LABELS[self]


_SEAT_STATE_LABELS = {
    SeatState.ABSENT: say("未到"),
    SeatState.ARRIVED: say("待核验"),
    SeatState.ADMITTED: say("已放行"),
    SeatState.ANSWERING: say("作答中"),
    SeatState.INTERRUPTED: say("中断"),
    SeatState.FINISHED: say("已交卷"),
}

# A quiet client still asks the pulse every 25 s; the gate notes presence in steps of 10 s.
SILENCE_MS = 45 * SECOND


class RoomRole(StrEnum):
    """Who works in the room: an invigilator in one room, the chief in all rooms of the session."""

    INVIGILATOR = "invigilator"
    CHIEF = "chief"

    @property
    def label(self) -> Say:
        return _ROOM_ROLE_LABELS[self]


_ROOM_ROLE_LABELS = {RoomRole.INVIGILATOR: say("监考员"), RoomRole.CHIEF: say("考点主考")}


class IncidentKind(StrEnum):
    """What is written down about a candidate: discipline (违纪), cheating (作弊), or trouble that is nobody's fault."""

    WRONG_SEAT = "wrong_seat"
    BANNED_ITEMS = "banned_items"
    WHISPERING = "whispering"
    NOISE = "noise"
    LEFT_ROOM = "left_room"
    DEVICE = "device"
    COPYING = "copying"
    IMPERSONATION = "impersonation"
    FALSE_IDENTITY = "false_identity"
    MACHINE = "machine"
    POWER_OR_NETWORK = "power_or_network"
    ILLNESS = "illness"
    OTHER = "other"

    @property
    def label(self) -> Say:
        return _INCIDENT_LABELS[self][1]

    @property
    def group(self) -> Say:
        return _INCIDENT_LABELS[self][0]


_DISCIPLINE, _CHEATING, _TROUBLE = say("违纪"), say("作弊"), say("突发事件")
# The classes of 教育部令第33号, which training organisations copy into their own rules (domain.md §4.6).
_INCIDENT_LABELS = {
    IncidentKind.WRONG_SEAT: (_DISCIPLINE, say("未在规定座位参加考试")),
    IncidentKind.BANNED_ITEMS: (_DISCIPLINE, say("携带规定以外的物品进入座位")),
    IncidentKind.WHISPERING: (_DISCIPLINE, say("旁窥、交头接耳或互打手势")),
    IncidentKind.NOISE: (_DISCIPLINE, say("喧哗或影响他人考试")),
    IncidentKind.LEFT_ROOM: (_DISCIPLINE, say("未经同意离开考场")),
    IncidentKind.DEVICE: (_CHEATING, say("携带通讯或存储设备")),
    IncidentKind.COPYING: (_CHEATING, say("抄袭、协助抄袭或传递物品")),
    IncidentKind.IMPERSONATION: (_CHEATING, say("代替他人或由他人代替考试")),
    IncidentKind.FALSE_IDENTITY: (_CHEATING, say("使用虚假身份信息")),
    IncidentKind.MACHINE: (_TROUBLE, say("考试机故障")),
    IncidentKind.POWER_OR_NETWORK: (_TROUBLE, say("停电或网络故障")),
    IncidentKind.ILLNESS: (_TROUBLE, say("考生身体不适")),
    IncidentKind.OTHER: (_TROUBLE, say("其他情况")),
}


_EVENT_LABELS = {
    "package_loaded": say("载入考务包"),
    "signed_in": say("登录座位"),
    "seat_refused": say("在另一台考试机登录被拒绝"),
    "admitted": say("核验放行"),
    "started": say("开始作答"),
    "seat_released": say("允许换机"),
    "granted": say("加时"),
    "forced_hand_in": say("强制交卷"),
    "incident": say("记录异常"),
}


def event_label(kind: str) -> Say:
    """What happened, as the room's record says it."""
    return _EVENT_LABELS.get(kind) or say("考试机记录：{kind}", kind=kind.removeprefix("page_"))


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule data of one session; grace is how long after `closes_at` a line still counts (seconds)."""

    theory_minutes: float
    practical_minutes: float
    check_in_opens_minutes: float
    latest_entry_minutes: float
    earliest_hand_in_minutes: float
    grace_seconds: float
    absent_theory_bars_practical: bool

    def minutes_of(self, part: str) -> float:
        return self.theory_minutes if part == Part.THEORY else self.practical_minutes

    @property
    def grace_ms(self) -> int:
        return round(self.grace_seconds * SECOND)


@dataclass(frozen=True, slots=True)
class Sat:
    """One attempt as the rules see it."""

    part: str
    opened_at: int | None = None
    closes_at: int | None = None
    handed_in_at: int | None = None
    granted_ms: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why not: `code` for the exam client (docs/exam-room.md), the sentence for people."""

    code: str
    sentence: Say

    def __str__(self) -> str:
        return str(self.sentence)


def working_ms(minutes: float, factor: float) -> int:
    """The time a candidate has for a part, with the time factor of special needs."""
    return round(minutes * factor * MINUTE)


def closes_at(
    opened_at: int, minutes: float, factor: float, granted_ms: int, sitting_closes_at: int | None = None
) -> int:
    """When this candidate's part closes. A late starter loses time; a granted minute is never cut.

    `sitting_closes_at` is the common end for a time factor of 1; None when the part has no common end.
    """
    own = opened_at + working_ms(minutes, factor)
    if sitting_closes_at is None:
        return own + granted_ms
    common = sitting_closes_at + working_ms(minutes, factor - 1)
    return min(own, common) + granted_ms


def common_end(part: str, rules: Rules, starts_at: int) -> int | None:
    """Theory ends for all together; the practical runs its full time from each candidate's own start."""
    return starts_at + working_ms(rules.theory_minutes, 1) if part == Part.THEORY else None


def opens_at(part: str, rules: Rules, starts_at: int, theory: Sat | None) -> int:
    """From when the part may be started: theory at the start, the practical when theory is handed in or closed.

    `theory` is the candidate's theory attempt, None when this candidate sits the practical alone.
    """
    if part == Part.THEORY or theory is None:
        return starts_at
    if theory.handed_in_at is not None:
        return theory.handed_in_at
    if theory.closes_at is not None:
        return theory.closes_at
    return starts_at + working_ms(rules.theory_minutes, 1)


def latest_start(part: str, rules: Rules, starts_at: int, theory: Sat | None) -> int:
    """The last moment to start the part. Who finishes theory early may rest until the common end of theory."""
    begins = opens_at(part, rules, starts_at, theory)
    if part == Part.PRACTICAL and theory is not None:
        begins = max(begins, starts_at + working_ms(rules.theory_minutes, 1))
    return begins + round(rules.latest_entry_minutes * MINUTE)


def is_barred(part: str, rules: Rules, starts_at: int, theory: Sat | None, at: int) -> bool:
    """Whoever stayed away from theory may not sit the practical, where the scheme says so."""
    return (
        part == Part.PRACTICAL
        and rules.absent_theory_bars_practical
        and theory is not None
        and theory.opened_at is None
        and at > latest_start(Part.THEORY, rules, starts_at, None)
    )


def part_state(sat: Sat, rules: Rules, starts_at: int, theory: Sat | None, at: int) -> PartState:
    """Where this part stands at `at`, on the candidate's screen (which stops at `closes_at`, without the grace)."""
    if sat.handed_in_at is not None:
        return PartState.HANDED_IN
    if sat.opened_at is not None:
        return PartState.OPEN if at <= (sat.closes_at or 0) else PartState.CLOSED
    if is_barred(sat.part, rules, starts_at, theory, at):
        return PartState.BARRED
    if at > latest_start(sat.part, rules, starts_at, theory):
        return PartState.CLOSED
    return PartState.READY if at >= opens_at(sat.part, rules, starts_at, theory) else PartState.WAITING


def is_over(sat: Sat, rules: Rules, starts_at: int, theory: Sat | None, at: int) -> bool:
    """Whether nothing can be added to this part any more: the grace has passed as well."""
    if sat.handed_in_at is not None:
        return True
    if sat.opened_at is not None:
        return at > (sat.closes_at or 0) + rules.grace_ms
    # Theory still being written may move the practical's latest start.
    if sat.part == Part.PRACTICAL and theory is not None and not is_over(theory, rules, starts_at, None, at):
        return False
    return part_state(sat, rules, starts_at, theory, at) in (PartState.CLOSED, PartState.BARRED)


def problems_on_sign_in(rules: Rules, starts_at: int, at: int) -> list[Problem]:
    """Why the candidate cannot sign in now."""
    opens = starts_at - round(rules.check_in_opens_minutes * MINUTE)
    return [not_yet(opens, at)] if at < opens else []


def not_yet(opens: int, at: int) -> Problem:
    """Check-in opens later."""
    return Problem("not_yet", say("还没有到签到时间，请在 {n} 分钟后再试。", n=ceil((opens - at) / MINUTE)))


def problems_on_start(
    sat: Sat, rules: Rules, starts_at: int, theory: Sat | None, *, is_admitted: bool, at: int
) -> list[Problem]:
    """Why this part cannot be started now; one that is open already has none (starting again changes nothing)."""
    if sat.opened_at is not None:
        return []
    found = []
    if not is_admitted:
        found.append(Problem("not_admitted", say("请等待监考员核验身份并放行。")))
    state = part_state(sat, rules, starts_at, theory, at)
    if state is PartState.WAITING:
        found.append(Problem("not_yet", say("还没有到开考时间。")))
    elif state is PartState.CLOSED:
        found.append(Problem("too_late", say("已超过最晚入场时间，不能再开始本部分考试。")))
    elif state is PartState.BARRED:
        found.append(Problem("barred", say("未参加理论考核，不能参加实训考核。")))
    return found


def hand_in_from(opened_at: int, closing_at: int, rules: Rules) -> int:
    """The earliest moment to hand in: so many minutes after the own start, at the latest when time is up."""
    return min(opened_at + round(rules.earliest_hand_in_minutes * MINUTE), closing_at)


def problems_on_hand_in(sat: Sat, from_at: int | None, grace_ms: int, *, has_seq: bool, at: int) -> list[Problem]:
    """Why the part cannot be handed in now; the gate's statement compares the same stored times."""
    if sat.opened_at is None or sat.closes_at is None or from_at is None:
        return [Problem("closed", say("本部分考试尚未开始，不能交卷。"))]
    if at > sat.closes_at + grace_ms:
        return [Problem("closed", say("考试时间已到，答卷已自动收取。"))]
    found = []
    if at < from_at:
        wait = ceil((from_at - at) / MINUTE)
        found.append(Problem("too_early", say("还没有到允许交卷的时间，请再等 {n} 分钟。", n=wait)))
    if not has_seq:
        found.append(Problem("behind", say("还有答案没有送达考场服务器，请稍候再交卷。")))
    return found


def problems_on_grant(
    sat: Sat, rules: Rules, starts_at: int, theory: Sat | None, practical: Sat | None, minutes: int, at: int
) -> list[Say]:
    """Why these minutes cannot be added to this part."""
    if not 1 <= minutes <= 180:
        return [say("加时应在 1～180 分钟之间。")]
    if sat.handed_in_at is not None:
        return [say("{part}已交卷，不能加时。", part=_PART_LABELS[Part(sat.part)])]
    if sat.opened_at is None and is_over(sat, rules, starts_at, theory, at):
        return [say("{part}没有开始作答，不能加时。", part=_PART_LABELS[Part(sat.part)])]
    if sat.part == Part.THEORY and practical is not None and practical.opened_at is not None:
        return [say("考生已进入实训考核，理论考核不能再加时。")]
    if sat.closes_at is not None and sat.closes_at + minutes * MINUTE <= at:
        late = ceil((at - sat.closes_at) / MINUTE)
        return [say("本部分已结束 {late} 分钟，加时 {n} 分钟后仍是结束状态。", late=late, n=minutes)]
    return []


def seat_state(
    *, signed_in_at: int | None, admitted_at: int | None, seen_at: int | None, parts: Sequence[PartState], at: int
) -> SeatState:
    """A seat's one word. Finished means that no part is left to sit and at least one was sat."""
    is_left = any(state in (PartState.WAITING, PartState.READY, PartState.OPEN) for state in parts)
    if not is_left and PartState.HANDED_IN in parts:
        return SeatState.FINISHED
    if signed_in_at is None:
        return SeatState.ABSENT
    if not is_left:
        return SeatState.FINISHED if admitted_at is not None else SeatState.ARRIVED
    if PartState.OPEN in parts:
        is_silent = seen_at is None or at - seen_at > SILENCE_MS
        return SeatState.INTERRUPTED if is_silent else SeatState.ANSWERING
    return SeatState.ADMITTED if admitted_at is not None else SeatState.ARRIVED


# --- the package -----------------------------------------------------------------------------------------------

_RULE_NUMBERS = (
    "theory_minutes",
    "practical_minutes",
    "check_in_opens_minutes",
    "latest_entry_minutes",
    "earliest_hand_in_minutes",
    "grace_seconds",
)
_SESSION_WORDS = ("id", "title", "certificate", "level", "site")


def rules_from(data: Mapping[str, Any]) -> Rules:
    """The rule data of a package that has no problems."""
    return Rules(
        **{name: data[name] for name in _RULE_NUMBERS},
        absent_theory_bars_practical=data["absent_theory_bars_practical"],
    )


def problems_with_package(package: Mapping[str, Any]) -> list[Say]:
    """Everything that keeps a package (docs/exam-room.md, version 1) from being loaded; never raises."""
    if package.get("version") != 1:
        return [say("考务包版本应为 1，实际为“{given}”。", given=str(package.get("version"))[:20])]
    session = package.get("session")
    if not isinstance(session, Mapping):
        return [say("考务包缺少“{name}”。", name="session")]
    lists = ("rooms", "staff", "forms", "candidates")
    for name in lists:
        rows = package.get(name)
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            return [say("考务包缺少“{name}”。", name=name)]
    found = [
        say("考务包的场次缺少“{name}”。", name=name)
        for name in _SESSION_WORDS
        if not isinstance(session.get(name), str) or not session[name].strip()
    ]
    if not _is_whole(session.get("starts_at")):
        found.append(say("考务包的场次缺少“{name}”。", name="starts_at"))
    found += _problems_with_rules(session.get("rules"))
    rooms, forms = package["rooms"], package["forms"]
    found += _problems_with_ids(rooms, "id", say("考场"), ("name",))
    found += _problems_with_ids(forms, "id", say("试卷"), ("title",))
    found += _problems_with_ids(package["staff"], "ref", say("考务人员"), ("name", "secret_hash"))
    found += _problems_with_ids(
        package["candidates"], "entry", say("考生"), ("ticket_no", "name", "masked_id", "seat_code_hash")
    )
    if found:
        return found
    room_ids = {room["id"] for room in rooms}
    form_parts = {form["id"]: form.get("part") for form in forms}
    for form in forms:
        if form.get("part") not in list(Part) or not isinstance(form.get("sections"), list) or not form["sections"]:
            found.append(say("试卷“{title}”没有部分或题目。", title=form["title"]))
            continue
        items = [item for section in form["sections"] for item in _rows_of(section, "items")]
        if not items or not all(isinstance(item.get("id"), str) and 0 < len(item["id"]) <= 64 for item in items):
            found.append(say("试卷“{title}”没有部分或题目。", title=form["title"]))
        elif len({item["id"] for item in items}) < len(items):
            found.append(say("试卷“{title}”的试题编号重复。", title=form["title"]))
        for word in sorted(_author_words(form["sections"])):
            found.append(say("试卷“{title}”含有不得进入考场的内容（{word}）。", title=form["title"], word=word))
    for person in package["staff"]:
        if person.get("role") not in list(RoomRole):
            found.append(say("考务人员“{name}”的岗位不明。", name=person["name"]))
        elif person["role"] == RoomRole.INVIGILATOR and person.get("room") not in room_ids:
            found.append(say("监考员“{name}”没有分配考场。", name=person["name"]))
    return found + _problems_with_candidates(package["candidates"], room_ids, form_parts)


def _problems_with_rules(given: Any) -> list[Say]:
    if not isinstance(given, Mapping):
        return [say("考务包缺少“{name}”。", name="rules")]
    found = []
    for name in _RULE_NUMBERS:
        value = given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1440:
            found.append(say("考试规则“{name}”应为 0～1440 之间的数。", name=name))
    if not isinstance(given.get("absent_theory_bars_practical"), bool):
        found.append(say("考试规则“{name}”应为是或否。", name="absent_theory_bars_practical"))
    return found


def _problems_with_ids(rows: Sequence[Mapping[str, Any]], key: str, what: Say, needed: Iterable[str]) -> list[Say]:
    found, seen = [], set()
    if not rows and key != "ref":
        found.append(say("考务包没有{what}。", what=what))
    for number, row in enumerate(rows, start=1):
        for name in (key, *needed):
            if not isinstance(row.get(name), str) or not row[name].strip() or len(row[name]) > 200:
                found.append(say("第 {n} 个{what}缺少“{name}”。", n=number, what=what, name=name))
        if row.get(key) in seen:
            found.append(say("{what}“{id}”重复。", what=what, id=str(row[key])[:40]))
        seen.add(row.get(key))
    return found[:20]


def _problems_with_candidates(
    candidates: Sequence[Mapping[str, Any]], room_ids: set[str], form_parts: Mapping[str, Any]
) -> list[Say]:
    found, tickets, seats = [], set(), set()
    for row in candidates:
        name = row["name"]
        if row.get("room") not in room_ids:
            found.append(say("考生“{name}”的考场不在考务包中。", name=name))
        if not isinstance(row.get("seat_no"), int | str) or not str(row["seat_no"]).strip():
            found.append(say("考生“{name}”没有座位号。", name=name))
        seat = (row.get("room"), str(row.get("seat_no")))
        if seat in seats:
            found.append(say("考场座位 {seat} 分给了两名考生。", seat=seat[1]))
        if row["ticket_no"] in tickets:
            found.append(say("准考证号 {no} 重复。", no=row["ticket_no"]))
        factor = row.get("time_factor", 1.0)
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 1 <= factor <= 5:
            found.append(say("考生“{name}”的时间系数应在 1～5 之间。", name=name))
        own = row.get("forms")
        if not isinstance(own, Mapping) or not own:
            found.append(say("考生“{name}”没有试卷。", name=name))
        else:
            for part, form in own.items():
                if part not in list(Part) or form_parts.get(str(form)) != part:
                    found.append(say("考生“{name}”的试卷“{form}”不在考务包中。", name=name, form=str(form)[:40]))
        tickets.add(row["ticket_no"])
        seats.add(seat)
    return found[:20]


# What only authors and markers may see (items/*.py). The kinds build their public part from named parts; this is the
# second lock on the same door.
AUTHOR_WORDS = frozenset(
    (
        "key",
        "answer",
        "answers",
        "correct",
        "solution",
        "explanation",
        "model_answer",
        "checkpoints",
        "expected",
        "tolerance",
        "guide",
        "watch",
    )
)


def _author_words(value: Any) -> set[str]:
    """Those of `AUTHOR_WORDS` found as names anywhere in here; a sheet's cells carry its columns' names."""
    if isinstance(value, Mapping):
        inside = [_author_words(part) for name, part in value.items() if name != "cells"]
        return set().union(AUTHOR_WORDS & value.keys(), *inside)
    if isinstance(value, list):
        return set().union(*map(_author_words, value))
    return set()


def _rows_of(value: Any, name: str) -> list[Mapping[str, Any]]:
    rows = value.get(name) if isinstance(value, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
