"""`docs [--check]`: write docs/flows.md and docs/permits.md from the tables; --check fails when they are stale."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from onex.common import tables_shown

FOLDER = Path(settings.SOURCE).parents[1] / "docs"


class Command(BaseCommand):
    help = "Write docs/flows.md and docs/permits.md from the workflow and permit tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {"flows.md": tables_shown.flows(), "permits.md": tables_shown.permits()}
        for name, text in wanted.items():
            file = FOLDER / name
            if options["check"]:
                if not file.exists() or file.read_text(encoding="utf-8") != text:
                    raise CommandError(f"docs/{name} is stale; run ./onex manage docs")
            else:
                file.write_text(text, encoding="utf-8")
                self.stdout.write(f"docs/{name}")
