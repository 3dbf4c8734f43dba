"""The files that people of the story make: a scan, a filled-in roster, and what they read out of downloads."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping, Sequence

import xlsxwriter
from python_calamine import CalamineWorkbook

from demo.browser import Upload

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


def scan(name: str) -> Upload:
    """A one-page PDF as a scanner makes one: a page with a grey picture of nothing in particular."""
    side = 64
    pixels = zlib.compress(bytes((x * y) % 97 + 140 for y in range(side) for x in range(side)))
    page = b"q 420 0 0 594 87 124 cm /S Do Q"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</S 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
        b"/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (side, side, len(pixels), pixels),
    ]
    body, starts = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        starts.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % start for start in starts)
    body += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return Upload(name, bytes(body), PDF)


def read_sheet(content: bytes, number: int = 0) -> list[dict[str, str]]:
    """The rows of one sheet of an Excel file, by column head (without the mark of what is required)."""
    lines = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(number).to_python()
    heads = [str(head).rstrip("*★") for head in lines[0]]
    return [{head: _text(cell) for head, cell in zip(heads, line, strict=False)} for line in lines[1:]]


def heads_of(content: bytes) -> list[str]:
    """The column heads of the first sheet as they stand there."""
    lines = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [str(head) for head in lines[0]]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def write_sheet(name: str, heads: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Upload:
    """An Excel file under the heads of a template, every cell as text, as the template's columns are."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page, text = book.add_worksheet(), book.add_format({"num_format": "@"})
    page.set_column(0, len(heads), 20, text)
    for column, head in enumerate(heads):
        page.write_string(0, column, head)
        for line, row in enumerate(rows, start=1):
            page.write_string(line, column, row.get(head.rstrip("*★"), ""), text)
    book.close()
    return Upload(name, buffer.getvalue(), XLSX)
