"""What the machine can do at all, measured in the same run: pgbench's prepared upsert, SQLite's one commit a save."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path
from random import Random
from uuid import uuid4

from load import fail
from load.account import attempts_of
from load.server import Cluster, cpu_seconds

CLIENTS = 32
ITEMS = 40

# The table of the comparison: the current value of each item, with the room's own types. No foreign key, room for
# updates in the page, filled before, so that every save is an update of two rows that are there. Vacuum stays away for
# the few seconds.
TABLE = """
create table bench_answer (
  attempt uuid not null, item varchar(64) not null, seq int not null, body text not null, hash bytea not null,
  at bigint not null, primary key (attempt, item)
) with (fillfactor = 80, autovacuum_enabled = off);
insert into bench_answer
select {attempt}, {item}, 1, '["A","C"]', sha256(''), 0
from generate_series(1, {attempts}) a, generate_series(1, {items}) i;
analyze bench_answer;
checkpoint;
"""
# `seq` grows from what is stored, so no save is ever a no-op.
SAVE = """\\set a random(1, {attempts})
\\set i random(1, {items} - 1)
\\set j :i + 1
insert into bench_answer as kept (attempt, item, seq, body, hash, at)
values ({attempt}, {item}, 1, '["B","D"]', '\\x{hash}', (extract(epoch from clock_timestamp()) * 1000)::bigint),
       ({attempt}, {next_item}, 1, '["A"]', '\\x{hash}', (extract(epoch from clock_timestamp()) * 1000)::bigint)
on conflict (attempt, item) do update
set seq = kept.seq + 1, body = excluded.body, hash = excluded.hash, at = excluded.at;
"""
# pgbench knows numbers only; ids like the room's are made of them.
ATTEMPT, ITEM = "('0190a000-0000-7000-8000-' || lpad({}::text, 12, '0'))::uuid", "'q' || lpad({}::text, 3, '0')"
TPS = re.compile(r"^tps = ([0-9.]+) \(without initial connection time\)", re.MULTILINE)


class Pgbench:
    """The single-upsert limit of this cluster: 32 clients, prepared, two rows a transaction, one commit each."""

    def __init__(self, postgres: Cluster, attempts: int, folder: Path) -> None:
        self._postgres, self._script = postgres, folder / "save.sql"
        bounds = {"attempts": attempts, "items": ITEMS}
        table = TABLE.format(attempt=ATTEMPT.format("a"), item=ITEM.format("i"), **bounds)
        self._run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-c", table)
        names = {"attempt": ATTEMPT.format(":a"), "item": ITEM.format(":i"), "next_item": ITEM.format(":j")}
        self._script.write_text(SAVE.format(hash="5a" * 32, **names, **bounds))
        self.rates: list[float] = []
        self._transactions = self._cpu = 0.0

    def measure(self, seconds: int) -> None:
        """One more reading."""
        before = cpu_seconds(self._postgres.pid)
        said = self._run("pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-f",
                         str(self._script))  # fmt: skip
        self._cpu += cpu_seconds(self._postgres.pid) - before
        self.rates.append(tps_of(said))
        self._transactions += self.rates[-1] * seconds

    @property
    def cpu_us(self) -> float:
        """CPU of the database in one transaction, in microseconds."""
        return self._cpu / self._transactions * 1e6

    def _run(self, program: str, *words: str) -> str:
        command = [str(self._postgres.programs / program), "-h", str(self._postgres.folder), "-U", "postgres", *words]
        command += ["-d", "onex"] if program == "psql" else ["onex"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            fail(f"{program} 没有成功：{done.stderr[-1500:]}", f"{program} failed: {done.stderr[-1500:]}")
        return done.stdout


def tps_of(said: str) -> float:
    """Transactions per second from pgbench's report. Raises ValueError when it holds none."""
    found = TPS.search(said)
    if found is None:
        raise ValueError("pgbench did not say its tps")
    return float(found[1])


def raw_sqlite(room: Path, work: Path, folder: Path, seconds: float) -> float:
    """Saves per second of one process that commits each save by itself, into a copy of the filled room: the same table,
    the same durability, one to three lines a save, no checks and no HTTP."""
    copy = folder / "raw.sqlite3"
    source = sqlite3.connect(room)
    source.execute("pragma wal_checkpoint(truncate)")
    source.close()
    shutil.copyfile(room, copy)
    db = sqlite3.connect(copy, isolation_level=None)
    try:
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=full")
        return _saves_per_second(db, [attempt.replace("-", "") for attempt, _ in attempts_of(work)], seconds)
    finally:
        db.close()
        for file in folder.glob("raw.sqlite3*"):
            file.unlink()


def _saves_per_second(db: sqlite3.Connection, attempts: list[str], seconds: float) -> float:
    random, lane = Random(3), uuid4().hex
    last = dict.fromkeys(attempts, 1_000_000)  # above anything that was kept
    columns = "attempt_id, sign_in, seq, item, body, prev, hash, at, lane, batch"
    keep = f"insert into examroom_answer ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
    began, saves = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds:
        attempt = random.choice(attempts)
        first = last[attempt]
        last[attempt] += random.randint(1, 3)
        db.execute("begin immediate")
        db.executemany(
            keep,
            [
                (attempt, 1, seq, "mu01", '["A","C"]', bytes(32), bytes(32), saves, lane, 1)
                for seq in range(first, last[attempt])
            ],
        )
        db.execute("commit")
        saves += 1
    return saves / spent
