"""xlsx into cells: judged as a document first, then read by calamine, and counted before it is answered."""

from __future__ import annotations

import io
from typing import Any

import python_calamine

from onex.common.airlock import office, old_word
from onex.common.text import Refused, say

MOST_CELLS = 4_000_000
MOST_CHARACTERS = 40_000_000


def cells(raw: bytes, sheet: int, most_rows: int) -> list[list[Any]]:
    """The rows of one sheet from its first line and first used column; dates as texts, the rest as it is.

    Raises Refused, or whatever the parsers raise.
    """
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        old_word.refuse_what_runs(raw)  # says so when it is a workbook with a password
        raise ValueError("an .xls")
    if office.judge(raw) != "xlsx":
        raise ValueError("a document, but no workbook")
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
    page = workbook.get_sheet_by_index(sheet)
    if page.total_height > most_rows:
        raise Refused(say("一次最多导入 {n} 行，请分批导入。", n=most_rows - 1))
    if page.total_height * page.total_width > MOST_CELLS:
        raise Refused(say("表格过宽：请只保留模板中的列，删除右侧多余的内容后再导入。"))
    found, characters = [], 0
    for line in page.iter_rows():
        row = [value if isinstance(value, str | bool | int | float) else str(value) for value in line]
        characters += sum(len(value) for value in row if isinstance(value, str))
        if characters > MOST_CHARACTERS:
            raise Refused(say("文件解开后过大，不能导入。"))
        found.append(row)
    return found
