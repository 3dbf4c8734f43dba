"""Reading a roster: every row new, changed, the same, or wrong with one reason and its column."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.accounts.identifiers import check_character
from onex.registration.rules.roster import (
    ConfirmFacts,
    Judged,
    Known,
    Line,
    Verdict,
    clean,
    counts_of,
    judge,
    problems_on_confirm,
    read_date,
)

TODAY = date(2026, 11, 24)
MAJORS = {"530704": "网络营销与直播电商", "530302": "大数据与会计"}
CELLS = {
    "name": "张三",
    "id_number": "320101200502290013",
    "gender": "男",
    "birth_on": "",
    "student_no": "2024010101",
    "entry_year": "2024",
    "major_code": "530704",
    "major_name": "网络营销与直播电商",
    "class_name": "电商2401",
    "phone": "13800001234",
}
VALID = ["110105200412310021", "659001200607310032", "440300200501018888"]


def an_id(serial: int, born: str = "20050901") -> str:
    """A synthetic number of 南京 with a right check character."""
    start = f"320101{born}{serial:03d}"
    return start + check_character(start)


def line(number: int = 2, numeric: frozenset[str] = frozenset(), **cells: str) -> Line:
    return Line(number, {**CELLS, "id_number": an_id(1), **cells}, numeric)


def judged(*lines: Line, known: tuple[Known, ...] = ()) -> list[Judged]:
    return judge(lines, known, MAJORS, TODAY)


def wrong(**cells: str) -> tuple[str, str]:
    (one,) = judged(line(**cells))
    assert one.verdict == Verdict.BAD
    return one.column, str(one.reason)


def test_a_right_row_is_new() -> None:
    (one,) = judged(line())
    assert one.verdict == Verdict.NEW
    assert one.pupil is not None
    assert (one.pupil.gender, one.pupil.birth_on, one.pupil.entry_year) == ("male", date(2005, 9, 1), 2024)


@pytest.mark.parametrize("number", VALID)
def test_the_published_vectors_are_taken(number: str) -> None:
    assert judged(line(id_number=number, gender=""))[0].verdict == Verdict.NEW


def test_what_people_type_is_made_plain() -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    lower = an_id_with_x().lower()
    (one,) = judged(
        line(
            name=" 张\u3000三 ",
            id_number=f" {lower.translate(wide)}\u00a0",
            gender="",
            student_no=" 2024 0101 ",
            entry_year="２０２４级",
            major_code="５３０７０４",
            phone="138 0000 1234",
        )
    )
    assert one.pupil is not None, one.reason
    assert one.pupil.id_number == lower.upper()
    assert (one.pupil.name, one.pupil.student_no, one.pupil.phone) == ("张三", "20240101", "13800001234")
    assert (one.pupil.entry_year, one.pupil.major_code) == (2024, "530704")


def test_a_class_in_full_width_digits_is_the_class_that_is_there() -> None:
    (one,) = judged(line(class_name="　电商２４０１ "), known=(known(),))
    assert one.verdict == Verdict.SAME
    (other,) = judged(line(class_name="电商（２）班"))
    assert other.pupil is not None
    assert other.pupil.class_name == "电商（2）班"


def an_id_with_x() -> str:
    return next(number for serial in range(1, 999) if (number := an_id(serial)).endswith("X"))


def test_a_numeric_id_cell_is_refused_with_the_plain_sentence() -> None:
    (one,) = judged(line(numeric=frozenset({"id_number"}), id_number="320101200509010010"))
    assert (one.column, str(one.reason)) == (
        "id_number",
        "身份证号单元格是数字格式，Excel 已丢失末尾几位；请把该列设为“文本”格式后重新填写",
    )


@pytest.mark.parametrize("text", ["2.0240101010123e+17", "2024010101.5", "2024010101012345"])
def test_a_numeric_student_number_that_excel_changed_is_refused(text: str) -> None:
    (one,) = judged(line(numeric=frozenset({"student_no"}), student_no=text))
    assert (one.column, "数字格式" in str(one.reason)) == ("student_no", True)


def test_a_numeric_cell_that_lost_nothing_is_taken() -> None:
    (one,) = judged(line(numeric=frozenset({"student_no", "phone", "entry_year"})))
    assert one.verdict == Verdict.NEW


@pytest.mark.parametrize(
    ("number", "part"),
    [
        ("320101050901001", "15 位旧身份证号"),
        ("3201012005090100", "应为 18 位，现在是 16 位"),
        ("32010120050901001A", "只能由数字组成"),
        ("990101200509010010", "不是省级代码"),
        ("320101200502300015", "出生日期 20050230 不存在"),
        ("320101209905010012", "不合理"),
        ("110105200412310022", "校验位不正确"),
        ("１１０１０５２００４１２３１００２２", "校验位不正确"),
        ("", "请填写身份证号"),
    ],
)
def test_an_impossible_id_number_is_refused_with_its_own_reason(number: str, part: str) -> None:
    column, reason = wrong(id_number=number, gender="")
    assert column == "id_number"
    assert part in reason


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place: int, shift: int) -> None:
    number = an_id(1)
    other = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert judged(line(id_number=other, gender=""))[0].verdict == Verdict.BAD


def test_a_contradictory_sex_or_birth_date_is_refused() -> None:
    assert wrong(gender="女") == ("gender", "性别“女”与身份证号不一致（应为“男”）")
    assert wrong(gender="未知") == ("gender", "性别应填“男”或“女”")
    assert wrong(birth_on="2005-09-02") == ("birth_on", "出生日期 2005-09-02 与身份证号不一致（应为 2005-09-01）")
    assert wrong(birth_on="2005-02-30") == ("birth_on", "出生日期“2005-02-30”不是有效日期，例如 2006-09-01")


@pytest.mark.parametrize(
    "text",
    ["2005-09-01", "2005/9/1", "2005年9月1日", "20050901", "2005.09.01", "２００５-09-01", "2005-09-01 00:00:00"],
)
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert read_date(text) == date(2005, 9, 1)


@given(st.text(max_size=12))
def test_reading_a_date_never_breaks(text: str) -> None:
    found = read_date(text)
    assert found is None or isinstance(found, date)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"name": ""}, "name"),
        ({"name": "张"}, "name"),
        ({"name": "Zhang San"}, "name"),
        ({"name": "张3"}, "name"),
        ({"student_no": ""}, "student_no"),
        ({"student_no": "学号一"}, "student_no"),
        ({"entry_year": "24"}, "entry_year"),
        ({"entry_year": "2031"}, "entry_year"),
        ({"major_code": "电商"}, "major_code"),
        ({"major_name": "会计"}, "major_name"),
        ({"major_code": "999999", "major_name": ""}, "major_name"),
        ({"phone": "12345678901"}, "phone"),
        ({"class_name": "班" * 41}, "class_name"),
    ],
)
def test_every_wrong_cell_names_its_column(cells: dict[str, str], column: str) -> None:
    assert wrong(**cells)[0] == column


def test_one_row_has_one_reason_the_first_column_first() -> None:
    (one,) = judged(line(name="", id_number="1", phone="2"))
    assert (one.column, str(one.reason)) == ("name", "请填写姓名")


def test_a_name_of_a_minority_keeps_its_dot() -> None:
    (one,) = judged(line(name="阿迪力•买买提"))
    assert one.pupil is not None
    assert one.pupil.name == "阿迪力·买买提"


def test_a_rare_name_character_is_not_replaced() -> None:
    (one,) = judged(line(name="张\U000200f0"))
    assert one.pupil is not None
    assert one.pupil.name == "张\U000200f0"


def test_a_bachelor_code_keeps_its_suffix() -> None:
    (one,) = judged(line(major_code="050306t", major_name="网络与新媒体"))
    assert one.pupil is not None
    assert one.pupil.major_code == "050306T"


def test_the_second_of_two_equal_rows_is_wrong_and_names_the_first() -> None:
    first, second, third = judged(line(2), line(3), line(4, id_number=an_id(3)))
    assert first.verdict == Verdict.NEW
    assert (second.column, str(second.reason)) == ("id_number", "身份证号与文件第 2 行重复")
    assert (third.column, str(third.reason)) == ("student_no", "学号与文件第 2 行重复")


def known(is_entered: bool = False, **changes: object) -> Known:
    pupil = replace(clean(line(), MAJORS, TODAY), **changes)  # type: ignore[arg-type]
    return Known(pupil, is_entered)


def test_a_student_who_is_there_already_is_the_same_or_changed() -> None:
    (same,) = judged(line(), known=(known(),))
    assert same.verdict == Verdict.SAME
    (changed,) = judged(line(class_name="电商2402", phone="13900001111"), known=(known(),))
    assert changed.verdict == Verdict.CHANGED
    assert changed.changes == (
        ("class_name", "电商2401", "电商2402"),
        ("phone", "13800001234", "13900001111"),
    )


def test_an_empty_cell_erases_nothing() -> None:
    (one,) = judged(line(class_name=""), known=(known(),))
    assert one.verdict == Verdict.SAME
    (other,) = judged(line(class_name="", phone="13900001111"), known=(known(),))
    assert [column for column, _, _ in other.changes] == ["phone"]


def test_a_number_of_another_student_is_found_before_anything_is_written() -> None:
    other = known(id_number=an_id(7), name="李四")
    (one,) = judged(line(), known=(other,))
    assert one.column == "student_no"
    assert str(one.reason) == f"学号 2024010101 已登记给学生库中的 李*（身份证号尾号 {an_id(7)[-4:]}）"


def test_the_facts_an_entry_was_judged_by_stay() -> None:
    (one,) = judged(line(major_code="530302", major_name=""), known=(known(is_entered=True),))
    assert one.column == "major_code"
    assert "该生已报名" in str(one.reason)
    (other,) = judged(line(class_name="电商2402"), known=(known(is_entered=True),))
    assert other.verdict == Verdict.CHANGED


@given(st.lists(st.integers(1, 6), max_size=12))
def test_every_row_gets_exactly_one_verdict_and_no_person_is_taken_twice(serials: list[int]) -> None:
    lines = [
        line(n, id_number=an_id(2 * serial + 1), gender="", student_no=f"S{serial}")
        for n, serial in enumerate(serials, start=2)
    ]
    found = judged(*lines)
    assert [one.number for one in found] == [one.number for one in lines]
    taken = [one.pupil.id_number for one in found if one.verdict != Verdict.BAD and one.pupil]
    assert len(taken) == len(set(taken)) == len(set(serials))
    assert sum(counts_of(found).values()) == len(serials)
    assert all((one.reason is None) == (one.verdict != Verdict.BAD) for one in found)


@given(st.dictionaries(st.sampled_from(sorted(CELLS)), st.text(max_size=20)))
def test_whatever_stands_in_a_cell_is_judged_and_never_breaks(cells: dict[str, str]) -> None:
    (one,) = judged(Line(2, cells))
    assert one.verdict in (Verdict.BAD, Verdict.NEW)


def test_one_wrong_row_keeps_the_whole_file_out() -> None:
    counts = {"new": 3, "changed": 1, "same": 0, "bad": 1}
    assert "有 1 行有误" in str(problems_on_confirm(ConfirmFacts(counts), None)[0])
    assert problems_on_confirm(ConfirmFacts({**counts, "bad": 0}), None) == []
    assert (
        str(problems_on_confirm(ConfirmFacts({"new": 0, "changed": 0, "same": 4, "bad": 0}), None)[0])
        == "没有需要新增或更新的学生"
    )


def test_an_import_without_new_students_and_without_ticks_is_refused() -> None:
    counts = {"new": 0, "changed": 2, "same": 0, "bad": 0}
    assert problems_on_confirm(ConfirmFacts(counts), None) == []
    assert "没有勾选" in str(problems_on_confirm(ConfirmFacts(counts, taken_count=0), None)[0])
    assert problems_on_confirm(ConfirmFacts(counts, taken_count=1), None) == []
    assert problems_on_confirm(ConfirmFacts({**counts, "new": 1}, taken_count=0), None) == []
    assert "预览之后有改动" in str(problems_on_confirm(ConfirmFacts(counts, 1, is_stale=True), None)[0])


def test_ten_thousand_rows_are_judged_in_well_under_a_few_seconds() -> None:
    import time

    lines = [
        line(
            n + 2,
            id_number=an_id(n % 900 + 1, f"{TODAY - timedelta(days=6000 + n // 900):%Y%m%d}"),
            gender="",
            student_no=f"S{n}",
        )
        for n in range(10_000)
    ]
    started = time.perf_counter()
    assert counts_of(judged(*lines))["new"] == 10_000
    assert time.perf_counter() - started < 5
