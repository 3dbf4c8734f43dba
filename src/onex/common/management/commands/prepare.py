"""`prepare`: bring an installation's databases and static files to this version and load the guide; safe to repeat."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connections


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
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        if "loadguide" in get_commands():
            call_command("loadguide", verbosity=options["verbosity"])
