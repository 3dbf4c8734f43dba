"""What can be told: a register of events, each declared by the app it happens in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from onex.common.text import Say, say


@dataclass(frozen=True)
class Event:
    """Something that happened. Registers itself by `code`, the `type` of what is sent."""

    code: str
    label: Say

    def __post_init__(self) -> None:
        EVENTS[self.code] = self


EVENTS: dict[str, Event] = {}
PING = "ping"  # a try-out, for one receiver that asked for it; nobody chooses it


def problems_with_events(chosen: Iterable[str]) -> list[Say]:
    """Why nobody may be told of these events."""
    codes = list(chosen)
    if not codes:
        return [say("请至少选择一种事件。")]
    return [say("没有“{code}”这种事件。", code=code[:60]) for code in codes if code not in EVENTS]
