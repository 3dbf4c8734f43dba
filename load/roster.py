"""`./onex bench roster`: how long a school waits for the preview of a large roster and for its import, and the memory.

The file is made first, by a process of its own; the measuring (roster_work.py) runs in a process of the installation,
whose memory is then that of the product alone.
"""

from __future__ import annotations

import json
import os
import subprocess
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from load import ROOT, entry, fail, tr
from load.report import aligned
from load.server import Cluster, Server

LIMIT_SECONDS, LIMIT_MB = 10, 300  # what the preview of 10,000 rows is held to
PHASES = {
    "preview": tr("预览：全部新增", "preview, all new"),
    "import": tr("导入", "import"),
    "preview again": tr("预览：十分之一有改动", "preview, a tenth changed"),
    "update": tr("更新勾选的改动", "update what is ticked"),
}


def measured(arguments: Namespace, base: Path, postgres: Cluster) -> dict[str, Any]:
    """What `bench roster` found; README.md explains every name."""
    server = Server(base / "roster", postgres.url)
    entry.say(f"{arguments.rows} 行的学生名单", f"a roster of {arguments.rows} rows")
    env = {**server.environment, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    words = [entry.BIN / "python", "-m", "load.roster_work", "--rows", arguments.rows, "--files", base]
    _run([*words, "--make"], env)
    result: dict[str, Any] = json.loads(_run(words, env).splitlines()[-1])
    return {"database": "postgres", "limit_seconds": LIMIT_SECONDS, "limit_mb": LIMIT_MB, **result}


def _run(words: list[Any], env: Mapping[str, str]) -> str:
    done = subprocess.run(
        [str(one) for one in words], env=dict(env), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        fail("测量没有成功，原因见上。", "measuring failed; see above.")
    return done.stdout


def is_sound(result: Mapping[str, Any]) -> bool:
    """Whether every row was counted and stored as it should be; how fast is for people to judge."""
    rows, changed = result["rows"], result["changed"]
    wanted = {
        "preview": {"new": rows, "changed": 0, "same": 0, "bad": 0},
        "import": {"new": rows, "changed": 0, "same": 0, "bad": 0, "kept": 0},
        "preview again": {"new": 0, "changed": changed, "same": rows - changed, "bad": 0},
        "update": {"new": 0, "changed": changed, "same": rows - changed, "bad": 0, "kept": 0},
    }
    found = {one["phase"]: one["counts"] for one in result["phases"]}
    return found == wanted and result["students"] == rows and result["updated"] == changed


def table(result: Mapping[str, Any]) -> str:
    """The phases as lines, for people."""
    lines: list[tuple[str, ...]] = [(tr("步骤", "phase"), tr("秒", "seconds"), tr("CPU 秒", "CPU s"), "MB", "")]
    for one in result["phases"]:
        is_held = one["phase"].startswith("preview")
        over = is_held and (one["seconds"] > result["limit_seconds"] or one["peak_mb"] > result["limit_mb"])
        figures = (str(one["seconds"]), str(one["cpu_seconds"]), str(one["peak_mb"]))
        lines.append((PHASES[one["phase"]], *figures, tr("超过限值", "over the limit") if over else ""))
    told = tr(
        f"{result['rows']} 行，文件 {result['file_bytes']:,} 字节；开始前进程 {result['base_mb']} MB，"
        f"拆文件的子进程 {result['airlock_mb']} MB",
        f"{result['rows']} rows in {result['file_bytes']:,} bytes; the process had {result['base_mb']} MB before, "
        f"the one that opens the file {result['airlock_mb']} MB",
    )
    return f"{aligned(lines)}\n{told}"
