"""The one way in for files people hand in, and the one way out.

In: the type by content, the whole file parsed in the airlock, pictures drawn anew, scanned where there is a scanner,
stored under a generated name. Out: a download that no browser shows or runs. docs/decisions/0100 says why.
"""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model
from django.http import FileResponse

from onex.common import clamd
from onex.common.actors import Actor
from onex.common.airlock.run import Unreadable, opened
from onex.common.clock import now
from onex.common.ids import uuid7
from onex.common.jobs import Swept, for_each
from onex.common.masks import mask_personal
from onex.common.models import Attachment, ScanState
from onex.common.sealed import Unreadable as SealBroken
from onex.common.sealed import current_head, seal_bytes, unseal_bytes
from onex.common.text import Refused, Say, say

log = logging.getLogger("onex.files")
MAX_BYTES = 20_000_000
MOST_PIXELS = 40_000_000
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "jpg": "image/jpeg",
}
ENDINGS = {kind: (kind,) for kind in CONTENT_TYPES} | {"jpg": ("jpg", "jpeg", "jpe", "jfif")}
# What a file begins with, the airlock's job that reads it to its end, and what may come of that.
HEADS = (
    (b"%PDF-", "pdf", {"pdf"}),
    (b"\x89PNG\r\n\x1a\n", "picture", {"png"}),
    (b"\xff\xd8\xff", "picture", {"jpg"}),
    (b"PK\x03\x04", "office", {"docx", "xlsx"}),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_word", {"doc", "docx", "xlsx"}),  # with a password they are OLE too
)

_NO_ARCHIVE = Refused(say("打不开这个压缩包：请把照片压缩成普通的 .zip 文件（不分卷、不加密）后再上传。"))
_AWAY = Refused(say("文件存储暂时不可用，请稍后再试；仍不行请联系平台管理员。"))


@dataclass(frozen=True)
class Picture:
    """What a place wants of its pictures: the most pixels handed in, the kind and longest side kept."""

    most_pixels: int = MOST_PIXELS
    to: str | None = None
    longest_side: int | None = None


@dataclass(frozen=True)
class Judged:
    """A file after the airlock: the kind it has, the kind and bytes that are kept, and the scanner's word on those.

    Of a picture also width and height as it was handed in, upright.
    """

    found: str
    kind: str
    body: bytes
    scan: tuple[str, str, datetime | None]
    size: tuple[int, int] = (0, 0)


def attach(
    row: Model,
    slot: str,
    upload: Any,
    *,
    by: Actor,
    at: datetime,
    kinds: tuple[str, ...] = ("pdf", "doc", "docx", "png", "jpg"),
    sealed: bool = False,
    most_pixels: int = MOST_PIXELS,
    reencode_to: str | None = None,
    longest_side: int | None = None,
) -> Attachment:
    """Keep an uploaded file for this row; `kinds` are what the place accepts, `sealed` encrypts it at rest.

    What is sealed is somebody's own, and schools name such files by ID number and name: it is called by its place.

    Pictures are always drawn anew, as `reencode_to` when given. Raises Refused when the file is empty, too large, or
    not wholly what it should be. Call `check` before opening a transaction: its judgement is kept on the upload.
    """
    judged = _judge(upload, kinds, Picture(most_pixels, reencode_to, longest_side))
    state, note, scanned_at = judged.scan
    name = f"{row._meta.label_lower}/{uuid7()}.{judged.kind}"
    made = Attachment(
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
        slot=slot,
        original_name=f"{slot}.{judged.kind}" if sealed else clean_name(upload.name, judged.kind),
        stored_name=name,
        content_type=CONTENT_TYPES[judged.kind],
        size=len(judged.body),
        sha256=hashlib.sha256(judged.body).hexdigest(),
        actor_id=by.user_id,
        actor_label=by.label,
        is_sealed=sealed,
        scan_state=state,
        scan_note=note,
        scanned_at=scanned_at,
    )
    _store(name, seal_bytes(judged.body, _purpose(made)) if sealed else judged.body)
    try:
        made.save(force_insert=True)
    except Exception:
        default_storage.delete(name)
        raise
    return made


def check(
    upload: Any,
    kinds: tuple[str, ...],
    *,
    most_pixels: int = MOST_PIXELS,
    reencode_to: str | None = None,
    longest_side: int | None = None,
) -> str:
    """The file's real kind, judged by the whole of its content; ask with what `attach` will be asked with.

    Raises Refused in words.
    """
    return _judge(upload, kinds, Picture(most_pixels, reencode_to, longest_side)).found


def measure(
    upload: Any,
    kinds: tuple[str, ...],
    *,
    most_pixels: int = MOST_PIXELS,
    reencode_to: str | None = None,
    longest_side: int | None = None,
) -> tuple[int, int]:
    """Width and height of a picture as it was handed in, upright; asked like `check`, and judged as there.

    The airlock says them: whoever wants to know opens nothing.
    """
    return _judge(upload, kinds, Picture(most_pixels, reencode_to, longest_side)).size


@dataclass(frozen=True)
class Packed:
    """A file out of an archive of pictures: its name there, and what `attach` takes, or the reasons why it is none."""

    name: str
    upload: Any = None
    reasons: tuple[Say | str, ...] = ()


def pictures_in(
    upload: Any,
    kinds: tuple[str, ...],
    *,
    most_bytes: int,
    most_pixels: int = MOST_PIXELS,
    reencode_to: str | None = None,
    longest_side: int | None = None,
) -> list[Packed]:
    """Every file of a zip, judged by one process of the airlock; `measure` and `attach` judge none of them again.

    Raises Refused when it is no zip, or too much.
    """
    raw = _bytes_of(upload, MAX_BYTES)
    picture = Picture(most_pixels, reencode_to, longest_side)
    options: dict[str, Any] = {"most_pixels": most_pixels, "to": reencode_to, "longest_side": longest_side}
    if not raw.startswith(b"PK\x03\x04"):
        raise _NO_ARCHIVE
    try:
        answers = opened("photos", raw, most_bytes=most_bytes, **options).value
    except Unreadable as failure:
        log.info("refused an archive of %d bytes: %s", len(raw), failure.why)
        raise _NO_ARCHIVE from failure
    return [_packed(answer, kinds, picture) for answer in answers]


def _packed(answer: dict[str, Any], kinds: tuple[str, ...], picture: Picture) -> Packed:
    name = str(answer["name"])
    if "refused" in answer:
        return Packed(name, reasons=tuple(Say.from_json(reason) for reason in answer["refused"]))
    shown = clean_name(name)
    try:
        if answer["kind"] not in kinds:
            wanted = "、".join(f".{kind}" for kind in kinds)
            raise Refused(say("文件“{name}”的内容不是可接受的类型（{wanted}）。", name=shown, wanted=wanted))
        _refuse_other_ending(shown, answer["kind"])
    except Refused as refused:
        return Packed(name, reasons=refused.reasons)
    body: bytes = answer["body"]
    found: Any = ContentFile(body, name=shown)
    found.size = answer["bytes"]  # as it was handed in: that is what its place judges
    size = (answer["size"][0], answer["size"][1])
    judged = Judged(answer["kind"], picture.to or answer["kind"], body, _scan(body), size)
    found.__dict__["_onex_judged"] = {(kinds, picture): judged}
    return Packed(name, found)


def _judge(upload: Any, kinds: tuple[str, ...], picture: Picture) -> Judged:
    """Judge once: a form asks first and the service again, and the second time shall cost nothing."""
    kept: dict[Any, Judged] = upload.__dict__.setdefault("_onex_judged", {})
    key = (kinds, picture)
    if key not in kept:
        kept[key] = _judge_anew(upload, kinds, picture)
    return kept[key]


def _judge_anew(upload: Any, kinds: tuple[str, ...], picture: Picture) -> Judged:
    raw = _bytes_of(upload, MAX_BYTES)
    shown = clean_name(upload.name)
    wanted = "、".join(f".{kind}" for kind in kinds)
    strange = Refused(say("文件“{name}”的内容不是可接受的类型（{wanted}）。", name=shown, wanted=wanted))
    job = next((job for head, job, may in HEADS if raw.startswith(head) and may & set(kinds)), "")
    if not job:
        raise strange
    size = (0, 0)
    try:
        if job == "picture":
            answer = opened(
                job, raw, most_pixels=picture.most_pixels, to=picture.to, longest_side=picture.longest_side
            ).value
            found, kind, body = answer["kind"], picture.to or answer["kind"], answer["body"]
            size = (answer["size"][0], answer["size"][1])
        else:
            found = kind = opened(job, raw).value
            body = raw
    except Unreadable as failure:
        log.info("refused a file of %d bytes: %s", len(raw), failure.why)
        raise Refused(say("文件“{name}”打不开或已损坏，请重新导出后再上传。", name=shown)) from failure
    if found not in kinds:
        raise strange
    _refuse_other_ending(shown, found)
    return Judged(found, kind, body, _scan(body), size)


def _bytes_of(upload: Any, most: int) -> bytes:
    """All bytes of an upload. Raises Refused when there are none or too many."""
    name = clean_name(upload.name)
    if not upload.size:
        raise Refused(say("文件“{name}”是空的，请重新选择。", name=name))
    if upload.size > most:
        raise Refused(say("文件“{name}”超过 {n} MB，请压缩后再上传。", name=name, n=most // 1_000_000))
    upload.seek(0)
    raw: bytes = upload.read(most + 1)
    upload.seek(0)
    return raw


def _refuse_other_ending(name: str, kind: str) -> None:
    """A name that says something else than the content is a mistake or a trick; none at all is fine."""
    stem, dot, ending = name.rpartition(".")
    if stem and dot and ending.lower() not in ENDINGS[kind]:
        raise Refused(say("文件“{name}”的内容是 .{kind}，与扩展名不符，请改正扩展名后再上传。", name=name, kind=kind))


def clean_name(name: str, kind: str = "") -> str:
    """The name people gave, without paths, control characters or direction marks; at most 200 characters.

    Numbers and addresses of people in it are masked: it stands on pages, in traces and in headers. With `kind` it ends
    as files of this kind do.
    """
    last = str(name or "").replace("\\", "/").rsplit("/", 1)[-1]
    kept = mask_personal("".join(c for c in last if c.isprintable()).strip())
    if kind:
        stem, _dot, ending = kept.rpartition(".")
        if not (stem and ending.lower() in ENDINGS.get(kind, (kind,))):
            known = {one for endings in ENDINGS.values() for one in endings}
            kept = f"{stem if stem and ending.lower() in known else kept or 'file'}.{kind}"
    return (kept or "file")[-200:]


def read_yaml(upload: Any, most: int) -> Any:
    """The document of an author's YAML file. Raises Refused when it is too large, or naming the line that is wrong."""
    return opened("yaml", _bytes_of(upload, most)).value


def _scan(body: bytes) -> tuple[str, str, datetime | None]:
    """(state, what was found, when the scanner spoke)."""
    if not settings.CLAMD:
        return ScanState.UNSCANNED, "", None
    try:
        found = clamd.scan(settings.CLAMD, body, settings.CLAMD_SECONDS)
    except clamd.Unreachable as failure:
        log.warning("the virus scanner gave no verdict: %s", failure)
        return ScanState.QUARANTINED, "", None
    if found:
        log.warning("the virus scanner found %s", found)
    return (ScanState.QUARANTINED if found else ScanState.CLEAN), found[:200], now()


def scan_waiting(*, at: datetime, most: int = 100) -> Swept:
    """Scan what no scanner has judged: it was away, or there was none when the file came. The sweep calls this."""
    waiting = Attachment.objects.filter(scanned_at=None)
    if not settings.CLAMD or not waiting.exists():
        return Swept(0)
    try:
        clamd.scan(settings.CLAMD, b"", settings.CLAMD_SECONDS)
    except clamd.Unreachable as failure:  # asked once, not once for each file: other sweeps wait for this one
        return Swept(0, (f"the virus scanner gave no verdict: {failure}",))
    return for_each(waiting.order_by("created_at")[:most], _scan_again)


def _scan_again(attachment: Attachment) -> None:
    state, note, scanned_at = _scan(_plain(attachment))
    if scanned_at is None:
        raise Refused(say("查毒程序没有回应，稍后会自动重试。"))
    Attachment.objects.filter(pk=attachment.pk, scanned_at=None).update(
        scan_state=state, scan_note=note, scanned_at=scanned_at
    )


def remove(attachment: Attachment) -> None:
    """Take a file away; its bytes go when the transaction has committed."""
    name = attachment.stored_name
    attachment.delete()
    transaction.on_commit(lambda: default_storage.delete(name), robust=True)


def is_behind(attachment: Attachment) -> bool:
    """Whether a sealed file is sealed under an older key. Raises Refused when it is gone."""
    head = current_head()
    with _fetched(attachment) as file:
        return attachment.is_sealed and bytes(file.read(len(head))) != head


def seal_again(attachment: Attachment, slot: str = "") -> None:
    """Seal a file under the current key, beside the old one, which goes when the transaction has committed.

    With `slot` it moves to that place of its row, to which it is then bound. Raises Refused when it is gone or no key
    of this installation opens it.
    """
    body, old = _plain(attachment), attachment.stored_name
    if slot:
        ending = attachment.original_name.rpartition(".")[2]
        attachment.slot, attachment.original_name = slot, f"{slot}.{ending}"
    folder, _slash, last = old.rpartition("/")
    attachment.stored_name = f"{folder}/{uuid7()}.{last.rpartition('.')[2]}"
    _store(attachment.stored_name, seal_bytes(body, _purpose(attachment)))
    try:
        attachment.save(update_fields=["stored_name", "slot", "original_name"])
    except Exception:
        default_storage.delete(attachment.stored_name)
        raise
    transaction.on_commit(lambda: default_storage.delete(old), robust=True)


def open_bytes(attachment: Attachment) -> bytes:
    """The content of a file as it was handed in, opened when it is sealed.

    Raises Refused when it is in quarantine, gone, or not what was stored.
    """
    _refuse_quarantined(attachment)
    return _plain(attachment)


def respond(attachment: Attachment) -> FileResponse:
    """The file as a download: never shown inline, never run. Raises Refused like `open_bytes`."""
    _refuse_quarantined(attachment)
    content = io.BytesIO(_plain(attachment)) if attachment.is_sealed else _fetched(attachment)
    response = FileResponse(content, content_type=attachment.content_type)
    answered: FileResponse = as_download(response, attachment.original_name)
    return answered


def as_download(response: Any, name: str) -> Any:
    """Mark any response as a download with a Chinese name (RFC 6266) and nothing a browser may run."""
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _store(name: str, body: bytes) -> None:
    try:
        stored = default_storage.save(name, ContentFile(body))
    except Exception as failure:  # a full disk, a bucket that does not answer: each storage has its own errors
        log.exception("the storage did not take a file")
        raise _AWAY from failure
    if stored != name:  # cannot be: the name is a fresh UUID; but a sealed file would never open under another
        default_storage.delete(stored)
        raise RuntimeError(f"the storage renamed {name} to {stored}")


def _fetched(attachment: Attachment) -> Any:
    try:
        return default_storage.open(attachment.stored_name)
    except FileNotFoundError as failure:
        raise _gone(attachment) from failure
    except Exception as failure:
        log.exception("the storage did not give a file")
        raise _AWAY from failure


def _plain(attachment: Attachment) -> bytes:
    with _fetched(attachment) as file:
        body: bytes = file.read()
    try:
        if attachment.is_sealed:
            body = unseal_bytes(body, _purpose(attachment))
    except SealBroken as failure:
        raise _gone(attachment) from failure
    if hashlib.sha256(body).hexdigest() != attachment.sha256:
        raise _gone(attachment)
    return body


def _purpose(attachment: Attachment) -> str:
    """What a sealed file is bound to: moved to another row's name or place, it does not open."""
    return f"{attachment.subject_type}:{attachment.slot}:{attachment.stored_name}"


def _gone(attachment: Attachment) -> Refused:
    log.error("attachment %s is not in the storage as it was stored", attachment.pk)
    return Refused(say("文件“{name}”在存储中缺失或已损坏，请联系平台管理员恢复。", name=attachment.original_name))


def _refuse_quarantined(attachment: Attachment) -> None:
    if attachment.scan_state != ScanState.QUARANTINED:
        return
    if attachment.scanned_at is None:
        raise Refused(say("文件“{name}”还没有完成查毒，请几分钟后再试。", name=attachment.original_name))
    raise Refused(
        say("文件“{name}”中发现病毒，已隔离，不能下载；请上传人杀毒后重新上传。", name=attachment.original_name)
    )
