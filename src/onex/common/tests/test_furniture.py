"""Sealed fields, masks, spreadsheets and numbers: what every app leans on."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onex.common import ids, masks, sheets
from onex.common.sealed import Unreadable, blind_index, seal, unseal
from onex.common.text import Refused

COLUMNS = (
    sheets.Column("name", "姓名", required=True),
    sheets.Column("id_number", "证件号码", required=True),
    sheets.Column("age", "年龄", as_text=False),
)


@given(st.text(max_size=60))
def test_what_is_sealed_opens_again_and_only_for_its_own_column(text: str) -> None:
    sealed = seal(text, "registration.student.id_number")
    assert unseal(sealed, "registration.student.id_number") == text
    with pytest.raises(Unreadable):
        unseal(sealed, "registration.student.phone")


def test_a_changed_byte_does_not_open() -> None:
    sealed = bytearray(seal("320101200502290013", "x"))
    sealed[-1] ^= 1
    with pytest.raises(Unreadable):
        unseal(bytes(sealed), "x")


def test_the_index_finds_the_same_text_and_tells_nothing_else() -> None:
    assert blind_index("320101200502290013", "school-a") == blind_index("320101200502290013", "school-a")
    assert blind_index("320101200502290013", "school-a") != blind_index("320101200502290013", "school-b")


def test_personal_facts_are_masked() -> None:
    assert masks.mask_id_number("320101200502290013") == "320***********0013"
    assert masks.mask_phone("13800001234") == "138****1234"
    assert masks.mask_name("欧阳修") == "欧**"


@given(st.text(alphabet="0123456789", min_size=1, max_size=24))
def test_a_check_digit_finds_every_single_wrong_digit(digits: str) -> None:
    number = digits + ids.check_digit(digits)
    assert ids.has_valid_check_digit(number)
    for place, digit in enumerate(number):
        wrong = number[:place] + str((int(digit) + 1) % 10) + number[place + 1 :]
        assert not ids.has_valid_check_digit(wrong)


def test_keys_are_made_in_the_order_of_time() -> None:
    made = [ids.uuid7() for _ in range(50)]
    assert all(key.version == 7 for key in made)
    assert [key.int >> 80 for key in made] == sorted(key.int >> 80 for key in made)


@settings(max_examples=20, deadline=None)  # each starts a process
@given(st.lists(st.tuples(st.text(alphabet="甲乙丙abc=+-@ '", min_size=1, max_size=8)), min_size=1, max_size=5))
def test_what_is_written_to_excel_is_read_back_as_text(rows: list[tuple[str]]) -> None:
    rows = [row for row in rows if row[0].strip().lstrip("'").strip()]
    raw = sheets.write(COLUMNS, [{"name": row[0], "id_number": "320101200502290013"} for row in rows])
    read = sheets.read(io.BytesIO(raw), COLUMNS)
    assert [row.cells["name"] for row in read] == [row[0].strip().lstrip("'").strip() for row in rows]
    assert all(row.cells["id_number"] == "320101200502290013" and not row.numeric for row in read)


def test_a_number_cell_is_named_because_excel_lost_its_digits() -> None:
    columns = (COLUMNS[0], sheets.Column("id_number", "证件号码", as_text=False))
    raw = sheets.write(columns, [{"name": "张三", "id_number": 320101200502290013}])
    assert sheets.read(io.BytesIO(raw), COLUMNS)[0].numeric == {"id_number"}


def test_a_missing_column_is_named() -> None:
    raw = sheets.write(COLUMNS[:1], [{"name": "张三"}])
    with pytest.raises(Refused, match="表头缺少：证件号码"):
        sheets.read(io.BytesIO(raw), COLUMNS)


@pytest.mark.parametrize("raw", [b"", b"not a workbook", b"PK\x03\x04broken"])
def test_a_broken_workbook_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(Refused, match="打不开这个文件"):
        sheets.read(io.BytesIO(raw), COLUMNS)
