"""Starting the limited process and believing nothing it says without a bound: bytes in, one answer out.

A new interpreter costs about a tenth of a second for a file (docs/decisions/0100). It gets an empty environment, so no
key and no address of ours is in it, and sets its own limits before it looks at the bytes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from onex.common.text import Refused, Say, say

log = logging.getLogger("onex.airlock")
CHILD = Path(__file__).with_name("child.py")
MOST_ANSWER = 80_000_000  # bytes; a child that was taken over cannot fill our memory either


@dataclass(frozen=True)
class Limits:
    """What one job may use beyond the bare interpreter: bytes of memory, seconds of processor and of wall clock."""

    memory: int
    cpu: int
    wall: float = 30.0


def limits_of(job: str, size: int) -> Limits:
    """A small file has no honest reason to need long: that is what makes a bomb of it.

    A full roster (4 MB) needs 4 seconds. A picture's work is its pixels, which are capped; turning forty million of
    them upright takes copies of 160 MB.
    """
    if job == "picture":
        return Limits(memory=600_000_000, cpu=15)
    if job == "photos":  # twenty megabytes are a class of large photos or four of small ones, twenty seconds at most
        return Limits(memory=600_000_000, cpu=min(5 + 2 * size // 1_000_000, 40), wall=60.0)
    return Limits(memory=300_000_000, cpu=min(4 + 3 * size // 1_000_000, 20))


PLACES = 2  # children at once in one process of ours: memory for uploads is bounded, and the gate keeps a core
PATIENCE = 30.0
_places = threading.BoundedSemaphore(PLACES)


class Unreadable(Refused):
    """The bytes are not what they should be; `why` is for the log, the sentence for the person."""

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__(say("打不开这个文件：它可能已损坏，请重新导出后再上传。"))


class TooMuch(Refused):
    """The bytes asked for more memory, time or output than any honest file needs."""

    def __init__(self) -> None:
        super().__init__(say("文件解开后过大，或结构异常，没有处理。请另存为一个新文件后再上传。"))


@dataclass(frozen=True)
class Opened:
    """What a job answered, and the most memory the child had (0 where the system does not tell)."""

    value: Any
    peak: int


def opened(job: str, raw: bytes, limits: Limits | None = None, **options: Any) -> Opened:
    """Do one job of `child.JOBS` on these bytes.

    Raises Refused with the job's own sentence, Unreadable, TooMuch; RuntimeError when the child could not start.
    """
    limits = limits or limits_of(job, len(raw))
    with _place():
        code, said, complaint = _talk(job, raw, limits, options)
    if code > 0:
        raise RuntimeError(f"the airlock could not start {job}: {complaint[-2000:]}")
    if code < 0 or len(said) > MOST_ANSWER:
        log.warning("airlock: %s of %d bytes ended by signal %d after %d bytes", job, len(raw), -code, len(said))
        raise TooMuch
    return _answer(job, said)


@contextlib.contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE):
        raise Refused(say("正在处理的文件较多，请稍后再上传。"))
    try:
        yield
    finally:
        _places.release()


def _talk(job: str, raw: bytes, limits: Limits, options: dict[str, Any]) -> tuple[int, bytes, str]:
    """(exit code, what it answered, its last words). The child reads everything before it writes, so nobody waits."""
    head = msgspec.msgpack.encode({"memory": limits.memory, "cpu": limits.cpu, "options": options})
    paths = json.dumps([os.path.abspath(path) for path in sys.path if path])
    process = subprocess.Popen(  # noqa: S603 (our own interpreter and our own file)
        [sys.executable, "-I", "-S", str(CHILD), paths, job],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd="/",
    )
    watch = threading.Timer(limits.wall, process.kill)
    watch.start()
    # The type checker is told what PIPE says.
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    try:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(len(head).to_bytes(4, "big") + head)
            process.stdin.write(raw)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        said = process.stdout.read(MOST_ANSWER + 1)
        if len(said) > MOST_ANSWER:
            process.kill()
        complaint = process.stderr.read(4_000).decode(errors="replace")
        return process.wait(), said, complaint
    finally:
        watch.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def _answer(job: str, said: bytes) -> Opened:
    try:
        answer = msgspec.msgpack.decode(said)
        reasons = [Say.from_json(reason) for reason in answer.get("refused", ())]
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError, ValueError) as failure:
        log.warning("airlock: %s answered what no job answers", job)
        raise TooMuch from failure
    if reasons:
        raise Refused(*reasons)
    if "too_much" in answer:
        raise TooMuch
    if "unreadable" in answer:
        log.info("airlock: %s: %s", job, answer["unreadable"])
        raise Unreadable(str(answer["unreadable"]))
    return Opened(answer.get("value"), int(answer.get("peak", 0)))
