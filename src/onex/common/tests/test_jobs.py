"""Jobs that fail and jobs that are over: what the queue's own table tells of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from onex.accounts.tests.factories import NOON
from onex.common import jobs
from onex.common.jobs import later, task
from onex.common.tests.test_logs import console  # noqa: F401 (a fixture)
from onex.common.text import Refused, say

pytestmark = pytest.mark.django_db
PHONE, ADDRESS = "13812345678", "zhou@example.cn"
DAY = timedelta(days=1)


@task()
def breaks(user_id: str) -> None:
    try:
        raise KeyError(ADDRESS)
    except KeyError as before:
        raise ValueError(f"no such person: {PHONE}, {ADDRESS}") from before


@task()
def refuses(user_id: str) -> None:
    raise Refused(say("{phone} 已停用", phone=PHONE))


@task()
def works(user_id: str) -> None:
    return None


@pytest.fixture(autouse=True)
def _queue(settings: Any) -> None:
    """The queue of an installation, not the tests' own, which runs a job at once."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def run(job: Any, **ids: str) -> DBTaskResult[Any, Any]:
    """The row of this job after a worker had it."""
    later(job, **ids)
    row = DBTaskResult.objects.get()
    row.claim("worker")
    Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False, max_tasks=None,
        worker_id="worker", excluded_queue_names=[],
    ).run_task(row)  # fmt: skip
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("job", "kind"), [(breaks, "builtins.ValueError in breaks"), (refuses, "onex.common.text.Refused in refuses")]
)
def test_a_job_that_fails_leaves_kind_and_place_in_the_table_and_masked_words_in_the_log(
    job: Any,
    kind: str,
    console: Any,  # noqa: F811
) -> None:
    row = run(job, user_id="1")
    assert row.status == "FAILED"
    assert f"{kind} (test_jobs.py:" in row.traceback
    for secret in (PHONE, ADDRESS):
        assert secret not in str(DBTaskResult.objects.values().get())
        assert secret not in console.getvalue()
    assert f"job {job.name}" in console.getvalue()
    assert "138****5678" in console.getvalue()


def test_a_job_called_with_what_it_does_not_know_fails_in_the_same_way() -> None:
    row = run(works, user_id="1", more="2")
    assert "builtins.TypeError in told" in row.traceback


def test_a_job_that_works_leaves_nothing_to_tell() -> None:
    row = run(works, user_id="1")
    assert (row.status, row.traceback, row.args_kwargs["kwargs"]) == ("SUCCESSFUL", "", {"user_id": "1"})


def test_what_is_over_goes_after_a_week_and_what_waits_stays() -> None:
    ended, failed, killed, running, waiting = (
        DBTaskResult.objects.create(
            args_kwargs={"args": [], "kwargs": {}}, task_path="x", backend_name="default", run_after=NOON, **values
        )
        for values in (
            {"status": "SUCCESSFUL", "started_at": NOON, "finished_at": NOON},
            {"status": "FAILED", "started_at": NOON, "finished_at": NOON},
            {"status": "RUNNING", "started_at": NOON},
            {"status": "RUNNING", "started_at": NOON + 2 * DAY},
            {"status": "READY"},
        )
    )
    assert jobs.forget(NOON + 6 * DAY) == 0
    assert set(jobs.over(NOON + 8 * DAY)) == {ended, failed, killed}
    assert jobs.forget(NOON + 8 * DAY) == 3
    assert set(DBTaskResult.objects.all()) == {running, waiting}
