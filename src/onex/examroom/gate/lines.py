"""A line: its shape on the wire, its hash, its receipt; and what the chains of lines and batches say. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Protocol

import msgspec

FIRST = "0" * 64
FIRST_DIGEST = bytes(32)
LINES_AT_ONCE = 20
BODY_LIMIT = 48_000  # characters of one answer; the longest text item has 10,000, which JSON may write longer
SEQ_AHEAD = 1000  # how far a seq may run ahead of what is stored

_hex = re.compile(r"[0-9a-f]{64}").fullmatch


class Line(msgspec.Struct, gc=False):
    """One answer value as sent; `body` is JSON text, `prev` and `hash` are lower-case hex."""

    seq: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    item: str
    body: str
    prev: str
    hash: str


class Kept(msgspec.Struct, gc=False):
    """A line that is on disk, with the proof the candidate may show."""

    seq: int
    hash: str
    at: int
    receipt: str
    key: str


class Bad(msgspec.Struct, gc=False):
    """A line that can never be kept, and the reason in one word."""

    seq: int
    why: str


def line_hash(prev: str, attempt: str, sign_in: int, seq: int, item: str, body: str) -> str:
    """docs/exam-room.md, "A line"; `attempt` in lower case with hyphens."""
    return sha256(f"{prev}\n{attempt}\n{sign_in}\n{seq}\n{item}\n{body}".encode()).hexdigest()


def receipt(key: bytes, attempt: str, sign_in: int, seq: int, line: str, at: int) -> str:
    """HMAC-SHA256 over attempt|sign_in|seq|hash|at; `at` is the database's time of the commit."""
    return hmac.digest(key, f"{attempt}|{sign_in}|{seq}|{line}|{at}".encode(), "sha256").hex()


def hand_in_receipt(key: bytes, attempt: str, handed_in_at: int) -> str:
    """HMAC-SHA256 over attempt|hand-in|handed_in_at: the same however often it is asked for."""
    return hmac.digest(key, f"{attempt}|hand-in|{handed_in_at}".encode(), "sha256").hex()


def why_bad(line: Line, attempt: str, sign_in: int, items: frozenset[str], above: int) -> str | None:
    """Why this line can never be kept: cheap and bounded; the item kinds judge answers when they are scored."""
    if line.seq <= above:
        return "seq"
    if line.item not in items:
        return "item"
    if len(line.body) > BODY_LIMIT or "\0" in line.body:
        return "body"
    if _hex(line.prev) is None or line.hash != line_hash(line.prev, attempt, sign_in, line.seq, line.item, line.body):
        return "hash"
    try:
        msgspec.json.decode(line.body)
    except (ValueError, RecursionError):
        return "body"
    return None


def batch_digest(prev: bytes, hashes: Iterable[bytes]) -> bytes:
    """The head of a writer's chain after a batch: over the previous head and the batch's line hashes in key order."""
    return sha256(prev + b"".join(hashes)).digest()


class Stored(Protocol):
    """A line as a row of `answer`."""

    @property
    def sign_in(self) -> int: ...
    @property
    def seq(self) -> int: ...
    @property
    def item(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def prev(self) -> bytes | memoryview[int]: ...
    @property
    def hash(self) -> bytes | memoryview[int]: ...


def is_intact(attempt: str, line: Stored) -> bool:
    """Whether the row is still what the candidate's page hashed."""
    wanted = line_hash(bytes(line.prev).hex(), attempt, line.sign_in, line.seq, line.item, line.body)
    return wanted == bytes(line.hash).hex()


def chain_of(attempt: str, lines: Sequence[Stored], conflicts: int = 0) -> str:
    """What the candidate's own chains say of one attempt: ok, gap, fork or broken (the worst is said).

    Each (attempt, sign_in) is a chain from 64 zeros. A `prev` that no stored line has is a gap; two lines with one
    `prev`, or a line that clashed with a stored one, are a fork; a row that no longer has its own hash is broken.
    Numbers may jump (a page renumbers after a quarrel); the links decide.
    """
    if not all(is_intact(attempt, line) for line in lines):
        return "broken"
    links: Mapping[int, set[bytes]] = {line.sign_in: {FIRST_DIGEST} for line in lines}
    for line in lines:
        links[line.sign_in].add(bytes(line.hash))
    used = [(line.sign_in, bytes(line.prev)) for line in lines]
    if any(prev not in links[sign_in] for sign_in, prev in used):
        return "gap"
    return "fork" if conflicts or len(set(used)) < len(used) else "ok"
