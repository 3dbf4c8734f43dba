"""`sweep [--every SECONDS]`: what must follow a commit in another place, looked for and done; safe to repeat.

With `--every` it also does once a day, at night, what `retention` does: one process for all that comes by itself.
"""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.timezone import localtime

from onex.accounts.services import sweep_sign_ins
from onex.common import audit_chain, limits
from onex.common.clock import now
from onex.common.files import scan_waiting
from onex.common.jobs import Swept, log
from onex.integrations.services import sweep_deliveries
from onex.marking.tasks import collect_rooms
from onex.notices.services import sweep_notices
from onex.pilots.services import expire_places
from onex.pilots.tasks import remind
from onex.portal.services import sweep_retention
from onex.registration.services import check_places, repair_counts
from onex.sittings.tasks import load_rooms
from onex.venues.services import expire_sites, remind_of_sites


def forget_counts(at: datetime) -> Swept:
    """Tries whose time is over are nobody's business any more."""
    return Swept(limits.sweep(at))


SWEEPS: dict[str, Callable[..., Swept]] = {
    "loaded": load_rooms,
    "collected": collect_rooms,
    "signed out": sweep_sign_ins,
    "counts forgotten": forget_counts,
    "scanned": scan_waiting,
    "told": sweep_notices,
    "reminded": remind,
    "sealed": audit_chain.sweep,
    "places lapsed": expire_places,
    "sites reminded": remind_of_sites,
    "sites expired": expire_sites,
    "events sent": sweep_deliveries,  # last: a receiver that hangs keeps nothing else waiting
}
# Adds up every ledger and every entry: once an hour.
HOURLY: dict[str, Callable[..., Swept]] = {
    "places found wrong": check_places,
}

# Looks at everything there is: once a day, with the retention.
NIGHTLY: dict[str, Callable[..., Swept]] = {
    "rosters counted again": repair_counts,
}


HOUR = timedelta(hours=1)
NIGHT = timedelta(hours=3)  # the day of the retention begins at three, when nobody works


def day_of(at: datetime) -> date:
    """The day whose retention is due at this moment, in Beijing."""
    return (localtime(at) - NIGHT).date()


class Command(BaseCommand):
    help = (
        "Load published sessions, collect closed rooms, scan waiting files, seal the audit log; once, or repeatedly "
        "(then places are added up once an hour, and personal data whose time is over goes once a day)."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stop = threading.Event()
        # In memory: a process that starts again does the day again, and finds nothing (twice is once). So a machine
        # that is off at night has its turn in the morning.
        self.kept: date | None = None
        self.looked: datetime | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=0, metavar="SECONDS", help="repeat until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: self.stop.set())
        while True:
            self.sweep(now())
            if options["every"]:
                self.hourly(now())
                self.daily(now())
            if not options["every"] or self.stop.wait(options["every"]):
                return
            close_old_connections()  # a database that went away is met anew in the next round

    def sweep(self, at: datetime) -> None:
        """Every sweep once; one that cannot even look (a database that is away) leaves the others their turn."""
        self.run_each(SWEEPS, at)

    def run_each(self, sweeps: dict[str, Callable[..., Swept]], at: datetime) -> None:
        for word, run in sweeps.items():
            try:
                swept = run(at=at)
            except Exception:
                log.exception("sweep: %s", word)
                continue
            if swept.done or swept.failed:
                self.stdout.write(f"{at:%Y-%m-%d %H:%M:%S} {word} {swept.done}, failed {len(swept.failed)}")

    def hourly(self, at: datetime) -> None:
        """What adds up everything there is, in the first round of each hour that this process lives."""
        if self.looked is None or at - self.looked >= HOUR:
            self.looked = at
            self.run_each(HOURLY, at)

    def daily(self, at: datetime) -> None:
        """Retention and what looks at everything, once after three at night; what fails waits for the next."""
        if self.kept == day_of(at):
            return
        self.kept = day_of(at)
        self.run_each(NIGHTLY, at)
        try:
            found = sweep_retention(at)
        except Exception:
            log.exception("sweep: retention")
            return
        for one in found:
            if one.count:
                self.stdout.write(f"{at:%Y-%m-%d %H:%M:%S} retention {one.rule.code} {one.count}")
