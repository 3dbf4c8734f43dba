"""PDF by typst: templates are files, data goes in as JSON, fonts are ours, and a warning is a failure.

One compiler for each template and thread is kept: making one loads the fonts (65 ms), using one takes 5 ms.
"""

from __future__ import annotations

import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.template import TemplateDoesNotExist
from django.template.utils import get_app_template_dirs
from fontTools.ttLib import TTFont

from onex.common.text import Refused, say

FONTS = Path(__file__).parent / "fonts"  # copied there by set-up from the npm font packages (OFL)
_local = threading.local()


class GlyphMissing(Refused):
    """A character that our fonts cannot print; typst itself would leave it out in silence."""

    def __init__(self, characters: str) -> None:
        super().__init__(
            say("这些字不在打印字库中，暂时无法打印：{characters}。请联系平台管理员补充字库。", characters=characters)
        )


def render(template: str, data: dict[str, Any]) -> bytes:
    """The PDF of a typst template among the apps' templates ("sittings/ticket.typ").

    The template reads its data with `json(bytes(sys.inputs.data))`; pictures are SVG texts inside the data.
    Raises GlyphMissing for a character outside the fonts and RuntimeError on any typst warning.
    """
    payload = json.dumps(data, ensure_ascii=False, default=str)
    demand_glyphs(payload)
    compiled, warnings = _compiler(template).compile_with_warnings(sys_inputs={"data": payload}, format="pdf")
    if warnings:
        raise RuntimeError(f"typst warned about {template}: {[warning.message for warning in warnings]}")
    if not isinstance(compiled, bytes):
        raise RuntimeError(f"typst answered no PDF for {template}")
    return compiled


def demand_glyphs(text: str) -> None:
    """Before something is done that cannot be done again for want of a character. Raises GlyphMissing."""
    missing = sorted({c for c in text if ord(c) > 0x2000} - glyphs())
    if missing:
        raise GlyphMissing("".join(missing))


def _compiler(template: str) -> typst.Compiler:
    kept: dict[str, typst.Compiler] = _local.__dict__.setdefault("compilers", {})
    if template not in kept:
        path = _find(template)
        kept[template] = typst.Compiler(
            str(path), root=str(path.parent), font_paths=[str(FONTS)], ignore_system_fonts=True
        )
    return kept[template]


def _find(template: str) -> Path:
    for folder in get_app_template_dirs("templates"):
        if (path := Path(folder) / template).is_file():
            return path
    raise TemplateDoesNotExist(template)


@cache
def glyphs() -> frozenset[str]:
    """Every character that all of our fonts can print."""
    fonts = [_characters(file) for file in sorted(FONTS.glob("*.ttf"))]
    if not fonts:
        raise RuntimeError(f"no fonts in {FONTS}; run ./onex up once, which copies them there")
    return frozenset.intersection(*fonts)


def _characters(file: Path) -> frozenset[str]:
    with TTFont(file, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))
