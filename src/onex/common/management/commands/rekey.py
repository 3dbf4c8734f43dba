"""`rekey`: seal every personal field and file under the first key of ONEX_DATA_KEYS; safe to stop and to repeat."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from onex.common.rekey import behind, rekey, rekey_files, sealed_fields


class Command(BaseCommand):
    help = "Seal every personal field and file under the first key of ONEX_DATA_KEYS; safe to stop and to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows in one transaction")
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *args: Any, **options: Any) -> None:
        left = 0
        for model, field in sealed_fields():
            count = behind(model, field).count() if options["dry_run"] else sum(rekey(model, field, options["batch"]))
            left += behind(model, field).count()
            self.stdout.write(f"{model._meta.label_lower}.{field.name} {count}")
        count, broken = rekey_files(dry_run=options["dry_run"])
        left += len(broken) + (count if options["dry_run"] else 0)
        self.stdout.write(f"sealed files {count}")
        for name in broken:
            self.stdout.write(f"cannot be read: {name}")
        current, *older = settings.DATA_KEYS.by_id
        if left:
            self.stdout.write(f"{left} values are not yet under {current}.")
        else:
            self.stdout.write(f"Everything is sealed under {current}.")
            self.stdout.write(f"May be removed from ONEX_DATA_KEYS: {', '.join(older) or 'nothing'}.")
            if older and settings.INDEX_KEYS.current[1] in settings.DATA_KEYS.by_id.values():
                self.stdout.write("Before that, set ONEX_INDEX_KEYS to the key that indexes: now the last of them.")
