"""Words, colours and signs of the console: a state is never told by colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from onex.common.text import Say, say
from onex.examroom import rules
from onex.examroom.models import RoomEvent
from onex.examroom.queries import Seat
from onex.examroom.rules import IncidentKind, Part, PartState, SeatState

SIGNS = {
    SeatState.ABSENT: ("neutral", "user-x"),
    SeatState.ARRIVED: ("warn", "id-badge-2"),
    SeatState.ADMITTED: ("info", "user-check"),
    SeatState.ANSWERING: ("good", "pencil"),
    SeatState.INTERRUPTED: ("bad", "wifi-off"),
    SeatState.FINISHED: ("info", "circle-check"),
}


@dataclass(frozen=True)
class ShownSeat:
    """A seat ready for its place in the grid."""

    seat: Seat
    word: Say
    tone: str
    icon: str

    @property
    def can_be_admitted(self) -> bool:
        return self.seat.state is SeatState.ARRIVED


def shown(seat: Seat, *, wants_help: bool = False) -> ShownSeat:
    """`wants_help`: the candidate was refused at another machine a moment ago."""
    tone, icon = SIGNS[seat.state]
    if seat.may_switch:
        tone, icon = "info", "switch-horizontal"
    elif wants_help:
        return ShownSeat(seat, say("求助换机"), "warn", "hand-stop")
    return ShownSeat(seat, _word(seat), tone, icon)


def _word(seat: Seat) -> Say:
    if seat.may_switch:
        return say("允许换机")
    if seat.state is SeatState.INTERRUPTED and seat.silent_seconds is not None:
        return say("中断 {n} 分钟", n=max(1, seat.silent_seconds // 60))
    if seat.state is SeatState.ANSWERING and seat.current is not None:
        return say("理论作答") if seat.current is Part.THEORY else say("实训作答")
    if seat.state is SeatState.ADMITTED and PartState.HANDED_IN in seat.parts.values():
        return say("候考实训")
    return seat.state.label


def legend() -> list[tuple[Say, str, str]]:
    return [(state.label, *SIGNS[state]) for state in SeatState]


def moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def entry(event: RoomEvent) -> dict[str, Any]:
    """A room event for `ui_timeline`."""
    data = event.data
    what = str(rules.event_label(event.kind))
    if event.kind == "incident" and data.get("incident") in list(IncidentKind):
        kind = IncidentKind(data["incident"])
        what = f"{kind.group}：{kind.label}"
    elif event.kind == "granted":
        what = str(say("{part}加时 {n} 分钟", part=Part(data["part"]).label, n=data["minutes"]))
    elif event.kind in ("started", "forced_hand_in"):
        what = f"{what}：{Part(data['part']).label}"
    tones = {"incident": "bad", "seat_refused": "warn", "forced_hand_in": "warn", "admitted": "good"}
    return {
        "who": event.by_label or data.get("machine") or str(say("考试机")),
        "at": moment(event.at),
        "what": what,
        "note": data.get("note") or data.get("reason") or "",
        "tone": tones.get(event.kind, "neutral"),
    }
