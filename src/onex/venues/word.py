"""The 考核站点申请表 as a Word document, for offices whose seal goes on paper made from Word.

The same facts as the PDF, in the smallest package that Word, WPS and LibreOffice open: no library, no macro, no link.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML 1.0 cannot hold; a lone surrogate could not even be encoded.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDE = 9600  # of the page between its margins, in twentieths of a point
ROOM_HEADS = ("考场", "名称、网段", "位置", "考试机", "备用机", "服务器", "摄像头", "无障碍")
_FIXED = (2026, 1, 1, 0, 0, 0)  # the same form is the same file

_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/>'
    f'<Override PartName="/word/footer1.xml" ContentType="{_WORD}.footer+xml"/></Types>'
)
_FONTS = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体" w:cs="Times New Roman"/>'
_STYLES = (
    f'{_HEAD}<w:styles xmlns:w="{_MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>{_FONTS}<w:sz w:val="21"/>'
    '<w:szCs w:val="21"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>'
)


def application_form(data: dict[str, Any]) -> bytes:
    """The form as .docx; `data` is what the PDF's template takes."""
    counts = ("machines", "spares", "servers", "cameras")
    rooms = [
        [
            _cell(str(n), "center"),
            _cell("\n".join(one for one in (room["name"], room["addresses"]) if one)),
            _cell(room["place"]),
            *(_cell(str(room[count]), "right") for count in counts),
            _cell(room["accessible"], "center"),
        ]
        for n, room in enumerate(data["rooms"], 1)
    ]
    body = [
        _paragraph(data["title"], size=36, bold=True, align="center"),
        _paragraph(f"申报对象：{data['organisation']}", align="center"),
        _table(
            (1600, 3200, 1600, 3200),
            [
                [_head("申报院校"), _cell(data["school"], span=3)],
                [_head("考核站点名称"), _cell(data["name"], span=3)],
                [_head("考核站点地址"), _cell(data["address"], span=3)],
                [
                    _head("联系人姓名"),
                    _cell(data["contact_name"]),
                    _head("联系人电话"),
                    _cell(data["contact_phone"]),
                ],
                [_head("联系人邮箱"), _cell(data["contact_email"], span=3)],
                [_head("考核证书"), _cell("\n".join(f"{one['code']} {one['name']}" for one in data["levels"]), span=3)],
            ],
        ),
        _gap(),
        _table(
            (700, 2400, 1900, 920, 920, 920, 920, 920),
            [
                [_head(word) for word in ROOM_HEADS],
                *rooms,
                [_cell("同时可容纳（人）", "right", span=3), _cell(str(data["seats"]), "right"), _cell("", span=4)],
            ],
        ),
        _gap(),
        _table((1600, 8000), [[_head("考点简介"), _cell(data["description"])]]),
        _gap(),
        _table(
            (4800, 4800),
            [
                [
                    _stamp("申报院校意见", "以上填报内容真实，同意申报。"),
                    _stamp("培训评价组织意见", ""),
                ]
            ],
        ),
        _gap(),
        '<w:sectPr><w:footerReference w:type="default" r:id="r2"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1200" w:right="1150" w:bottom="1100" w:left="1150" w:header="600" w:footer="600"/></w:sectPr>',
    ]
    foot = _paragraph(f"编号 {data['number']}　本表由申报信息生成，内容以系统填报为准", size=16)
    return _package(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _links({"r1": ("officeDocument", "word/document.xml")}),
            "word/_rels/document.xml.rels": _links({"r1": ("styles", "styles.xml"), "r2": ("footer", "footer1.xml")}),
            "word/styles.xml": _STYLES,
            "word/footer1.xml": f'{_HEAD}<w:ftr xmlns:w="{_MAIN}">{foot}</w:ftr>',
            "word/document.xml": f'{_HEAD}<w:document xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}"><w:body>{"".join(body)}'
            "</w:body></w:document>",
        }
    )


def _package(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED), text.encode("utf-8"), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _links(targets: dict[str, tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _paragraph(text: str, *, size: int = 21, bold: bool = False, align: str = "left") -> str:
    """One paragraph; line ends of what people typed become line breaks."""
    weight = "<w:b/>" if bold else ""
    looks = f'<w:rPr>{_FONTS}{weight}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
    lines = _UNWRITABLE.sub("", str(text)).splitlines()
    runs = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line, quote=False)}</w:t>' for line in lines)
    spacing = '<w:spacing w:before="60" w:after="60"/>'
    return f'<w:p><w:pPr>{spacing}<w:jc w:val="{align}"/></w:pPr><w:r>{looks}{runs}</w:r></w:p>'


def _gap() -> str:
    return '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/></w:pPr></w:p>'


def _cell(text: str, align: str = "left", *, span: int = 1) -> tuple[int, str, str]:
    return span, "", _paragraph(text, align=align)


def _head(text: str) -> tuple[int, str, str]:
    return 1, '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>', _paragraph(text, bold=True, align="center")


def _stamp(title: str, words: str) -> tuple[int, str, str]:
    """A box with room for a seal."""
    space = _paragraph("") * 4
    signed = _paragraph("负责人（签字）：　　　　　　（盖章）", align="right") + _paragraph(
        "年　　月　　日", align="right"
    )
    return 1, "", _paragraph(title, bold=True) + _paragraph(words) + space + signed


def _table(widths: Sequence[int], rows: Iterable[Sequence[tuple[int, str, str]]]) -> str:
    line = 'w:val="single" w:sz="4" w:space="0" w:color="5A5A5A"'
    edges = "".join(f"<w:{edge} {line}/>" for edge in ("top", "left", "bottom", "right", "insideH", "insideV"))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    drawn = []
    for row in rows:
        at, cells = 0, ""
        for span, shade, content in row:
            width = sum(widths[at : at + span])
            at += span
            joined = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
            looks = f'<w:tcW w:w="{width}" w:type="dxa"/>{joined}{shade}<w:vAlign w:val="center"/>'
            cells += f"<w:tc><w:tcPr>{looks}</w:tcPr>{content}</w:tc>"
        drawn.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{_WIDE}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(drawn)}</w:tbl>'
    )
