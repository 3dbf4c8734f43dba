"""The real gate under uvicorn in a process of its own, on the tests' own database: can be killed and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import httpx

KEYS = {"k2": b"2" * 32, "k1": b"1" * 32}


class Server:
    """Holds the listening socket itself, so that a killed server comes back on the same port."""

    def __init__(self, database: dict[str, Any], shell: Path, log: Path, **bounds: int) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._log = log
        plain = {"ENGINE": database["ENGINE"], "NAME": str(database["NAME"])}
        plain |= {name: str(database.get(name) or "") for name in ("USER", "PASSWORD", "HOST", "PORT")}
        self._told = {
            "database": plain,
            "shell": str(shell),
            "fd": self._socket.fileno(),
            "keys": {key_id: b64encode(key).decode() for key_id, key in KEYS.items()},
            "bounds": bounds,
        }
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own module)
                [sys.executable, "-m", "onex.examroom.tests.server", json.dumps(self._told)],
                pass_fds=[self._socket.fileno()],
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])},
            )
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(self.address + "/gate/health", timeout=10).raise_for_status()
                return
            except httpx.HTTPError:
                assert time.monotonic() < deadline, self.log
                time.sleep(0.02)

    def kill(self) -> None:
        """As a power switch does it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self._socket.close()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")


def main(told: dict[str, Any]) -> None:
    import uvicorn

    from onex.examroom.gate import GateSettings, make_gate

    keys = {key_id: b64decode(key) for key_id, key in told["keys"].items()}
    gate = make_gate(GateSettings.of(told["database"], keys, Path(told["shell"]), **told["bounds"]))
    config = uvicorn.Config(
        gate,
        log_level="info",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=told["fd"])])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
