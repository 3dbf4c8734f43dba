"""The clock and the seat, without a database: tables and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.examroom import rules
from onex.examroom.rules import MINUTE, Part, PartState, Rules, Sat, SeatState

START = 1_700_000_000_000
R = Rules(60, 150, 30, 15, 30, 10, absent_theory_bars_practical=True)
LENIENT = Rules(60, 150, 30, 15, 30, 10, absent_theory_bars_practical=False)


def at(minutes: float) -> int:
    return START + round(minutes * MINUTE)


def theory(opened: float | None = None, closes: float | None = None, handed_in: float | None = None) -> Sat:
    return Sat(
        Part.THEORY,
        None if opened is None else at(opened),
        None if closes is None else at(closes),
        None if handed_in is None else at(handed_in),
    )


def practical(opened: float | None = None, closes: float | None = None, handed_in: float | None = None) -> Sat:
    sat = theory(opened, closes, handed_in)
    return Sat(Part.PRACTICAL, sat.opened_at, sat.closes_at, sat.handed_in_at)


# --- the end -----------------------------------------------------------------------------------------------------


def test_a_punctual_candidate_has_the_whole_time():
    assert rules.closes_at(at(0), 60, 1, 0, at(60)) == at(60)


def test_a_late_starter_loses_time():
    assert rules.closes_at(at(12), 60, 1, 0, at(60)) == at(60)


def test_a_granted_minute_is_never_cut():
    assert rules.closes_at(at(12), 60, 1, 10 * MINUTE, at(60)) == at(70)


def test_a_time_factor_lengthens_the_common_end_as_well():
    assert rules.closes_at(at(0), 60, 1.5, 0, at(60)) == at(90)
    assert rules.closes_at(at(12), 60, 1.5, 0, at(60)) == at(90)


def test_the_practical_runs_from_the_own_start():
    assert rules.common_end(Part.PRACTICAL, R, START) is None
    assert rules.closes_at(at(70), 150, 1, 0, None) == at(220)


@given(
    late=st.integers(0, 15),
    factor=st.floats(1, 3),
    granted=st.integers(0, 60),
    more=st.integers(0, 60),
)
def test_more_grant_is_always_that_much_more_time_and_no_end_is_before_its_start(late, factor, granted, more):
    less_time = rules.closes_at(at(late), 60, factor, granted * MINUTE, at(60))
    more_time = rules.closes_at(at(late), 60, factor, (granted + more) * MINUTE, at(60))
    assert more_time - less_time == more * MINUTE
    assert less_time >= at(late)
    assert less_time <= rules.closes_at(at(late), 60, factor, granted * MINUTE, None)


# --- the states --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sat", "first", "minute", "state"),
    [
        (theory(), None, -1, PartState.WAITING),
        (theory(), None, 0, PartState.READY),
        (theory(), None, 15, PartState.READY),
        (theory(), None, 15.1, PartState.CLOSED),
        (theory(2, 60), None, 60, PartState.OPEN),
        (theory(2, 60), None, 60.1, PartState.CLOSED),
        (theory(2, 60, 40), None, 41, PartState.HANDED_IN),
        (theory(2, 60, 40), None, 99, PartState.HANDED_IN),
        # the practical follows theory
        (practical(), theory(), 0, PartState.WAITING),
        (practical(), theory(), 15.1, PartState.BARRED),
        (practical(), theory(2, 60), 59, PartState.WAITING),
        (practical(), theory(2, 60), 60, PartState.READY),
        (practical(), theory(2, 60, 40), 40, PartState.READY),
        (practical(), theory(2, 60, 40), 75, PartState.READY),  # may rest until the common end, then 15 minutes
        (practical(), theory(2, 60, 40), 75.1, PartState.CLOSED),
        (practical(), theory(2, 80), 95, PartState.READY),  # theory had extra time
        (practical(62, 212), theory(2, 60), 200, PartState.OPEN),
        (practical(62, 212), theory(2, 60), 213, PartState.CLOSED),
    ],
)
def test_where_a_part_stands(sat, first, minute, state):
    assert rules.part_state(sat, R, START, first, at(minute)) is state


def test_where_the_scheme_allows_it_the_practical_opens_without_theory():
    assert rules.part_state(practical(), LENIENT, START, theory(), at(59)) is PartState.WAITING
    assert rules.part_state(practical(), LENIENT, START, theory(), at(60)) is PartState.READY
    assert rules.part_state(practical(), LENIENT, START, theory(), at(76)) is PartState.CLOSED


def test_a_candidate_of_the_practical_alone_starts_at_the_start():
    assert rules.part_state(practical(), R, START, None, at(0)) is PartState.READY
    assert rules.part_state(practical(), R, START, None, at(16)) is PartState.CLOSED


@pytest.mark.parametrize(
    ("sat", "first", "minute", "is_over"),
    [
        (theory(), None, 15, False),
        (theory(), None, 16, True),
        (theory(2, 60), None, 60 + 9 / 60, False),  # the grace
        (theory(2, 60), None, 60 + 11 / 60, True),
        (practical(), theory(), 16, True),
        (practical(), theory(2, 60), 30, False),
        (practical(), theory(2, 60, 30), 74, False),
        (practical(), theory(2, 60, 30), 76, True),
    ],
)
def test_when_nothing_can_be_added_any_more(sat, first, minute, is_over):
    assert rules.is_over(sat, R, START, first, at(minute)) is is_over


@given(
    opened=st.none() | st.integers(0, 15),
    handed_in=st.none() | st.integers(16, 60),
    grant=st.integers(0, 30),
    one=st.integers(-40, 400),
    other=st.integers(-40, 400),
)
def test_over_stays_over(opened, handed_in, grant, one, other):
    first = Sat(Part.THEORY)
    if opened is not None:
        end = rules.closes_at(at(opened), 60, 1, grant * MINUTE, at(60))
        first = Sat(Part.THEORY, at(opened), end, None if handed_in is None else at(handed_in))
    earlier, later = sorted((one, other))
    for sat in (first, Sat(Part.PRACTICAL)):
        if rules.is_over(sat, R, START, first, at(earlier)):
            assert rules.is_over(sat, R, START, first, at(later))


# --- what may be done --------------------------------------------------------------------------------------------


def codes(problems: list[rules.Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_why_a_part_cannot_be_started():
    def why(sat: Sat, first: Sat | None, minute: float, *, is_admitted: bool = True) -> list[str]:
        return codes(rules.problems_on_start(sat, R, START, first, is_admitted=is_admitted, at=at(minute)))

    assert why(theory(), None, -1) == ["not_yet"]
    assert why(theory(), None, 1) == []
    assert why(theory(), None, 1, is_admitted=False) == ["not_admitted"]
    assert why(theory(), None, 16) == ["too_late"]
    assert why(practical(), theory(), 16) == ["barred"]
    assert why(practical(), theory(2, 60), 10) == ["not_yet"]
    assert why(theory(2, 60), None, 30, is_admitted=False) == []  # open already: starting again changes nothing


def test_why_a_part_cannot_be_handed_in():
    def why(sat: Sat, minute: float, *, has_seq: bool = True) -> list[str]:
        return codes(rules.problems_on_hand_in(sat, at(32), 10_000, has_seq=has_seq, at=at(minute)))

    assert why(theory(), 40) == ["closed"]
    assert why(theory(2, 60), 31) == ["too_early"]
    assert why(theory(2, 60), 32) == []
    assert why(theory(2, 60), 32, has_seq=False) == ["behind"]
    assert why(theory(2, 60), 60 + 9 / 60) == []
    assert why(theory(2, 60), 61) == ["closed"]


def test_the_earliest_hand_in_is_never_after_the_end():
    assert rules.hand_in_from(at(0), at(60), R) == at(30)
    assert rules.hand_in_from(at(15), at(40), R) == at(40)


def test_when_the_doors_open():
    assert codes(rules.problems_on_sign_in(R, START, at(-31))) == ["not_yet"]
    assert rules.problems_on_sign_in(R, START, at(-30)) == []


@pytest.mark.parametrize(
    ("sat", "first", "second", "minutes", "minute", "word"),
    [
        (theory(2, 60), None, practical(), 10, 30, None),
        (theory(), None, practical(), 10, 5, None),
        (theory(2, 60), None, practical(), 10, 65, None),  # the machine stood still: late, but in time
        (theory(2, 60), None, practical(), 4, 65, "仍是结束状态"),
        (theory(2, 60), None, practical(66, 216), 30, 67, "已进入实训考核"),
        (theory(2, 60, 50), None, practical(), 10, 55, "已交卷"),
        (theory(), None, practical(), 10, 20, "没有开始作答"),
        (theory(2, 60), None, practical(), 0, 30, "1～180"),
        (theory(2, 60), None, practical(), 181, 30, "1～180"),
    ],
)
def test_why_minutes_cannot_be_granted(sat, first, second, minutes, minute, word):
    said = " ".join(map(str, rules.problems_on_grant(sat, R, START, first, second, minutes, at(minute))))
    assert word in said if word else said == ""


@pytest.mark.parametrize(
    ("signed_in", "admitted", "seen_ago", "parts", "state"),
    [
        (False, False, None, ["waiting", "waiting"], SeatState.ABSENT),
        (False, False, None, ["closed", "barred"], SeatState.ABSENT),
        (False, True, None, ["ready", "waiting"], SeatState.ABSENT),
        (True, False, 1, ["ready", "waiting"], SeatState.ARRIVED),
        (True, True, 1, ["ready", "waiting"], SeatState.ADMITTED),
        (True, True, 1, ["open", "waiting"], SeatState.ANSWERING),
        (True, True, 46, ["open", "waiting"], SeatState.INTERRUPTED),
        (True, True, None, ["open", "waiting"], SeatState.INTERRUPTED),
        (True, True, 1, ["handed_in", "ready"], SeatState.ADMITTED),
        (True, True, 1, ["handed_in", "open"], SeatState.ANSWERING),
        (True, True, 99, ["handed_in", "handed_in"], SeatState.FINISHED),
        (True, True, 99, ["handed_in", "closed"], SeatState.FINISHED),
        (True, True, 99, ["closed", "closed"], SeatState.FINISHED),
    ],
)
def test_a_seats_one_word(signed_in, admitted, seen_ago, parts, state):
    found = rules.seat_state(
        signed_in_at=START if signed_in else None,
        admitted_at=START if admitted else None,
        seen_at=None if seen_ago is None else START - seen_ago * 1000,
        parts=[PartState(part) for part in parts],
        at=START,
    )
    assert found is state


def test_every_word_of_the_room_has_a_label():
    for kind in (Part, PartState, SeatState, rules.RoomRole, rules.IncidentKind):
        assert all(str(word.label) for word in kind)
    assert all(str(kind.group) for kind in rules.IncidentKind)
