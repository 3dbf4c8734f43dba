"""The one way in for files people hand in, and the one way out: type by content, generated names, never inline."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import datetime
from typing import Any, BinaryIO
from urllib.parse import quote

import filetype
from django.core.files.storage import default_storage
from django.db.models import Model
from django.http import FileResponse

from onex.common.actors import Actor
from onex.common.ids import uuid7
from onex.common.models import Attachment
from onex.common.text import Refused, say

MAX_BYTES = 20_000_000
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "jpg": "image/jpeg",
}


def attach(
    row: Model,
    slot: str,
    upload: Any,
    *,
    by: Actor,
    at: datetime,
    kinds: tuple[str, ...] = ("pdf", "doc", "docx", "png", "jpg"),
) -> Attachment:
    """Keep an uploaded file for this row; `kinds` are what the place accepts.

    Raises Refused when it is empty, too large, or not what its content should be.
    """
    kind = check(upload, kinds)
    name = f"{row._meta.label_lower}/{uuid7()}.{kind}"
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in iter(lambda: upload.read(1 << 16), b""):
        digest.update(chunk)
    upload.seek(0)
    stored = default_storage.save(name, upload)
    return Attachment.objects.create(
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
        slot=slot,
        original_name=clean_name(upload.name, kind),
        stored_name=stored,
        content_type=CONTENT_TYPES[kind],
        size=upload.size,
        sha256=digest.hexdigest(),
        actor_id=by.user_id,
        actor_label=by.label,
    )


def check(upload: Any, kinds: tuple[str, ...]) -> str:
    """The file's real kind, judged by its content.

    Raises Refused in words.
    """
    wanted = "、".join(f".{kind}" for kind in kinds)
    if not upload.size:
        raise Refused(say("文件“{name}”是空的，请重新选择。", name=upload.name))
    if upload.size > MAX_BYTES:
        raise Refused(say("文件“{name}”超过 20 MB，请压缩后再上传。", name=upload.name))
    upload.seek(0)
    kind = _kind_of(upload)
    upload.seek(0)
    if kind not in kinds:
        raise Refused(say("文件“{name}”的内容不是可接受的类型（{wanted}）。", name=upload.name, wanted=wanted))
    return kind


def _kind_of(upload: BinaryIO) -> str:
    guess = filetype.guess(upload.read(8192))
    kind = guess.extension if guess else ""
    if kind == "zip" or kind in ("docx", "xlsx"):
        return _office_kind(upload)
    return "jpg" if kind == "jpeg" else kind


def _office_kind(upload: BinaryIO) -> str:
    """docx or xlsx without macros, judged by the directory of the zip."""
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            names = set(archive.namelist())
            too_big = sum(entry.file_size for entry in archive.infolist()) > 100_000_000
    except zipfile.BadZipFile:
        return ""
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Refused(say("文件里有宏，不能上传；请另存为不含宏的文档。"))
    if too_big or len(names) > 2_000:
        raise Refused(say("文件解开后过大，不能上传。"))
    if "word/document.xml" in names:
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else ""


def clean_name(name: str, kind: str) -> str:
    """The name people gave, without paths, control characters or direction marks; at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        c for c in last if c.isprintable() and c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    return (kept or f"file.{kind}")[-200:]


def remove(attachment: Attachment) -> None:
    """Take a file away, with its bytes."""
    default_storage.delete(attachment.stored_name)
    attachment.delete()


def respond(attachment: Attachment) -> FileResponse:
    """The file as a download: never shown inline, never run."""
    response = FileResponse(default_storage.open(attachment.stored_name, "rb"), content_type=attachment.content_type)
    return as_download(response, attachment.original_name)


def as_download(response: Any, name: str) -> Any:
    """Mark any response as a download with a Chinese name (RFC 6266) and nothing a browser may run."""
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
