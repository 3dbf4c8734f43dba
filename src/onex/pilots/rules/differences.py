"""What changed in a text between two submissions: pieces that stayed, went or came, down to the word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_CLAUSE = re.compile(r"[^。；;！？!?，,\n]*[。；;！？!?，,\n]?")
# A run of letters or digits is one word; of Chinese every character is one.
_WORD = re.compile(r"[0-9]+(?:\.[0-9]+)?|[A-Za-z]+|\s+|.", re.DOTALL)
MOST_PAIRS = 40_000  # of words compared with each other; longer stretches are shown as replaced


@dataclass(frozen=True)
class Piece:
    """A stretch of text: `kind` is "same", "gone" or "new"."""

    kind: str
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The later text with what went and what came marked: clause by clause, then word by word within those changed."""
    before, after = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    return _joined(_compared(_CLAUSE.findall(before), _CLAUSE.findall(after), _within))


def _within(gone: str, new: str) -> Iterator[Piece]:
    old_words, new_words = _WORD.findall(gone), _WORD.findall(new)
    if not gone or not new or len(old_words) * len(new_words) > MOST_PAIRS:
        yield from _replaced(gone, new)
        return
    pieces = list(_compared(old_words, new_words, _replaced))
    same = sum(len(piece.text) for piece in pieces if piece.kind == "same")
    # Two clauses that share a few characters by chance are easier read one after the other.
    yield from pieces if same * 3 >= min(len(gone), len(new)) else _replaced(gone, new)


def _replaced(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", gone)
    if new:
        yield Piece("new", new)


def _compared(old: Sequence[str], new: Sequence[str], changed: object) -> Iterator[Piece]:
    for what, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if what == "equal":
            yield Piece("same", "".join(old[a:b]))
        else:
            yield from changed("".join(old[a:b]), "".join(new[c:d]))  # type: ignore[operator]


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].kind == piece.kind:
            found[-1] = Piece(piece.kind, found[-1].text + piece.text)
        elif piece.text:
            found.append(piece)
    return found
