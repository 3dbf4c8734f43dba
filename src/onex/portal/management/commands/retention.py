"""`retention [--dry-run]`: delete personal data whose time is over; run it daily."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from onex.common.clock import now
from onex.portal.services import due, sweep_retention


class Command(BaseCommand):
    help = "Delete personal data whose retention in privacy/fields.csv is over; run it daily."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        for one in due(at) if options["dry_run"] else sweep_retention(at):
            self.stdout.write(f"{one.rule.code} {one.count} {one.rule.label}")
