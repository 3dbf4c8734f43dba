"""What the gate is told, from Django's plain values."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from onex.examroom.gate import GateSettings

KEYS = {"k1": b"1" * 32}


def test_a_schema_of_its_own_comes_along_as_the_search_path():
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "onex",
        "USER": "postgres",
        "PASSWORD": "it's",
        "HOST": "/run/pg",
        "PORT": "",
        "OPTIONS": {"options": "-c search_path=room", "pool": {"min_size": 1}},
    }
    told = conninfo_to_dict(GateSettings.of(database, KEYS).dsn)
    assert told == {
        "dbname": "onex",
        "user": "postgres",
        "password": "it's",
        "host": "/run/pg",
        "options": "-c search_path=room",
    }


def test_a_file_is_a_file():
    settings = GateSettings.of({"ENGINE": "django.db.backends.sqlite3", "NAME": Path("/x/room.sqlite3")}, KEYS)
    assert (settings.sqlite, settings.dsn) == (Path("/x/room.sqlite3"), "")


def test_the_gate_needs_one_database_and_a_key():
    with pytest.raises(ValueError, match="either"):
        GateSettings(KEYS)
    with pytest.raises(ValueError, match="either"):
        GateSettings(KEYS, dsn="dbname=x", sqlite=Path("y"))
    with pytest.raises(ValueError, match="key"):
        GateSettings({}, dsn="dbname=x")
