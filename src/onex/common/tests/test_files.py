"""Files in and out: what is taken, what is kept of it, who may have it again, and what is refused in which words."""

from __future__ import annotations

import hashlib
import io
import json
import resource
import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from onex.accounts.models import School
from onex.accounts.tests.factories import a_school, an_actor
from onex.common import files
from onex.common.actors import Role
from onex.common.airlock import run
from onex.common.airlock.pictures import redraw
from onex.common.airlock.run import Limits, TooMuch, Unreadable, opened
from onex.common.models import Attachment
from onex.common.tests import papers
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
ALL = tuple(files.CONTENT_TYPES)
NOON = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
GOOD = {
    "pdf": papers.PDF,
    "doc": papers.doc(),
    "docx": papers.docx(),
    "xlsx": papers.book_with('<row r="1"><c r="A1"><v>1</v></c></row>'),
    "png": papers.picture("PNG"),
    "jpg": papers.picture("JPEG"),
}


def an_upload(raw: bytes, name: str = "材料") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw)


def keep(raw: bytes, name: str, school: School | None = None, **options: Any) -> Attachment:
    school = school or a_school()
    options = {"kinds": ALL} | options
    return files.attach(school, "material", an_upload(raw, name), by=an_actor(Role.SCHOOL, school), at=NOON, **options)


def downloaded(attachment: Attachment) -> bytes:
    response = files.respond(attachment)
    body = b"".join(response.streaming_content)  # type: ignore[arg-type]
    response.file_to_stream.close()  # the whole would end the request, and with it the connection
    return body


@pytest.mark.parametrize("kind", ALL)
def test_each_kind_is_known_by_its_whole_content_with_or_without_an_extension(kind: str) -> None:
    assert files.check(an_upload(GOOD[kind]), ALL) == kind
    assert files.check(an_upload(GOOD[kind], f"材料.{kind.upper()}"), (kind,)) == kind
    with pytest.raises(Refused, match="不是可接受的类型"):
        files.check(an_upload(GOOD[kind]), tuple(other for other in ALL if other != kind))


@pytest.mark.parametrize("kind", ALL)
def test_half_a_file_is_refused_in_words(kind: str) -> None:
    raw = GOOD[kind]
    with pytest.raises(Refused, match=r"打不开或已损坏|不是可接受的类型"):
        files.check(an_upload(raw[: len(raw) * 2 // 3], f"半.{kind}"), ALL)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (papers.PDF[:-6], "打不开或已损坏"),
        (b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", "打不开或已损坏"),
        (papers.pdf(catalog=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), "脚本、启动命令"),
        (papers.pdf(catalog=b"/OpenAction<</S/JavaScr#69pt/J#53(app.alert\\(1\\))>>"), "脚本、启动命令"),
        (papers.pdf(b"<</S/Rendition/JS(x)>>", catalog=b"/OpenAction 4 0 R"), "脚本、启动命令"),
        (papers.pdf(b"[1[<</A<</S/Launch/F(cmd.exe)>>>>]]"), "脚本、启动命令"),
        (papers.pdf(catalog=b"/Names<</EmbeddedFiles<</Names[]>>>>"), "脚本、启动命令"),
        (papers.pdf(trailer=b"/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -1>>"), "密码"),
    ],
)
def test_a_pdf_that_runs_carries_or_hides_something_is_refused(raw: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        files.check(an_upload(raw, "申请表.pdf"), ("pdf",))


def test_a_script_in_a_packed_object_of_a_pdf_is_found() -> None:
    packed = _packed_pdf(b"<</S/JavaScript/JS(app.alert)>>")
    assert b"JavaScript" not in packed
    with pytest.raises(Refused, match="脚本"):
        files.check(an_upload(packed, "a.pdf"), ("pdf",))
    assert files.check(an_upload(_packed_pdf(b"<</Nothing/Here>>"), "a.pdf"), ("pdf",)) == "pdf"


def _packed_pdf(content: bytes) -> bytes:
    """A PDF 1.5 whose fifth object lies in a compressed object stream, with an xref stream."""
    inner = zlib.compress(b"5 0 " + content)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/Extra 5 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        4: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(inner), inner),
    }
    body, rows = bytearray(b"%PDF-1.5\n"), [struct.pack(">BLH", 0, 0, 65535)]
    for number, text in objects.items():
        rows.append(struct.pack(">BLH", 1, len(body), 0))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    rows += [struct.pack(">BLH", 2, 4, 0), struct.pack(">BLH", 1, len(body), 0)]
    table = b"".join(rows)
    head = b"<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>" % len(table)
    start = len(body)
    body += b"6 0 obj\n%s\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % (head, table, start)
    return bytes(body)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (papers.doc({"Macros/VBA/dir": b"x"}), "宏"),
        (papers.doc({"ObjectPool/_1/\x01Ole10Native": b"x"}), "嵌着"),
        (papers.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}), "密码"),
        (papers.ole({"Workbook": b"x"}), "打不开"),
        (papers.ole({"WordDocument": b"\xec\xa5\xc1\x00" + bytes(7) + b"\x01"}), "密码"),
    ],
)
def test_an_old_document_with_macros_objects_or_a_password_is_refused(raw: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        files.check(an_upload(raw), ("doc", "docx"))


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"word/vbaProject.bin": b"\0"}, "宏"),
        ({"word/activeX/activeX1.xml": "<a/>"}, "宏"),
        ({"word/embeddings/a.zip": papers.zipped({"a.txt": "x"})}, "嵌着"),
        ({"word/embeddings/oleObject1.bin": papers.ole({"\x01Ole10Native": b"MZ"})}, "嵌着"),
        ({"word/media/image1.png": b"MZ\x90\0"}, "嵌着"),
        ({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "打不开"),
        ({"word/document.xml": '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>'}, "打不开"),
        ({"word/document.xml": "<a>"}, "打不开"),
        ({"word/_rels/settings.xml.rels": papers.relations("attachedTemplate", "http://10.0.0.1/a.dotm")}, "外部网址"),
        ({"word/_rels/document.xml.rels": papers.relations("image", "\\\\10.0.0.1\\a\\b.png")}, "外部网址"),
    ],
)
def test_a_document_that_runs_hides_or_fetches_something_is_refused(
    parts: dict[str, bytes | str], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        files.check(an_upload(papers.docx(parts), "说明.docx"), ("docx",))


@pytest.mark.parametrize(
    "parts",
    [
        {"word/embeddings/Microsoft_Excel_Sheet.xlsx": GOOD["xlsx"]},
        {"word/embeddings/oleObject1.bin": papers.ole({"Equation Native": b"x"})},
        {"word/_rels/document.xml.rels": papers.relations("hyperlink", "https://www.moe.gov.cn/")},
        {"word/_rels/settings.xml.rels": papers.relations("attachedTemplate", "file:///C:\\Users\\me\\Normal.dotm")},
    ],
    ids=["a chart's workbook", "a formula", "a link to click", "the author's own template"],
)
def test_what_honest_documents_bring_along_is_taken(parts: dict[str, bytes | str]) -> None:
    assert files.check(an_upload(papers.docx(parts), "说明.docx"), ("docx",)) == "docx"


def test_an_empty_and_a_huge_file_and_another_ending_are_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"“空\.pdf”是空的"):
        files.check(an_upload(b"", "空.pdf"), ("pdf",))
    with pytest.raises(Refused, match="超过 20 MB"):
        files.check(an_upload(papers.PDF + bytes(files.MAX_BYTES), "大.pdf"), ("pdf",))
    with pytest.raises(Refused, match="与扩展名不符"):
        files.check(an_upload(papers.PDF, "申请表.exe"), ("pdf",))


def test_a_file_is_kept_as_it_came_under_a_name_of_our_own() -> None:
    kept = keep(papers.PDF, "情况说明.pdf")
    assert kept.stored_name == f"accounts.school/{Path(kept.stored_name).name}"
    assert "情况" not in kept.stored_name
    assert (kept.size, kept.sha256) == (len(papers.PDF), hashlib.sha256(papers.PDF).hexdigest())
    assert files.open_bytes(kept) == downloaded(kept) == papers.PDF


def test_a_picture_is_kept_as_new_bytes_whose_digest_is_kept() -> None:
    raw = papers.picture("JPEG") + b"<script>alert(1)</script>"
    kept = keep(raw, "照片.jpeg")
    body = files.open_bytes(kept)
    assert body != raw
    assert (kept.size, kept.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert kept.original_name == "照片.jpeg"


def test_a_photo_is_made_small_upright_and_a_jpg_when_its_place_wants_that() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    for raw, name in (
        (papers.picture("JPEG", (1600, 900), exif=exif), "正面.jpg"),
        (papers.picture("PNG", (900, 1600), (0, 0, 0, 0), mode="RGBA"), "正面.png"),
    ):
        kept = keep(raw, name, kinds=("jpg", "png"), reencode_to="jpg", longest_side=640, sealed=True)
        with Image.open(io.BytesIO(files.open_bytes(kept))) as photo:
            assert (photo.format, photo.size) == ("JPEG", (360, 640))
        assert (kept.content_type, kept.original_name) == ("image/jpeg", "material.jpg")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel_comes_through(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    colour: Any = {"LA": (9, 9), "RGB": (9, 9, 9), "RGBA": (9, 9, 9, 9), "CMYK": (0, 0, 0, 0)}.get(mode, 1)
    raw = papers.picture(kind, colour=colour, mode=mode)
    for to, side, size in (
        (None, None, (40, 30)),
        ("jpg", None, (40, 30)),
        ("jpg", 20, (20, 15)),
        ("png", 20, (20, 15)),
    ):
        body = redraw(raw, 10_000, to, side)["body"]
        with Image.open(io.BytesIO(body)) as drawn:
            drawn.load()
            assert drawn.size == size
            assert drawn.format == {"jpg": "JPEG", "png": "PNG", None: kind}[to]
    assert files.open_bytes(keep(raw, "图"))


def test_sixteen_bits_of_grey_become_eight_and_not_white() -> None:
    grey = redraw(papers.picture(colour=40_000, mode="I;16"), 10_000, "jpg")["body"]
    with Image.open(io.BytesIO(grey)) as drawn:
        assert drawn.getpixel((5, 5)) == pytest.approx(156, abs=2)


def test_a_place_may_take_fewer_pixels() -> None:
    with pytest.raises(Refused, match="40×30 像素"):
        keep(papers.picture(), "大.png", most_pixels=1_000)


def test_a_sealed_file_is_unreadable_where_it_lies_and_opens_only_in_its_own_place() -> None:
    school = a_school()
    kept = keep(papers.PDF, "身份证.pdf", school, sealed=True)
    with default_storage.open(kept.stored_name) as file:
        lying = file.read()
    assert b"PDF" not in lying
    assert files.open_bytes(kept) == downloaded(kept) == papers.PDF
    other = keep(papers.PDF, "身份证.pdf", school, sealed=True)
    (Path(default_storage.path(other.stored_name))).write_bytes(lying)
    with pytest.raises(Refused, match="缺失或已损坏"):
        files.open_bytes(other)
    kept.slot = "elsewhere"
    with pytest.raises(Refused, match="缺失或已损坏"):
        files.respond(kept)


def test_a_file_that_is_gone_or_changed_in_the_storage_is_said_to_be() -> None:
    kept = keep(papers.PDF, "说明.pdf")
    place = Path(default_storage.path(kept.stored_name))
    place.write_bytes(papers.PDF + b" ")
    with pytest.raises(Refused, match=r"“说明\.pdf”在存储中缺失或已损坏"):
        files.open_bytes(kept)
    place.unlink()
    with pytest.raises(Refused, match="缺失或已损坏"):
        files.respond(kept)


def test_the_bytes_go_only_when_the_removal_is_certain(django_capture_on_commit_callbacks: Any) -> None:
    kept = keep(papers.PDF, "说明.pdf")
    with django_capture_on_commit_callbacks(execute=True):
        files.remove(kept)
        assert default_storage.exists(kept.stored_name)
    assert not default_storage.exists(kept.stored_name)
    assert not Attachment.objects.filter(stored_name=kept.stored_name).exists()


def test_a_full_disk_is_said_to_the_person_and_leaves_no_row(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "files"
    with pytest.raises(Refused, match="存储暂时不可用"):
        keep(papers.PDF, "说明.pdf")
    assert not Attachment.objects.exists()


def test_judging_twice_starts_one_child_only() -> None:
    upload = an_upload(papers.PDF, "a.pdf")
    files.check(upload, ("pdf",))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    files.check(upload, ("pdf",))
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime == before


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("..\\..\\etc\\passwd.pdf", "passwd.pdf"),
        ("申请表\u202efdp.exe", "申请表fdp.exe.pdf"),
        ("a\r\nSet-Cookie: b=c.pdf", "aSet-Cookie: b=c.pdf"),
        ("\u200f\u2066", "file.pdf"),
        ("照片.png", "照片.pdf"),
        (".pdf", ".pdf.pdf"),
        ("说明", "说明.pdf"),
        ("长" * 300 + ".PDF", "长" * 196 + ".PDF"),
    ],
)
def test_a_shown_name_is_one_plain_line_that_ends_as_its_kind_does(given: str, shown: str) -> None:
    assert files.clean_name(given, "pdf") == shown


# --- the airlock itself

CHILD_SCRIPT = """
import importlib.util, json, os, socket, subprocess, sys
spec = importlib.util.spec_from_file_location("child", sys.argv[1])
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
child._give_up(50_000_000, 5)
told = {}
def can(word, act):
    try:
        act()
        told[word] = True
    except (OSError, MemoryError, ImportError):
        told[word] = False
can("read", lambda: open("/etc/hosts"))
can("write", lambda: os.open(sys.argv[2], os.O_CREAT | os.O_WRONLY))
can("connect", socket.socket)
can("start", lambda: subprocess.run(["/bin/true"]))
can("grow", lambda: bytearray(200_000_000))
can("import", lambda: __import__("sqlite3"))
told["environment"] = sorted(os.environ)
print(json.dumps(told))
"""


def test_the_child_can_neither_read_write_connect_start_nor_grow(tmp_path: Path) -> None:
    child = run.CHILD
    command = [sys.executable, "-I", "-S", "-c", CHILD_SCRIPT, str(child), str(tmp_path / "x")]
    told = json.loads(subprocess.run(command, env={}, capture_output=True, check=True).stdout)  # noqa: S603
    assert told.pop("environment") in ([], ["LC_CTYPE"])
    assert told == dict.fromkeys(("read", "write", "connect", "start", "grow", "import"), False)
    assert list(tmp_path.iterdir()) == []


def test_time_and_memory_end_the_child_and_nothing_is_left_running(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(run.subprocess, "Popen", Noted)
    raw = papers.picture("PNG", (3000, 3000))
    with pytest.raises(TooMuch):
        opened("picture", raw, Limits(memory=20_000_000, cpu=10), most_pixels=files.MOST_PIXELS)
    with pytest.raises(TooMuch):
        opened("picture", raw, Limits(memory=600_000_000, cpu=10, wall=0.0), most_pixels=files.MOST_PIXELS)
    busy = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (c + 1, c + 1, b",".join([b"*%c" % c] * 9)) for c in range(97, 115)
    )
    with pytest.raises(TooMuch):
        opened("yaml", busy, Limits(memory=100_000_000, cpu=5))
    assert len(started) == 3
    assert all(one.returncode is not None for one in started)  # ended, and waited for


def test_a_child_that_cannot_start_is_our_fault_and_not_the_files() -> None:
    with pytest.raises(RuntimeError, match="no_such_job"):
        opened("no_such_job", b"")


def test_the_parsers_need_nothing_that_the_airlock_took_away() -> None:
    for kind in ALL:
        job = next(job for head, job, _ in files.HEADS if GOOD[kind].startswith(head))
        options = {"most_pixels": files.MOST_PIXELS} if job == "picture" else {}
        assert opened(job, GOOD[kind], **options).value


def test_what_a_parser_says_of_broken_bytes_stays_in_the_log() -> None:
    with pytest.raises(Unreadable) as caught:
        opened("pdf", b"%PDF-1.7 %%EOF")
    assert "Errno" not in caught.value.why
    assert "打不开" in str(caught.value)
