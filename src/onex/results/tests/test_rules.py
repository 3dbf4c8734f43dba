"""When publicity is over: working days, whatever the start."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from onex.results.rules import BEIJING, publicity_ends

FRIDAY = datetime(2026, 11, 27, 16, 0, tzinfo=BEIJING)


def test_five_working_days_from_a_friday_end_with_the_next_friday() -> None:
    assert publicity_ends(FRIDAY, 5) == datetime(2026, 12, 5, 0, 0, tzinfo=BEIJING)


def test_no_days_end_at_once() -> None:
    assert publicity_ends(FRIDAY, 0) == FRIDAY


def test_a_holiday_does_not_count_and_a_working_saturday_does() -> None:
    assert publicity_ends(FRIDAY, 1, days_on={date(2026, 11, 28)}) == datetime(2026, 11, 29, tzinfo=BEIJING)
    assert publicity_ends(FRIDAY, 1, days_off={date(2026, 11, 30)}) == datetime(2026, 12, 2, tzinfo=BEIJING)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(1, 30))  # noqa: DTZ001
def test_one_more_day_never_ends_earlier(start: datetime, days: int) -> None:
    at = start.replace(tzinfo=BEIJING)
    assert publicity_ends(at, days) < publicity_ends(at, days + 1)
    assert publicity_ends(at, days) > at + timedelta(days=days - 1)
