"""How far the chain has come, told outside the database: a small signed file in the data directory.

The chain's digests need no key, so whoever writes the database can cut its end off or make it again. The file
remembers the end. It is never ahead of what is committed and never goes back by itself; where the database knows less
than the file, the file stays as it is and an alarm is left (docs/decisions/0101-audit.md).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from onex.common import audit, tx
from onex.common.actors import SYSTEM
from onex.common.clock import now
from onex.common.models import AuditLink, AuditRoot, Trace
from onex.common.moves import leave_trace
from onex.common.text import Say, say

log = logging.getLogger("onex.audit")
ALARM, ACCEPTED = "alarm", "audit_head_accept"  # verbs of the trace
_LOCK = 7_310_101  # the advisory lock that makes the sealer one, in whichever process and on whichever server


@dataclass(frozen=True)
class Head:
    """The end of the chain, and of its daily roots."""

    seq: int = 0
    digest: str = audit.FIRST_DIGEST
    roots: int = 0
    day: date | None = None  # of the last root

    def words(self) -> bytes:
        """What the file's signature covers."""
        return f"head {self.seq} {self.digest} {self.roots} {self.day.isoformat() if self.day else '-'}".encode()


class Unreadable(Exception):
    """The file is there and cannot be believed."""


@contextmanager
def alone() -> Iterator[None]:
    """A transaction that is the only one of its kind: whoever seals, makes a root or moves the file waits here."""
    with tx.write():
        if connection.vendor == "postgresql":  # on SQLite the transaction is the lock
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def stands() -> Head:
    """The end as the database tells it."""
    last = AuditLink.objects.order_by("-seq").first()
    root = AuditRoot.objects.order_by("-day").first()
    seq, digest = (last.seq, last.digest) if last is not None else (0, audit.FIRST_DIGEST)
    return Head(seq, digest, AuditRoot.objects.count(), root.day if root is not None else None)


def kept() -> Head | None:
    """The end as the file tells it; None when there is no file. Raises Unreadable."""
    try:
        told = json.loads(_file().read_bytes())
        day = date.fromisoformat(told["day"]) if told["day"] else None
        head = Head(int(told["seq"]), str(told["digest"]), int(told["roots"]), day)
        mac = str(told["mac"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise Unreadable from failure
    if not audit.is_signed(head.words(), mac):
        raise Unreadable
    return head


def is_there() -> bool:
    """Whether there is a file, readable or not."""
    return _file().exists()


def write(head: Head) -> None:
    """Put this end into the file, whole or not at all; for its owner's eyes only."""
    file = _file()
    told = {**asdict(head), "day": head.day.isoformat() if head.day else None, "mac": audit.sign(head.words())}
    fresh, folder = file.with_name(f"{file.name}.new"), file.parent.stat()
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        if os.geteuid() == 0:  # an operator's command must not lock the service out
            os.fchown(out.fileno(), folder.st_uid, folder.st_gid)
        json.dump(told, out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def problems() -> list[Say]:
    """What the file tells and the database does not, in sentences. Call it `alone`."""
    try:
        head = kept()
    except Unreadable:
        return [say("{file} 读不出，或签名无效", file=_file().name)]
    if head is not None:
        return list(_lost(head))
    # A new installation writes the file before its first link (`follow`).
    return [] if stands() == Head() else [say("{file} 不在，链的末端无从核对", file=_file().name)]


def _lost(head: Head) -> Iterator[Say]:
    told: dict[str, Any] = {"file": _file().name, "seq": head.seq}
    last = stands().seq
    if head.seq and not last:
        yield say("链是空的，而 {file} 已记到第 {seq} 号", **told)
    elif last < head.seq:
        yield say("链只到第 {last} 号，而 {file} 已记到第 {seq} 号：末端被删去", **told, last=last)
    elif head.seq and not AuditLink.objects.filter(seq=head.seq, digest=head.digest).exists():
        yield say("链上第 {seq} 号的摘要与 {file} 所记不同：链被重做过", **told)
    # Only days up to the file's: a root made since is no substitute for one that is gone.
    days = AuditRoot.objects.filter(day__lte=head.day) if head.day else AuditRoot.objects.none()
    if days.count() < head.roots or (head.day and not days.filter(day=head.day).exists()):
        yield say(
            "{file} 记有 {n} 份存证，最后一份是 {day} 的；截至该日库中有 {left} 份：存证被删去",
            file=_file().name,
            n=head.roots,
            day=head.day,
            left=days.count(),
        )


def follow() -> None:
    """Bring the file to the end of what is committed, or leave an alarm where the database lost what it tells.

    Outside any other transaction, so that nothing uncommitted gets into the file. A process that stopped between its
    commit and this leaves a file that is behind: the next one brings it up.
    """
    with alone():
        if found := problems():
            _alarm(found)
        elif (head := stands()) != kept():
            try:
                write(head)
            except OSError:  # a full or foreign disk keeps nobody from sealing
                log.exception("%s was not written", _file().name)


def _alarm(found: list[Say]) -> None:
    """Once for what the file tells, until somebody accepts it."""
    try:
        head = kept()
    except Unreadable:
        head = None
    about = {"kind": "head", "number": head.seq} if head is not None else {"kind": "head"}
    alarms = Trace.objects.filter(verb=ALARM, data__kind="head")
    if accepted := _signed(Trace.objects.filter(verb=ACCEPTED)):
        alarms = alarms.filter(pk__gt=max(one.pk for one in accepted))
    if any(one.data == about for one in _signed(alarms)):
        return
    note = "；".join(str(one) for one in found)
    log.error("the audit log lost what %s tells: %s", _file().name, note)
    leave_trace(None, ALARM, by=SYSTEM, at=now(), note=note, data=about)


def _signed(rows: QuerySet[Trace]) -> list[Trace]:
    # A forged alarm must not keep the true one from being left.
    return [one for one in rows if audit.is_signed(audit.content(one), one.mac)]


def _file() -> Path:
    return Path(settings.AUDIT_HEAD)
