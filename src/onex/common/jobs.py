"""Work that runs later: `later(task, **ids)` enqueues in the caller's transaction, so a job commits with its data.

The runner (the table of django-tasks in `default`) is this file's secret. A task takes ids as strings, may run twice,
and calls one service; for each there is a query of what is due and a sweep: a dead queue makes the platform slow, not
wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django_tasks import task as _task

from onex.common.text import Refused

M = TypeVar("M")
log = logging.getLogger("onex.sweep")
task: Callable[..., Any] = _task


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
