"""Measures the pages of pilots inside one process: `python -m load.pilots_work --applications 3000 --students 500000`.

Requests go through the whole of Django (every middleware, sessions, templates) by its test client, so that what is
timed is the server's own time and no socket's. One page at a time: it is the time of a page, not of a crowd.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from load.pilots_seed import Seeded, seed
from load.report import percentile
from load.server import cpu_seconds

TAKERS, PLACES = 40, 100
REASON = {"reason": "压力测试导出"}


class Wrong(Exception):
    """A page that did not answer with 200."""


@dataclass(frozen=True)
class Page:
    """A page to measure: who asks, and for what. `names`: the first that this version has."""

    what: str
    role: str
    names: tuple[str, ...]
    query: str = ""
    of: str = ""  # the row of Seeded in its address
    is_post: bool = False


PAGES = (
    Page("list", "province", ("pilots:application-list",)),
    Page("list filtered", "province", ("pilots:application-list",), "q=学院&state=expired&sort=-requested"),
    Page("list last page", "province", ("pilots:application-list",), "page=9999"),
    Page("list of city", "city", ("pilots:application-list",)),
    Page("list of country", "operator", ("pilots:application-list",)),
    Page("list export", "province", ("pilots:application-export",), is_post=True),
    Page("queue", "province", ("pilots:review-queue",)),
    Page("queue of city", "city", ("pilots:review-queue",)),
    Page("queue export", "province", ("pilots:review-export",), is_post=True),
    Page("record", "province", ("pilots:application-detail",), of="application"),
    Page("form", "school", ("pilots:application-edit",), of="draft"),
    Page("plan list", "province", ("pilots:plan-list",)),
    Page("plan", "province", ("pilots:plan-detail",), of="plan"),
    Page("ledger", "province", ("pilots:places-list",)),
    Page("ledger of one", "province", ("pilots:places-detail",), of="application"),
    Page("ledger export", "province", ("pilots:places-export",), is_post=True),
    Page("check of places", "province", ("registration:places-check",)),
    Page("check export", "province", ("registration:places-check-export",), is_post=True),
    Page("dashboard", "province", ("pilots:oversight",)),
    Page("dashboard filtered", "province", ("pilots:oversight",), "level=1&state=expired"),
    Page("dashboard of city", "city", ("pilots:oversight",)),
    Page("dashboard of organisation", "organisation", ("pilots:oversight",)),
    Page("dashboard of country", "operator", ("pilots:oversight",)),
    Page("dashboard table", "province", ("pilots:oversight-places",), "by=school"),
    Page("dashboard export", "province", ("pilots:oversight-export",), "by=school", is_post=True),
    Page("home", "province", ("portal:desk",)),
)


def measure(seeded: Seeded, requests: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Each page's figures; a page that this version does not have says so instead."""
    from django.urls import NoReverseMatch, reverse

    clients = _clients(seeded)
    floor = _select_one(requests)
    found = []
    for page in PAGES:
        address = ""
        for name in page.names:
            try:
                address = reverse(name, args=[getattr(seeded, page.of)] if page.of else [])
            except NoReverseMatch:
                continue
        if not address:
            say(f"{page.what}: no address {' or '.join(page.names)} in this version, skipped")
            found.append({"page": page.what, "skipped": page.names[0]})
            continue
        url = f"{address}?{urlencode(parse_qsl(page.query))}" if page.query else address
        try:
            found.append(_figures(page, clients[page.role], url, requests, floor))
        except Wrong as wrong:  # the other pages are measured all the same; the exit code tells
            say(f"{page.what}: {wrong}")
            found.append({"page": page.what, "wrong": str(wrong)})
            continue
        say(f"{page.what}: p95 {found[-1]['p95_ms']} ms, {found[-1]['queries']} queries")
    return found


def _clients(seeded: Seeded) -> dict[str, Any]:
    """Somebody signed in for each role."""
    from django.test import Client

    from onex.accounts.models import Organisation
    from onex.accounts.services import ensure_operator
    from onex.accounts.tests.factories import a_hat, signed_in_with
    from onex.common.actors import Role

    ensure_operator("平台")
    belongs = {
        Role.PROVINCE: seeded.province,
        Role.CITY: seeded.city,
        Role.ORG: seeded.organisation,
        Role.SCHOOL: seeded.school,
        Role.OPERATOR: Organisation.objects.filter(kind="operator")[0].pk,
    }
    words = {Role.ORG: "organisation"}
    found = {}
    for role, key in belongs.items():
        client = Client(SERVER_NAME="127.0.0.1")
        found[words.get(role, str(role))] = signed_in_with(
            client, a_hat(role, Organisation.objects.get(pk=key)), factor=True
        )
    return found


def _figures(page: Page, client: Any, url: str, requests: int, floor: float) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from onex.common.models import LimitCount

    def ask() -> int:
        answer = client.post(url, REASON) if page.is_post else client.get(url)
        if answer.status_code != 200:
            raise Wrong(f"{url} answered {answer.status_code}")
        return sum(map(len, answer.streaming_content)) if answer.streaming else len(answer.content)

    ask()  # templates are read once
    with CaptureQueriesContext(connection) as caught:
        size = ask()
    asked = [one["sql"] for one in caught.captured_queries]
    reads = [sql for sql in asked if sql.lstrip().upper().startswith(("SELECT", "WITH", "(SELECT"))]
    # Of the process that serves and of the one that answers its statements: what a busy machine cannot swell.
    backend = connection.connection.info.backend_pid
    began, began_there = time.process_time(), cpu_seconds(backend)
    took = _timed(ask, requests, LimitCount.objects.all().delete if page.is_post else None)  # one person, many exports
    cpu, cpu_there = time.process_time() - began, cpu_seconds(backend) - began_there
    with connection.cursor() as cursor:
        alone = _timed(lambda: [cursor.execute(sql) and cursor.fetchall() for sql in reads], requests)
    p95, sql_p95 = percentile(took, 95), percentile(alone, 95)
    return {
        "page": page.what,
        "role": page.role,
        "p50_ms": round(percentile(took, 50), 1),
        "p95_ms": round(p95, 1),
        "cpu_ms": {"server": round(cpu / requests * 1000, 1), "database": round(cpu_there / requests * 1000, 1)},
        "queries": len(asked),
        "sql_p95_ms": round(sql_p95, 1),
        "ratio": round(p95 / (sql_p95 + floor), 2),
        "bytes": size,
        "requests": requests,
    }


def _timed(do: Callable[[], Any], times: int, before: Callable[[], Any] | None = None) -> list[float]:
    took = []
    for _ in range(times):
        if before is not None:
            before()
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    return took


def _select_one(requests: int) -> float:
    """p95 of the smallest question there is, in ms."""
    from django.db import connection

    with connection.cursor() as cursor:
        return percentile(_timed(lambda: cursor.execute("select 1").fetchall(), max(requests, 30)), 95)


def race(seeded: Seeded) -> dict[str, Any]:
    """40 at once ask for places one by one until they are told that there are none: exactly 100 may be taken."""
    from django.db import connection
    from django.db.models import Sum

    from onex.common.actors import SYSTEM
    from onex.common.clock import now
    from onex.common.text import Refused
    from onex.pilots import services
    from onex.pilots.models import PilotApplication, PlacesMove

    application = PilotApplication.objects.select_related("school").get(pk=seeded.places)
    start = threading.Barrier(TAKERS)
    taken, failed = [0] * TAKERS, []

    def take(who: int) -> None:
        start.wait()
        try:
            while True:
                services.take_places(application, 1, subject=application.school, by=SYSTEM, at=now())
                taken[who] += 1
        except Refused:
            pass
        except Exception as error:
            failed.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(TAKERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    lines = PlacesMove.objects.filter(application=application, kind="take").aggregate(n=Sum("count"))["n"]
    application.refresh_from_db()
    return {"takers": TAKERS, "places": PLACES, "taken": sum(taken), "used_count": application.used_count,
            "ledger": lines or 0, "errors": failed[:3], "seconds": round(seconds, 2)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m load.pilots_work")
    parser.add_argument("--applications", type=int, required=True)
    parser.add_argument("--students", type=int, required=True)
    parser.add_argument("--requests", type=int, required=True)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")
    import django

    django.setup()

    def say(words: str) -> None:
        print(f"· {words}", file=sys.stderr, flush=True)

    began = time.perf_counter()
    seeded = seed(arguments.applications, arguments.students)
    say(f"seeded in {time.perf_counter() - began:.0f} s: {seeded.counts}")
    load = os.getloadavg()[0]
    result = {
        "applications": seeded.counts["pilotapplication"],
        "rows": seeded.counts,
        "pages": measure(seeded, arguments.requests, say),
        "race": race(seeded),
        "cores": os.cpu_count(),
        "load_average": round(load, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
