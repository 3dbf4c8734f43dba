"""Seating and numbers as rules, whatever the candidates and rooms."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.common.ids import has_valid_check_digit
from onex.common.text import Refused
from onex.sittings.rules import RoomSize, seat, ticket_number

CLASSES = st.lists(st.integers(1, 5), min_size=1, max_size=40)
ROOMS = st.lists(st.integers(1, 20), min_size=1, max_size=4)


@given(CLASSES, ROOMS, st.integers(0, 2**31))
def test_everybody_gets_exactly_one_seat_or_everybody_is_refused(
    classes: list[int], sizes: list[int], seed: int
) -> None:
    people = list(enumerate(classes))
    rooms = [RoomSize(str(n), size) for n, size in enumerate(sizes)]
    if len(people) > sum(sizes):
        with pytest.raises(Refused):
            seat(people, rooms, group=lambda one: one[1], seed=seed)
        return
    placed = seat(people, rooms, group=lambda one: one[1], seed=seed)
    assert sorted(place.candidate for place in placed) == people
    assert len({(place.room, place.seat_no) for place in placed}) == len(people)
    assert all(1 <= place.seat_no <= sizes[place.room] for place in placed)


@given(CLASSES, st.integers(0, 2**31))
def test_neighbours_share_a_class_only_where_nothing_else_is_possible(classes: list[int], seed: int) -> None:
    people = list(enumerate(classes))
    placed = seat(people, [RoomSize("a", 40)], group=lambda one: one[1], seed=seed)
    row = [place.candidate[1] for place in placed]
    together = sum(one == other for one, other in itertools.pairwise(row))
    largest = max(classes.count(one) for one in classes)
    assert together == max(0, 2 * largest - 1 - len(classes))


def test_the_same_seed_gives_the_same_seats() -> None:
    people = [(n, n % 3) for n in range(20)]
    one, other = (seat(people, [RoomSize("a", 30)], group=lambda p: p[1], seed=5) for _ in range(2))
    assert one == other


@given(st.integers(2020, 2099), st.integers(1, 99), st.integers(0, 10**12))
def test_a_ticket_number_has_fourteen_digits_and_finds_a_slip(year: int, sitting: int, chance: int) -> None:
    number = ticket_number(year, sitting, chance)
    assert len(number) == 14
    assert number.startswith(f"{year % 100:02d}{sitting:02d}")
    assert has_valid_check_digit(number)
    assert not has_valid_check_digit(number[:-1] + str((int(number[-1]) + 1) % 10))
