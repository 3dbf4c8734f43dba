"""A real installation for stories: its own data directory and databases, the real server in its own process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from onex.config.env import fresh_env_file

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Installation:
    """Where it lives, what its processes run with, and its server while it runs."""

    data: Path
    port: int
    env: dict[str, str] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = None
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def run(self, *words: str) -> str:
        """A process of this installation; answers what it printed, fails with what it complained."""
        done = subprocess.run(
            [sys.executable, *words], env=self.env, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def scene(self, name: str, /, **wishes: Any) -> dict[str, Any]:
        """Build what a browser story begins with (tests/scenes.py) inside this installation; answers its facts."""
        return self.scenes((name, wishes))[0]

    def scenes(self, *wanted: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """Several of them in this order, in one process."""
        found: list[dict[str, Any]] = json.loads(self.run("-m", "tests.scenes", json.dumps(wanted)).splitlines()[-1])
        return found

    def start(self) -> None:
        words = ["-m", "uvicorn", "onex.config.asgi:application", "--port", str(self.port), "--log-level", "warning"]
        words += ["--no-proxy-headers"]
        words += ["--timeout-graceful-shutdown", "2"]  # a page that waits for news would hold the stop up
        self.server = subprocess.Popen([sys.executable, *words, "--no-access-log"], env=self.env, cwd=ROOT)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.server.poll() is None, "the server ended by itself"
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2):  # noqa: S310
                return
            time.sleep(0.1)
        raise AssertionError("the server was not ready in a minute")

    def kill(self) -> None:
        """As a power cut would: no goodbye."""
        assert self.server is not None
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()

    def stop(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            self.server.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def installation(folder: Path, host: str = "127.0.0.1", **more: str) -> Iterator[Installation]:
    """Prepared and serving, on SQLite or (ONEX_TEST_PG) on a fresh PostgreSQL database with the room as its schema.

    `more` joins its environment. Passkeys want a name: `host="localhost"`.
    """
    data = folder / "data"
    data.mkdir()
    place = Installation(data, free_port(), host=host)
    (data / ".env").write_text(fresh_env_file())
    place.env = {k: v for k, v in os.environ.items() if not k.startswith("ONEX_") and not k.endswith("DATABASE_URL")}
    place.env |= {
        "ONEX_DATA": str(data),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "ONEX_PUBLIC_URL": place.url,
        "EMAIL_URL": f"filemail:///{data / 'mail'}",
        "ONEX_CAPTCHA": "off",  # stories are told by programs
        **more,
    }
    with _database(os.environ.get("ONEX_TEST_PG")) as url:
        if url:
            place.env["DATABASE_URL"] = url
        place.run("-m", "onex.config", "prepare")
        place.start()
        try:
            yield place
        finally:
            place.stop()


@contextlib.contextmanager
def _database(sockets: str | None) -> Iterator[str]:
    if not sockets:
        yield ""
        return
    name = f"onex_story_{uuid4().hex[:12]}"
    with psycopg.connect(host=sockets, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'create database "{name}"')  # type: ignore[arg-type]
        try:
            yield f"postgres://postgres@/{sockets}/{name}"
        finally:
            connection.execute(f'drop database "{name}" with (force)')  # type: ignore[arg-type]
