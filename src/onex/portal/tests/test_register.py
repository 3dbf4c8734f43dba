"""The register of personal fields is complete, says only what it may, and is what the notice shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from onex.accounts.tests.factories import NOON
from onex.catalog.services import load_guide
from onex.portal import register
from onex.portal.queries import persons
from onex.portal.queries.register import entries, fields, missing, stale
from onex.portal.services import RULES

PERSONAL_WORDS = ("phone", "id_number", "email", "birth", "photo", "mobile", "address_home")


def test_every_column_of_every_model_stands_in_the_register() -> None:
    """Failing here: `./onex manage privacyregister`, then decide the rows with a question mark."""
    assert [one.name for one in missing()] == []
    assert [one.name for one in stale()] == []


def test_every_row_says_what_it_must() -> None:
    assert register.problems_of(entries()) == []


def test_what_is_sealed_is_registered_as_sealed_and_as_personal() -> None:
    by_name = {one.name: one for one in entries()}
    for model, field, sealed in fields():
        one = by_name[f"{model}.{field}"]
        assert (one.sealed == "yes") == sealed, one.name
        assert one.is_personal or not sealed, one.name


def test_numbers_and_addresses_of_people_are_sealed_or_public() -> None:
    for one in entries():
        if one.kind in ("id_number", "phone", "email") and one.name != "examroom.candidate.masked_id":
            assert one.sealed == "yes" or one.grade == "public", one.name
            assert one.mask or one.grade == "public", one.name


def test_a_column_whose_name_sounds_personal_is_not_called_impersonal() -> None:
    wrong = [one.name for one in entries() if not one.is_personal and any(w in one.field for w in PERSONAL_WORDS)]
    assert wrong == []


def test_a_planted_column_and_a_careless_row_are_caught(settings, tmp_path: Path) -> None:
    rows = [one for one in entries() if one.name != "registration.student.phone"]
    settings.PRIVACY_REGISTER = tmp_path / "fields.csv"
    register.write(settings.PRIVACY_REGISTER, [*rows, register.Entry("a.b", "gone", "no")])
    assert [one.name for one in missing()] == ["registration.student.phone"]
    assert [one.name for one in stale()] == ["a.b.gone"]
    good = next(one for one in rows if one.is_personal)
    assert register.problems_of([replace(good, personal="?")])
    assert register.problems_of([replace(good, retention="for ever")])
    assert register.problems_of([replace(good, personal="no")])
    assert register.problems_of([good]) == []


def test_a_table_of_a_package_is_missed_like_one_of_ours(settings, tmp_path: Path) -> None:
    packages = ("sessions.session", "django_tasks_database.dbtaskresult")
    rows = [one for one in entries() if one.model not in packages]
    settings.PRIVACY_REGISTER = tmp_path / "fields.csv"
    register.write(settings.PRIVACY_REGISTER, rows)
    names = {one.name for one in missing()}
    assert {"sessions.session.session_data", "django_tasks_database.dbtaskresult.traceback"} <= names
    assert {one.model for one in missing()} == set(packages)


def test_every_model_with_personal_fields_leads_to_its_person_or_to_nobody() -> None:
    known = {*persons.OF_STUDENT, *persons.OF_ACCOUNT, *persons.IN_ROOM, *persons.OF_NOBODY}
    assert {one.model for one in entries() if one.is_personal} - known == set()


def test_every_retention_that_ends_by_itself_has_a_rule() -> None:
    automatic = {code for code, words in register.RETENTIONS.items() if "自动" in words.msgid}
    assert automatic - {rule.code for rule in RULES} == set()


def test_every_purpose_and_retention_of_the_tables_is_used() -> None:
    used = {code for one in entries() for code in (one.purpose, one.retention)}
    assert set(register.RETENTIONS) - used == set()
    assert set(register.PURPOSES) - used == set()


@pytest.mark.django_db
def test_the_notice_says_everything_the_register_says_to_everybody() -> None:
    load_guide(at=NOON)
    page = Client().get(reverse("portal:privacy")).content.decode()
    for one in entries():
        if one.is_personal:
            assert str(register.KINDS[one.kind]) in page
            assert str(register.RETENTIONS[one.retention]) in page
    assert reverse("portal:privacy") in Client().get(reverse("portal:home")).content.decode()
    assert settings.PRIVACY_REGISTER.name == "fields.csv"
