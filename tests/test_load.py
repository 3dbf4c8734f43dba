"""The load generator tells the truth: it hashes as the contract says, logs what was acknowledged, and counts right."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import pytest

from load import tr
from load.__main__ import parse
from load.account import acknowledged, attempts_of, lost
from load.generator import Drive, Seen, build
from load.limits import tps_of
from load.report import percentile, room_result, table
from load.server import listens
from onex.examroom.gate.lines import FIRST, line_hash

ANSWERS = [("si01", '"B"'), ("mu01", '["A","C"]'), ("te01", '"他说：\\"好\\"，\\n再来"'), ("sc01", "null")]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build(tmp_path_factory.mktemp("gen") / "gen")
    except SystemExit:
        pytest.fail("the load generator needs Linux and a C compiler: apt-get install gcc libc6-dev", pytrace=False)


def work_of(count: int, file: Path) -> Path:
    """A work file of so many attempts; in place of a token, each attempt's own name."""
    rows = [("answer", item, body) for item, body in ANSWERS]
    rows += [("attempt", f"a{n}", "1", "0", FIRST, f"token-{n}") for n in range(count)]
    file.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return file


# --- the chain


def test_the_generator_hashes_lines_as_the_contract_says(program: Path) -> None:
    random = Random(5)
    lines = []
    for length in range(200):  # across the edges of SHA-256's 64-byte blocks
        body = json.dumps("".join(random.choices('ab"\\ 答案，🙂\n', k=length)), ensure_ascii=False)
        lines.append(("0190a000-0000-7000-8000-00000000000a", random.choice((1, 1, 1, 2, 13)), "q-1.2", body))
    lines.sort(key=lambda line: line[1])
    given = "".join(f"{attempt}\t{sign_in}\t{item}\t{body}\n" for attempt, sign_in, item, body in lines)
    told = subprocess.run([program, "chain"], input=given, capture_output=True, text=True, check=True).stdout.split()
    wanted, owner, head, seq = [], None, FIRST, 0
    for attempt, sign_in, item, body in lines:
        if sign_in != owner:
            owner, head, seq = sign_in, FIRST, 0
        seq += 1
        head = line_hash(head, attempt, sign_in, seq, item, body)
        wanted.append(head)
    assert told == wanted


# --- a run against a gate with bad days


class BadDays(ThreadingHTTPServer):
    """A stand-in gate that checks every request; each tenth or so goes wrong in one of the ways that a real one may."""

    daemon_threads = True
    block_on_close = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.kept: dict[tuple[str, int], str] = {}
        self.heads: dict[str, str] = {}
        self.requests = 0
        self.wrongs: list[str] = []
        self.closed_attempt = ""

    def keep(self, ask: dict, token: str, upto: int) -> list[dict]:
        done = []
        for line in ask["lines"][:upto]:
            key = (ask["attempt"], line["seq"])
            if token != f"Bearer token-{ask['attempt'][1:]}":
                self.wrongs.append(f"{key}: another attempt's token")
            wanted = line_hash(line["prev"], ask["attempt"], 1, line["seq"], line["item"], line["body"])
            if line["hash"] != wanted or (line["item"], line["body"]) not in ANSWERS:
                self.wrongs.append(f"{key}: hash or answer")
            if key not in self.kept:
                if line["prev"] != self.heads.get(ask["attempt"], FIRST):
                    self.wrongs.append(f"{key}: does not follow the line before")
                self.kept[key] = self.heads[ask["attempt"]] = line["hash"]
            done.append({"seq": line["seq"], "hash": self.kept[key], "at": 1, "receipt": "ab" * 32, "key": "k1"})
        return done


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BadDays

    def do_POST(self) -> None:
        ask = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.requests += 1
            turn, token = self.server.requests, self.headers["authorization"]
            if ask["attempt"] == self.server.closed_attempt:
                self.answer(409, {"error": "closed", "kept": [], "retry": []})
            elif turn == 5:
                self.answer(503, {"error": "busy"})
            elif turn == 15:  # on disk, but the reply is lost with the connection
                self.server.keep(ask, token, 20)
                self.close_connection = True
            elif turn == 25:  # not even read
                self.close_connection = True
            elif turn in range(30, 36):
                kept = self.server.keep(ask, token, len(ask["lines"]) - 1)
                self.answer(202, {"now": 1, "kept": kept, "late": [], "retry": [ask["lines"][-1]["seq"]]})
            else:
                self.answer(200, {"now": 1, "kept": self.server.keep(ask, token, 20), "retry": []})

    def answer(self, status: int, content: dict) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 503:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def a_gate() -> Iterator[BadDays]:
    with BadDays() as gate:
        thread = threading.Thread(target=gate.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield gate
        gate.shutdown()
        thread.join()


def test_every_acknowledged_line_is_logged_and_nothing_else_through_bad_days(program: Path, tmp_path: Path) -> None:
    work = work_of(6, tmp_path / "work")
    with a_gate() as gate:
        drive = Drive(gate.server_port, work, tmp_path / "log", connections=3, seconds=60, saves=60)
        seen = drive.run(program)
    told = acknowledged(drive.log.read_bytes(), attempts_of(work))
    assert gate.wrongs == []
    assert {(attempt, seq): digest.hex() for (attempt, _, seq), digest in told.items()} == gate.kept
    assert (seen.saves, seen.counts["acknowledged"], len(seen.latencies)) == (60, len(told), 60)
    assert (seen.counts["busy"], seen.counts["broken"], seen.counts["partial"]) == (1, 2, 6)
    assert seen.errors == 2  # the two broken connections


def test_an_attempt_that_is_refused_is_left_alone_and_counted(program: Path, tmp_path: Path) -> None:
    work = work_of(4, tmp_path / "work")
    with a_gate() as gate:
        gate.closed_attempt = "a2"
        seen = Drive(gate.server_port, work, tmp_path / "log", connections=2, seconds=60, saves=30).run(program)
    assert (seen.saves, seen.counts["refused"]) == (30, 1)
    assert {attempt for attempt, _ in gate.kept} == {"a0", "a1", "a3"}


def test_the_open_loop_begins_saves_at_its_own_times(program: Path, tmp_path: Path) -> None:
    work = work_of(40, tmp_path / "work")
    with a_gate() as gate:
        gate.requests = 100  # the bad days are over
        seen = Drive(gate.server_port, work, tmp_path / "log", connections=40, seconds=60, rate=200, saves=80).run(
            program
        )
    assert (seen.saves, seen.errors, gate.requests) == (80, 0, 180)
    # Two saves of each connection: everybody has had a turn before anybody has a second one.
    assert {attempt for attempt, _ in gate.kept} == {f"a{n}" for n in range(40)}


def test_too_few_open_files_are_said_in_a_sentence(program: Path, tmp_path: Path) -> None:
    work = work_of(500, tmp_path / "work")
    command = f"ulimit -n 60; exec {program} run --port 9 --work {work} --connections 400"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "ulimit -n 432" in done.stderr


def test_only_the_process_that_listens_is_taken_for_the_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine:
        port = mine.getsockname()[1]
        assert listens(os.getpid(), port)
        assert not listens(os.getppid(), port)


# --- what is lost


def test_a_line_that_is_missing_or_another_on_disk_is_lost() -> None:
    told = {("a", 1, 1): b"x", ("a", 1, 2): b"y", ("b", 2, 1): b"z"}
    assert lost(told, [("a", 1, 1, b"x"), ("a", 1, 2, b"y"), ("b", 2, 1, b"z"), ("c", 1, 1, b"?")]) == []
    assert lost(told, [("a", 1, 1, b"x"), ("b", 1, 1, b"z"), ("a", 1, 2, b"other")]) == [("a", 1, 2), ("b", 2, 1)]


def test_a_record_cut_off_in_the_middle_was_not_acknowledged() -> None:
    record = (1).to_bytes(4, "little") + (7).to_bytes(4, "little") + b"h" * 32
    assert acknowledged(record + record[:20], [("a", 1), ("b", 3)]) == {("b", 3, 7): b"h" * 32}


# --- arguments and arithmetic


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (["room", "--seconds", "0"], "应为 1～600 之间的整数", "must be a whole number of 1 to 600"),
        (["room", "--seconds", "nine"], "应为 1～600 之间的整数", "must be a whole number of 1 to 600"),
        (["crash", "--rounds", "1000"], "应为 1～100 之间的整数", "must be a whole number of 1 to 100"),
        (["room", "--databases", "mysql"], "应为 sqlite、postgres", "must be sqlite, postgres"),
        (["room", "--dir", "/no/such"], "没有文件夹 /no/such", "there is no folder /no/such"),
        (["room", "--connections", "9", "--attempts", "8"], "--connections 不能多于", "--connections cannot be more"),
    ],
)
def test_wrong_arguments_are_refused_with_a_sentence(
    words: list[str], zh: str, en: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        parse(words)
    assert refused.value.code == 2
    assert tr(zh, en) in capsys.readouterr().err


def test_without_a_compiler_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit):
        build(tmp_path / "gen")
    assert "apt-get install gcc libc6-dev" in capsys.readouterr().err


def test_a_percentile_is_the_nearest_rank() -> None:
    values = [15, 20, 35, 40, 50]
    assert [percentile(values, percent) for percent in (0, 5, 30, 40, 50, 100)] == [15, 15, 20, 20, 35, 50]
    assert percentile(range(1, 1001), 99) == 990
    assert percentile([], 99) == 0


def test_the_tps_is_read_from_pgbenchs_report() -> None:
    said = "latency average = 2.766 ms\ntps = 11569.214 (without initial connection time)\n"
    assert tps_of(said) == 11569.214
    with pytest.raises(ValueError, match="tps"):
        tps_of("pgbench: error: aborted")


def a_result(database: str = "postgres", raw: tuple[float, ...] = (), rate: int = 0) -> dict:
    counts = dict.fromkeys(("refused", "failed", "broken", "wrong", "unanswered", "busy", "partial"), 1)
    seen = Seen(
        saves=800,
        lines=1600,
        seconds=8.0,
        latencies=array("I", [1000] * 98 + [9000, 20000]),
        counts={**counts, "acknowledged": 2000, "all_saves": 1000},
        cpu={"server": 0.08, "database": 0.02, "generator": 0.01},
    )
    return room_result(
        database,
        seen,
        connections=64,
        rate=rate,
        pgbench=[150.0, 250.0],
        pgbench_cpu_us=88.0,
        raw_sqlite=raw,
        commits=50,
        lost=0,
        cores=2,
        load_average=0.5,
    )


def test_the_result_is_per_second_per_save_and_against_the_mean_of_both_readings() -> None:
    result = a_result()
    assert (result["saves_per_second"], result["lines_per_second"]) == (100.0, 200.0)
    assert (result["p50_ms"], result["p99_ms"]) == (1.0, 9.0)
    assert result["cpu_us_per_save"] == {"server": 100.0, "database": 25.0, "generator": 12.5}
    assert (result["pgbench_per_second"], result["ratio"], result["mean_batch"]) == (200.0, 0.5, 20.0)
    assert (result["errors"], result["busy"], result["lost"], result["acknowledged"]) == (4, 1, 0, 2000)
    assert "raw_sqlite_per_second" not in result
    assert a_result("sqlite", raw=(40.0, 60.0))["raw_ratio"] == 2.0
    assert a_result(rate=30)["unanswered"] == 1


def test_the_table_puts_the_databases_side_by_side() -> None:
    lines = table([a_result("sqlite", raw=(40.0, 60.0)), a_result()]).splitlines()
    assert lines[0].split() == ["sqlite", "postgres"]
    assert any(line.split()[-2:] == ["50.0", "–"] for line in lines)
