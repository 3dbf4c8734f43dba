"""Sittings: slots, windows of registration, the notice, the forty-candidate rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.registration.rules.plans import (
    LEVEL_FLOW,
    ClosingFacts,
    PlanFacts,
    PlanLevelState,
    SiteCount,
    Window,
    default_slots,
    default_window,
    is_open_for_entries,
    problems_on_announce,
    problems_on_close,
    problems_on_retract,
    sitting_name,
    warnings_on_announce,
    warnings_on_close,
)

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def slot(days: float, hours: float = 4) -> Window:
    return Window(NOON + days * DAY, NOON + days * DAY + hours * HOUR)


def facts(**changes: object) -> PlanFacts:
    given_ = {
        "slots": (slot(30), slot(31)),
        "registration": Window(NOON, NOON + 20 * DAY),
        "minutes_needed": 210,
        "notice_days": 30,
    }
    return PlanFacts(**(given_ | changes))  # type: ignore[arg-type]


def announced(**changes: object) -> list[str]:
    return [str(problem) for problem in problems_on_announce(facts(**changes), NOON)]


def test_the_guides_sitting_may_be_announced() -> None:
    assert announced() == []


def test_a_sitting_needs_a_slot_ahead() -> None:
    assert announced(slots=()) == ["请至少填写一个考试时段"]
    assert "首个考试时段已经开始，不能再发布报名通知" in announced(slots=(slot(-1),))


def test_slots_do_not_overlap_and_do_not_end_before_they_start() -> None:
    assert "重叠" in announced(slots=(slot(30), slot(30.1)))[0]
    assert "结束时间应晚于开始时间" in announced(slots=(Window(NOON + 30 * DAY, NOON + 29 * DAY),))[0]


def test_a_slot_must_hold_both_parts() -> None:
    assert announced(slots=(slot(30, hours=3),)) == [
        "考试时段 2026-12-24 12:00–15:00 只有 180 分钟，容不下理论与实训共 210 分钟"
    ]
    assert announced(slots=(slot(30, hours=3.5),)) == []


def test_registration_ends_before_the_exam_and_after_it_begins() -> None:
    assert announced(registration=Window(NOON, NOON + 31 * DAY)) == ["报名截止时间应不晚于首个考试时段的开始时间"]
    assert announced(registration=Window(NOON + DAY, NOON + DAY)) == ["报名截止时间应晚于报名开始时间"]
    assert announced(registration=Window(NOON - 2 * DAY, NOON - DAY)) == ["报名截止时间已过，不能再发布报名通知"]


def test_a_late_notice_is_a_warning_not_a_refusal() -> None:
    late = facts(slots=(slot(12),), registration=Window(NOON, NOON + 5 * DAY))
    assert problems_on_announce(late, NOON) == []
    assert str(warnings_on_announce(late, NOON)[0]) == "距首个考试时段只有 12 天；报名通知一般在考前 30 天左右发布。"
    assert warnings_on_announce(facts(), NOON) == []
    assert warnings_on_announce(facts(notice_days=0, slots=(slot(0.1),)), NOON) == []


def closing(*sites: SiteCount, reason: str = "", at: datetime = NOON, closes_at: datetime = NOON) -> list[str]:
    return [str(p) for p in problems_on_close(ClosingFacts(sites, 40, closes_at, reason), at)]


def test_registration_closes_silently_when_every_site_has_forty() -> None:
    assert closing(SiteCount("甲站点", 40), SiteCount("乙站点", 41)) == []


def test_below_forty_the_organisation_gives_a_reason() -> None:
    assert closing(SiteCount("甲站点", 39)) == [
        "甲站点报名 39 人，低于每个考点原则上不少于 40 人的要求",
        "如仍要截止报名，请写明理由；理由会记入操作记录。",
    ]
    assert closing(SiteCount("甲站点", 39), reason="本校仅一个班") == []


def test_closing_early_needs_a_reason_too() -> None:
    early = closing(SiteCount("甲站点", 40), closes_at=NOON + HOUR)
    assert early[0] == "报名截止时间是 2026-11-24 13:00，现在还未到"
    assert closing(SiteCount("甲站点", 40), closes_at=NOON + HOUR, reason="全部受理完毕") == []


def test_undecided_entries_keep_registration_open_whatever_the_reason() -> None:
    assert closing(SiteCount("甲站点", 50, waiting=3), reason="赶时间") == [
        "甲站点还有 3 名考生的报名未受理，请先受理或退回"
    ]


@given(st.lists(st.integers(0, 100), max_size=6), st.integers(1, 60))
def test_exactly_the_small_sites_are_warned_about(counts: list[int], minimum: int) -> None:
    sites = tuple(SiteCount(f"站点{place}", count) for place, count in enumerate(counts))
    warned = warnings_on_close(ClosingFacts(sites, minimum, NOON, ""), NOON)
    assert len(warned) == (sum(count < minimum for count in counts) if counts else 1)


def test_a_notice_with_entries_is_not_taken_back() -> None:
    assert problems_on_retract(0) == []
    assert str(problems_on_retract(2)[0]) == "已有 2 条报名，不能撤回报名通知"


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "第一次统考"),
        (7, "第七次统考"),
        (10, "第十次统考"),
        (12, "第十二次统考"),
        (20, "第二十次统考"),
        (21, "第二十一次统考"),
    ],
)
def test_sittings_are_named_as_the_guide_names_them(number: int, name: str) -> None:
    assert sitting_name(number) == name


def test_registration_opens_with_the_notice_and_leaves_ten_days() -> None:
    window = default_window(NOON + 40 * DAY, 30, NOON)
    assert window == Window(NOON + 10 * DAY, NOON + 30 * DAY)


def test_a_sitting_of_the_calendar_keeps_its_day_while_it_is_ahead_and_its_hours_always() -> None:
    december = Window(datetime(2024, 12, 20, 6, tzinfo=UTC), datetime(2024, 12, 20, 10, tzinfo=UTC))
    morning = Window(datetime(2024, 12, 21, 0, 30, tzinfo=UTC), datetime(2024, 12, 21, 4, 30, tzinfo=UTC))
    assert [str(slot) for slot in default_slots((morning, december), 10, NOON)] == [
        "2026-12-20 14:00–18:00",
        "2026-12-21 08:30–12:30",
    ]
    assert [str(slot) for slot in default_slots((december, morning), 30, NOON)] == [
        "2027-01-03 14:00–18:00",
        "2027-01-04 08:30–12:30",
    ]
    assert default_slots((), 30, NOON) == ()


def test_a_leap_day_of_the_calendar_is_the_day_before_in_other_years() -> None:
    leap = Window(datetime(2024, 2, 29, 6, tzinfo=UTC), datetime(2024, 2, 29, 10, tzinfo=UTC))
    assert str(default_slots((leap,), 10, datetime(2027, 1, 2, tzinfo=UTC))[0]) == "2027-02-28 14:00–18:00"


@given(st.floats(0, 60), st.integers(0, 60))
def test_the_default_window_never_lies_in_the_past_or_backwards(days: float, notice: int) -> None:
    window = default_window(NOON + days * DAY, notice, NOON)
    assert NOON <= window.starts_at <= window.ends_at


def test_entries_are_taken_only_while_announced_and_in_the_window() -> None:
    window = Window(NOON, NOON + HOUR)
    assert is_open_for_entries("announced", window, NOON)
    assert not is_open_for_entries("announced", window, NOON + HOUR)
    assert not is_open_for_entries("announced", window, NOON - HOUR)
    assert not is_open_for_entries("closed", window, NOON)


@given(st.floats(-5, 5), st.floats(0.1, 4), st.floats(-5, 5), st.floats(0.1, 4))
def test_overlapping_is_mutual(a: float, long: float, b: float, wide: float) -> None:
    one, other = slot(a, long), slot(b, wide)
    assert one.overlaps(other) == other.overlaps(one)


def test_slots_that_touch_do_not_overlap() -> None:
    assert not Window(NOON, NOON + HOUR).overlaps(Window(NOON + HOUR, NOON + 2 * HOUR))


def test_a_level_runs_from_draft_to_finished_in_one_line() -> None:
    state = PlanLevelState.DRAFT
    for move in ("announce", "close", "release", "start", "score", "publicise", "finish"):
        state = LEVEL_FLOW.find(move, state).target  # type: ignore[assignment]
    assert state == PlanLevelState.FINISHED
