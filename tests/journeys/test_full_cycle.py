"""The promise in one story: a school applies, its students sit the exam, anyone verifies a certificate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.server


def test_the_whole_cycle_holds_from_outside(place: Installation, tmp_path: Path) -> None:
    place.run("-m", "onex.config", "demoaccounts")
    table = tmp_path / "out.json"
    words = ("-m", "demo", "--data", str(place.data), "--candidates", "10", "--url", place.url, "--json", str(table))
    place.run(*words)
    found = json.loads(table.read_text())
    assert found["candidates"] == 10
    assert found["places"]["asked"] > found["places"]["approved"] >= found["places"]["used"] == 10
    assert 0 < found["passes"] < found["attempts"]
    assert found["certificates"] == found["verified"] == found["passes"]
