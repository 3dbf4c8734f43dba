"""The sheet of a month, as a calendar on the wall has it."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class SheetDay:
    """A day of a month's sheet; `number` is 0 for the blanks before the first and after the last."""

    number: int
    is_marked: bool = False


def sheet_of(first: date, marked: Collection[date]) -> tuple[tuple[SheetDay, ...], ...]:
    """The weeks of the month that begins on `first`, Monday first, with the marked days."""
    return tuple(
        tuple(SheetDay(number, bool(number) and first.replace(day=number) in marked) for number in week)
        for week in calendar.Calendar(calendar.MONDAY).monthdayscalendar(first.year, first.month)
    )


def months_of(days: Collection[date]) -> list[date]:
    """The first days of the months that these days are in."""
    return sorted({day.replace(day=1) for day in days})
