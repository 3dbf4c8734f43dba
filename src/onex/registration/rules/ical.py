"""iCalendar (RFC 5545) as text: events in, lines of at most 75 octets out. Nothing here knows what a sitting is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

PRODUCT = "-//OneX//1+X sittings//ZH"
LONGEST = 75  # octets of a line, its end not counted
# TEXT takes no control characters but a tab; a line break is written \n. NEL and the two separators are breaks to some.
_BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SPECIAL = re.compile(r"([\\;,])")


class Status(StrEnum):
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Event:
    """One entry of a calendar. The same `uid` with a higher `sequence` replaces what a subscriber has."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""
    url: str = ""
    status: Status = Status.CONFIRMED
    categories: Sequence[str] = ()


def written(name: str, events: Iterable[Event], *, refresh: timedelta) -> str:
    """The whole calendar. The same events give the same text, so that its hash tells whether anything changed."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"NAME:{escaped(name)}", f"X-WR-CALNAME:{escaped(name)}"]
    every = _duration(refresh)
    lines += [f"REFRESH-INTERVAL;VALUE=DURATION:{every}", f"X-PUBLISHED-TTL:{every}"]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(event: Event) -> list[str]:
    found = [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{moment(event.changed_at)}",
        f"LAST-MODIFIED:{moment(event.changed_at)}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{event.status}",
        f"DTSTART:{moment(event.starts_at)}",
        f"DTEND:{moment(event.ends_at)}",
        f"SUMMARY:{escaped(event.summary)}",
    ]
    if event.description:
        found.append(f"DESCRIPTION:{escaped(event.description)}")
    if event.url:
        found.append(f"URL:{_uri(event.url)}")
    if event.categories:
        found.append(f"CATEGORIES:{','.join(map(escaped, event.categories))}")
    # What is cancelled keeps nobody's afternoon.
    found.append(f"TRANSP:{'TRANSPARENT' if event.status == Status.CANCELLED else 'OPAQUE'}")
    return [*found, "END:VEVENT"]


def escaped(text: str) -> str:
    """A value of type TEXT."""
    lines = _BREAK.sub("\n", text).split("\n")
    return r"\n".join(_SPECIAL.sub(r"\\\1", _CONTROL.sub("", line)) for line in lines)


def _uri(address: str) -> str:
    """A value of type URI is not escaped, so it must not bring a line of its own."""
    return _CONTROL.sub("", _BREAK.sub("", address))


def moment(at: datetime) -> str:
    """A moment in UTC: no calendar has to know our time zone. Raises ValueError for one that names none."""
    if at.tzinfo is None:
        raise ValueError(f"{at} names no time zone")
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def tag_of(text: str) -> str:
    """The entity tag of a calendar, in its quotes."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _duration(stretch: timedelta) -> str:
    return f"PT{int(stretch.total_seconds() // 60)}M"


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, each but the first after a space; no character is cut in two."""
    pieces, piece, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LONGEST:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + sign, size + octets
    return "\r\n".join([*pieces, piece])
