"""Real small files of every kind that is taken, and ways to spoil them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

from PIL import Image

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>情况说明</w:t></w:r></w:p></w:body></w:document>"
)
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'


def pdf(*extra: bytes, catalog: bytes = b"", trailer: bytes = b"") -> bytes:
    """A one-page PDF; `extra` objects are numbered from 4, `catalog` and `trailer` are added entries."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        *extra,
    ]
    body, starts = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        starts.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % start for start in starts)
    return bytes(body) + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        table,
    )


PDF = pdf()


def zipped(parts: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(parts: Mapping[str, bytes | str] | None = None) -> bytes:
    """A Word document with one paragraph, and these parts more (or instead)."""
    return zipped({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": DOCUMENT} | dict(parts or {}))


def relations(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{RELATIONS}/{kind}" TargetMode="External"'
        f' Target="{target}"/></Relationships>'
    )


def book_with(rows: str, shared: str | None = None) -> bytes:
    """A workbook whose first sheet has these raw rows."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="r{n}" Type="{office}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(
            [("worksheet", "worksheets/sheet1.xml"), *([("sharedStrings", "sharedStrings.xml")] if shared else [])], 1
        )
    )
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{office}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{links}</Relationships>',
        "xl/worksheets/sheet1.xml": SHEET.format(rows=rows),
    }
    if shared:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{shared}</sst>'
    return zipped(parts)


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE container with these streams ("storage/name" for one in a storage), each at least 4,096 bytes long."""
    entries: list[dict[str, Any]] = [{"name": "Root Entry", "type": 5, "children": []}]
    places: dict[str, int] = {}
    sectors: list[bytes] = []
    for path, content in streams.items():
        parent = 0
        *storages, name = path.split("/")
        for depth, storage in enumerate(storages):
            key = "/".join(storages[: depth + 1])
            if key not in places:
                places[key] = len(entries)
                entries.append({"name": storage, "type": 1, "children": []})
                entries[parent]["children"].append(places[key])
            parent = places[key]
        body = content.ljust(4096, b"\0")
        body += bytes(-len(body) % 512)
        entries[parent]["children"].append(len(entries))
        entries.append({"name": name, "type": 2, "children": [], "start": len(sectors), "size": len(body)})
        sectors += [body[at : at + 512] for at in range(0, len(body), 512)]
    for entry in entries:
        for left, right in zip(entry["children"], entry["children"][1:], strict=False):
            entries[left]["right"] = right
    raw = b"".join(_entry(entry, first=1 + (len(entries) + 3) // 4) for entry in entries)
    raw += bytes(-len(raw) % 512)
    directory = [raw[at : at + 512] for at in range(0, len(raw), 512)]
    first, end = 1 + len(directory), 0xFFFFFFFE
    chain = [0xFFFFFFFD, *range(2, first), end]
    for entry in entries:
        if entry["type"] == 2:
            begin, count = first + entry["start"], entry["size"] // 512
            chain += [*range(begin + 1, begin + count), end]
    table = struct.pack("<128L", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    header = (
        bytes.fromhex("d0cf11e0a1b11ae1")
        + bytes(16)
        + struct.pack("<HHHHH6xLLLLLLLLL", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    )
    header += struct.pack("<109L", 0, *[0xFFFFFFFF] * 108)
    return header + table + b"".join(directory) + b"".join(sectors)


def _entry(entry: dict[str, Any], first: int) -> bytes:
    name = entry["name"].encode("utf-16-le") + b"\0\0"
    nothing = 0xFFFFFFFF
    links = (nothing, entry.get("right", nothing), next(iter(entry["children"]), nothing))
    start = first + entry["start"] if entry["type"] == 2 else 0xFFFFFFFE if entry["type"] == 5 else 0
    return (
        name.ljust(64, b"\0")
        + struct.pack("<HBBLLL", len(name), entry["type"], 1, *links)
        + bytes(36)
        + struct.pack("<LQ", start, entry.get("size", 0))
    )


def doc(streams: Mapping[str, bytes] | None = None) -> bytes:
    """A Word 97 document as far as anybody looks without drawing it."""
    return ole({"WordDocument": b"\xec\xa5\xc1\x00" + bytes(200)} | dict(streams or {}))


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: Any = "teal", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(options.pop("mode", "RGB"), size, colour).save(buffer, kind, **options)
    return buffer.getvalue()
