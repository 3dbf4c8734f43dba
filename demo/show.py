"""What the demonstration prints: a bar, a line a step, closing tables. Chinese unless the terminal is English."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

ENGLISH = os.environ.get("LC_ALL", os.environ.get("LANG", "")).lower().startswith("en")
BAR = 24


def tr(chinese: str, english: str) -> str:
    return english if ENGLISH else chinese


def width(text: str) -> int:
    """Columns of a terminal that a text takes: two for each Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


class Show:
    """The terminal. Redraws one line where it can, prints plain lines where it is read by a file."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.is_live = sys.stdout.isatty()
        self._now = ""

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """One step: yields a list for what was seen, printed behind the title when it is over."""
        seen: list[str] = []
        began = time.monotonic()
        self._now = title
        self._draw()
        try:
            yield seen
        except BaseException:
            self._line(f"✗ {self.done + 1:>2}/{self.total} {title}")
            raise
        self.done += 1
        note = tr("：", ": ") + tr("；", "; ").join(seen) if seen else ""
        self._line(f"✓ {self.done:>2}/{self.total} {title}{note}  ({time.monotonic() - began:.1f} s)")

    def progress(self, done: int, total: int, what: str) -> None:
        """How far a long step has come; only where the line can be redrawn."""
        if self.is_live:
            self._draw(f"{what} {done}/{total}", done / total if total else 1.0)

    def _draw(self, words: str = "", share: float = 0.0) -> None:
        if not self.is_live:
            return
        filled = round(BAR * (self.done + share) / self.total)
        bar = "█" * filled + "░" * (BAR - filled)
        sys.stdout.write(f"\r\x1b[2K{bar} {self.done}/{self.total} {self._now} {words}")
        sys.stdout.flush()

    def _line(self, text: str) -> None:
        if self.is_live:
            sys.stdout.write("\r\x1b[2K")
        print(text, flush=True)

    def say(self, text: str) -> None:
        self._line(text)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A plain table with columns in line, whatever the script."""
    lines = [list(map(str, heads)), *[list(map(str, row)) for row in rows]]
    columns = [max(width(line[place]) for line in lines) for place in range(len(heads))]
    shown = ["  ".join(padded(text, size) for text, size in zip(line, columns, strict=True)).rstrip() for line in lines]
    return "\n".join([shown[0], "  ".join("─" * size for size in columns), *shown[1:]])
