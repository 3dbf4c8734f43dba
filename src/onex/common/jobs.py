"""Work that runs later: `later(task, **ids)` enqueues in the caller's transaction, so a job commits with its data.

The runner (the table of django-tasks in `default`) is this file's secret. A task takes ids as strings, may run twice,
and calls one service; for each there is a query of what is due and a sweep: a dead queue makes the platform slow, not
wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_tasks import task as _task

task: Callable[..., Any] = _task


def later(job: Any, **ids: str) -> None:
    """Run `job(**ids)` after this transaction commits; nothing runs when it does not."""
    job.enqueue(**ids)
