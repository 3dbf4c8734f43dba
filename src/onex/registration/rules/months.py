"""The sittings of a year as sheets of months, for those who plan around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from onex.common.months import SheetDay, months_of, sheet_of
from onex.registration.rules.plans import BEIJING, Window


@dataclass(frozen=True)
class SittingShown:
    """A sitting with its levels, as a month tells of it."""

    plan: Any
    slots: Sequence[Window]
    levels: Sequence[Any]


@dataclass(frozen=True)
class MonthShown:
    """A month with its sheet, and the sittings that begin in it by date."""

    first: date
    weeks: Sequence[Sequence[SheetDay]]
    sittings: Sequence[SittingShown]


def months_shown(sittings: Iterable[SittingShown]) -> list[MonthShown]:
    """The months in which something is sat, the last one first, as the list of sittings has it."""
    dated = sorted((one for one in sittings if one.slots), key=lambda one: min(one.slots))
    days = {day for one in dated for slot in one.slots for day in days_of(slot)}
    return [
        MonthShown(
            first, sheet_of(first, days), [one for one in dated if days_of(min(one.slots))[0].replace(day=1) == first]
        )
        for first in reversed(months_of(days))
    ]


def days_of(slot: Window) -> list[date]:
    """The days in Beijing on which a slot begins and ends: one, but for a slot over midnight."""
    ends = {slot.starts_at.astimezone(BEIJING).date(), slot.ends_at.astimezone(BEIJING).date()}
    return sorted(ends)
