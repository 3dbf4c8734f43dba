"""Work that runs later: `later(task, **ids)` enqueues in the caller's transaction, so a job commits with its data.

The runner (the table of django-tasks in `default`) is this file's secret. A task takes ids as strings, may run twice,
and calls one service; for each there is a query of what is due and a sweep: a dead queue makes the platform slow, not
wrong. The table keeps neither what an exception said, which may be an address or a phone, nor a job that is long over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from traceback import extract_tb
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django_tasks import task as _task
from django_tasks_db.models import DBTaskResult

from onex.common.text import Refused

M = TypeVar("M")
log = logging.getLogger("onex.sweep")
KEPT = timedelta(days=7)  # how long the queue's table tells of what is over


class JobFailed(Exception):
    """What the runner is told of a job that failed: the kind of the exception and its place, never its words."""


def task(**options: Any) -> Callable[[Callable[..., None]], Any]:
    """Make a function of a module a job. What it raises goes to the log, which masks it, and not into the table."""

    def decorate(work: Callable[..., None]) -> Any:
        @wraps(work)
        def told(*args: Any, **ids: Any) -> None:
            try:
                work(*args, **ids)
            except Exception as broken:
                log.exception("job %s", work.__qualname__)
                raise JobFailed(_kind_and_place(broken)) from None

        return _task(**options)(told)

    return decorate


def _kind_and_place(broken: Exception) -> str:
    last = extract_tb(broken.__traceback__)[-1]
    kind = type(broken)
    return f"{kind.__module__}.{kind.__qualname__} in {last.name} ({Path(last.filename).name}:{last.lineno})"


def over(at: datetime) -> QuerySet[Any]:
    """What the queue's table need not tell any more: jobs that ended a week ago, and those whose worker was killed."""
    before = at - KEPT
    return DBTaskResult.objects.filter(Q(finished_at__lt=before) | Q(finished_at=None, started_at__lt=before))


def forget(at: datetime) -> int:
    """Drop what is over; answers how many."""
    return over(at).delete()[0]


def later(job: Any, **ids: str) -> None:
    """Run `job(**ids)` after this transaction commits; nothing runs when it does not."""
    job.enqueue(**ids)


@dataclass(frozen=True)
class Swept:
    """What one sweep did: how many rows it finished, and which it could not, each with the reason."""

    done: int
    failed: tuple[str, ...] = ()


def for_each(rows: Iterable[M], act: Callable[[M], Any]) -> Swept:
    """The loop of a sweep: what fails is logged with its row, and the next row has its turn."""
    done, failed = 0, []
    for row in rows:
        try:
            act(row)
        except Refused as refused:
            failed.append(f"{row}: {refused}")
            log.warning("sweep: %s: %s", row, refused)
        except Exception as broken:  # one row must not keep the others waiting, whatever is wrong with it
            failed.append(f"{row}: {broken!r}")
            log.exception("sweep: %s", row)
        else:
            done += 1
    return Swept(done, tuple(failed))
