"""`prepare`: bring an installation's databases and static files to this version and load the guide; safe to repeat."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from onex.common.index_keys import foreign_indexes


class Command(BaseCommand):
    help = "Migrate both databases, collect static files and load the guide's data; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        # On one PostgreSQL database the room has its own schema, which must exist before its migration table does.
        room = connections["room"]
        if room.vendor == "postgresql" and "search_path=room" in str(room.settings_dict["OPTIONS"].get("options", "")):
            with connections["default"].cursor() as cursor:
                cursor.execute("create schema if not exists room")
        for alias in ("default", "room"):
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        if foreign := list(foreign_indexes()):
            raise CommandError(
                "The keys in .env are not the ones that this installation's data was indexed and sealed with: "
                f"{', '.join(foreign)}. Nobody would be found by phone or e-mail, and one person could be registered "
                "twice. Put the key that is missing back: as ONEX_INDEX_KEYS, or, where that was never set, at the end "
                "of ONEX_DATA_KEYS (docs/security/crypto.md)."
            )
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        if "loadguide" in get_commands():
            call_command("loadguide", verbosity=options["verbosity"])
