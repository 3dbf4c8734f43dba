"""The rows of every sheet: what two readers find in the file is what was given, and nothing else."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest
import python_calamine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from onex.common import sheets
from onex.common.text import say

COLUMNS = (
    sheets.Column("text", "文字", 33),
    sheets.Column("number", say("数"), 11, as_text=False),
    sheets.Column("other", "其他", note="说明", required=True),
)
ABOUT = [(say("导出人"), "=周敏"), (say("行数"), 2)]


def marked(rows: Any, columns: Any = COLUMNS, mark: str = "OneX · 周敏 & 江晓") -> bytes:
    file = io.BytesIO()
    sheets.write_marked(file, columns, rows, ABOUT, mark)
    return file.getvalue()


def page_of(raw: bytes, number: int = 0) -> Worksheet:
    page = load_workbook(io.BytesIO(raw)).worksheets[number]
    assert isinstance(page, Worksheet)
    return page


def xml_of(raw: bytes, name: str = "xl/worksheets/sheet1.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        return book.read(name).decode()


TEXTS = st.text(st.characters(exclude_categories=()), max_size=12) | st.text("_x04FFab\r\n\t <>&'\"", max_size=12)


@settings(deadline=None, max_examples=60)  # the machine may be busy
@given(st.lists(st.tuples(TEXTS, st.integers(-(10**15), 10**15) | st.floats() | TEXTS), max_size=4))
@example([("_x0041_", "=1+1"), ("\x00\x0b", 1.5), (" 前后 ", -0.0), ("\ud800甲", float("nan")), ("\ufffe", True)])
@example([("<r>富文本</r>", "<f>1+1</f>")])
@example([("", 1.7976931348623157e308), ("", -5e-324), ("", 0.1 + 0.2), ("", 10**15)])
def test_every_value_is_read_back_as_it_was_given(rows: list[tuple[str, Any]]) -> None:
    raw = marked([{"text": text, "number": number, "other": None} for text, number in rows])
    page = page_of(raw)
    for line, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            cell = page.cell(line, place)
            is_number = place == 2 and isinstance(value, int | float) and value - value == 0
            if is_number:
                assert (cell.data_type, float(cell.value)) == ("n", float(value))
            elif value == "":
                assert cell.value is None
            else:
                given = str(value).encode("utf-8", "replace").decode()
                assert cell.data_type == "s"
                assert unescape(cell.value) == given  # openpyxl leaves Excel's escapes of characters to its reader


def test_another_reader_finds_the_same() -> None:
    raw = marked([{"text": "=1+1", "number": 7, "other": "甲&乙"}, {}, {"text": "007", "number": "七"}])
    found = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
    assert found == [["文字", "数", "其他*"], ["=1+1", 7.0, "甲&乙"], ["", "", ""], ["007", "七", ""]]


def test_a_text_is_kept_in_the_format_of_texts_and_a_number_in_none() -> None:
    page = page_of(marked([{"text": "320101200502290013", "number": 5, "other": "x"}]))
    assert [page.cell(2, place).number_format for place in (1, 2, 3)] == ["@", "General", "@"]
    assert [page.column_dimensions[name].width for name in "ABC"] == [pytest.approx(n, abs=1) for n in (33, 11, 14)]
    assert (page.freeze_panes, page["A1"].font.b, page["C1"].comment.text) == ("A2", True, "说明")


def test_an_empty_list_has_its_head_and_no_trace_of_the_frame() -> None:
    raw = marked([])
    assert re.findall(r'<row r="(\d+)"', xml_of(raw)) == ["1"]
    assert page_of(raw).max_row == 1


def test_every_page_bears_the_mark_and_the_last_sheet_says_where_it_comes_from() -> None:
    raw = marked([{"text": "甲"}])
    book = load_workbook(io.BytesIO(raw))
    assert book.sheetnames == ["Sheet1", "导出说明"]
    # "&" begins an instruction in a header; two of them are the sign itself.
    assert xml_of(raw).count("OneX · 周敏 &amp;&amp; 江晓") == 2
    assert book.properties.description == "OneX · 周敏 & 江晓"
    told = [[cell.value for cell in row] for row in book["导出说明"].iter_rows()]
    assert told == [["项目", "内容"], ["导出人", "=周敏"], ["行数", "2"]]


@pytest.mark.parametrize("text", ["甲" * 32_767, "甲" * 40_000, "😀" * 16_383 + "甲乙", "=" * 40_000])
def test_a_text_longer_than_a_cell_is_cut_between_characters(text: str) -> None:
    found = page_of(marked([{"text": text}])).cell(2, 1).value
    assert text.startswith(found)
    assert len(found.encode("utf-16-le")) // 2 in (32_766, 32_767)


def test_columns_beyond_z_stand_where_they_belong() -> None:
    columns = [sheets.Column(f"c{n}", f"第{n}列") for n in range(60)]
    page = page_of(marked([{f"c{n}": f"值{n}" for n in range(60)}], columns))
    assert [page.cell(2, n + 1).value for n in range(60)] == [f"值{n}" for n in range(60)]


def test_thousands_of_rows_come_from_a_generator_and_all_arrive() -> None:
    rows = ({"text": f"学生{n}", "number": n, "other": say("第{n}次", n=n % 3)} for n in range(2_345))
    raw = marked(rows)
    ElementTree.fromstring(xml_of(raw))  # noqa: S314  (our own file)
    page = page_of(raw)
    assert page.max_row == 2_346
    assert [cell.value for cell in page[2_346]] == ["学生2344", 2_344, "第1次"]
