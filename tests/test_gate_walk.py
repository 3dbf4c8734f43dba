"""The walk over the exam gate: its answers carry the headers too, although no middleware of the pages ever sees them.

Not in tests/walks: the gate reads what was committed, and the world of the other walks never is.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from onex.examroom.gate import GateSettings, make_gate
from onex.examroom.tests.conftest import _server, seated, server, shell_folder  # noqa: F401  (fixtures)
from onex.examroom.tests.server import KEYS
from tests.walks import figures
from tests.walks.test_safety_walk import lacking

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
MORE = ("/gate/health", "/gate/nowhere", "/exam", "/exam/", "/exam/nowhere")


def test_every_answer_of_the_exam_gate_carries_the_security_headers(
    server,  # noqa: F811
    seated,  # noqa: F811
    shell_folder: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    (page,) = seated(server)
    line = page.line("s1", "B")
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "none.sqlite3")}
    gate = make_gate(GateSettings.of(sqlite, KEYS, shell_folder))  # never asked: it tells which addresses there are
    paths = {path for _, path in gate._addresses} | set(MORE)
    paths |= {f"/exam/{file.relative_to(shell_folder)}" for file in shell_folder.rglob("*") if file.is_file()}
    wrong = []
    counts: Counter[str] = Counter()
    statuses = set()
    for path in sorted(paths):
        for method in METHODS:
            for more in ({}, {"Authorization": ""}):  # the candidate, and a stranger
                answer = page.http.request(method, path, params={"since": "0"}, json={}, headers=more)
                counts["answers"] += 1
                statuses.add(answer.status_code)
                wrong += [f"{method} {path} {answer.status_code}: {one}" for one in lacking(answer)]
    for answer in (page.send([line]), page.send([line | {"hash": "0" * 64}]), page.http.get("/exam/", headers={})):
        counts["answers"] += 1
        statuses.add(answer.status_code)
        wrong += [f"{answer.url} {answer.status_code}: {one}" for one in lacking(answer)]
    assert not wrong, "\n".join(wrong)
    assert statuses >= {200, 308, 400, 401, 404, 405}
    figures.compare("exam gate", counts)
