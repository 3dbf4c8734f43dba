"""Identifiers are judged by their structure: the vectors of GB 11643, GB 32100, GB 11714 and the school identifiers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.accounts import identifiers as ids

TODAY = date(2026, 11, 24)
GOOD_ID = ("320101200402290016", "110105200412310021", "659001200607310032", "440300200501018888")
GOOD_CREDIT = ("91320100MA1TEXT06M", "123200004660012320", "524400005071009916")


def words(problems: list) -> str:
    return " ".join(str(problem) for problem in problems)


# --- 身份证号


@pytest.mark.parametrize("number", GOOD_ID)
def test_a_valid_id_number_has_no_problem(number: str) -> None:
    assert ids.problems_with_id_number(number, TODAY) == []


@pytest.mark.parametrize("number", GOOD_ID)
def test_any_other_last_digit_is_refused(number: str) -> None:
    for digit in set("0123456789X") - {number[17]}:
        assert "校验位" in words(ids.problems_with_id_number(number[:17] + digit, TODAY))


@pytest.mark.parametrize("number", GOOD_ID)
def test_two_neighbouring_digits_exchanged_are_noticed(number: str) -> None:
    for at in range(6, 16):
        if number[at] != number[at + 1]:
            exchanged = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
            assert ids.problems_with_id_number(exchanged, TODAY) != []


@pytest.mark.parametrize("number", ["320101200502300015", "320101200502290013"])
def test_a_day_that_never_was_is_refused_although_the_check_digit_is_right(number: str) -> None:
    """30 February, and 29 February of a year without one."""
    assert ids.check_character(number) == number[17]
    assert f"{number[6:14]} 不存在" in words(ids.problems_with_id_number(number, TODAY))


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("320101050229001", "15 位旧身份证号"),
        ("32010120050229001", "现在是 17 位"),
        ("32010120050229001A", "只能由数字组成"),
        ("320101２00502290013", "只能由数字组成"),
        ("990101200502290013", "前两位 99"),
    ],
)
def test_what_is_no_id_number_is_refused_with_its_own_reason(number: str, why: str) -> None:
    assert why in words(ids.problems_with_id_number(number, TODAY))


@pytest.mark.parametrize("born", ["20261125", "19251124"])
def test_nobody_is_born_tomorrow_or_more_than_a_hundred_years_ago(born: str) -> None:
    stem = f"320101{born}001"
    assert "不合理" in words(ids.problems_with_id_number(stem + ids.check_character(stem), TODAY))


def test_birth_date_and_sex_are_read_from_the_number() -> None:
    assert ids.birth_date_of("110105200412310021") == date(2004, 12, 31)
    assert [ids.sex_of(number) for number in GOOD_ID] == ["male", "female", "male", "female"]


@given(st.dates(date(1950, 1, 1), TODAY), st.integers(0, 999))
def test_every_number_with_its_check_character_is_valid(born: date, order: int) -> None:
    stem = f"320101{born:%Y%m%d}{order:03d}"
    assert ids.problems_with_id_number(stem + ids.check_character(stem), TODAY) == []


def test_what_is_typed_wide_spaced_or_small_is_understood() -> None:
    assert ids.normalised(" １１０１０５ 1949123100２x\u200b") == "11010519491231002X"
    assert ids.problems_with_id_number("11010519491231002X", TODAY) == []


# --- 统一社会信用代码


@pytest.mark.parametrize("code", GOOD_CREDIT)
def test_a_valid_credit_code_has_no_problem(code: str) -> None:
    assert ids.problems_with_credit_code(code) == []


@pytest.mark.parametrize("code", GOOD_CREDIT)
def test_one_changed_character_of_a_credit_code_is_noticed(code: str) -> None:
    for at in range(18):
        other = "1" if code[at] != "1" else "2"
        assert ids.problems_with_credit_code(code[:at] + other + code[at + 1 :]) != []


def test_letters_that_look_like_digits_never_stand_in_a_credit_code() -> None:
    assert "“IOSVZ”" in words(ids.problems_with_credit_code("IOSVZ0000000000000"))
    assert "现在是 17 位" in words(ids.problems_with_credit_code(GOOD_CREDIT[0][:17]))


def test_a_credit_code_of_another_province_is_refused_but_not_one_of_a_central_authority() -> None:
    assert ids.problems_with_credit_code("123200004660012320", ("32",)) == []
    assert "登记地（第 3、4 位 32）" in words(ids.problems_with_credit_code("123200004660012320", ("33",)))
    central = "1210000046600123" + "2"
    code = central + ids.credit_check_character(central)
    assert ids.problems_with_credit_code(code, ("33",)) == []


# --- 组织机构代码


def test_an_organisation_code_is_judged_by_its_check_character() -> None:
    assert ids.problems_with_org_code("134871207") == []
    for digit in set("012345689X"):
        assert "校验位" in words(ids.problems_with_org_code("13487120" + digit))
    assert "9 位" in words(ids.problems_with_org_code("13487120"))


def test_a_rest_of_ten_and_of_eleven_have_their_own_characters() -> None:
    assert ids.problems_with_org_code("00000000" + "0") == []  # 11 is written 0
    assert ids.problems_with_org_code("40000000" + "X") == []  # 10 is written X: 4·3 = 12, 11 − 12 mod 11 = 10


# --- 学校标识码


@pytest.mark.parametrize(
    ("code", "kinds", "why"),
    [
        ("413201234", ("41",), "10 位数字"),
        ("41320123４5", ("41",), "10 位数字"),
        ("3432012345", ("41",), "不是可以申报的学校类别"),
        ("3632012345", ("41",), "表示中等职业学校"),
        ("4133012345", ("41",), "第 3、4 位 33"),
        ("4132112345", ("41",), "第 5 位应为 0"),
        ("4232112345", ("42",), "第 5 位应为 0"),
    ],
)
def test_what_is_no_school_identifier_is_refused_with_its_own_reason(code: str, kinds: tuple, why: str) -> None:
    assert why in words(ids.problems_with_school_code(code, ("32",), kinds))


@pytest.mark.parametrize(
    ("code", "kinds"),
    [("4132012345", ("41",)), ("4232012345", ("42",)), ("3632112345", ("36",)), ("9332999999", ("93",))],
)
def test_a_school_identifier_of_the_right_kind_and_province_has_no_problem(code: str, kinds: tuple) -> None:
    assert ids.problems_with_school_code(code, ("32",), kinds) == []


# --- names and telephones


@pytest.mark.parametrize("name", ["陈立", "阿依古丽·买买提", "欧阳䶮", "𬱖𠅤", "Anna"])
def test_names_of_every_kind_are_names(name: str) -> None:
    assert ids.problems_with_name(name) == []


@pytest.mark.parametrize("name", ["陈", "陈 立", "陈立1", "陈立！", "阿依··古丽", "长" * 31])
def test_slips_are_no_names(name: str) -> None:
    assert ids.problems_with_name(name) != []


@pytest.mark.parametrize("phone", ["13800000000", "025-83152910", "02583152910", "0571-8315291-123"])
def test_mobile_numbers_and_landlines_can_be_rung_up(phone: str) -> None:
    assert ids.problems_with_phone(phone) == []


@pytest.mark.parametrize("phone", ["12800000000", "1380000000", "83152910", "+8613800000000", "１３８００００００００"])
def test_other_numbers_cannot(phone: str) -> None:
    assert ids.problems_with_phone(phone) != []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("１３９００００００１１", "13900000011"),
        (" 139 0000-0011 ", "13900000011"),
        ("+86 139-0000-0011", "13900000011"),
        ("０２５－８３１５２９１０", "025-83152910"),
        ("12345", "12345"),
        ("", ""),
    ],
)
def test_a_telephone_number_is_read_as_its_keyboard_meant_it(typed: str, meant: str) -> None:
    assert ids.phone_as_meant(typed) == meant
