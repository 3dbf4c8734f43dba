"""What a calendar that people subscribe to tells of the sittings: each notice's slots as events, withdrawn ones too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from onex.common.text import say
from onex.registration.rules.ical import Event, Status
from onex.registration.rules.plans import BEIJING, Window

REFRESH = timedelta(hours=6)


@dataclass(frozen=True)
class Told:
    """One edition of the notice of a level in a sitting, as it was announced."""

    plan: UUID
    level: UUID
    level_name: str
    certificate: str
    version: int
    title: str
    slots: Sequence[Window]
    registration: Window
    told_at: datetime
    withdrawn_at: datetime | None = None
    reason: str = ""
    url: str = ""

    @property
    def changed_at(self) -> datetime:
        return self.withdrawn_at or self.told_at

    @property
    def sequence(self) -> int:
        """Rises with every edition, and once more when one is taken back."""
        return 2 * self.version + (self.withdrawn_at is not None)


def events_of(editions: Iterable[Told]) -> list[Event]:
    """The last edition of each level's notice as events, one for each slot, by time.

    A slot that an earlier edition had and the last one has not stays as a cancelled event: a subscriber may have it.
    """
    by_level: dict[tuple[UUID, UUID], list[Told]] = {}
    for one in sorted(editions, key=lambda one: one.version):
        by_level.setdefault((one.plan, one.level), []).append(one)
    found = [event for told in by_level.values() for event in _events(told)]
    return sorted(found, key=lambda event: (event.starts_at, event.summary, event.uid))


def _events(editions: Sequence[Told]) -> list[Event]:
    last = editions[-1]
    slots = {place: slot for one in editions for place, slot in enumerate(one.slots)}
    return [_event(last, place, slot) for place, slot in slots.items()]


def _event(told: Told, place: int, slot: Window) -> Event:
    is_off = told.withdrawn_at is not None or place >= len(told.slots)
    title = say("{title} · {level}", title=told.title, level=told.level_name)
    return Event(
        uid=str(uuid5(told.plan, f"{told.level}/{place}")),
        sequence=told.sequence,
        changed_at=told.changed_at,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        summary=str(say("已取消：{title}", title=title) if is_off else title),
        description=_words(told, is_off),
        url=told.url,
        status=Status.CANCELLED if is_off else Status.CONFIRMED,
        categories=(told.certificate,),
    )


def _words(told: Told, is_off: bool) -> str:
    if is_off:
        return str(say("这个时段不再考试，请以最新通知为准。"))
    lines = [say("报名时间：{window}（北京时间）", window=told.registration)]
    if told.version > 1:
        lines.append(say("第 {n} 版通知", n=told.version))
    if told.reason:
        lines.append(say("改期原因：{reason}", reason=told.reason))
    lines.append(say("考务安排以报名通知为准。"))
    return "\n".join(map(str, lines))


def kept_since(at: datetime) -> datetime:
    """From when on sittings stand in the feed: this year's and last year's, by the calendar of Beijing."""
    return datetime(at.astimezone(BEIJING).year - 1, 1, 1, tzinfo=BEIJING)


def changed_last(editions: Iterable[Told], at: datetime) -> datetime:
    """When the feed last became another: a notice, or the turn of the year, when a year of it is dropped."""
    year = datetime(at.astimezone(BEIJING).year, 1, 1, tzinfo=BEIJING)
    return max([year, *(one.changed_at for one in editions)])
