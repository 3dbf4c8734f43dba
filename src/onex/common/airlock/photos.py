"""A zip of pictures: its directory judged like a document's, each picture drawn anew, one answer for each file."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from onex.common.airlock import office, pictures
from onex.common.text import Refused, say

MOST_PICTURES = 500
# What systems put into archives unasked: no picture of anybody, and nobody's mistake.
_LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


def redraw_all(
    raw: bytes, most_bytes: int, most_pixels: int, to: str | None = None, longest_side: int | None = None
) -> list[dict[str, Any]]:
    """Each file of the archive by its name: what `pictures.redraw` made of it and its bytes as packed, or reasons.

    Raises Refused for an archive that is refused as a whole, ValueError and zipfile's errors when it is none.
    """
    with zipfile.ZipFile(io.BytesIO(office.with_honest_end(raw))) as archive:
        entries = archive.infolist()
    if any(entry.flag_bits & 0x41 for entry in entries):
        raise Refused(say("压缩包有密码，不能上传；请取消密码后重新压缩。"))
    named = [(_name(entry), entry) for entry in entries if not entry.is_dir()]
    if any(not (office.is_plain_name(name) and office.is_plain_file(entry)) for name, entry in named):
        raise Refused(say("压缩包内部的目录异常（路径、链接或压缩方式），不能上传；请重新压缩成普通的 .zip 后再上传。"))
    named = [(name, entry) for name, entry in named if not name.lower().startswith(_LITTER[0])]
    named = [(name, entry) for name, entry in named if name.lower().rpartition("/")[2] not in _LITTER[1:]]
    if len(named) > MOST_PICTURES:
        raise Refused(say("一次最多 {n} 张照片，压缩包里有 {m} 个文件，请分批上传。", n=MOST_PICTURES, m=len(named)))
    if sum(entry.file_size for _, entry in named) > min(
        office.MAX_UNPACKED, max(office.FREE, office.MAX_RATIO * len(raw))
    ):
        raise Refused(office.TOO_LARGE)
    drawn = {"most_pixels": most_pixels, "to": to, "longest_side": longest_side}
    return [{"name": name, **_redrawn(raw, entry, most_bytes, drawn)} for name, entry in named]


def _redrawn(raw: bytes, entry: zipfile.ZipInfo, most_bytes: int, drawn: dict[str, Any]) -> dict[str, Any]:
    if entry.file_size > most_bytes:
        return _refused(say("照片超过 {n} MB，请压缩后再上传。", n=most_bytes // 1_000_000))
    body = bytearray()
    for chunk in office.inflated(raw, entry):  # a checksum that is wrong ends the whole archive: it is broken
        body += chunk
        if len(body) > entry.file_size:
            raise Refused(office.TOO_LARGE)
    try:
        return {"bytes": len(body), **pictures.redraw(bytes(body), **drawn)}
    except Refused as refused:
        return _refused(*refused.reasons)
    except MemoryError:
        raise
    except Exception:  # Pillow has many
        return _refused(say("不是完整的 JPG 或 PNG 图片。"))


def _refused(*reasons: Any) -> dict[str, Any]:
    return {"refused": [reason.as_json() for reason in reasons]}


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: Chinese Windows packs it as GBK, and macOS as UTF-8 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.orig_filename
    packed = entry.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return packed.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.orig_filename
