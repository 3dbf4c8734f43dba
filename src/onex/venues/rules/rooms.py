"""A machine room as an application describes it and as the site then has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from onex.accounts.rules.networks import network_of
from onex.common.text import Refused, Say, say


@dataclass(frozen=True)
class RoomInput:
    """A room as the school writes it down."""

    name: str
    machine_count: int  # for candidates
    spare_count: int = 0
    place: str = ""  # building and floor
    server_count: int = 0
    camera_count: int = 0
    addresses: str = ""  # of its machines: single addresses and ranges
    is_accessible: bool = False  # reached and used with a wheelchair

    @property
    def in_words(self) -> str:
        """The room in one line, for comparing: machines + spare ones, then what else there is."""
        more = [
            self.place,
            f"服务器 {self.server_count}" if self.server_count else "",
            f"摄像头 {self.camera_count}" if self.camera_count else "",
            self.addresses,
            "无障碍" if self.is_accessible else "",
        ]
        said = "，".join(one for one in more if one)
        return f"{self.name}({self.machine_count}+{self.spare_count}{'；' if said else ''}{said})"


ROOM_FIELDS = tuple(field.name for field in fields(RoomInput))


def problems_with_rooms(rooms: Sequence[RoomInput]) -> list[Say]:
    """A site needs at least one room with a machine, and every room its own name."""
    if not rooms:
        return [say("请至少填写一个考场（机房）")]
    found = [say("考场“{room}”的考试机数量应不少于 1 台", room=room.name) for room in rooms if room.machine_count < 1]
    names = [room.name for room in rooms]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append(say("考场名称“{room}”重复，请加以区分", room=name))
    return found


def problems_with_addresses(text: str) -> list[Say | str]:
    """What is no address and no range in the addresses of a room, written with commas, semicolons or blanks between."""
    found: list[Say | str] = []
    for one in re.split(r"[\s,，;；、]+", text.strip()):
        if one:
            try:
                network_of(one)
            except Refused as refused:
                found.extend(refused.reasons)
    return found


def capacity_of(machine_counts: Iterable[int]) -> int:
    """Candidates that sit at once: machines for candidates, spare ones not counted."""
    return sum(machine_counts)
