"""What both databases are asked for when they are opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connections

from onex.config.env import environment
from onex.config.settings.databases import databases

POSTGRES = {"ENGINE": "django.db.backends.postgresql", "NAME": "onex", "HOST": "/run/postgresql"}


def options_of(database: dict[str, Any], room: dict[str, Any] | None = None) -> dict[str, str]:
    found = databases(replace(environment(), database=database, room_database=room))
    return {alias: one["OPTIONS"].get("options", "") for alias, one in found.items()}


def test_postgresql_compiles_no_statement_and_the_room_has_its_own_schema() -> None:
    assert options_of(POSTGRES) == {"default": "-c jit=off", "room": "-c jit=off -c search_path=room"}
    assert options_of(POSTGRES, POSTGRES) == {"default": "-c jit=off", "room": "-c jit=off"}


def test_what_the_address_asks_for_counts_last() -> None:
    wanted = POSTGRES | {"OPTIONS": {"options": "-c jit=on", "sslmode": "require"}}
    assert options_of(wanted)["default"] == "-c jit=off -c jit=on"
    assert databases(replace(environment(), database=wanted))["default"]["OPTIONS"]["sslmode"] == "require"


@pytest.mark.django_db(databases=["default", "room"])
@pytest.mark.parametrize("alias", ["default", "room"])
def test_a_connection_has_what_was_asked_for(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            assert cursor.execute("pragma journal_mode").fetchone() == ("wal",)
        else:
            assert cursor.execute("show jit").fetchone() == ("off",)
