"""The arithmetic and the shape of what is said: one JSON object or one row of a table per database."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from load import tr
from load.generator import Seen


def percentile(values: Iterable[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest value that at least so many per cent do not exceed; 0 of nothing."""
    ranked = sorted(values)
    return ranked[max(math.ceil(percent / 100 * len(ranked)), 1) - 1] if ranked else 0.0


def per(amount: float, count: float) -> float:
    """amount / count, 0 when nothing was counted."""
    return amount / count if count else 0.0


def room_result(
    database: str,
    seen: Seen,
    *,
    connections: int,
    rate: float,
    pgbench: Sequence[float],
    pgbench_cpu_us: float,
    raw_sqlite: Sequence[float],
    commits: int,
    lost: int,
    cores: int,
    load_average: float,
) -> dict[str, Any]:
    """What `bench room` says of one database; README.md explains every name."""
    saves = per(seen.saves, seen.seconds)
    limit = fmean(pgbench) if pgbench else 0.0
    cpu = {name: round(per(seconds * 1e6, seen.saves), 1) for name, seconds in seen.cpu.items()}
    result = {
        "database": database,
        "saves_per_second": round(saves, 1),
        "lines_per_second": round(per(seen.lines, seen.seconds), 1),
        "p50_ms": round(percentile(seen.latencies, 50) / 1000, 2),
        "p99_ms": round(percentile(seen.latencies, 99) / 1000, 2),
        # SQLite has no process of its own: its work is inside the server's.
        "cpu_us_per_save": {name: cpu.get(name, 0.0) for name in ("server", "database", "generator")},
        "pgbench_per_second": round(limit, 1),
        "cpu_us_per_pgbench": round(pgbench_cpu_us, 1),
        "ratio": round(per(saves, limit), 3),
        "acknowledged": seen.counts["acknowledged"],
        "lost": lost,
        "errors": seen.errors,
        "busy": seen.counts["busy"],
        "connections": connections,
        "seconds": round(seen.seconds, 2),
        "mean_batch": round(per(seen.counts["all_saves"], commits), 1),
        "cores": cores,
        "load_average": round(load_average, 2),
    }
    if rate:
        result |= {"rate": rate, "unanswered": seen.counts["unanswered"]}
    if raw_sqlite:
        raw = fmean(raw_sqlite)
        result |= {"raw_sqlite_per_second": round(raw, 1), "raw_ratio": round(per(saves, raw), 3)}
    return result


_ROWS: tuple[tuple[str, str, str], ...] = (
    ("saves_per_second", "每秒保存", "saves/s"),
    ("lines_per_second", "每秒答案行", "lines/s"),
    ("p50_ms", "p50（毫秒）", "p50 (ms)"),
    ("p99_ms", "p99（毫秒）", "p99 (ms)"),
    ("server", "每次保存 CPU，服务器（微秒）", "CPU a save, server (µs)"),
    ("database_cpu", "每次保存 CPU，数据库（微秒）", "CPU a save, database (µs)"),
    ("mean_batch", "每次提交的保存数", "saves in one commit"),
    ("pgbench_per_second", "pgbench 每秒", "pgbench/s"),
    ("ratio", "与 pgbench 之比", "of pgbench"),
    ("raw_sqlite_per_second", "SQLite 逐次提交每秒", "SQLite, commit each/s"),
    ("acknowledged", "已确认答案行", "acknowledged lines"),
    ("lost", "丢失", "lost"),
    ("errors", "出错", "errors"),
)


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """The results side by side, for people."""
    flat = [
        {**result, **result["cpu_us_per_save"], "database_cpu": result["cpu_us_per_save"]["database"]}
        for result in results
    ]
    lines = [("", *(str(result["database"]) for result in results))]
    lines += [(tr(zh, en), *(f"{row.get(name, '–'):>}" for row in flat)) for name, zh, en in _ROWS]
    return aligned(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells as columns of a terminal, the first to the left and the others to the right."""
    widths = [max(_width(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join("  ".join(_padded(cell, widths[n], n > 0) for n, cell in enumerate(line)) for line in lines)


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _padded(text: str, width: int, is_number: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if is_number else text + space
