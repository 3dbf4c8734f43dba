"""Keys change and nothing is lost: old envelopes open, new ones name the new key, the old key can go."""

from __future__ import annotations

import io
import secrets
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from onex.accounts.models import User
from onex.accounts.queries import user_by_phone, users_by_email
from onex.accounts.tests.factories import NOON, a_registration, a_school, an_actor
from onex.common import files, sealed
from onex.common.actors import Role
from onex.common.index_keys import foreign_indexes
from onex.common.rekey import behind, rekey_files, sealed_fields
from onex.common.tests import papers
from onex.config.env import Keys, environment

ROOT = Path(__file__).resolve().parents[4]
OLD, NEW = ("k1", secrets.token_bytes(32)), ("k2", secrets.token_bytes(32))


@pytest.fixture
def old_key(settings):
    settings.DATA_KEYS, settings.INDEX_KEYS = Keys(dict([OLD])), Keys({"i1": secrets.token_bytes(32)})
    return settings


def raw(user: User, column: str = "phone") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"select {column} from accounts_user where username = %s", [user.username])  # noqa: S608
        return bytes(cursor.fetchone()[0])


def key_of(envelope: bytes) -> str:
    return envelope[2 : 2 + envelope[1]].decode()


def people(count: int) -> list[User]:
    return [
        User.objects.create(username=f"u{n}", name="周敏", phone=f"1380000{n:04d}", email=f"u{n}@example.cn")
        for n in range(count)
    ]


@pytest.mark.django_db
def test_a_phone_and_an_address_stand_sealed_and_are_found(old_key) -> None:
    (user,) = people(1)
    assert b"13800000000" not in raw(user)
    assert b"example" not in raw(user, "email")
    assert User.objects.get(pk=user.pk).phone == "13800000000"
    assert user_by_phone("138 0000 0000") == user
    assert list(users_by_email("U0@Example.cn")) == [user]
    assert user_by_phone("13800000001") is None
    assert user_by_phone("") is None


@pytest.mark.django_db
def test_many_accounts_may_have_no_phone_and_no_two_the_same(old_key) -> None:
    from django.db import IntegrityError, transaction

    User.objects.create(username="a", name="甲")
    User.objects.create(username="b", name="乙")
    User.objects.create(username="c", name="丙", phone="13800000000")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="d", name="丁", phone="13800000000")


@pytest.mark.django_db
def test_a_new_key_seals_what_is_written_and_the_old_still_opens(old_key) -> None:
    (user,) = people(1)
    old_key.DATA_KEYS = Keys(dict([NEW, OLD]))
    assert User.objects.get(pk=user.pk).phone == "13800000000"
    later = User.objects.create(username="later", name="周敏", phone="13900000000")
    assert (key_of(raw(user)), key_of(raw(later))) == ("k1", "k2")


@pytest.mark.django_db
def test_after_rekey_the_old_key_is_gone_and_everything_opens_and_is_found(old_key) -> None:
    users = people(7)
    old_key.DATA_KEYS = Keys(dict([NEW, OLD]))
    said = io.StringIO()
    call_command("rekey", batch=3, stdout=said)
    assert "accounts.user.phone 7" in said.getvalue()
    assert "May be removed from ONEX_DATA_KEYS: k1." in said.getvalue()
    old_key.DATA_KEYS = Keys(dict([NEW]))
    for user in users:
        assert User.objects.get(pk=user.pk).email == user.email
        assert user_by_phone(user.phone) == user
    again = io.StringIO()
    call_command("rekey", stdout=again)
    assert "accounts.user.phone 0" in again.getvalue()


@pytest.mark.django_db
def test_rekey_reaches_sealed_files_and_structures(old_key, django_capture_on_commit_callbacks) -> None:
    school = a_school()
    by = an_actor(Role.SCHOOL, school)
    photo, plain = (
        files.attach(school, "photo", SimpleUploadedFile("a.pdf", papers.PDF), by=by, at=NOON, sealed=is_sealed)
        for is_sealed in (True, False)
    )
    row, _ = a_registration()
    type(row).objects.filter(pk=row.pk).update(handed_in={"contact_phone": "13800000000"})
    old_name, body = photo.stored_name, files.open_bytes(photo)
    old_key.DATA_KEYS = Keys(dict([NEW, OLD]))
    said = io.StringIO()
    call_command("rekey", dry_run=True, stdout=said)
    assert "sealed files 1" in said.getvalue()
    assert "May be removed" not in said.getvalue()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("rekey", stdout=said)
    assert "May be removed from ONEX_DATA_KEYS: k1." in said.getvalue()
    old_key.DATA_KEYS = Keys(dict([NEW]))
    photo.refresh_from_db()
    assert files.open_bytes(photo) == body
    assert not default_storage.exists(old_name)
    assert files.open_bytes(plain)
    assert type(row).objects.get(pk=row.pk).handed_in == {"contact_phone": "13800000000"}
    assert rekey_files() == (0, [])


@pytest.mark.django_db
def test_a_sealed_file_that_is_gone_is_named_and_keeps_the_old_key_in_its_place(old_key) -> None:
    school = a_school()
    upload = SimpleUploadedFile("a.pdf", papers.PDF)
    kept = files.attach(school, "photo", upload, by=an_actor(Role.SCHOOL, school), at=NOON, sealed=True)
    default_storage.delete(kept.stored_name)
    old_key.DATA_KEYS = Keys(dict([NEW, OLD]))
    said = io.StringIO()
    call_command("rekey", stdout=said)
    assert f"cannot be read: {kept.stored_name}" in said.getvalue()
    assert "May be removed" not in said.getvalue()


@pytest.mark.django_db
def test_a_rekey_that_was_stopped_goes_on_where_it_stopped(old_key) -> None:
    from onex.common.rekey import rekey

    people(7)
    old_key.DATA_KEYS = Keys(dict([NEW, OLD]))
    phone = User._meta.get_field("phone")
    assert next(rekey(User, phone, batch=3)) == 3
    assert behind(User, phone).count() == 4
    assert sum(rekey(User, phone, batch=3)) == 4


@pytest.mark.django_db
def test_the_operator_is_told_to_keep_a_data_key_that_indexes(old_key) -> None:
    old_key.INDEX_KEYS = Keys(dict([OLD]))
    old_key.DATA_KEYS = Keys(dict([NEW, OLD]))
    said = io.StringIO()
    call_command("rekey", stdout=said)
    assert "set ONEX_INDEX_KEYS" in said.getvalue()


@pytest.mark.django_db(databases=["default", "room"])
def test_an_installation_whose_index_key_was_taken_away_does_not_start(old_key) -> None:
    assert list(foreign_indexes()) == []  # nobody yet
    people(3)
    assert list(foreign_indexes()) == []
    old_key.INDEX_KEYS = Keys(dict([NEW]))
    assert list(foreign_indexes()) == ["accounts.user.phone_index", "accounts.user.email_index"]
    with pytest.raises(CommandError, match=r"accounts\.user\.phone_index.*Put the key that is missing back"):
        call_command("prepare", verbosity=0)
    old_key.DATA_KEYS = Keys(dict([NEW]))
    assert all("no key of ONEX_DATA_KEYS opens it" in one for one in foreign_indexes())


def test_an_installation_of_before_keeps_indexing_with_its_oldest_key(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ONEX_DATA", str(tmp_path))
    monkeypatch.setenv("ONEX_DATA_KEYS", str(Keys(dict([NEW, OLD]))))
    monkeypatch.delenv("ONEX_INDEX_KEYS", raising=False)
    assert environment.__wrapped__().index_keys == Keys(dict([OLD]))
    monkeypatch.setenv("ONEX_INDEX_KEYS", str(Keys(dict([NEW]))))
    assert environment.__wrapped__().index_keys == Keys(dict([NEW]))


def test_every_algorithm_of_an_envelope_and_every_key_stands_in_the_inventory() -> None:
    inventory = (ROOT / "docs" / "security" / "crypto.md").read_text(encoding="utf-8")
    for number, name in sealed.ALGORITHMS.items():
        assert f"| {number} | {name} |" in inventory
    assert sealed.seal("x", "a.b.c")[0] in sealed.ALGORITHMS
    from onex.config.env import fresh_env_file

    for line in fresh_env_file().splitlines():
        assert f"`{line.split('=')[0]}`" in inventory


def test_every_sealed_column_is_reached_by_rekey() -> None:
    names = {f"{model._meta.label_lower}.{field.name}" for model, field in sealed_fields()}
    assert {"accounts.user.phone", "registration.student.id_number", "certificates.certificate.id_number"} <= names
