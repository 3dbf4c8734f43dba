"""png and jpg: drawn anew from their pixels, so that nothing but the picture is kept."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageOps, ImagePalette, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin

from onex.common.text import Refused, say

Image.MAX_IMAGE_PIXELS = None  # ours is asked before a pixel is decoded, and it refuses instead of warning
_KINDS = {"PNG": "png", "JPEG": "jpg", "MPO": "jpg"}
_KEPT_MODES = {"png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "jpg": ("L", "RGB")}
_ROUGH = ("1", "P", "I;16")  # modes that cannot be made smaller smoothly
_NEEDED = (
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
)  # later nothing can be imported


def redraw(raw: bytes, most_pixels: int, to: str | None = None, longest_side: int | None = None) -> dict[str, Any]:
    """The picture's own kind and size, and new bytes of kind `to` (default its own): no EXIF, no ICC, nothing behind.

    Upright, both the bytes and the size that it was handed in with.

    Raises Refused above the pixel cap; Pillow's errors when it is no whole picture.
    """
    picture: Image.Image = Image.open(io.BytesIO(raw), formats=("PNG", "JPEG"))
    kind = _KINDS[str(picture.format)]
    width, height = picture.size
    if width * height > most_pixels:
        pixels, most = f"{width}×{height}", f"{most_pixels:,}"
        raise Refused(say("图片有 {pixels} 像素，超过 {most} 像素的上限，请缩小后再上传。", pixels=pixels, most=most))
    if longest_side:
        picture.draft("RGB", (longest_side, longest_side))  # a JPEG can be decoded at a half, a quarter, an eighth
    picture.load()
    decoded = picture.size
    picture = _upright(picture)
    if picture.size != decoded:  # the camera was held on its side
        width, height = height, width
    if longest_side and max(picture.size) > longest_side:
        picture = _fit(picture, to or kind, smooth=True)
        picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    body = io.BytesIO()
    _save(_fit(picture, to or kind), body, to or kind)
    return {"kind": kind, "body": body.getvalue(), "size": [width, height]}


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # a broken EXIF block says nothing about the picture
        return picture


def _fit(picture: Image.Image, kind: str, smooth: bool = False) -> Image.Image:
    """The picture in a mode that its kind can hold; transparency becomes white where there is none."""
    is_kept = picture.mode in _KEPT_MODES[kind] and not (smooth and picture.mode in _ROUGH)
    if is_kept and not (kind == "jpg" and "transparency" in picture.info):
        return picture
    if picture.mode == "I;16":
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    is_clear = "A" in picture.getbands() or "transparency" in picture.info
    if not is_clear:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    if kind == "png":
        return clear
    paper = Image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper


def _save(picture: Image.Image, body: io.BytesIO, kind: str) -> None:
    clear = picture.info.get("transparency")
    picture.info = {}  # Pillow would write ICC and texts back from here
    if kind == "jpg":
        picture.save(body, "JPEG", quality=90, exif=b"", icc_profile=None)
    else:
        picture.save(body, "PNG", compress_level=4, **({} if clear is None else {"transparency": clear}))
