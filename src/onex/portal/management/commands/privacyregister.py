"""`privacyregister`: add new columns to privacy/fields.csv, undecided, and drop those that are gone; for developers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from onex.portal import register
from onex.portal.queries.register import entries, missing, stale


class Command(BaseCommand):
    help = "Add new columns to privacy/fields.csv, undecided (?), and drop those that are gone."

    def handle(self, *args: Any, **options: Any) -> None:
        new, gone = missing(), stale()
        register.write(settings.PRIVACY_REGISTER, [*(one for one in entries() if one not in gone), *new])
        for one in new:
            self.stdout.write(f"decide: {one.name}")
        for one in gone:
            self.stdout.write(f"gone: {one.name}")
