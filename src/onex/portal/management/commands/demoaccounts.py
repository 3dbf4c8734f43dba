"""`demoaccounts`: the officials of the demonstration, each with an account; safe to repeat.

Their one password is made once for each installation and kept beside its data, readable by its owner only.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from onex.accounts.models import City, EvaluationOrg, Organisation, Province, User
from onex.accounts.services import create_user, ensure_operator, give_hat
from onex.catalog.queries import guide_in_force
from onex.common.actors import SYSTEM, Role
from onex.common.clock import now

FILE = "demo-accounts.json"
PROVINCE, CITY = "32", "320100"  # 江苏省, 南京市 (GB/T 2260)
OPERATOR = "OneX 平台运营"


@dataclass(frozen=True)
class Official:
    """Somebody invented who holds an office."""

    username: str
    name: str
    role: Role
    organisation: Organisation


class Command(BaseCommand):
    help = "Make the accounts of the demonstration; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        # The file comes first: an account whose password nobody knows would be of no use.
        password = self.password(Path(settings.MEDIA_ROOT).parent / FILE)
        for official in self.officials():
            user = User.objects.filter(username=official.username).first()
            if user is None:
                user = create_user(official.username, official.name, password, by=SYSTEM, at=now())
            if not user.memberships.filter(role=official.role, organisation=official.organisation.pk).exists():
                give_hat(user, official.role, official.organisation, by=SYSTEM, at=now())

    def password(self, file: Path) -> str:
        """The password of this installation's demonstration accounts, with the file that tells it."""
        if not file.exists():
            told = [
                {
                    "username": one.username,
                    "role": one.role.value,
                    "label": str(one.role.label),
                    "name": one.name,
                    "organisation": one.organisation.name,
                }
                for one in self.officials()
            ]
            text = json.dumps({"password": secrets.token_urlsafe(9), "accounts": told}, ensure_ascii=False)
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as made:
                made.write(text + "\n")
        return str(json.loads(file.read_text(encoding="utf-8"))["password"])

    def officials(self) -> list[Official]:
        organisation = EvaluationOrg.objects.get(org_code=guide_in_force().org_code)
        operator = ensure_operator(OPERATOR)
        return [
            Official("demo-operator", "顾平", Role.OPERATOR, operator),
            Official("demo-system", "丁一舟", Role.SYSTEM_ADMIN, operator),
            Official("demo-security", "白守正", Role.SECURITY_ADMIN, operator),
            Official("demo-auditor", "严明", Role.AUDITOR, operator),
            Official("demo-province", "陆文清", Role.PROVINCE, Province.objects.get(code=PROVINCE)),
            Official("demo-city", "沈知微", Role.CITY, City.objects.get(code=CITY)),
            Official("demo-admin", "江予安", Role.ADMIN, organisation),
            Official("demo-org", "方景行", Role.ORG, organisation),
            Official("demo-author", "叶知秋", Role.AUTHOR, organisation),
            Official("demo-assembler", "林静远", Role.ASSEMBLER, organisation),
            Official("demo-assessor", "程砚", Role.ASSESSOR, organisation),
        ]
