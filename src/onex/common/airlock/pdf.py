"""pdf: every object is parsed, and none may run, start or carry something."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdf
import pypdf.filters  # pypdf would import it later, when nothing can be imported any more
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from onex.common.text import Refused, say

RUNS = say("PDF 里有脚本、启动命令或嵌入的文件，不能上传；请用“打印到 PDF”另存后再上传。")
ENCRYPTED = say("PDF 有密码或加密，不能上传；请取消密码后另存再上传。")
_KEYS = {"/JS", "/JavaScript", "/EmbeddedFile", "/EmbeddedFiles", "/XFA", "/RichMediaContent"}
_NAMES = {"/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/ImportData", "/GoToE"}
# Names so long that chance does not write them into packed data; /JS would be found in every tenth scan.
_PLAIN = re.compile(rb"/(JavaScript|EmbeddedFiles?|RichMedia|Launch)[\s/<>\[\]()]")
_TAIL = re.compile(rb"%%EOF[\s\x00]*\Z")


def judge(raw: bytes) -> str:
    """The kind, when it is a PDF from its first byte to its last.

    Raises Refused for what runs or is encrypted, ValueError and pypdf's own errors when it is none.
    """
    if not re.match(rb"%PDF-[12]\.\d", raw) or not _TAIL.search(raw[-1024:]):
        raise ValueError("something before or behind the PDF")
    if re.search(rb"<(!doctype|html|script|svg)", raw[:1024], re.I):
        raise ValueError("a page of HTML in the head")
    reader = pypdf.PdfReader(io.BytesIO(raw), strict=False)
    if reader.is_encrypted:
        raise Refused(ENCRYPTED)
    if _PLAIN.search(raw):
        raise Refused(RUNS)
    _refuse_what_runs(reader.trailer)
    for reference in _references(reader):
        _refuse_what_runs(reader.get_object(reference))
    if not len(reader.pages) or reader.pages[0].mediabox is None:
        raise ValueError("no pages")
    return "pdf"


def _references(reader: pypdf.PdfReader) -> list[IndirectObject]:
    """Every object there is: those in the open and those packed in object streams."""
    found = {(number, generation) for generation, places in reader.xref.items() for number in places}
    found |= {(number, 0) for number in reader.xref_objStm}
    return [IndirectObject(number, generation, reader) for number, generation in sorted(found) if number]


def _refuse_what_runs(value: Any) -> None:
    """Look through one object; what it refers to is looked at when its own turn comes."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            if _KEYS & one.keys():
                raise Refused(RUNS)
            waiting.extend(one.raw_get(key) for key in one)
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
        elif isinstance(one, NameObject) and one in _NAMES:
            raise Refused(RUNS)
