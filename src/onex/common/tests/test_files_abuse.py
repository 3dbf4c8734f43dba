"""Abuse cases 23, 24, 25, 27 and 40 of the threat model, as far as files go: what they ask for is what is expected."""

from __future__ import annotations

import io
import os
import socket
import stat
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import engines
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

from onex.accounts.tests.factories import a_school, an_actor
from onex.common import files, pdf, sheets
from onex.common.actors import Role
from onex.common.airlock.run import limits_of, opened
from onex.common.models import Attachment
from onex.common.tests import papers
from onex.common.tests.test_files import ALL, GOOD, NOON, downloaded, keep
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
COLUMNS = (sheets.Column("name", "姓名", required=True),)
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'


def the_storage() -> set[Path]:
    root = Path(default_storage.location)  # type: ignore[attr-defined]
    return {path for path in root.rglob("*") if path.is_file()}


def patched(raw: bytes, at: int, new: bytes) -> bytes:
    return raw[:at] + new + raw[at + len(new) :]


def a_zip_with(name: str, content: bytes = b"x", **changes: Any) -> bytes:
    """A Word document with one more entry, of which the directory says `changes`."""
    buffer = io.BytesIO(papers.docx())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        for field, value in changes.items():
            setattr(entry, field, value)
        archive.writestr(entry, content)
    return buffer.getvalue()


def locked(raw: bytes) -> bytes:
    """The last entry of a zip, said to be encrypted in both places that say so."""
    return patched(patched(raw, raw.rfind(b"PK\x03\x04") + 6, b"\1"), raw.rfind(b"PK\x01\x02") + 8, b"\1")


def a_zip_of_many(count: int) -> bytes:
    """A directory of very many entries that share one empty file: 46 bytes each, written by hand."""
    local = b"PK\x03\x04" + struct.pack("<5H3L2H", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = b"PK\x01\x02" + struct.pack("<6H3L5H2L", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * count
    end = struct.pack("<4H2LH", 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), len(local), 0)
    return local + directory + b"PK\x05\x06" + end


def a_liar(unpacked: int, claimed: int) -> bytes:
    """A workbook whose sheet inflates to far more than its directory says, with the checksum of the claimed part."""
    body = b"0" * unpacked
    raw = papers.book_with(papers.SHEET)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    raw = papers.zipped(parts | {"xl/worksheets/sheet1.xml": body})
    for signature, crc_at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = 0
        while (at := raw.find(signature, at)) >= 0:
            if raw[at + crc_at + 8 : at + crc_at + 12] == struct.pack("<L", unpacked):
                raw = patched(raw, at + crc_at, struct.pack("<L", zlib.crc32(body[:claimed])))
                raw = patched(raw, at + crc_at + 8, struct.pack("<L", claimed))
            at += 4
    return raw


SYMLINK = {"create_system": 3, "external_attr": (stat.S_IFLNK | 0o777) << 16}
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb of zeros": lambda: papers.docx({"word/media/image1.png": b"\0" * 110_000_000}),
    "a ratio no document has": lambda: papers.docx({"word/media/image1.png": b"\0" * 30_000_000}),
    "400,000 entries in 20 MB": lambda: a_zip_of_many(400_000),
    "a million entries": lambda: a_zip_of_many(1_000_000),
    "an archive in an archive": lambda: papers.docx({"word/a.bin": papers.docx({"word/b.bin": papers.docx()})}),
    "zip-slip": lambda: a_zip_with("../../../tmp/onex-slipped.txt"),
    "an absolute path": lambda: a_zip_with("/tmp/onex-slipped.txt"),  # noqa: S108
    "a Windows path": lambda: a_zip_with("word\\..\\..\\x.txt"),
    "a symlink": lambda: a_zip_with("word/link", b"/etc/passwd", **SYMLINK),
    "a password on an entry": lambda: locked(a_zip_with("word/secret.xml")),
    "a password on the whole": lambda: papers.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}),
    "nothing": lambda: b"",
    "a program": lambda: b"MZ\x90\0" + bytes(400),
    "a zip that is no document": lambda: papers.zipped({"a.txt": "x"}),
    "something before the zip": lambda: b"<html>" + papers.docx(),
    "something behind the zip": lambda: papers.docx() + b"<script>alert(1)</script>",
    "bzip2 in the zip": lambda: papers.zipped(
        {"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}, zipfile.ZIP_BZIP2
    ),
    "a billion laughs": lambda: papers.docx(
        {"word/document.xml": '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'}
    ),
}

SENTENCES = {
    "a bomb of zeros": "解开后过大",
    "a ratio no document has": "解开后过大",
    "400,000 entries in 20 MB": "解开后过大",
    "a million entries": "超过 20 MB",
    "an archive in an archive": "嵌着",
    "zip-slip": "目录异常",
    "an absolute path": "目录异常",
    "a Windows path": "目录异常",
    "a symlink": "目录异常",
    "a password on an entry": "密码",
    "a password on the whole": "密码",
    "nothing": "是空的",
    "a program": "不是可接受的类型",
    "a zip that is no document": "打不开",
    "something before the zip": "不是可接受的类型",
    "something behind the zip": "打不开",
    "bzip2 in the zip": "目录异常",
    "a billion laughs": "打不开",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_abuse_23_a_hostile_document_is_refused_and_leaves_nothing(what: str) -> None:
    before = the_storage()
    school = a_school()
    upload = SimpleUploadedFile("说明.docx", HOSTILE[what]())
    with pytest.raises(Refused, match=SENTENCES[what]):
        files.attach(school, "material", upload, by=an_actor(Role.SCHOOL, school), at=NOON, kinds=ALL)
    assert the_storage() == before
    assert not Attachment.objects.exists()
    assert not Path("/tmp/onex-slipped.txt").exists()  # noqa: S108


SHEETS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a million rows": (
        lambda: papers.book_with("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_000_001))),
        "最多导入 50000 行",
    ),
    "two far corners": (
        lambda: papers.book_with(HEAD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "过大|最多",
    ),
    "a shared-string bomb": (
        lambda: papers.book_with(
            "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 40_001)),
            f"<si><t>{'A' * 1_000_000}</t></si>",
        ),
        "过大",
    ),
    "a bomb of zeros": (lambda: papers.book_with("0" * 110_000_000), "过大"),
    "a lie about the size": (lambda: a_liar(120_000_000, 5_000), "过大"),
    "elements three million deep": (lambda: papers.book_with("<a>" * 3_000_000), "过大|打不开"),
    "entities": (
        lambda: papers.zipped({"[Content_Types].xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>', "xl/workbook.xml": "<a/>"}),
        "打不开",
    ),
    "a password": (lambda: papers.ole({"EncryptedPackage": b"x"}), "密码"),
    "a macro": (
        lambda: papers.zipped({"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>", "xl/vbaProject.bin": "x"}),
        "有宏",
    ),
    "400,000 entries": (lambda: a_zip_of_many(400_000), "过大"),
    "nothing": (lambda: b"", "打不开"),
    "a Word document": (lambda: papers.docx(), "打不开"),
    "a page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "打不开"),
}


@pytest.mark.parametrize(("raw", "sentence"), SHEETS.values(), ids=SHEETS.keys())
def test_abuse_23_a_hostile_workbook_is_refused_in_words(raw: Callable[[], bytes], sentence: str) -> None:
    upload = SimpleUploadedFile("名单.xlsx", raw())
    with pytest.raises(Refused, match=sentence):
        sheets.read(upload, COLUMNS)


def test_abuse_23_another_extension_is_refused() -> None:
    raw = sheets.write(COLUMNS, [{"name": "张三"}])
    for name in ("名单.xls", "名单.exe", "名单.xlsx.js"):
        with pytest.raises(Refused, match="打不开"):
            sheets.read(SimpleUploadedFile(name, raw), COLUMNS)
    with pytest.raises(Refused, match="与扩展名不符"):
        files.check(SimpleUploadedFile("名单.docx", raw), ALL)


def test_abuse_23_the_largest_honest_roster_stays_within_the_limits() -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>学生列{n}的第%d行</t></is></c>' for n in range(12))
    raw = papers.book_with("".join(f'<row r="{n}">{cells % ((n,) * 12)}</row>' for n in range(1, sheets.MAX_ROWS + 2)))
    answer = opened("workbook", raw, sheet=0, most_rows=sheets.MAX_ROWS + 1)
    assert len(answer.value) == sheets.MAX_ROWS + 1
    assert 0 < answer.peak < limits_of("workbook", len(raw)).memory


# --- 24


def a_png_of(width: int, height: int) -> bytes:
    """A black PNG of one bit a pixel, packed without ever being whole in memory."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    engine, row = zlib.compressobj(9), bytes(1 + (width + 7) // 8)
    packed = b"".join(engine.compress(row) for _ in range(height)) + engine.flush()
    head = struct.pack(">2L5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


POLYGLOTS = {
    "GIF and JavaScript": (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "照片.gif", "不是可接受的类型"),
    "GIF and JavaScript, called png": (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "照片.png", "不是可接受的类型"),
    "a page before a PDF": (b"<html><script>alert(1)</script>" + papers.PDF, "说明.pdf", "不是可接受的类型"),
    "a page in the head of a PDF": (
        papers.PDF.replace(b"%PDF-1.7\n", b"%PDF-1.7\n%<script>alert(1)</script>\n"),
        "说明.pdf",
        "打不开",
    ),
    "a page behind a PDF": (papers.PDF + b"<html><script>alert(1)</script>", "说明.pdf", "打不开"),
    "a zip behind a PDF": (papers.PDF + papers.docx(), "说明.pdf", "打不开"),
    "SVG with a script": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "图.svg", "不是可接受的类型"),
    "SVG called png": (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "图.png", "不是可接受的类型"),
    "a picture cut short": (papers.picture("JPEG", (400, 400))[:-300], "图.jpg", "打不开"),
}


def test_abuse_24_a_picture_of_900_million_pixels_is_refused_before_it_is_decoded() -> None:
    raw = a_png_of(30_000, 30_000)
    with pytest.raises(Refused, match="30000×30000 像素，超过 40,000,000 像素"):
        keep(raw, "图.png")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(("raw", "name", "sentence"), POLYGLOTS.values(), ids=POLYGLOTS.keys())
def test_abuse_24_a_polyglot_or_a_picture_too_large_is_refused(raw: bytes, name: str, sentence: str) -> None:
    before = the_storage()
    with pytest.raises(Refused, match=sentence):
        keep(raw, name)
    assert the_storage() == before


JUNK = b"<script>alert('junk')</script>"


def with_junk() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x010E], exif[0x8825] = JUNK.decode(), {1: "N", 2: (31.0, 59.0, 0.0)}  # where it was taken
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", JUNK.decode())
    texts.add_itxt("XML:com.adobe.xmp", JUNK.decode())
    return {
        "jpg": papers.picture("JPEG", exif=exif, icc_profile=JUNK, comment=JUNK, xmp=JUNK) + JUNK + papers.docx(),
        "png": papers.picture("PNG", exif=exif, icc_profile=JUNK, pnginfo=texts) + JUNK + papers.docx(),
    }


@pytest.mark.parametrize("kind", ["jpg", "png"])
@pytest.mark.parametrize("is_sealed", [False, True])
def test_abuse_24_of_a_picture_nothing_but_the_picture_is_kept(kind: str, is_sealed: bool) -> None:
    raw = with_junk()[kind]
    assert JUNK in raw
    body = files.open_bytes(keep(raw, f"照片.{kind}", sealed=is_sealed))
    for remnant in (b"script", b"junk", b"Exif", b"eXIf", b"ICC", b"iCCP", b"xmp", b"tEXt", b"PK\x03\x04"):
        assert remnant not in body
    with Image.open(io.BytesIO(body)) as picture:
        assert not picture.getexif()
        assert "icc_profile" not in picture.info
        assert picture.convert("RGB").getpixel((5, 5)) == pytest.approx((0, 128, 128), abs=3)


# --- 25

NAMES = [
    "a\r\nSet-Cookie: x=1\r\n\r\n<html>.pdf",
    "\u202efdp.exe.pdf",
    '"><script>alert(1)</script>.pdf',
    "';alert(1);//`${1}`.pdf",
    "a\0b\x1b[31m.pdf",
    "=cmd|' /C calc'!A0.pdf",
    "../../etc/passwd.pdf",
    "%0d%0aX-Bad: 1.pdf",
    "报名\u2028表\u2066.pdf",
]


@pytest.mark.parametrize("name", NAMES)
def test_abuse_25_a_file_name_is_inert_in_the_header_and_on_the_page(name: str) -> None:
    kept = keep(papers.PDF, name)
    response = files.respond(kept)
    header = response["Content-Disposition"]
    response.file_to_stream.close()
    assert header.startswith("attachment; filename*=UTF-8''")
    assert header.isascii()
    assert not set("\r\n\"'<>;\\/ ") & set(header.removeprefix("attachment; filename*=UTF-8''"))
    assert "sandbox" in response["Content-Security-Policy"]
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "private, no-store")
    page = engines["django"].from_string('<a title="{{ file }}">{{ file }}</a>').render({"file": kept})
    shown = page.removeprefix('<a title="').removesuffix("</a>")
    assert "<" not in shown
    assert shown.count('"') == 1
    assert all(character.isprintable() for character in page)


@pytest.mark.parametrize("name", NAMES)
def test_abuse_25_a_refusal_says_the_name_as_one_plain_line(name: str) -> None:
    with pytest.raises(Refused) as caught:
        files.check(SimpleUploadedFile("x.pdf", b"MZ"), ("pdf",))
    upload = SimpleUploadedFile("x.pdf", b"MZ")
    upload.__dict__["_name"] = name
    with pytest.raises(Refused) as caught:
        files.check(upload, ("pdf",))
    assert str(caught.value).isprintable()


# --- 27


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """A server on loopback that keeps what anybody says to it."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            heard.append(caller.recv(1000))
            caller.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/latest/meta-data", heard
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def hostile_words(address: str) -> list[str]:
    return [
        f'<img src="{address}">',
        f'#image("{address}")',
        f'#import "{address}": *',
        '#read("/etc/passwd")',
        '<img src="file:///etc/passwd">',
        f"<link rel=stylesheet href={address}><iframe src='{address}'></iframe>",
        '<img src="http://169.254.169.254/latest/meta-data">',
    ]


def a_site_form(words: str) -> dict[str, Any]:
    typed = ("title", "school", "organisation", "name", "address", "contact_name", "contact_phone", "contact_email")
    counts = dict.fromkeys(("machines", "spares", "servers", "cameras"), 1)
    return dict.fromkeys((*typed, "description", "number"), words) | {
        "levels": [{"code": words, "name": words}],
        "rooms": [dict.fromkeys(("name", "place", "addresses", "accessible"), words) | counts],
        "seats": 1,
    }


def test_abuse_27_what_people_typed_is_printed_and_never_fetched(listener: tuple[str, list[bytes]]) -> None:
    import pypdf

    address, heard = listener
    for words in hostile_words(address):
        printed = pdf.render("venues/site_application.typ", a_site_form(words))
        pages = pypdf.PdfReader(io.BytesIO(printed)).pages
        text = "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")
        assert words.replace(" ", "")[:12] in text
        assert "root:" not in text
    assert heard == []


def test_abuse_27_uploads_that_point_outside_are_parsed_without_going_there(listener: tuple[str, list[bytes]]) -> None:
    address, heard = listener
    for kind in ("attachedTemplate", "image", "oleObject", "frame"):
        upload = SimpleUploadedFile(
            "a.docx", papers.docx({"word/_rels/document.xml.rels": papers.relations(kind, address)})
        )
        with pytest.raises(Refused, match="外部网址"):
            files.check(upload, ("docx",))
    dtd = papers.docx({"word/document.xml": f'<!DOCTYPE a SYSTEM "{address}"><a/>'})
    with pytest.raises(Refused, match="打不开"):
        files.check(SimpleUploadedFile("a.docx", dtd), ("docx",))
    link = papers.pdf(catalog=b"/OpenAction<</S/URI/URI(%s)>>" % address.encode())
    files.check(SimpleUploadedFile("a.pdf", link), ("pdf",))
    assert heard == []


def test_abuse_40_what_is_stored_cannot_be_run_and_is_found_by_no_address(client: Client) -> None:
    kept = keep(papers.PDF, "../../run.me.pdf")
    place = Path(default_storage.path(kept.stored_name))
    assert not os.stat(place).st_mode & 0o177
    assert downloaded(kept) == papers.PDF
    for address in (f"/files/{kept.stored_name}", f"/media/{kept.stored_name}", f"/static/{kept.stored_name}"):
        assert client.get(address).status_code == 404
    for program in (
        b"MZ\x90\0" + bytes(99),
        b"\x7fELF" + bytes(99),
        b"#!/bin/sh\nid\n",
        papers.docx({"word/vbaProject.bin": b""}),
    ):
        with pytest.raises(Refused):
            keep(program, "作品.docx")
    assert reverse("portal:home")
    assert set(GOOD) == set(ALL)
