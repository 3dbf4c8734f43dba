"""Spreadsheets in and out: what registrars live in. Reading judges row by row; writing never makes a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import xlsxwriter
from django.http import HttpResponse

from onex.common import sheet_body
from onex.common.airlock.run import Unreadable, opened
from onex.common.files import CONTENT_TYPES, as_download
from onex.common.text import Refused, say

MAX_ROWS = 50_000
_NO_WORKBOOK = Refused(say("打不开这个文件：请使用 .xlsx 格式，并从本页下载的模板填写。"))


@dataclass(frozen=True)
class Column:
    """One column of a sheet: the key in the program, the head people see, and how it is shown."""

    key: str
    title: Any
    width: int = 14
    as_text: bool = True  # ID numbers, phones and codes keep every digit
    required: bool = False
    note: Any = ""


@dataclass(frozen=True)
class SheetRow:
    """A row as read: its number in the file (1 = head) and the cells by column key.

    `numeric` names the columns whose cell was a number: Excel has already lost digits of long ones.
    """

    number: int
    cells: dict[str, str]
    numeric: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Sheet:
    """A sheet as read; `unread` are the heads of columns that nobody asked for, in the file's order."""

    rows: list[SheetRow]
    unread: tuple[str, ...]


def read(upload: Any, columns: Sequence[Column], sheet: int = 0) -> list[SheetRow]:
    """The rows of an .xlsx; see `read_sheet`."""
    return read_sheet(upload, columns, sheet).rows


def read_sheet(upload: Any, columns: Sequence[Column], sheet: int = 0) -> Sheet:
    """The rows of an .xlsx, matched to columns by their heads in any order; blank rows are left out.

    The file is opened in the airlock. Raises Refused when it is no workbook, too large, or a column is
    missing or there twice.
    """
    raw = upload.read() if hasattr(upload, "read") else bytes(upload)
    is_named_so = str(getattr(upload, "name", "") or ".xlsx").lower().endswith(".xlsx")
    if not is_named_so or not raw.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise _NO_WORKBOOK
    try:
        cells = opened("workbook", raw, sheet=sheet, most_rows=MAX_ROWS + 1).value
    except Unreadable as failure:
        raise _NO_WORKBOOK from failure
    return _sheet(cells, columns)


def _sheet(cells: list[list[Any]], columns: Sequence[Column]) -> Sheet:
    head = [_text(cell).rstrip("*★") for cell in (cells[0] if cells else [])]
    places = {column.key: head.index(str(column.title)) for column in columns if str(column.title) in head}
    missing = [str(column.title) for column in columns if column.required and column.key not in places]
    if missing:
        raise Refused(say("表头缺少：{columns}。请使用本页下载的模板。", columns="、".join(missing)))
    twice = [str(column.title) for column in columns if head.count(str(column.title)) > 1]
    if twice:  # which of the two is meant is not for us to guess
        raise Refused(say("表头重复：{columns}。请只保留一列。", columns="、".join(twice)))
    found = []
    for number, line in enumerate(cells[1:], start=2):
        values = {key: line[place] if place < len(line) else "" for key, place in places.items()}
        texts = {key: _text(value) for key, value in values.items()}
        if any(texts.values()):
            numeric = frozenset(key for key, value in values.items() if isinstance(value, int | float))
            found.append(SheetRow(number, texts, numeric))
    asked = {str(column.title) for column in columns}
    return Sheet(found, tuple(dict.fromkeys(title for title in head if title and title not in asked)))


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip().lstrip("'").strip() if value is not None else ""


Table = tuple[Sequence[Column], Iterable[dict[str, Any]]]
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
NOTES = (Column("what", say("项目"), 16), Column("told", say("内容"), 80))


def write(columns: Sequence[Column], rows: Iterable[dict[str, Any]], title: str = "Sheet1") -> bytes:
    """An .xlsx with one sheet: a head, texts as texts (never formulas), numbers as numbers."""
    return write_many({title: (columns, rows)})


def write_many(tables: Mapping[str, Table]) -> bytes:
    """An .xlsx with one sheet for each title (cut to Excel's 31 characters)."""
    buffer = io.BytesIO()
    _write(buffer, tables)
    return buffer.getvalue()


def write_marked(
    file: BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[dict[str, Any]],
    about: Sequence[tuple[Any, Any]],
    mark: str,
) -> None:
    """An .xlsx whose last sheet says where it comes from and whose every printed page bears `mark`.

    Rows go out as they come, so that a long list needs no memory.
    """
    told = ({"what": str(what), "told": str(told)} for what, told in about)
    _write(file, {"Sheet1": (columns, rows), str(say("导出说明")): (NOTES, told)}, mark)


def _write(file: BinaryIO, tables: Mapping[str, Table], mark: str = "") -> None:
    """Everything around the rows is made by the library, the rows by `sheet_body`: they are nearly all of the work."""
    frame = io.BytesIO()
    book = xlsxwriter.Workbook(frame, _OPTIONS)
    head = book.add_format({"bold": True, "bg_color": "#EEF2F6", "bottom": 1})
    text = book.add_format({"num_format": "@"})
    for number, (title, (columns, _rows)) in enumerate(tables.items()):
        page = book.add_worksheet(title[:31])
        if mark and not number:
            printed = mark.replace("&", "&&")[:200]
            page.set_header(f"&R{printed}")
            page.set_footer(f"&L{printed}&R&P / &N")
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width, text if column.as_text else None)
            page.write_string(0, place, f"{column.title}{'*' if column.required else ''}", head)
            if column.note:
                page.write_comment(0, place, str(column.note))
        page.write_blank(1, 0, None, text)  # tells `sheet_body` the number of the format, and stays behind
        page.freeze_panes(1, 0)
    if mark:
        book.set_properties({"comments": mark})
    book.close()
    sheet_body.fill(frame, file, [(list(map(_cell_of, columns)), rows) for columns, rows in tables.values()])


def _cell_of(column: Column) -> tuple[str, bool]:
    return column.key, not column.as_text


def respond(name: str, columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> HttpResponse:
    """An Excel download of what is nobody's data: an empty form to fill in. Lists go out by `common.exports`."""
    response = HttpResponse(write(columns, rows), content_type=CONTENT_TYPES["xlsx"])
    answered: HttpResponse = as_download(response, name)
    return answered
