"""The exam client's files, from memory, compressed once: a start storm touches no disk."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from onex.examroom.gate.http import Headers

SAFETY: Headers = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
_PACKED = {".html", ".js", ".css", ".svg", ".json", ".txt", ".map", ".webmanifest"}


@dataclass(frozen=True, slots=True)
class File:
    plain: bytes
    packed: bytes | None
    headers: Headers
    etag: bytes


class Shell:
    """Everything below one folder at /exam/…; `assets/` carry their hash in the name and may be kept for ever."""

    def __init__(self, folder: Path | None) -> None:
        self._files: dict[str, File] = {}
        if folder is not None and folder.is_dir():
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    name = file.relative_to(folder).as_posix()
                    self._files["/exam/" + ("" if name == "index.html" else name)] = _load(file, name)

    def find(self, path: str) -> File | None:
        return self._files.get(path)


def _load(file: Path, name: str) -> File:
    plain = file.read_bytes()
    packed = gzip.compress(plain, 9, mtime=0) if file.suffix in _PACKED else None
    if packed is not None and len(packed) >= len(plain):
        packed = None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("javascript", "json")):
        kind += "; charset=utf-8"
    etag = f'"{sha256(plain).hexdigest()[:32]}"'.encode()
    keep = b"public, max-age=31536000, immutable" if name.startswith("assets/") else b"no-cache"
    headers = [
        (b"content-type", kind.encode()),
        (b"etag", etag),
        (b"cache-control", keep),
        (b"vary", b"accept-encoding"),
        *SAFETY,
    ]
    return File(plain, packed, headers, etag)
