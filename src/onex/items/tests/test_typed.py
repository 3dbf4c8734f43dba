"""Numbers and words as people type them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.items.typed import is_storable, plain, read_number


@pytest.mark.parametrize(
    ("typed", "unit", "number"),
    [
        ("39.9", "", "39.9"),
        ("３９．９０", "元", "39.90"),
        ("12,345", "", "12345"),
        ("１２，３４５．６ 元", "", "12345.6"),
        ("1,234,567", "", "1234567"),
        ("¥39.9", "元", "39.9"),
        ("￥39.9", "", "39.9"),
        ("3.80%", "%", "3.80"),
        ("3.80", "%", "3.80"),
        ("３．８０％", "%", "3.80"),
        ("3.8%", "", "0.038"),
        ("1.2万", "人", "12000"),
        ("1.2 万元", "元", "12000"),
        ("3万元", "万元", "3"),
        ("6000kbps", "kbps", "6000"),
        ("10 分钟", "分钟", "10"),
        ("12。5", "", "12.5"),
        (".5", "", "0.5"),
        ("5.", "", "5"),
        ("－5", "", "-5"),
        ("+5", "", "5"),
        (39.9, "", "39.9"),
        (5, "", "5"),
    ],
)
def test_a_number_is_read_as_a_fair_examiner_reads_it(typed: Any, unit: str, number: str) -> None:
    assert read_number(typed, unit) == Decimal(number)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "abc", "1,5", "12,34", "1.2.3", "3²", "½",
     "--5", "1e5", "NaN", "inf", "约 40", "39.9/盒", "%", "元", "万",
     "9" * 41, "9" * 40, None, True, [], {}, float("nan"), float("inf"), 10**400],
)  # fmt: skip
def test_what_is_no_number_is_not_read_as_one(typed: Any) -> None:
    assert read_number(typed) is None


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_separators_and_full_width_figures_change_nothing(number: Decimal) -> None:
    written = f"{number:,.2f}"
    wide = written.translate({ord(sign): chr(ord(sign) + 0xFEE0) for sign in "0123456789,.-"})
    assert read_number(written) == read_number(wide) == number


@given(st.text(), st.text(max_size=5))
def test_reading_never_raises(typed: str, unit: str) -> None:
    assert read_number(typed, unit) is None or abs(read_number(typed, unit) or 0) < 10**15
    assert plain(plain(typed)) == plain(typed) or not typed.isascii()


def test_spaces_letter_case_and_full_width_forms_do_not_make_texts_differ() -> None:
    assert plain(" ２０：００ 开播 ＯＫ ") == plain("20:00开播ok")


@pytest.mark.parametrize(("text", "kept"), [("咖啡☕", True), ("换\n行", True), ("\x00", False), ("\ud800", False)])
def test_signs_that_no_database_keeps_are_known(text: str, kept: bool) -> None:
    assert is_storable(text) is kept
