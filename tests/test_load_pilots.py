"""`./onex bench pilots` fills a province, measures the pages there are, and says it by fixed names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from load import ROOT, tr
from load.__main__ import parse
from load.pilots import is_sound, table

KEYS = {"database", "students", "limit_ms", "applications", "rows", "pages", "race", "cores", "load_average"}
PAGE_KEYS = {"page", "role", "p50_ms", "p95_ms", "cpu_ms", "queries", "sql_p95_ms", "ratio", "bytes", "requests"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """One small run, as people start it."""
    words = ["pilots", "--applications", "30", "--students", "300", "--requests", "2", "--json", "--dir", "/var/tmp"]  # noqa: S108
    env = {name: value for name, value in os.environ.items() if not name.startswith("ONEX_")}
    path = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    done = subprocess.run(
        [sys.executable, "-m", "load", *words],
        env=env | {"PYTHONPATH": path}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict = json.loads(done.stdout)
    return found


def test_a_small_run_says_every_documented_name(result: dict) -> None:
    assert set(result) == KEYS
    measured = [one for one in result["pages"] if "skipped" not in one]
    assert [one for one in measured if "wrong" in one] == []
    assert {"list", "list export", "record", "dashboard", "plan list"} <= {one["page"] for one in measured}
    for one in measured:
        assert set(one) == PAGE_KEYS
        assert set(one["cpu_ms"]) == {"server", "database"}
        assert one["queries"] > 0
        assert one["p50_ms"] <= one["p95_ms"]
    manual = (Path(ROOT) / "load" / "README.md").read_text()
    for name in KEYS | PAGE_KEYS - {"page", "role"}:
        assert f"`{name}`" in manual, name


def test_what_was_asked_for_is_there(result: dict) -> None:
    assert (result["applications"], result["students"], result["rows"]["students"]) == (30, 300, 300)


def test_forty_at_once_take_the_hundred_places_there_are(result: dict) -> None:
    race = result["race"]
    assert (race["takers"], race["taken"], race["used_count"], race["ledger"]) == (40, 100, 100, 100)
    assert race["errors"] == []
    assert is_sound(result)
    assert not is_sound(result | {"race": race | {"taken": 101}})


def test_the_table_names_each_page_and_says_what_it_skipped(result: dict) -> None:
    said = table(result)
    assert all(one["page"] in said for one in result["pages"])
    skipped = {"page": "queue", "skipped": "pilots:review-queue"}
    assert tr("本版本没有", "no pilots:review-queue in this version") in table(result | {"pages": [skipped]})


@pytest.mark.parametrize("words", [["--applications", "29"], ["--students", "-1"], ["--requests", "0"]])
def test_wrong_arguments_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["pilots", *words])
    assert tr("之间的整数", "must be a whole number") in capsys.readouterr().err
