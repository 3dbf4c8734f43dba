"""`sweep [--every SECONDS]`: what must follow a commit in another place, looked for and done; safe to repeat."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from onex.accounts.services import sweep_sign_ins
from onex.common import audit_chain, limits
from onex.common.clock import now
from onex.common.files import scan_waiting
from onex.common.jobs import Swept, log
from onex.marking.tasks import collect_rooms
from onex.sittings.tasks import load_rooms


def forget_counts(at: datetime) -> Swept:
    """Tries whose time is over are nobody's business any more."""
    return Swept(limits.sweep(at))


SWEEPS: dict[str, Callable[..., Swept]] = {
    "loaded": load_rooms,
    "collected": collect_rooms,
    "signed out": sweep_sign_ins,
    "counts forgotten": forget_counts,
    "scanned": scan_waiting,
    "sealed": audit_chain.sweep,
}


class Command(BaseCommand):
    help = "Load published sessions, collect closed rooms, scan waiting files, seal the audit log; once or repeatedly."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stop = threading.Event()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=0, metavar="SECONDS", help="repeat until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: self.stop.set())
        while True:
            self.sweep(now())
            if not options["every"] or self.stop.wait(options["every"]):
                return
            close_old_connections()  # a database that went away is met anew in the next round

    def sweep(self, at: datetime) -> None:
        """Every sweep once; one that cannot even look (a database that is away) leaves the others their turn."""
        for word, run in SWEEPS.items():
            try:
                swept = run(at=at)
            except Exception:
                log.exception("sweep: %s", word)
                continue
            if swept.done or swept.failed:
                self.stdout.write(f"{at:%Y-%m-%d %H:%M:%S} {word} {swept.done}, failed {len(swept.failed)}")
