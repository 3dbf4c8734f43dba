"""The feed of sittings: one event a slot, that keeps its name over every edition and is cancelled, never forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from onex.registration.rules.feed import Told, changed_last, events_of, kept_since
from onex.registration.rules.ical import Status
from onex.registration.rules.plans import Window

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAN, JUNIOR, MIDDLE = (UUID(int=n) for n in (1, 2, 3))


def slots(*days: int) -> tuple[Window, ...]:
    return tuple(Window(NOON + day * DAY, NOON + day * DAY + 4 * HOUR) for day in days)


FIRST = Told(
    plan=PLAN,
    level=JUNIOR,
    level_name="直播电商（初级）",
    certificate="直播电商",
    version=1,
    title="2026 年第七次统考",
    slots=slots(30, 31),
    registration=Window(NOON, NOON + 10 * DAY),
    told_at=NOON,
)


def test_each_slot_is_an_event_with_the_level_in_its_title() -> None:
    one, other = events_of([FIRST])
    assert (one.starts_at, one.ends_at) == (NOON + 30 * DAY, NOON + 30 * DAY + 4 * HOUR)
    assert one.summary == other.summary == "2026 年第七次统考 · 直播电商（初级）"
    assert "报名时间：2026-11-24 12:00–2026-12-04 12:00（北京时间）" in one.description
    assert one.uid != other.uid


def test_a_sitting_that_is_put_off_keeps_its_events_and_raises_their_sequence() -> None:
    second = replace(FIRST, version=2, slots=slots(37, 38), told_at=NOON + DAY, reason="考点停电检修")
    before, after = events_of([FIRST]), events_of([second, FIRST])
    assert [event.uid for event in after] == [event.uid for event in before]
    assert {event.sequence for event in after} == {4}
    assert {event.sequence for event in before} == {2}
    assert [event.starts_at for event in after] == [NOON + 37 * DAY, NOON + 38 * DAY]
    assert "第 2 版通知\n改期原因：考点停电检修" in after[0].description


def test_a_notice_that_is_taken_back_is_cancelled_as_it_was_told() -> None:
    (one, _) = events_of([replace(FIRST, withdrawn_at=NOON + DAY)])
    assert (one.status, one.sequence, one.changed_at) == (Status.CANCELLED, 3, NOON + DAY)
    assert one.summary == "已取消：2026 年第七次统考 · 直播电商（初级）"


def test_a_slot_that_the_last_edition_has_no_more_is_cancelled() -> None:
    second = replace(FIRST, version=2, slots=slots(40))
    found = events_of([FIRST, second])
    assert [(event.status, event.starts_at) for event in found] == [
        (Status.CANCELLED, NOON + 31 * DAY),
        (Status.CONFIRMED, NOON + 40 * DAY),
    ]


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=6))
def test_over_any_history_names_stay_and_sequences_only_rise(history: list[tuple[int, bool]]) -> None:
    editions: list[Told] = []
    seen: dict[str, int] = {}
    for version, (count, is_withdrawn) in enumerate(history, start=1):
        told = replace(FIRST, version=version, slots=slots(*range(count)), told_at=NOON + version * DAY)
        for step in [told] + ([replace(told, withdrawn_at=told.told_at + HOUR)] if is_withdrawn else []):
            now = {event.uid: event.sequence for event in events_of([*editions, step])}
            assert seen.keys() <= now.keys()
            assert all(now[uid] > sequence for uid, sequence in seen.items())
            seen = now
        editions.append(step)


def test_two_levels_of_a_sitting_have_events_of_their_own() -> None:
    both = events_of([FIRST, replace(FIRST, level=MIDDLE, level_name="直播电商（中级）")])
    assert len({event.uid for event in both}) == 4


def test_the_turn_of_the_year_in_beijing_is_a_change_too() -> None:
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert kept_since(new_year - HOUR) == datetime(2024, 12, 31, 16, tzinfo=UTC)
    assert kept_since(new_year) == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert changed_last([FIRST], new_year - HOUR) == NOON
    assert changed_last([FIRST], new_year) == new_year
