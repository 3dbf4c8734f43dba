"""What all tests stand on: an installation of their own, on SQLite or (ONEX_TEST_PG=<socket folder>) on PostgreSQL.

The environment is decided here, before Django reads it; `./onex test` runs the suite once with each database.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack

_folder = tempfile.mkdtemp(prefix="onex-test-")
os.mkdir(os.path.join(_folder, "static"))  # WhiteNoise warns of a missing folder, and warnings are errors
# Not in pyproject: pytest-django would read the settings before this file had its say.
os.environ["DJANGO_SETTINGS_MODULE"] = "onex.config.settings"
os.environ["ONEX_TESTING"] = "1"
os.environ["ONEX_DATA"] = _folder
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's sync API runs an event loop of its own
for _name in ("DATABASE_URL", "ROOM_DATABASE_URL", "ONEX_SECRET_KEY"):
    os.environ.pop(_name, None)
if _socket := os.environ.get("ONEX_TEST_PG"):
    _suffix = os.environ.get("ONEX_TEST_SUFFIX", "")
    os.environ["DATABASE_URL"] = f"postgres://postgres@/{_socket}/onex{_suffix}"
    os.environ["ROOM_DATABASE_URL"] = f"postgres://postgres@/{_socket}/onex_room{_suffix}"

from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402

settings.DATABASES  # noqa: B018  (reading them now is what tells pytest-django that Django is there to be set up)

from django.db import connections, transaction  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402

_leave_nothing = TransactionTestCase._fixture_teardown


def _leave_nothing_even_of_the_log(self):  # type: ignore[no-untyped-def]
    """Tests that commit are cleaned by emptying tables, which the log's triggers refuse to everybody else."""
    from onex.common import audit_guard

    with ExitStack() as open_log:
        for alias in self.databases or ():
            if connections[alias].settings_dict["NAME"]:
                open_log.enter_context(transaction.atomic(using=alias))
                open_log.enter_context(audit_guard.opened(alias))
        _leave_nothing(self)


TransactionTestCase._fixture_teardown = _leave_nothing_even_of_the_log  # type: ignore[method-assign]

# A worker reads the settings before this file has its say, with the folder of who started it: its files are its own.
settings.MEDIA_ROOT = os.path.join(_folder, "files")
settings.AUDIT_HEAD = Path(_folder, "audit-head.json")


@pytest.fixture(autouse=True)
def _no_head_without_its_chain() -> Iterator[None]:
    """The head of the audit log is a file, which no rollback takes back with the test's traces."""
    yield
    Path(_folder, "audit-head.json").unlink(missing_ok=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the tests, and choose those for PostgreSQL.

    The whole cycle comes first: most of its minutes it waits, and begun last it would be waited for. The second run, on
    PostgreSQL, is of what asks a database; the rest would only be run again as it was.
    """
    items.sort(key=lambda one: "journeys" not in one.path.parts)
    if not _socket:
        return
    asks = [one for one in items if _asks_a_database(one)]
    config.hook.pytest_deselected(items=[one for one in items if not _asks_a_database(one)])
    items[:] = asks


def _asks_a_database(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("django_db", "server", "browser"))
    return marked or bool({"db", "transactional_db"} & set(getattr(item, "fixturenames", ())))
