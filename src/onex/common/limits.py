"""How often something may be tried: one table of doors, counted per account, per address and per target.

A count is one atomic statement in the database, so any number of processes share it and a restart forgets nothing. Keys
are stored as keyed digests: who reads the table learns neither accounts nor phone numbers. Counts belong outside the
transaction of what they guard: a refusal that rolls back must not roll back its count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection
from django.db.models import F

from onex.common.models import LimitCount
from onex.common.sealed import blind_index
from onex.common.text import Refused, Say, say


@dataclass(frozen=True)
class Limit:
    """At most `most` in `seconds`, counted for each value of `per` ("account", "address", "target" …)."""

    per: str
    most: int
    seconds: int


class Door:
    """A place that can be tried again and again. Registers itself by `code`; docs and tests read the register."""

    def __init__(self, code: str, label: Say, *limits: Limit) -> None:
        self.code, self.label, self.limits = code, label, limits
        DOORS[code] = self


DOORS: dict[str, Door] = {}


class TooMany(Refused):
    """Tried too often; `wait` is how many seconds to wait. Pages answer 429 with Retry-After."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(
            say("尝试次数过多，请在 {n} 秒后再试。", n=wait)
            if wait < 120
            else say("尝试次数过多，请在 {n} 分钟后再试。", n=ceil(wait / 60))
        )


def enter(door: Door, *, at: datetime, **keys: str) -> int:
    """Count one try for each of the keys that the door limits; answers the highest count, this try included.

    Raises TooMany once a limit is passed.
    """
    wait = highest = 0
    for limit, key in _counted(door, keys):
        count, ends_at = _add(key, limit.seconds, at)
        highest = max(highest, count)
        if count > limit.most:
            wait = max(wait, _wait(ends_at, at))
    if wait:
        raise TooMany(wait)
    return highest


def give_back(door: Door, *, at: datetime, **keys: str) -> None:
    """Take one try back: it was counted before it was known to be a good one."""
    for _, key in _counted(door, keys):
        LimitCount.objects.filter(key=key, ends_at__gt=at, count__gt=0).update(count=F("count") - 1)


def used_up(door: Door, *, at: datetime, **keys: str) -> bool:
    """Whether the next try at the door would be one too many."""
    try:
        look(door, at=at, **keys)
    except TooMany:
        return True
    return False


def tally(door: Door, *, at: datetime, **keys: str) -> int:
    """The highest count that stands for one of these keys; counts nothing."""
    found = LimitCount.objects.filter(key__in=[key for _, key in _counted(door, keys)], ends_at__gt=at)
    return max(found.values_list("count", flat=True), default=0)


def hold(door: Door, *, at: datetime, seconds: int, **keys: str) -> None:
    """Keep what is counted for these keys until so many seconds from now: a door that stays shut for longer."""
    LimitCount.objects.filter(key__in=[key for _, key in _counted(door, keys)]).update(
        ends_at=at + timedelta(seconds=seconds)
    )


def look(door: Door, *, at: datetime, **keys: str) -> None:
    """Raise TooMany when a limit of the door is used up for one of the keys; counts nothing.

    For doors that count failures only: `look` before the attempt, `strike` after a failed one.
    """
    wait = 0
    for limit, key in _counted(door, keys):
        row = LimitCount.objects.filter(key=key, ends_at__gt=at).first()
        if row is not None and row.count >= limit.most:
            wait = max(wait, _wait(row.ends_at, at))
    if wait:
        raise TooMany(wait)


def strike(door: Door, *, at: datetime, **keys: str) -> None:
    """Count one failure for each of the keys that the door limits."""
    for limit, key in _counted(door, keys):
        _add(key, limit.seconds, at)


def forgive(door: Door, **keys: str) -> None:
    """Forget what was counted for these keys: after a success, or by an administrator."""
    LimitCount.objects.filter(key__in=[key for _, key in _counted(door, keys)]).delete()


def sweep(at: datetime) -> int:
    """Drop counts whose time is over; answers how many."""
    return LimitCount.objects.filter(ends_at__lt=at - timedelta(hours=1)).delete()[0]


def _counted(door: Door, keys: dict[str, str]) -> list[tuple[Limit, str]]:
    return [
        (limit, blind_index(keys[limit.per], f"limit {door.code} {limit.per} {limit.seconds}"))
        for limit in door.limits
        if keys.get(limit.per)
    ]


def _wait(ends_at: datetime, at: datetime) -> int:
    return max(1, ceil((ends_at - at).total_seconds()))


def _add(key: str, seconds: int, at: datetime) -> tuple[int, datetime]:
    """One more for this key, in one statement that no other process can come between."""
    table = connection.ops.quote_name(LimitCount._meta.db_table)
    adapt = connection.ops.adapt_datetimefield_value
    now, end = adapt(at), adapt(at + timedelta(seconds=seconds))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} as c (key, count, ends_at) values (%s, 1, %s) on conflict (key) do update set"  # noqa: S608
            " count = case when c.ends_at <= %s then 1 else c.count + 1 end,"
            " ends_at = case when c.ends_at <= %s then excluded.ends_at else c.ends_at end returning count",
            [key, end, now, now],
        )
        (count,) = cursor.fetchone()
    # A success beside this try may have forgiven the key in between: then it ends as a first one does.
    ends_at = LimitCount.objects.filter(key=key).values_list("ends_at", flat=True).first()
    return int(count), ends_at or at + timedelta(seconds=seconds)
