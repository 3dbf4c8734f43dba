"""An installation from before the chain, without audit keys and with unsigned traces, goes on by itself."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from onex.common.ids import uuid7
from onex.config.env import ROOT, fresh_env_file


def run(data: Path, *words: str, answers: int = 0) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("ONEX_") and not k.endswith("DATABASE_URL")}
    env |= {"ONEX_DATA": str(data), "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "onex.config", *words], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == answers, done.stderr[-3000:]
    return done.stdout


def test_an_older_installation_is_upgraded_with_its_traces_and_verifies(tmp_path: Path) -> None:
    lines = [line for line in fresh_env_file().splitlines() if not line.startswith("ONEX_AUDIT_KEYS")]
    (tmp_path / ".env").write_text("\n".join(lines) + "\n")
    run(tmp_path, "migrate", "common", "0002", "--database", "default", "-v", "0")
    with sqlite3.connect(tmp_path / "onex.sqlite3") as old:
        old.execute(
            "insert into common_trace (id, created_at, subject_type, subject_id, verb, outcome, address, from_state,"
            " to_state, actor_id, actor_label, hat, at, note, data) values (?, '2026-01-01', '', null, 'load', 'done',"
            " '', '', '', null, '系统', 'system', '2026-01-01 08:00:00', '', '{\"a\": 1.0}')",
            [uuid7().hex],
        )
    old.close()
    run(tmp_path, "migrate", "common", "--database", "default", "-v", "0")
    assert "the audit log is whole" in run(tmp_path, "audit", "verify")
    line = run(tmp_path, "audit", "keys").strip()
    (tmp_path / ".env").write_text("\n".join([*lines, line]) + "\n")
    assert "the audit log is whole" in run(tmp_path, "audit", "verify")


def test_an_older_chain_gets_the_file_of_its_head_once_and_never_again(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(fresh_env_file())
    head = tmp_path / "audit-head.json"
    run(tmp_path, "migrate", "common", "0004", "--database", "default", "-v", "0")
    trace = "from onex.common.actors import SYSTEM; from onex.common.clock import now; "
    trace += "from onex.common.moves import leave_trace; leave_trace(None, 'load', by=SYSTEM, at=now())"
    run(tmp_path, "shell", "-v", "0", "-c", trace)
    run(tmp_path, "audit", "seal")
    head.unlink()  # this version made it; the one before knew none
    run(tmp_path, "migrate", "common", "--database", "default", "-v", "0")
    assert json.loads(head.read_text())["seq"] == 1
    assert "the audit log is whole" in run(tmp_path, "audit", "verify")
    with sqlite3.connect(tmp_path / "onex.sqlite3") as owner:  # an owner of the database has the migration run again
        for table in ("common_trace", "common_auditlink"):
            owner.execute(f"drop trigger {table}_no_delete")
            owner.execute(f"delete from {table}")  # noqa: S608
        owner.execute("delete from django_migrations where app = 'common' and name >= '0005'")
    owner.close()
    run(tmp_path, "migrate", "common", "--database", "default", "-v", "0")
    assert json.loads(head.read_text())["seq"] == 1
    assert "链是空的" in run(tmp_path, "audit", "verify", answers=1)
