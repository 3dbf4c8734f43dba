"""What a student's account may be, who must consent, what a photo must be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from onex.registration.rules.students import (
    AccountState,
    ClassKey,
    account_state,
    advice_on_photo,
    classes_in,
    is_named,
    needs_guardian,
    problems_with_photo,
)

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
S = AccountState


@pytest.mark.parametrize(
    ("has_user", "is_enabled", "until", "state"),
    [
        (False, False, None, S.NONE),
        (False, False, NOON + timedelta(seconds=1), S.ISSUED),
        (False, False, NOON, S.LAPSED),
        (True, True, None, S.ACTIVE),
        (True, True, NOON + timedelta(days=1), S.ACTIVE),
        (True, False, None, S.DISABLED),
    ],
)
def test_the_state_of_an_account_follows_from_slip_and_hat(has_user, is_enabled, until, state) -> None:
    assert account_state(has_user, is_enabled, until, NOON) is state
    assert str(state.label)
    assert state.tone in ("neutral", "info", "warn", "good", "bad")


@pytest.mark.parametrize(
    ("born", "is_child"),
    [
        (date(2012, 11, 25), True),
        (date(2012, 11, 24), False),  # fourteen today
        (date(2012, 11, 23), False),
        (date(2005, 9, 1), False),
        (date(2020, 2, 29), True),
    ],
)
def test_below_fourteen_a_guardian_is_asked(born: date, is_child: bool) -> None:
    assert needs_guardian(born, NOON) is is_child


def test_the_birthday_begins_at_midnight_in_beijing() -> None:
    before = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    assert needs_guardian(date(2012, 11, 24), before)
    assert not needs_guardian(date(2012, 11, 24), before + timedelta(minutes=1))


@pytest.mark.parametrize("typed", ["李思源", " 李 思源　", "李思源\t"])
def test_blanks_do_not_make_another_name(typed: str) -> None:
    assert is_named(typed, "李思源")


def test_the_dot_of_a_minority_name_may_be_any_dot() -> None:
    for dot in "·•・.":
        assert is_named(f"阿卜杜拉{dot}买买提", "阿卜杜拉·买买提")
    assert is_named("阿卜杜拉买买提", "阿卜杜拉·买买提")


@pytest.mark.parametrize("typed", ["", " ", "·", "李思", "李思源源", "李恩源"])
def test_another_name_is_another_name(typed: str) -> None:
    assert not is_named(typed, "李思源")
    assert not is_named(typed, "")


def test_a_class_is_its_year_and_its_name() -> None:
    keys = [ClassKey(2024, "1 班"), ClassKey(2025, "1 班"), ClassKey(2024, ""), ClassKey(2024, "a:b")]
    assert classes_in([str(key) for key in keys]) == keys
    assert classes_in(["", "1 班", "24:1 班", "abcd:x", "２０２４:x", ":"]) == []


@pytest.mark.parametrize(
    ("width", "height", "size", "words"),
    [
        (294, 413, 60_000, "会模糊"),
        (295, 412, 60_000, "会模糊"),
        (600, 600, 60_000, "竖版"),
        (6000, 8000, 60_000, "像素过大"),
        (295, 413, 2_000_001, "超过 2 MB"),
    ],
)
def test_a_picture_that_makes_no_photo_is_refused_in_words(width: int, height: int, size: int, words: str) -> None:
    (problem,) = problems_with_photo(width, height, size)
    assert words in str(problem)


def test_a_photo_of_an_inch_is_good_and_an_unusual_size_is_only_said() -> None:
    assert problems_with_photo(295, 413, 60_000) == []
    assert advice_on_photo(40_000) == advice_on_photo(200_000) == []
    assert "39 KB" in str(advice_on_photo(39_000)[0])
    assert "已保存" in str(advice_on_photo(900_000)[0])
