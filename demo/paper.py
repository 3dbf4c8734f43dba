"""What stands on a printed PDF: its words and what its QR code carries. Reads the plain PDF that typesetters write.

Text is taken from the page's own character maps (ToUnicode), the QR code from the drawn modules, so nothing that the
product's pages say is needed to know what the paper says.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from demo.qr import decode

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)endobj", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_TOKEN = re.compile(rb"\(|<[0-9A-Fa-f]+>|/\w+(?= [\d.]+ Tf)|\bBT\b")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_RUN = re.compile(rb"(\d+(?:\.5)?) (\d+)\.5 m (\d+(?:\.5)?) \2\.5 l")


def pages_in(pdf: bytes) -> int:
    """How many pages a PDF has; 0 for what is no PDF."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf)) if pdf.startswith(b"%PDF") else 0


class _Pdf:
    def __init__(self, pdf: bytes) -> None:
        self.objects = {int(m[1]): m[2] for m in _OBJECT.finditer(pdf)}

    def stream(self, number: int) -> bytes:
        body = self.objects[number]
        found = _STREAM.search(body)
        raw = found[1] if found else b""
        return zlib.decompressobj().decompress(raw) if b"/FlateDecode" in body.split(b"stream", 1)[0] else raw

    def pages(self) -> Iterator[bytes]:
        root = next(body for body in self.objects.values() if re.search(rb"/Type\s*/Pages\b", body))
        yield from self._kids(root)

    def _kids(self, node: bytes) -> Iterator[bytes]:
        kids = re.search(rb"/Kids\s*\[([^\]]*)\]", node)
        if kids is None:
            yield node
            return
        for number in re.findall(rb"(\d+) 0 R", kids[1]):
            yield from self._kids(self.objects[int(number)])

    def content(self, page: bytes) -> bytes:
        found = re.search(rb"/Contents\s*(?:\[([^\]]*)\]|(\d+) 0 R)", page)
        numbers = re.findall(rb"\d+(?= 0 R)", found[1]) if found and found[1] else [found[2]] if found else []
        return b"\n".join(self.stream(int(number)) for number in numbers)

    def fonts(self, page: bytes) -> dict[bytes, dict[int, str]]:
        """The character maps of a page's fonts, by the name that its content calls them."""
        resources = self._inside(page, b"/Resources")
        table = self._inside(resources, b"/Font")
        return {name: self._characters(int(number)) for name, number in re.findall(rb"/(\w+)\s+(\d+) 0 R", table)}

    def _inside(self, body: bytes, name: bytes) -> bytes:
        """A dictionary that stands in this one, in place or by reference."""
        start = re.search(re.escape(name) + rb"\s*(?:(\d+) 0 R|<<)", body)
        if start is None:
            return b""
        if start[1]:
            return self.objects[int(start[1])]
        depth, place = 0, start.end() - 2
        for mark in re.finditer(rb"<<|>>", body[place:]):
            depth += 1 if mark[0] == b"<<" else -1
            if depth == 0:
                return body[place : place + mark.end()]
        return body[place:]

    def _characters(self, font: int) -> dict[int, str]:
        found = re.search(rb"/ToUnicode\s+(\d+) 0 R", self.objects[font])
        if found is None:
            return {}
        table = self.stream(int(found[1])).decode("latin-1")
        characters: dict[int, str] = {}
        for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.S):
            for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
                characters[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
        for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.S):
            for first, last, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
                base = bytes.fromhex(text).decode("utf-16-be")
                for step in range(int(last, 16) - int(first, 16) + 1):
                    characters[int(first, 16) + step] = base[:-1] + chr(ord(base[-1]) + step)
        return characters


def read_texts(pdf: bytes) -> list[str]:
    """The words of each page: one line for each piece of text that was set on its own."""
    document = _Pdf(pdf)
    return [_words(document.content(page), document.fonts(page)) for page in document.pages()]


def _words(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    lines: list[str] = []
    font: dict[int, str] = {}
    for token in _tokens(content):
        if token.startswith(b"/"):
            font = fonts.get(token[1:], {})
        elif token == b"BT":
            lines.append("")
        else:
            raw = bytes.fromhex(token[1:-1].decode()) if token.startswith(b"<") else _unescaped(token[1:-1])
            codes = [int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2)]
            lines[-1:] = ["".join([*lines[-1:], *(font.get(code, "\ufffd") for code in codes)])]
    return "\n".join(lines)


def _tokens(content: bytes) -> Iterator[bytes]:
    """Starts of text, choices of a font, and strings: hexadecimal, or in brackets that may hold brackets that match."""
    place = 0
    while (found := _TOKEN.search(content, place)) is not None:
        place = found.end()
        if found[0] != b"(":
            yield found[0]
            continue
        depth = 1
        while depth and place < len(content):
            mark = content[place : place + 1]
            depth += (mark == b"(") - (mark == b")")
            place += 2 if mark == b"\\" else 1
        yield content[found.start() : place]


def _unescaped(text: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        mark = match[1]
        return bytes([int(mark, 8) & 255]) if mark[:1].isdigit() else _ESCAPES.get(mark, mark)

    return re.sub(rb"\\([0-7]{1,3}|.)", one, text, flags=re.S)


def read_qr(pdf: bytes, page: int = 0) -> str:
    """What the QR code of a page carries. Raises ValueError when there is none that can be read."""
    document = _Pdf(pdf)
    content = document.content(list(document.pages())[page])
    runs = [(float(x), int(y), float(end)) for x, y, end in _RUN.findall(content)]
    if not runs:
        raise ValueError("no QR code on this page")
    left, top = int(min(x for x, _, _ in runs)), min(y for _, y, _ in runs)
    size = max(y for _, y, _ in runs) - top + 1
    modules = [[False] * size for _ in range(size)]
    for x, y, end in runs:
        for place in range(int(x) - left, int(end) - left):
            modules[y - top][place] = True
    return decode(modules)
