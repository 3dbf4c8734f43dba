"""`./onex bench pilots`: how long each page takes in a province of many applications and students.

The seed and the measuring run in a process of the installation (pilots_work.py); this one prepares the installation
as `./onex up` does, on the cluster it is given, and says what was found.
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

LIMIT_MS = 300  # the server time that the pages of a province are held to, at p95


def measured(arguments: Namespace, base: Path, postgres: Cluster) -> dict[str, Any]:
    """What `bench pilots` found; README.md explains every name."""
    server = Server(base / "pilots", postgres.url)
    entry.say(f"{arguments.applications} 份申报、{arguments.students} 名学生入库",
              f"{arguments.applications} applications and {arguments.students} students go in")  # fmt: skip
    words: list[Any] = [entry.BIN / "python", "-m", "load.pilots_work", "--applications", arguments.applications]
    words += ["--students", arguments.students, "--requests", arguments.requests]
    env = {**server.environment, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [str(one) for one in words], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        fail("测量没有成功，原因见上。", "measuring failed; see above.")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"database": "postgres", "students": arguments.students, "limit_ms": LIMIT_MS, **result}


def is_sound(result: Mapping[str, Any]) -> bool:
    """Whether every page answered and exactly the places there are were taken; how fast is for people to judge."""
    race = result["race"]
    if any("wrong" in one for one in result["pages"]):
        return False
    return race["taken"] == race["used_count"] == race["ledger"] == race["places"] and not race["errors"]


def table(result: Mapping[str, Any]) -> str:
    """The pages as lines, for people."""
    cpu = tr("CPU ms 服务器", "CPU ms server"), tr("数据库", "database")
    names = tr("页面", "page"), tr("角色", "role"), "p50 ms", "p95 ms", *cpu, tr("查询数", "queries"), "SQL p95 ms"
    head = (*names, tr("倍数", "ratio"), tr("字节", "bytes"), "")
    lines: list[tuple[str, ...]] = [head]
    for one in result["pages"]:
        if "skipped" in one:
            said = tr(f"本版本没有 {one['skipped']}，略过", f"no {one['skipped']} in this version, skipped")
            lines.append((one["page"], *[""] * 9, said))
            continue
        if "wrong" in one:
            lines.append((one["page"], *[""] * 9, one["wrong"]))
            continue
        figures = [one["p50_ms"], one["p95_ms"], *one["cpu_ms"].values()]
        figures += [one["queries"], one["sql_p95_ms"], one["ratio"]]
        slow = tr("超过限值", "over the limit") if one["p95_ms"] > result["limit_ms"] else ""
        lines.append((one["page"], one["role"], *map(str, figures), f"{one['bytes']:,}", slow))
    race = result["race"]
    told = tr(
        f"{race['takers']} 人同时抢 {race['places']} 个名额：占用 {race['taken']} 个，用时 {race['seconds']} 秒",
        f"{race['takers']} at once for {race['places']} places: {race['taken']} taken in {race['seconds']} s",
    )
    return f"{aligned(lines)}\n{told}"
