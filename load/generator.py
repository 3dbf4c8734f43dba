"""Builds gen.c and runs it: reads the meters at the edges of the measured window, hands back what it saw."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import threading
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load import fail
from load.server import cpu_seconds

HERE = Path(__file__).resolve().parent
FILES_BESIDE = 64  # open files of the server that are not connections


def build(target: Path = HERE / "gen") -> Path:
    """The generator, compiled when it is missing or older than its source. Stops with a sentence without a compiler."""
    source = HERE / "gen.c"
    if sys.platform != "linux":
        fail("压力发生器只能在 Linux 上运行（用到 epoll）。", "the load generator runs on Linux only (it uses epoll).")
    if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
        return target
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        fail("需要 C 编译器，请先运行：apt-get install gcc libc6-dev",
             "a C compiler is needed; run first: apt-get install gcc libc6-dev")  # fmt: skip
    fresh = target.with_suffix(".new")
    command = [str(compiler), "-std=c11", "-O2", "-Wall", "-Wextra", "-o", str(fresh), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        fail(f"编译 gen.c 没有成功：\n{done.stderr[-2000:]}", f"gen.c did not compile:\n{done.stderr[-2000:]}")
    fresh.replace(target)
    return target


def raise_file_limit(connections: int) -> None:
    """Both ends of every connection are open files; the server inherits what is raised here."""
    needed = connections + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        fail(f"{connections} 个连接需要打开 {needed} 个文件，系统只允许 {hard} 个："
             f"请先运行 ulimit -n {needed}，或减少连接数。",
             f"{connections} connections need {needed} open files, the system allows {hard}: run ulimit -n {needed} "
             "first, or use fewer connections.")  # fmt: skip
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


@dataclass(frozen=True)
class Seen:
    """What the generator saw: in the measured window `saves`, `lines`, `latencies` (µs); in the whole run `counts`
    (acknowledged lines, 503 `busy`, 202 `partial`, 409 `refused`, `failed`, `broken`, `wrong`, `unanswered`).
    `cpu`: seconds of each meter in the window."""

    saves: int
    lines: int
    seconds: float
    latencies: array[int]
    counts: Mapping[str, int]
    cpu: Mapping[str, float]

    @property
    def errors(self) -> int:
        """Everything a candidate's page would not take for normal. Busy and partial are answers it knows; what is
        unanswered when the server is killed stands in the latencies with its age."""
        return sum(self.counts[name] for name in ("refused", "failed", "broken", "wrong"))


@dataclass(frozen=True)
class Drive:
    """One run of the generator; see README.md for the words."""

    port: int
    work: Path
    log: Path
    connections: int
    seconds: float
    warm_up: float = 0.0
    tail: float = 0.0
    rate: float = 0.0
    is_patient: bool = False
    saves: int = 0

    def command(self, program: Path) -> list[str]:
        words = [str(program), "run", "--port", str(self.port), "--work", str(self.work), "--log", str(self.log)]
        words += ["--latencies", str(self.latencies_file), "--connections", str(self.connections)]
        words += ["--seconds", str(self.seconds), "--warm-up", str(self.warm_up), "--tail", str(self.tail)]
        words += ["--rate", str(self.rate)]
        words += ["--saves", str(self.saves)] if self.saves else []
        return words + (["--patient"] if self.is_patient else [])

    @property
    def latencies_file(self) -> Path:
        return self.log.with_suffix(".latencies")

    @contextmanager
    def started(self, program: Path) -> Iterator[subprocess.Popen[str]]:
        """The running generator; it is gone when the block ends, whatever happened."""
        with subprocess.Popen(self.command(program), stdout=subprocess.PIPE, text=True) as process:
            watchdog = threading.Timer(self.warm_up + self.seconds + self.tail + 60, process.kill)
            watchdog.start()
            try:
                yield process
            finally:
                watchdog.cancel()
                process.kill()

    def run(
        self, program: Path, meters: Mapping[str, int] | None = None, after: Callable[[], None] = lambda: None
    ) -> Seen:
        """Drive to the end. `meters`: name → pid of a process tree; `after` is called when the window closes, while
        saving goes on for `tail` seconds or until the server is gone."""
        marks: dict[str, dict[str, float]] = {}
        with self.started(program) as process:
            trees = {**(meters or {}), "generator": process.pid}
            said = ""
            assert process.stdout is not None  # noqa: S101  (asked for above)
            for line in process.stdout:
                said = line.strip()
                if said in ("measuring", "measured"):
                    marks[said] = {name: cpu_seconds(pid) for name, pid in trees.items()}
                    if said == "measured":
                        after()
            if process.wait() or not said.startswith("{") or len(marks) < 2:
                fail("压力发生器没有跑完，原因见上。", "the generator did not finish; see above.")
        return self._seen(json.loads(said), marks)

    def _seen(self, told: dict[str, float], marks: dict[str, dict[str, float]]) -> Seen:
        begun, ended = marks["measuring"], marks["measured"]
        latencies: array[int] = array("I")
        latencies.frombytes(self.latencies_file.read_bytes())
        return Seen(
            saves=int(told.pop("saves")),
            lines=int(told.pop("lines")),
            seconds=told.pop("measured_ms") / 1000,
            latencies=latencies,
            counts={name: int(value) for name, value in told.items()},
            cpu={name: ended[name] - begun[name] for name in begun},
        )
