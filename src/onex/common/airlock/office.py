"""docx and xlsx: the zip's directory, every byte that comes out of it, every XML part, and what it points at."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from defusedxml.ElementTree import DefusedXMLParser

from onex.common.airlock.old_word import ENCRYPTED, HAS_MACROS, NESTED, refuse_what_runs
from onex.common.text import Refused, say

MAX_ENTRIES = 2_000
MAX_DIRECTORY = 1_000_000  # bytes of the zip's directory: 500 for each entry
MAX_UNPACKED = 100_000_000
MAX_RATIO = 150  # rosters reach 40; a bomb of zeros reaches 1,000
FREE = 10_000_000  # below this the ratio tells nothing
TOO_LARGE = say("文件解开后过大，不能上传。")
REACHES_OUT = say("文档引用了外部网址上的模板或对象，不能上传；请断开链接后另存再上传。")
ODD_NAMES = say("文件内部的目录异常（路径、链接或重名），不能上传；请用办公软件另存后再上传。")

_LOCAL, _END = b"PK\x03\x04", b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = re.compile(r"(vbaproject\.bin|vbadata\.xml|/activex/|/macrosheets/|/dialogsheets/)", re.I)
_OUTSIDE = re.compile(r"(https?|ftps?|mhtml|smb|file)\s*:|[\\/]{2}", re.I)
_OWN_DISK = re.compile(r"file:/{0,3}[a-z]:", re.I)  # the template on the author's own machine, left in by Word


def judge(raw: bytes, depth: int = 0) -> str:
    """The kind ("docx", "xlsx") when the whole file is one.

    Raises Refused with what is wrong, ValueError when it is no such file.
    """
    with zipfile.ZipFile(io.BytesIO(with_honest_end(raw))) as archive:
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len({name.lower() for name in names}) != len(names) or any(not _is_plain(entry) for entry in entries):
        raise Refused(ODD_NAMES)
    if any(entry.flag_bits & 0x41 for entry in entries):
        raise Refused(ENCRYPTED)
    if any(_MACROS.search(f"/{name}") for name in names):
        raise Refused(HAS_MACROS)
    kind = "docx" if "word/document.xml" in names else "xlsx" if "xl/workbook.xml" in names else ""
    if not kind or "[Content_Types].xml" not in names:
        raise ValueError("a zip, but no document")
    left = min(MAX_UNPACKED, max(FREE, MAX_RATIO * len(raw)))
    if sum(entry.file_size for entry in entries) > left:
        raise Refused(TOO_LARGE)
    for entry in entries:
        left -= _read(raw, entry, left, depth)
    return kind


def with_honest_end(raw: bytes) -> bytes:
    """The bytes, when they begin with an entry, end with the directory, and that has a bearable size.

    zipfile would make an object of each of a million entries before anybody could count them.
    """
    end = len(raw) - 22
    if end < 0 or not raw.startswith(_LOCAL) or raw[end : end + 4] != _END:
        raise ValueError("something before or behind the zip")
    count, size, start = struct.unpack("<H2L", raw[end + 10 : end + 20])
    if count > MAX_ENTRIES or size > MAX_DIRECTORY:  # also when both are "see the zip64 record": no document needs one
        raise Refused(TOO_LARGE)
    if start + size != end:
        raise ValueError("the directory is not where the zip says")
    return raw


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """A relative path of plain words to a file or folder, packed in one of the two ways that office programs use."""
    return is_plain_name(entry.orig_filename) and is_plain_file(entry)


def is_plain_name(name: str) -> bool:
    """A relative path that leads nowhere but down."""
    return not (name.startswith("/") or re.search(r"[\\:\x00-\x1f]", name) or ".." in name.split("/"))


def is_plain_file(entry: zipfile.ZipInfo) -> bool:
    """No link, and packed in one of the two usual ways."""
    if entry.create_system == 3 and stat.S_ISLNK(entry.external_attr >> 16):
        return False
    return entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _read(raw: bytes, entry: zipfile.ZipInfo, left: int, depth: int) -> int:
    """Inflate one entry, judging what comes out; answers how many bytes that were."""
    size, head, kept = 0, b"", []
    is_xml = entry.filename.lower().endswith((".xml", ".rels"))
    parser = DefusedXMLParser(
        target=_Links() if entry.filename.lower().endswith(".rels") else _Silent(), forbid_dtd=True
    )
    parser.parser.DefaultHandlerExpand = None  # a call for each scrap of text: four seconds in a full roster
    is_embedded = False
    for chunk in inflated(raw, entry):
        size += len(chunk)
        if size > left or size > entry.file_size:
            raise Refused(TOO_LARGE)
        if len(head) < 8:
            head += chunk[:8]
            is_embedded = head.startswith((b"PK\x03", _OLE[:3]))
        if is_embedded:
            kept.append(chunk)
        elif is_xml:
            parser.feed(chunk)
    if size != entry.file_size:
        raise ValueError("an entry is not as long as the directory says")
    if is_embedded:
        _judge_embedded(b"".join(kept), depth)
    elif head.startswith((b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise Refused(NESTED)
    elif is_xml:
        parser.close()
    return size


def inflated(raw: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """What really is packed, whatever the directory claims: other readers do not stop at the claimed size."""
    at = entry.header_offset
    if raw[at : at + 4] != _LOCAL:
        raise ValueError("an entry is not where the directory says")
    name_size, extra_size = struct.unpack("<2H", raw[at + 26 : at + 30])
    begin = at + 30 + name_size + extra_size
    packed = memoryview(raw)[begin : begin + entry.compress_size]
    if raw[at + 30 : at + 30 + name_size] != entry.orig_filename.encode(
        "utf-8" if entry.flag_bits & 0x800 else "cp437"
    ):
        raise ValueError("an entry has two names")
    crc = 0
    for chunk in _stored(packed) if entry.compress_type == zipfile.ZIP_STORED else _deflated(packed):
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if crc != entry.CRC:
        raise ValueError("a checksum is wrong")


def _stored(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), 1 << 18):
        yield bytes(packed[at : at + (1 << 18)])


def _deflated(packed: memoryview) -> Iterator[bytes]:
    engine = zlib.decompressobj(-15)
    waiting: Any = packed
    while not engine.eof:
        chunk = engine.decompress(waiting, 1 << 18)
        waiting = engine.unconsumed_tail
        if not chunk and not waiting:
            raise ValueError("an entry ends too early")
        yield chunk


def _judge_embedded(raw: bytes, depth: int) -> None:
    """A chart brings its workbook, a formula its OLE object; packages of files and archives in archives stay out."""
    if depth:
        raise Refused(NESTED)
    try:
        if raw.startswith(_LOCAL):
            judge(raw, depth + 1)
        else:
            refuse_what_runs(raw)
    except (ValueError, OSError, zipfile.BadZipFile) as failure:
        raise Refused(NESTED) from failure


class _Silent:
    """Builds nothing: being well-formed, without a document type, is all that is asked."""

    def close(self) -> None: ...


class _Links(_Silent):
    """The relations of a part: a link to click is fine, something fetched on opening is not."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "").strip()
        if attributes.get("TargetMode") != "External" or attributes.get("Type", "").endswith("/hyperlink"):
            return
        if _OUTSIDE.match(target) and not _OWN_DISK.match(target):
            raise Refused(REACHES_OUT)
