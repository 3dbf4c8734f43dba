"""`appoint system_admin|security_admin|auditor <account> <name>`: the operator's first three administrators.

Prints a once-only activation link. Only while nobody wears the hat: everybody after the first is named on the pages.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onex.accounts import services
from onex.accounts.rules import ADMINISTRATORS
from onex.common.actors import Role
from onex.common.clock import now
from onex.common.text import Refused


class Command(BaseCommand):
    help = "Make the account of the first system administrator, security administrator or auditor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=[role.value for role in ADMINISTRATORS])
        parser.add_argument("account")
        parser.add_argument("name")
        parser.add_argument("--operator", default="OneX 平台运营", help="the name of the organisation that runs it")

    def handle(self, *args: Any, **options: Any) -> None:
        person = services.Invitation(options["account"], options["name"])
        try:
            link = services.appoint_first(Role(options["role"]), person, operator=options["operator"], at=now())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(link)
