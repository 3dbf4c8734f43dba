"""The accounts of the demonstration: made once, with a password that only the installation's owner can read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from onex.accounts.models import Membership, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    call_command("loadguide", verbosity=0)
    call_command("demoaccounts")
    return tmp_path / "demo-accounts.json"


def test_only_the_owner_can_read_the_password(accounts: Path) -> None:
    assert accounts.stat().st_mode & 0o777 == 0o600


def test_everybody_of_the_file_can_sign_in(accounts: Path) -> None:
    told = json.loads(accounts.read_text(encoding="utf-8"))
    assert {one["role"] for one in told["accounts"]} == {
        "operator", "system_admin", "security_admin", "auditor", "province", "city",
        "admin", "org", "author", "assembler", "assessor",
    }  # fmt: skip
    for one in told["accounts"]:
        client = Client()
        answer = client.post("/accounts/sign-in/", {"username": one["username"], "password": told["password"]})
        assert answer.status_code == 302
        hat = Membership.objects.get(user__username=one["username"])
        assert (hat.role, hat.organisation.name) == (one["role"], one["organisation"])


def test_a_second_time_changes_nothing(accounts: Path) -> None:
    before, people = accounts.read_text(encoding="utf-8"), User.objects.count()
    call_command("demoaccounts")
    assert accounts.read_text(encoding="utf-8") == before
    assert (User.objects.count(), Membership.objects.count()) == (people, people)
