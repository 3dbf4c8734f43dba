"""What is measured: the server process as `./onex up` starts it, on a database of its own; and the CPU they take."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from load import ROOT, entry, fail

# Durable: an answer is acknowledged after the disk has it, and pgbench is held to the same.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "100",
}
TICKS = os.sysconf("SC_CLK_TCK")


def forget_installation() -> None:
    """The benchmark must never touch an installation that the shell happens to name."""
    for name in list(os.environ):
        if name.startswith("ONEX_") or name in ("DATABASE_URL", "ROOM_DATABASE_URL"):
            del os.environ[name]


def filesystem_of(folder: Path) -> str:
    """The type of the file system that holds the folder, as /proc/mounts names it."""
    best, kind = "", "?"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, point, found, *_ = line.split()
        if folder.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, found
    return kind


def _processes() -> dict[int, tuple[int, int]]:
    """pid → (parent, ticks of CPU including children that ended)."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                # The name stands in brackets and may hold anything; everything after it is numbers.
                words = (folder / "stat").read_text().rpartition(")")[2].split()
                found[int(folder.name)] = int(words[1]), sum(map(int, words[11:15]))
    return found


def tree_of(pid: int) -> dict[int, int]:
    """The process and all below it → ticks."""
    processes = _processes()
    tree = {pid} & processes.keys()
    while True:
        more = {child for child, (parent, _) in processes.items() if parent in tree} - tree
        if not more:
            return {member: processes[member][1] for member in tree}
        tree |= more


def cpu_seconds(pid: int) -> float:
    """utime + stime of the process, its children and those that ended before."""
    return sum(tree_of(pid).values()) / TICKS


def kill_tree(pid: int) -> None:
    """kill -9 of a process that we started and of all below it; parents first, so that nobody is started again."""
    for member in sorted(tree_of(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def listens(pid: int, port: int) -> bool:
    """Whether this very process holds the listening socket of the port."""
    sockets = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:  # 0A is LISTEN
            sockets.add(f"socket:[{words[9]}]")
    held = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            held.add(str(descriptor.readlink()))
    return bool(sockets & held)


class Cluster:
    """A throw-away PostgreSQL with durable settings, on a socket of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs = folder, entry.need_postgres()
        self._as_postgres: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres")
            self._as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]

    @property
    def url(self) -> str:
        return f"postgres://postgres@/{self.folder}/onex"

    @property
    def dsn(self) -> str:
        return f"host={self.folder} user=postgres dbname=onex"

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def create(self) -> None:
        self._run("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        self.start()
        self._run("createdb", "-h", self.folder, "-U", "postgres", "onex")

    def start(self) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in DURABLE.items())
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-t", "120", "-l", self.folder / "log",
                  "-o", f"-c listen_addresses='' -k {self.folder} {options}", "start")  # fmt: skip

    def kill(self) -> None:
        """kill -9 of the postmaster and everything below it, as a power cut of the database's machine would."""
        tree = set(tree_of(self.pid))
        kill_tree(self.pid)
        while tree & _processes().keys():
            time.sleep(0.02)

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-m", "immediate", "stop", is_needed=False)

    def _run(self, program: str, *words: str | Path, is_needed: bool = True) -> None:
        command = [*self._as_postgres, str(self.programs / program), *map(str, words)]
        # No pipe: the postmaster inherits what its starter writes to and would hold it open for ever.
        with open(self.folder.parent / "postgres.out", "ab") as out:
            done = subprocess.run(command, cwd=self.folder, stdout=out, stderr=out, check=False)
        if is_needed and done.returncode:
            said = (self.folder.parent / "postgres.out").read_text(errors="replace")[-1500:]
            fail(f"PostgreSQL 没有启动（{program}）：\n{said}", f"PostgreSQL did not start ({program}):\n{said}")


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A running cluster in this folder, ended afterwards."""
    folder.mkdir()
    postgres = Cluster(folder)
    try:
        postgres.create()
        yield postgres
    finally:
        postgres.stop()


class Server:
    """One installation in a folder, with its own secrets and database, and its server process."""

    def __init__(self, data: Path, database_url: str | None) -> None:
        self.data, self.port = data, 0
        if database_url is None:
            os.environ.pop("DATABASE_URL", None)
        else:
            os.environ["DATABASE_URL"] = database_url
        self.environment: dict[str, str] = entry.prepare(data)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None  # noqa: S101  (asked of a started server only)
        return self._process.pid

    def start(self) -> None:
        """Up and answering, on the same port after a crash."""
        self.port = self.port or entry.free_port(18000, False)
        command = [str(word) for word in entry.server_command("127.0.0.1", self.port)]
        with open(self.data / "server.out", "ab") as out:
            self._process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=out, stderr=out)
        for _ in range(300):
            if self._process.poll() is not None:
                break
            address = f"http://127.0.0.1:{self.port}/gate/health"
            with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
                # Another program may have taken the port a moment ago: only our own process is measured.
                if answer.status == 200 and listens(self._process.pid, self.port):
                    return
            time.sleep(0.1)
        said = self.said()
        self.kill()
        fail(f"考场服务器没有启动：\n{said}", f"the server did not start:\n{said}")

    def said(self) -> str:
        """The end of what the server wrote."""
        return (self.data / "server.out").read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        """kill -9: nothing is finished, flushed or closed."""
        if self._process is not None:
            kill_tree(self._process.pid)
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def work_folder(base: Path) -> Iterator[Path]:
    """A folder for everything of one run, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="onexbench-", dir=base))
    folder.chmod(0o755)  # the postgres user passes through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
