"""Who works in the room and what they may do: permits reach by room, never by organisation. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from onex.common.actors import Actor
from onex.common.permits import Permit, Reach
from onex.common.text import say
from onex.examroom.rules import RoomRole


@dataclass(frozen=True)
class RoomActor(Actor):
    """A person of the package at work. Their post (a room, or the whole session) stands where others have their
    organisation, so that the permit engine judges by room."""

    role: RoomRole  # type: ignore[assignment]  # the room's own roles, never one of the centre's
    ref: str = ""
    session_id: UUID | None = None
    room_id: UUID | None = None


_HERE = {RoomRole.INVIGILATOR: Reach("room"), RoomRole.CHIEF: Reach("session")}

Permit("examroom.see_seats", say("查看考场座位"), _HERE)
Permit("examroom.admit", say("核验放行"), _HERE)
Permit("examroom.release_seat", say("允许换机"), _HERE)
Permit("examroom.grant_minutes", say("加时"), _HERE)
Permit("examroom.force_hand_in", say("强制交卷"), _HERE)
Permit("examroom.record_incident", say("记录异常"), _HERE)
