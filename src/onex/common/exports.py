"""Every list that leaves the platform as a file: traced before it goes, marked with who and when, loud when it is much.

One way out for all apps. More rows than `settings.EXPORT_REASON_ROWS`, in one file or together in an hour, ask for a
reason and raise an alarm that auditors and the security administrator see (trust.md A.6 36).
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime

from onex.common import sheets, tx
from onex.common.actors import Actor
from onex.common.files import CONTENT_TYPES, as_download
from onex.common.models import Trace
from onex.common.moves import leave_trace
from onex.common.text import Refused, Say, say

EXPORT, ALARM = "export", "alarm"
MOST = 200_000  # rows of one file: what Excel opens without pain
WINDOW = timedelta(hours=1)
LEAST_REASON = 5
IN_MEMORY = 2_000  # rows; above, the file is made on disk


def respond(
    request: Any,
    name: str,
    columns: Sequence[sheets.Column],
    rows: Any,
    line: Callable[[Any], dict[str, Any]] | None = None,
    *,
    subject: Model | None = None,
    write: Callable[..., None] = sheets.write_marked,
) -> Any:
    """The rows as an Excel download, or the page that asks for the reason.

    `rows` is a queryset or a list, and `line` makes a row of the sheet from each; `write` makes the file, for a sheet
    that is filled in and comes back. Raises Refused when it is too much for one file.
    """
    count = rows.count() if isinstance(rows, QuerySet) else len(rows)
    if count > MOST:
        raise Refused(say("一次最多导出 {most} 行，现在是 {n} 行。请先用筛选条件缩小范围。", most=MOST, n=count))
    before = lately(request.actor, request.at)
    reason = str(request.POST.get("reason", "")).strip() if request.method == "POST" else ""
    is_much = before + count > settings.EXPORT_REASON_ROWS
    if is_much and len(reason) < LEAST_REASON:
        return _ask(request, name, count, before, reason)
    about = note(request, name, count, before=before, reason=reason, subject=subject)
    found: Iterable[Any] = rows.iterator(chunk_size=2_000) if _may_stream(rows) else rows
    file: BinaryIO = io.BytesIO() if count <= IN_MEMORY else tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    write(file, columns, map(line, found) if line else found, about, mark_of(request.actor, request.at))
    if isinstance(file, io.BytesIO):
        return as_download(HttpResponse(file.getvalue(), content_type=CONTENT_TYPES["xlsx"]), name)
    file.seek(0)
    return as_download(FileResponse(file, content_type=CONTENT_TYPES["xlsx"]), name)


def _may_stream(rows: Any) -> bool:
    return isinstance(rows, QuerySet) and rows._result_cache is None


def note(
    request: Any, name: str, count: int, *, before: int = 0, reason: str = "", subject: Model | None = None
) -> list[tuple[Say, Any]]:
    """Trace an export, and raise the alarm when it is much; answers what the file's last sheet says."""
    actor, at = request.actor, request.at
    filters = {key: value for key, value in request.GET.items() if value and key != "page"}
    is_much = before + count > settings.EXPORT_REASON_ROWS
    with tx.write():
        told = {"file": name, "count": count, "filters": filters, "path": request.path}
        trace = leave_trace(subject, EXPORT, by=actor, at=at, note=reason, data=told)
        if is_much:
            raise_alarm(actor, at, name, count, before, reason, subject)
    return [
        (say("导出人"), actor.label),
        (say("身份"), actor.role.label),
        (say("导出时间"), f"{localtime(at):%Y-%m-%d %H:%M:%S}"),
        (say("来源地址"), actor.address),
        (say("行数"), count),
        (say("筛选条件"), "；".join(f"{key}={value}" for key, value in filters.items()) or say("无")),
        (say("导出理由"), reason or say("未要求")),
        (say("记录编号"), trace.pk),
        (say("提示"), say("本文件已登记，含个人信息的内容仅限所述用途，请勿转发。")),
    ]


def raise_alarm(
    actor: Actor, at: datetime, name: str, count: int, before: int, reason: str, subject: Model | None
) -> None:
    """The volume alarm: a trace of its own, which auditors' pages bring to the top."""
    data = {"kind": "volume", "file": name, "count": count, "before": before}
    leave_trace(subject, ALARM, by=actor, at=at, note=reason, data=data)


def lately(actor: Actor, at: datetime) -> int:
    """How many rows this person exported in the last hour: slicing a list does not make it small."""
    traces = Trace.objects.filter(actor_id=actor.user_id, verb=EXPORT, at__gt=at - WINDOW, at__lte=at)
    return sum(int(data.get("count", 0)) for data in traces.values_list("data", flat=True))


def mark_of(actor: Actor, at: datetime) -> str:
    """The line on every printed page: who took it, and when."""
    return str(say("OneX · {who} · {at} 导出", who=actor.label, at=f"{localtime(at):%Y-%m-%d %H:%M:%S}"))


def _ask(request: Any, name: str, count: int, before: int, reason: str) -> HttpResponse:
    is_tried = request.method == "POST"
    context = {
        "name": name,
        "count": count,
        "before": before,
        "limit": settings.EXPORT_REASON_ROWS,
        "reason": reason,
        "problem": say("请写明导出的用途，至少 {n} 个字。", n=LEAST_REASON) if is_tried else "",
    }
    return render(request, "common/export_reason.html", context, status=422 if is_tried else 200)
