"""The room's server for the gate's tests, and what holds its writer still while a batch gathers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from onex.examroom.tests.server import Server

# Models are imported inside the fixtures: this file is read before Django is set up.
IS_POSTGRES = "ONEX_TEST_PG" in os.environ
# Each database has troubles of its own; nothing is skipped, the other file is simply not this run's.
collect_ignore = ["test_gate_sqlite.py" if IS_POSTGRES else "test_gate_postgres.py"]


@pytest.fixture(scope="session")
def shell_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shell")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>考场</title>" + "<p>考场</p>" * 50, encoding="utf-8")
    (folder / "assets" / "main-abc123.js").write_text("export const ready = true;\n" * 50, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def _server(django_db_setup: None, shell_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(connections["room"].settings_dict, shell_folder, tmp_path_factory.mktemp("gate") / "log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(transactional_db: None, _server: Server) -> Server:
    """The gate for everybody, with committed data."""
    return _server


@pytest.fixture
def a_server(transactional_db: None, shell_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """A gate of one's own, to be killed or kept short."""
    started: list[Server] = []

    def start(**bounds: int) -> Server:
        server = Server(connections["room"].settings_dict, shell_folder, tmp_path / "log", **bounds)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


Seated = Callable[..., list[Any]]


@pytest.fixture
def seated() -> Iterator[Seated]:
    """Pages of a session's candidates: signed in, admitted and, with `started`, writing theory."""
    from onex.common.clock import now
    from onex.examroom import services
    from onex.examroom.tests.factories import a_session, candidate_of, the_chief
    from onex.examroom.tests.page import Page

    pages: list[Page] = []

    def seat(server: Server, session: Any = None, count: int = 1, *, started: bool = True) -> list[Page]:
        session = session or a_session(candidates=count)
        mine = [Page(server.address, candidate_of(session, n), n) for n in range(count)]
        pages.extend(mine)
        for page in mine:
            assert page.sign_in().status_code == 200
        services.admit([page.candidate for page in mine], by=the_chief(session), at=now())
        for page in mine if started else ():
            reply = page.start()
            assert reply.status_code == 200, reply.text
        return mine

    yield seat
    for page in pages:
        page.http.close()


@pytest.fixture
def held() -> Callable[[], Any]:
    """While held, the writer's next commit waits: what arrives meanwhile is one batch."""

    @contextmanager
    def hold() -> Iterator[None]:
        with connections["room"].cursor() as cursor:
            cursor.execute("begin" if IS_POSTGRES else "begin immediate")
            if IS_POSTGRES:
                cursor.execute("lock table examroom_answer, examroom_batch in exclusive mode")
            try:
                yield
                time.sleep(0.3)  # everything sent has reached the queue
            finally:
                cursor.execute("rollback")

    return hold
