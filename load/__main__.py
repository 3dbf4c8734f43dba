"""`./onex bench …`: `room` measures the gate against pgbench, `crash` kills it and looks for what was acknowledged,
`pilots` measures the pages of a province that has many applications, `roster` a school's import of many students.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, TextIO

from load import ROOT, entry, fail, pilots, roster, tr
from load.account import (
    acknowledged,
    attempts_of,
    commits_in_postgres,
    commits_in_sqlite,
    lost,
    stored_in_postgres,
    stored_in_sqlite,
)
from load.generator import Drive, build, raise_file_limit
from load.limits import Pgbench, raw_sqlite
from load.report import room_result, table
from load.server import Cluster, Server, cluster, filesystem_of, forget_installation, work_folder

ROOMS = ("room", "crash")  # which drive the gate
DATABASES = ("sqlite", "postgres")
WARM_UP = 2.0  # seconds: tokens and papers are read once
TAIL = 10.0  # seconds at most that saving goes on until the server is killed
UNTIL_KILL = 0.5


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(
            tr(f"应为 {least}～{most} 之间的整数", f"must be a whole number of {least} to {most}")
        )

    return parse


def databases(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= set(DATABASES):
        raise argparse.ArgumentTypeError(
            tr("应为 sqlite、postgres 或 sqlite,postgres", "must be sqlite, postgres or sqlite,postgres")
        )
    return list(dict.fromkeys(names))


def folder(text: str) -> Path:
    path = Path(text).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(tr(f"没有文件夹 {path}", f"there is no folder {path}"))
    return path


def parse(words: list[str]) -> argparse.Namespace:
    """The arguments, each with its bounds; a wrong one ends with a sentence."""
    parser = argparse.ArgumentParser(prog="./onex bench", description=tr("压力测试", "OneX under load"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="room | crash | pilots | roster")
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("--databases", type=databases, default=list(DATABASES))
    both.add_argument("--connections", type=whole(1, 20_000), default=64)
    both.add_argument("--attempts", type=whole(1, 100_000), default=6000)
    both.add_argument("--kept", type=whole(0, 400), default=40,
                      help=tr("每份答卷事先已有的行数", "lines that every attempt has before"))  # fmt: skip
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument("--dir", type=folder, default=Path("/var/tmp"),  # noqa: S108  (a folder of ours is made in it)
                       help=tr("临时数据放在哪个磁盘上", "the disk for the temporary data"))  # fmt: skip
    every.add_argument("--json", action="store_true", help=tr("每个数据库一行 JSON", "one line of JSON per database"))
    room = commands.add_parser("room", parents=[both, every])
    room.add_argument("--seconds", type=whole(1, 600), default=8)
    room.add_argument("--rate", type=whole(0, 100_000), default=0,
                      help=tr("开环：每秒发起的保存数", "open loop: saves begun per second"))  # fmt: skip
    crash = commands.add_parser("crash", parents=[both, every])
    crash.add_argument("--rounds", type=whole(1, 100), default=3)
    crash.add_argument("--spare-postmaster", action="store_true",
                       help=tr("只杀考场服务器，不杀 PostgreSQL", "kill the server only, not PostgreSQL"))  # fmt: skip
    pages = commands.add_parser("pilots", parents=[every])
    pages.add_argument("--applications", type=whole(30, 5_000), default=3000)
    pages.add_argument("--students", type=whole(0, 5_000_000), default=500_000)
    pages.add_argument("--requests", type=whole(1, 1_000), default=40,
                       help=tr("每个页面的请求数", "requests of each page"))  # fmt: skip
    students = commands.add_parser("roster", parents=[every])
    students.add_argument("--rows", type=whole(10, 50_000), default=10_000)
    arguments = parser.parse_args(words)
    if arguments.command in ROOMS and arguments.connections > arguments.attempts:
        parser.error(tr("--connections 不能多于 --attempts", "--connections cannot be more than --attempts"))
    return arguments


class Bench:
    """What both commands stand on: one folder, one cluster, installations in it."""

    def __init__(self, arguments: argparse.Namespace, base: Path, postgres: Cluster) -> None:
        self.arguments, self.base, self.postgres = arguments, base, postgres
        self.program = build()

    @contextmanager
    def server(self, database: str) -> Iterator[tuple[Server, Path]]:
        """A prepared installation with a filled room, its server not yet started; and the generator's work file."""
        arguments = self.arguments
        server = Server(self.base / database, self.postgres.url if database == "postgres" else None)
        work = self.base / f"{database}.work"
        entry.say(f"{database}：{arguments.attempts} 份答卷入场", f"{database}: {arguments.attempts} attempts enter")
        seed = [entry.BIN / "python", "-m", "load.seed", "--work", work]
        seed += ["--attempts", str(arguments.attempts), "--kept", str(arguments.kept)]
        path = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
        entry.run(*seed, env={**server.environment, "PYTHONPATH": path}, quiet=True)
        try:
            yield server, work
        finally:
            server.kill()

    def room_file(self, server: Server) -> Path:
        return server.data / "room.sqlite3"

    def lost(self, database: str, server: Server, work: Path, log: bytes) -> tuple[int, int]:
        """(acknowledged, lost), the database read directly."""
        told = acknowledged(log, attempts_of(work))
        stored = stored_in_sqlite(self.room_file(server)) if database == "sqlite" else stored_in_postgres(
            self.postgres.dsn)  # fmt: skip
        return len(told), len(lost(told, stored))

    # --- room

    def room(self, database: str, pgbench: Pgbench) -> dict[str, Any]:
        """Half of each limit, the gate, the other half: a machine that changes its mind shows in both."""
        arguments = self.arguments
        half = max(1, round(arguments.seconds / 2))
        pgbench.measure(half)
        with self.server(database) as (server, work):
            raw = [self.raw(server, work, half)] if database == "sqlite" else []
            server.start()
            entry.say(f"{database}：{arguments.connections} 个连接，{arguments.seconds} 秒",
                      f"{database}: {arguments.connections} connections, {arguments.seconds} s")  # fmt: skip
            # In the open loop every connection has dialled and shown its token once before the window opens.
            dialling = arguments.connections / arguments.rate if arguments.rate else 0.0
            drive = Drive(server.port, work, self.base / f"{database}.log", arguments.connections, arguments.seconds,
                          warm_up=WARM_UP + dialling, tail=TAIL, rate=arguments.rate)  # fmt: skip
            meters = {"server": server.pid} | ({"database": self.postgres.pid} if database == "postgres" else {})

            def kill_in_flight() -> None:
                time.sleep(UNTIL_KILL)
                server.kill()

            load_average = os.getloadavg()[0]
            seen = drive.run(self.program, meters, kill_in_flight)
            _, missing = self.lost(database, server, work, drive.log.read_bytes())
            commits = (
                commits_in_sqlite(self.room_file(server))
                if database == "sqlite"
                else commits_in_postgres(self.postgres.dsn)
            )
            raw += [self.raw(server, work, half)] if database == "sqlite" else []
            if seen.errors:
                print(f"! {dict(seen.counts)}\n{server.said()}", file=sys.stderr)
        pgbench.measure(half)
        return room_result(
            database,
            seen,
            connections=arguments.connections,
            rate=arguments.rate,
            pgbench=pgbench.rates[-2:],
            pgbench_cpu_us=pgbench.cpu_us,
            raw_sqlite=raw,
            commits=commits,
            lost=missing,
            cores=os.cpu_count() or 1,
            load_average=load_average,
        )

    def raw(self, server: Server, work: Path, seconds: float) -> float:
        return raw_sqlite(self.room_file(server), work, self.base, seconds)

    # --- crash

    def crash(self, database: str) -> dict[str, Any]:
        """Candidates keep saving through it all; after each kill every line ever acknowledged is looked for."""
        arguments, random = self.arguments, Random(4)
        result: dict[str, Any] = {"database": database, "rounds": arguments.rounds, "killed": [], "lost": 0}
        kills_postmaster = database == "postgres" and not arguments.spare_postmaster
        with self.server(database) as (server, work):
            server.start()
            drive = Drive(server.port, work, self.base / f"{database}.log", arguments.connections,
                          seconds=60.0 * arguments.rounds, is_patient=True)  # fmt: skip
            with drive.started(self.program) as generator:
                for number in range(1, arguments.rounds + 1):
                    time.sleep(random.uniform(1.0, 3.0))
                    # PostgreSQL first in every other round, so that the gate lives to see its database die.
                    if kills_postmaster and number % 2 == 0:
                        self.postgres.kill()
                        time.sleep(random.uniform(0.0, 0.5))
                    server.kill()
                    if kills_postmaster and number % 2:
                        self.postgres.kill()
                    result["killed"].append("server+postgres" if kills_postmaster else "server")
                    time.sleep(0.2)  # replies that were on their way are read and noted
                    log = drive.log.read_bytes()
                    if kills_postmaster:
                        self.postgres.start()
                    told, missing = self.lost(database, server, work, log)
                    entry.say(
                        f"{database}：第 {number} 次中断后，已确认 {told} 行，丢失 {missing} 行",
                        f"{database}: after crash {number}, {told} lines acknowledged, {missing} lost",
                    )
                    result["lost"] += missing
                    server.start()
                time.sleep(1.0)
                generator.send_signal(signal.SIGTERM)
                said, _ = generator.communicate(timeout=30)
            server.kill()
            told, missing = self.lost(database, server, work, drive.log.read_bytes())
            counts = json.loads(said.splitlines()[-1])
        result["lost"] += missing
        result["acknowledged"] = told
        result["errors"] = counts["refused"] + counts["failed"] + counts["wrong"]
        result |= {"broken": counts["broken"], "busy": counts["busy"], "connections": arguments.connections}
        return result


def main() -> None:
    arguments = parse(sys.argv[1:])
    if arguments.command in ROOMS:
        raise_file_limit(arguments.connections)
        build()
    # Results alone go to standard output; what set-up says meanwhile, from any process, goes to standard error.
    results_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout.flush()
    os.dup2(2, 1)
    forget_installation()
    kind = filesystem_of(arguments.dir)
    if kind in ("tmpfs", "ramfs"):
        fail(f"{arguments.dir} 在内存里（{kind}），测不出落盘：请用 --dir 指定磁盘上的文件夹。",
             f"{arguments.dir} lies in memory ({kind}): name a folder on a disk with --dir.")  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the folders are tidied up
    with work_folder(arguments.dir) as base, cluster(base / "pg") as postgres:
        if arguments.command == "pilots":
            show(pilots, pilots.measured(arguments, base, postgres), arguments.json, results_to)
        elif arguments.command == "roster":
            show(roster, roster.measured(arguments, base, postgres), arguments.json, results_to)
        else:
            run(Bench(arguments, base, postgres), results_to)


def show(bench: Any, result: dict[str, Any], as_json: bool, results_to: TextIO) -> None:
    """One result of a benchmark of pages, which has the words for it (`table`) and says whether it is `is_sound`."""
    print(json.dumps(result) if as_json else bench.table(result), file=results_to, flush=True)
    if not bench.is_sound(result):
        raise SystemExit(1)


def run(bench: Bench, results_to: TextIO) -> None:
    arguments = bench.arguments
    results = []
    if arguments.command == "room":
        pgbench = Pgbench(bench.postgres, arguments.attempts, bench.base)
    for database in arguments.databases:
        results.append(bench.room(database, pgbench) if arguments.command == "room" else bench.crash(database))
        if arguments.json:
            print(json.dumps(results[-1]), file=results_to, flush=True)
    if not arguments.json:
        shown = table(results) if arguments.command == "room" else "\n".join(map(said_of_crash, results))
        print(shown, file=results_to, flush=True)
    if any(result["lost"] or result["errors"] for result in results):
        raise SystemExit(1)


def said_of_crash(result: dict[str, Any]) -> str:
    told, missing, rounds = result["acknowledged"], result["lost"], result["rounds"]
    return str(
        tr(
            f"{result['database']}：中断 {rounds} 次，已确认 {told} 行，丢失 {missing} 行，出错 {result['errors']} 次",
            f"{result['database']}: {rounds} crashes, {told} lines acknowledged, {missing} lost, "
            f"{result['errors']} errors",
        )
    )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except subprocess.TimeoutExpired as late:
        fail(f"没有按时结束：{late}", f"did not end in time: {late}")
