"""`audit seal | verify | accept-head | retain | keys`: the append-only log, held against itself, against the head kept
outside the database and against what was made public.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from onex.common import audit_chain, audit_check, audit_head
from onex.common.clock import now
from onex.common.logs import one_line
from onex.common.text import Refused

LISTED = 1_000  # of what is wrong; the rest is counted


class Command(BaseCommand):
    help = "Seal the audit log, verify it and name what was tampered with, drop what is old enough, or make keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("seal", help="give new traces their place in the chain and make yesterday's root")
        verify = what.add_parser("verify", help="walk everything; exit code 1 when something was touched")
        verify.add_argument("--json", action="store_true", help="one JSON document instead of sentences")
        verify.add_argument("--roots", type=Path, metavar="FILE", help="roots saved earlier from the public page")
        accept = what.add_parser(
            "accept-head", help="go on from the chain as it stands, after a restored backup or on a new server"
        )
        accept.add_argument("--reason", required=True, help="stands in the log")
        retain = what.add_parser("retain", help="drop traces older than the years they are kept")
        retain.add_argument("--years", type=int, help="instead of ONEX_AUDIT_YEARS; at least 3")
        retain.add_argument("--dry-run", action="store_true", help="only count")
        what.add_parser("keys", help="print the ONEX_AUDIT_KEYS line that adds a new key before the present ones")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, options["what"].replace("-", "_"))(options)

    def seal(self, options: dict[str, Any]) -> None:
        at = now()
        sealed = audit_chain.seal(whole=True)
        root = audit_chain.make_root(at=at)
        self.stdout.write(f"sealed {sealed}" + (f", root {root.day} {root.seq} {root.digest}" if root else ""))

    def verify(self, options: dict[str, Any]) -> None:
        published = _saved(options["roots"]) if options["roots"] else {}
        walk, listed, count = audit_check.Walk(), [], 0
        for finding in audit_check.verify(walk, published):
            count += 1
            if not options["json"]:
                self.stdout.write(_line(finding))
            elif count <= LISTED:
                listed.append(finding.as_json())
        if options["json"]:
            told = {"is_whole": not count, "found": count, **vars(walk), "findings": listed}
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(
                f"{walk.traces} traces, {walk.links} links, {walk.dropped} dropped by retention, {walk.roots} roots"
                f" compared, head {walk.head}"
            )
        if count:
            raise CommandError(f"the audit log was tampered with: {count} findings", returncode=1)
        if not options["json"]:
            self.stdout.write("the audit log is whole")

    def accept_head(self, options: dict[str, Any]) -> None:
        try:
            audit_chain.accept_head(reason=options["reason"], at=now())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"accepted: head {audit_head.stands().seq}; the reason is in the log")

    def retain(self, options: dict[str, Any]) -> None:
        try:
            n = audit_chain.retain(at=now(), years=options["years"], dry=options["dry_run"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{'would drop' if options['dry_run'] else 'dropped'} {n}")

    def keys(self, options: dict[str, Any]) -> None:
        keys = type(settings.AUDIT_KEYS)
        taken = settings.AUDIT_KEYS.by_id
        name = next(f"a{n}" for n in range(1, len(taken) + 2) if f"a{n}" not in taken)
        self.stdout.write(f"ONEX_AUDIT_KEYS={keys({name: keys.random().current[1], **taken})}")


def _line(finding: audit_check.Finding) -> str:
    at = f"{finding.at:%Y-%m-%d %H:%M:%S%z}" if finding.at else ""
    parts = [f"#{finding.seq}" if finding.seq else "", str(finding.trace_id or ""), at, finding.what]
    return one_line(f"{finding.kind}: {' '.join(filter(None, parts))}: {finding.sentence}")


def _saved(file: Path) -> dict[date, tuple[int, str]]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return {date.fromisoformat(root["day"]): (int(root["seq"]), str(root["digest"])) for root in told["roots"]}
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise CommandError(f"{file.name} is no list of roots saved from the public page: {failure}") from failure
