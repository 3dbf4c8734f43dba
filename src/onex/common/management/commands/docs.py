"""`docs [--check]`: write docs/flows.md, permits.md and limits.md from the tables; --check fails for stale ones."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import autodiscover_modules

from onex.common import tables_shown

FOLDER = Path(settings.SOURCE).parents[1] / "docs"


class Command(BaseCommand):
    help = "Write docs/flows.md, docs/permits.md and docs/limits.md from the tables of workflows, permits and doors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        autodiscover_modules("doors")  # they register themselves on import
        wanted = {
            "flows.md": tables_shown.flows(),
            "permits.md": tables_shown.permits(),
            "limits.md": tables_shown.limits(),
        }
        for name, text in wanted.items():
            file = FOLDER / name
            if options["check"]:
                if not file.exists() or file.read_text(encoding="utf-8") != text:
                    raise CommandError(f"docs/{name} is stale; run ./onex manage docs")
            else:
                file.write_text(text, encoding="utf-8")
                self.stdout.write(f"docs/{name}")
