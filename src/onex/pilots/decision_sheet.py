"""审核表: the queue as a workbook that a province fills in and sends back. Heads are data of the file, always Chinese.

What identifies a line stands in two hidden, locked columns; only 结论, 批准人数 and 意见 may be typed into.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import xlsxwriter

from onex.common.sheets import Column
from onex.common.text import say

DECISION, COUNT, NOTE = "结论", "批准人数", "意见"
IDENTITY = (Column("application", "编号", 34, required=True), Column("revision", "修订", 8, required=True))
TYPED = {
    "decision": Column("decision", DECISION, 12, required=True, note="通过 / 退回 / 不予通过"),
    "approved_count": Column("approved_count", COUNT, 10, as_text=False),
    "note": Column("note", NOTE, 44, required=True),
}
FACTS = (
    Column("school", "院校", 28),
    Column("city", "地市", 10),
    Column("certificate", "证书", 28),
    Column("batch", "申报批次", 14),
    Column("requested", "申请人数", 10, as_text=False),
    Column("signals", "审核提示", 30),
    Column("submitted_at", "提交时间", 17),
    Column("assignee", "经办人", 10),
)
READ = (*IDENTITY, *TYPED.values(), FACTS[0], FACTS[2])
WORDS = {"province": ("通过", "退回", "不予通过"), "city": ("通过", "退回")}
HOW = {
    "province": (
        say("每行一份申报。只填写“结论”“批准人数”“意见”三列，其余列已锁定。"),
        say("结论填：通过、退回、不予通过。没有填写的行不办理，可分几次导入。"),
        say(
            "结论为“通过”时填批准人数：1 到申请人数的整数；少于申请人数须在“意见”写明理由。只填人数不填结论，视为通过。"
        ),
        say("结论为“退回”或“不予通过”时须写明意见，批准人数留空。意见会原样发给院校。"),
        say(
            "填好后在审核工作台选择“导入审核结果”：先看预览，确认之后才办理；有误的行在预览里改正或略过，之后才能确认。"
        ),
        say("导出之后院校撤回或重新提交的申报，导入时会提示重新导出。"),
    ),
    "city": (
        say("每行一份申报。只填写“结论”“意见”两列，其余列已锁定。"),
        say("结论填：通过（报省级审核）、退回。没有填写的行不办理，可分几次导入。"),
        say("结论为“退回”时须写明意见。意见会原样发给院校。"),
        say(
            "填好后在审核工作台选择“导入审核结果”：先看预览，确认之后才办理；有误的行在预览里改正或略过，之后才能确认。"
        ),
        say("导出之后院校撤回或重新提交的申报，导入时会提示重新导出。"),
    ),
}


def columns_for(office: str) -> tuple[Column, ...]:
    """The columns of the sheet of a "province" or a "city", which grants no places."""
    typed = [one for key, one in TYPED.items() if key != "approved_count" or office == "province"]
    return (*FACTS, *typed, *IDENTITY)


def writer_for(office: str) -> Any:
    """How `common.exports.respond` shall write the sheet of this office."""

    def write(
        file: BinaryIO, columns: Sequence[Column], rows: Iterable[dict[str, Any]], about: Sequence[Any], mark: str
    ) -> None:
        _write(file, columns, rows, about, mark, office)

    return write


def _write(
    file: BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[dict[str, Any]],
    about: Sequence[tuple[Any, Any]],
    mark: str,
    office: str,
) -> None:
    # Never formulas: a school's name or a reason that begins with = stays a text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    book = xlsxwriter.Workbook(file, options)
    page = book.add_worksheet("审核")
    page.set_header(f"&R{mark.replace('&', '&&')[:200]}")
    head = book.add_format({"bold": True, "bg_color": "#EEF2F6", "bottom": 1, "text_wrap": True})
    locked = book.add_format({"num_format": "@", "font_color": "#495057"})
    number = book.add_format({"font_color": "#495057"})
    free_text = book.add_format({"num_format": "@", "locked": False, "bg_color": "#FFFBE6", "text_wrap": True})
    free_number = book.add_format({"locked": False, "bg_color": "#FFFBE6"})
    formats = {
        one.key: (free_text if one.as_text else free_number)
        if one.key in TYPED
        else (locked if one.as_text else number)
        for one in columns
    }
    hidden = {one.key for one in IDENTITY}
    for place, column in enumerate(columns):
        page.set_column(place, place, column.width, formats[column.key], {"hidden": column.key in hidden})
        page.write_string(0, place, f"{column.title}{'*' if column.required and column.key in TYPED else ''}", head)
    last = 0
    for last, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            value = row.get(column.key, "")
            if isinstance(value, int) and not column.as_text:
                page.write_number(last, place, value, formats[column.key])
            elif value not in (None, ""):
                page.write_string(last, place, str(value), formats[column.key])
            else:
                page.write_blank(last, place, None, formats[column.key])
    _help_typing(page, columns, max(last, 1), office)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(last, 1), len(columns) - 1)
    # Against slips, not against people: what identifies a line is checked again when the sheet comes back.
    page.protect("", {"sort": True, "autofilter": True, "format_columns": True, "format_rows": True})
    _notes(book, "填写说明", [(str(n), str(one)) for n, one in enumerate(HOW[office], start=1)])
    _notes(book, "导出说明", [(str(what), str(told)) for what, told in about])
    book.set_properties({"comments": mark})
    book.close()


def _help_typing(page: Any, columns: Sequence[Column], last: int, office: str) -> None:
    places = {column.key: n for n, column in enumerate(columns)}
    place = places["decision"]
    page.data_validation(
        1, place, last, place, {"validate": "list", "source": list(WORDS[office]), "error_title": DECISION}
    )
    if "approved_count" in places:
        place = places["approved_count"]
        rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": 9_999_999, "error_title": COUNT}
        page.data_validation(1, place, last, place, rule)


def _notes(book: Any, title: str, lines: Sequence[tuple[str, str]]) -> None:
    page = book.add_worksheet(title)
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 90)
    for n, (what, told) in enumerate(lines):
        page.write_string(n, 0, what)
        page.write_string(n, 1, told)
