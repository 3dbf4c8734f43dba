"""The 考核站点申请表 as a Word document, for offices whose seal goes on paper made from Word: the facts of the PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Pt, Twips
from docx.table import _Cell
from docx.text.paragraph import Paragraph

# What XML 1.0 cannot hold; a lone surrogate could not even be encoded.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LEFT, _CENTRE, _RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
ROOM_HEADS = ("考场", "名称、网段", "位置", "考试机", "备用机", "服务器", "摄像头", "无障碍")
_ROOM_WIDTHS = (700, 2400, 1900, 920, 920, 920, 920, 920)  # of columns, in twentieths of a point: 9600 in all


def application_form(data: dict[str, Any]) -> bytes:
    """The form as .docx; `data` is what the PDF's template takes."""
    document = _page(f"编号 {data['number']}　本表由申报信息生成，内容以系统填报为准")
    _write(document.add_paragraph(), data["title"], size=18, bold=True, align=_CENTRE)
    _write(document.add_paragraph(), f"申报对象：{data['organisation']}", align=_CENTRE)
    certificates = "\n".join(f"{one['code']} {one['name']}" for one in data["levels"])
    about = _table(document, (1600, 3200, 1600, 3200), 6)
    for row, (head, text) in enumerate(
        (
            ("申报院校", data["school"]),
            ("考核站点名称", data["name"]),
            ("考核站点地址", data["address"]),
            ("联系人姓名", data["contact_name"]),
            ("联系人邮箱", data["contact_email"]),
            ("考核证书", certificates),
        )
    ):
        _head(about[row][0], head)
        if head == "联系人姓名":
            _fill(about[row][1], text)
            _head(about[row][2], "联系人电话")
            _fill(about[row][3], data["contact_phone"])
        else:
            _fill(about[row][1].merge(about[row][3]), text)
    _gap(document)
    _rooms(document, data["rooms"], data["seats"])
    _gap(document)
    ((head_cell, text_cell),) = _table(document, (1600, 8000), 1)
    _head(head_cell, "考点简介")
    _fill(text_cell, data["description"])
    _gap(document)
    ((school, organisation),) = _table(document, (4800, 4800), 1)
    _stamp(school, "申报院校意见", "以上填报内容真实，同意申报。")
    _stamp(organisation, "培训评价组织意见", "")
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _page(foot: str) -> Any:
    """An empty A4 page in the office's fonts, with a foot line."""
    document = Document()
    document.core_properties.author = ""
    document.core_properties.comments = ""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(10.5)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")  # what Chinese is written in has no name of its own there
    language = OxmlElement("w:lang")  # else punctuation may be drawn as Taiwan draws it
    language.set(qn("w:eastAsia"), "zh-CN")
    normal.element.rPr.append(language)
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(3)
    section = document.sections[0]
    section.page_width, section.page_height = Twips(11906), Twips(16838)
    section.left_margin = section.right_margin = Twips(1150)
    section.top_margin, section.bottom_margin = Twips(1200), Twips(1100)
    _write(section.footer.paragraphs[0], foot, size=8)
    return document


def _rooms(document: Any, rooms: Sequence[dict[str, Any]], seats: int) -> None:
    lines = _table(document, _ROOM_WIDTHS, len(rooms) + 2)
    for cell, head in zip(lines[0], ROOM_HEADS, strict=True):
        _head(cell, head)
    for n, room in enumerate(rooms, 1):
        number, name, place, *counts, accessible = lines[n]
        _fill(number, str(n), _CENTRE)
        _fill(name, "\n".join(one for one in (room["name"], room["addresses"]) if one))
        _fill(place, room["place"])
        for cell, count in zip(counts, ("machines", "spares", "servers", "cameras"), strict=True):
            _fill(cell, str(room[count]), _RIGHT)
        _fill(accessible, room["accessible"], _CENTRE)
    last = lines[-1]
    _fill(last[0].merge(last[2]), "同时可容纳（人）", _RIGHT)
    _fill(last[3], str(seats), _RIGHT)
    last[4].merge(last[7])


def _table(document: Any, widths: Sequence[int], count: int) -> list[Sequence[_Cell]]:
    """A ruled table with columns of these widths (twentieths of a point), as rows of cells."""
    table = document.add_table(count, len(widths), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Twips(width)
    rows = []
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # a line stays on one page
        cells = row.cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Twips(width)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        rows.append(cells)
    return rows


def _write(
    paragraph: Paragraph, text: str, *, size: float | None = None, bold: bool = False, align: Any = _LEFT
) -> None:
    """What people typed, its line ends as line breaks."""
    run = paragraph.add_run("\n".join(_UNWRITABLE.sub("", str(text)).splitlines()))
    run.bold = bold
    if size is not None:
        run.font.size = Pt(size)
    paragraph.alignment = align


def _fill(cell: _Cell, text: str, align: Any = _LEFT) -> None:
    _write(cell.paragraphs[0], text, align=align)


def _head(cell: _Cell, text: str) -> None:
    _write(cell.paragraphs[0], text, bold=True, align=_CENTRE)
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F2F2F2")):
        shade.set(qn(f"w:{name}"), value)
    # The schema has an order, and Word keeps to it.
    cell._tc.get_or_add_tcPr().insert_element_before(shade, "w:noWrap", "w:tcMar", "w:textDirection", "w:vAlign")


def _stamp(cell: _Cell, title: str, words: str) -> None:
    """A box with room for a seal."""
    _write(cell.paragraphs[0], title, bold=True)
    lines: Iterable[tuple[str, Any]] = (
        (words, _LEFT),
        *[("", _LEFT)] * 4,
        ("负责人（签字）：　　　　　　（盖章）", _RIGHT),
        ("年　　月　　日", _RIGHT),
    )
    for line, align in lines:
        _write(cell.add_paragraph(), line, align=align)


def _gap(document: Any) -> None:
    """The space between two tables, which would else be one."""
    gap = document.add_paragraph().paragraph_format
    gap.space_before = gap.space_after = Pt(0)
    gap.line_spacing = Pt(6)
