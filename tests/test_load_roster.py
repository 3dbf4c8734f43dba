"""`./onex bench roster` uploads a roster, loses no row, and says by fixed names how long it took and what it needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from load import ROOT, tr
from load.__main__ import parse
from load.roster import PHASES, is_sound, table

KEYS = {
    "database", "rows", "changed", "file_bytes", "limit_seconds", "limit_mb", "phases", "base_mb", "airlock_mb",
    "students", "updated", "cores", "load_average",
}  # fmt: skip
PHASE_KEYS = {"phase", "seconds", "cpu_seconds", "peak_mb", "counts"}


@pytest.fixture(scope="module")
def result() -> dict:
    """One small run, as people start it."""
    words = ["roster", "--rows", "120", "--json", "--dir", "/var/tmp"]  # noqa: S108
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
    assert [one["phase"] for one in result["phases"]] == list(PHASES)
    for one in result["phases"]:
        assert set(one) == PHASE_KEYS
        assert one["seconds"] > 0
        assert one["peak_mb"] >= 1
    assert result["airlock_mb"] > 0
    manual = (Path(ROOT) / "load" / "README.md").read_text()
    for name in KEYS | PHASE_KEYS:
        assert f"`{name}`" in manual, name


def test_every_row_is_counted_stored_and_updated(result: dict) -> None:
    assert (result["rows"], result["students"], result["changed"], result["updated"]) == (120, 120, 12, 12)
    assert is_sound(result)
    assert not is_sound(result | {"students": 119})
    first, *rest = result["phases"]
    wrong = first | {"counts": first["counts"] | {"new": 119}}
    assert not is_sound(result | {"phases": [wrong, *rest]})


def test_the_table_names_each_phase_and_what_is_over_the_limit(result: dict) -> None:
    said = table(result | {"limit_mb": 1})
    assert all(words in said for words in PHASES.values())
    assert said.count(tr("超过限值", "over the limit")) == 2


@pytest.mark.parametrize("words", [["--rows", "9"], ["--rows", "50001"], ["--rows", "many"]])
def test_wrong_arguments_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["roster", *words])
    assert tr("之间的整数", "must be a whole number") in capsys.readouterr().err
