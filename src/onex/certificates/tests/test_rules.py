"""Numbers and what is signed, as rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onex.certificates.rules import certificate_number, clean_number, is_number, signed_words


@given(st.integers(0, 10**12))
def test_a_number_is_one_of_ours_and_a_slip_is_not(chance: int) -> None:
    number = certificate_number("101", 1, "32", 2026, chance)
    assert number.startswith("X1011322026")
    assert len(number) == 22
    assert is_number(number)
    assert not is_number(number[:-1] + str((int(number[-1]) + 1) % 10))


def test_a_number_is_understood_as_people_type_it() -> None:
    number = certificate_number("101", 1, "32", 2026, 7)
    spaced = " ".join(number[n : n + 4] for n in range(0, 22, 4)).lower()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    assert clean_number(spaced) == clean_number(wide) == number


def test_the_order_of_the_facts_does_not_change_what_is_signed() -> None:
    assert signed_words({"a": "1", "b": "张"}) == signed_words({"b": "张", "a": "1"})
