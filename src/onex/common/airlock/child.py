"""The limited process: read one job, give everything up, do it, answer once. Started by `run`, never imported.

After its imports it may not open another file or socket (RLIMIT_NOFILE), write to one (RLIMIT_FSIZE), start a process
(RLIMIT_NPROC), or grow beyond its memory and processor time. What it needs is therefore imported before.
"""

from __future__ import annotations

import codecs
import json
import os
import resource
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

# module and function of each job; a job imports only what it needs
JOBS = {
    "pdf": ("pdf", "judge"),
    "picture": ("pictures", "redraw"),
    "photos": ("photos", "redraw_all"),
    "office": ("office", "judge"),
    "old_word": ("old_word", "judge"),
    "workbook": ("workbook", "cells"),
    "yaml": ("yaml_text", "document"),
}
# Encodings that names in a zip, XML and old documents have; they too are imported when first used.
ENCODINGS = ("ascii", "latin-1", "cp437", "cp1252", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030")


def main(paths: str, name: str) -> None:
    """One job from standard input to standard output."""
    sys.path[:] = [*json.loads(paths), *sys.path]
    warnings.simplefilter("ignore")  # showing one would open its source
    import msgspec

    from onex.common.text import Refused

    module, function = JOBS[name]
    work: Callable[..., Any] = getattr(import_module(f"onex.common.airlock.{module}"), function)
    for encoding in ENCODINGS:
        codecs.lookup(encoding)
    source = sys.stdin.buffer
    head = msgspec.msgpack.decode(source.read(int.from_bytes(source.read(4), "big")))
    raw = source.read()
    status = _status()
    _give_up(head["memory"], head["cpu"])
    try:
        value = work(raw, **head["options"])
        answer = msgspec.msgpack.encode({"value": value, "peak": _peak(status)})
    except Refused as refused:
        answer = msgspec.msgpack.encode({"refused": [reason.as_json() for reason in refused.reasons]})  # type: ignore[union-attr]
    except MemoryError:
        answer = msgspec.msgpack.encode({"too_much": True})
    except BaseException as failure:  # parsers have a hundred error types, one of them is a panic; here they are one
        answer = msgspec.msgpack.encode({"unreadable": f"{type(failure).__name__}: {failure}"[:300]})
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    os._exit(0)  # whatever the parsers left behind is the system's to clear


def _give_up(memory: int, cpu: int) -> None:
    """Take every limit for good. What a system does not have (macOS knows no RLIMIT_AS) is left out."""
    sys.meta_path.clear()  # what is not imported by now is missing, and parsers know how to do without
    for limit, most in (
        (resource.RLIMIT_AS, _size() + memory),
        (resource.RLIMIT_CPU, cpu + 1),  # the imports took some of it
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))


def _size() -> int:
    """How much address space this process has now."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _status() -> int | None:
    with suppress(OSError):
        return os.open("/proc/self/status", os.O_RDONLY)
    return None


def _peak(status: int | None) -> int:
    """The most memory we had. (getrusage would tell our parent's: the system hands it on.)"""
    if status is None:
        return 0
    lines = os.pread(status, 4096, 0).decode().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
