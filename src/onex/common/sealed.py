"""Personal fields at rest: AES-256-GCM under a key id, bound to their column; a keyed index to find them by.

Envelope: algorithm byte, key id length and key id, 12-byte nonce, ciphertext with tag. The associated data is
"app.model.field", so a value copied into another column does not open. Keys, rotation: docs/security/crypto.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

ALGORITHMS = {1: "AES-256-GCM"}  # the first byte of an envelope; the inventory in docs names each
_VERSION = 1


class Unreadable(ValueError):
    """A sealed value that no key of this installation opens."""


def seal(text: str, purpose: str) -> bytes:
    """Encrypt for one column."""
    return seal_bytes(text.encode(), purpose)


def current_head() -> bytes:
    """How an envelope under the current key begins: what does not begin so waits for `rekey`."""
    return _head(settings.DATA_KEYS.current[0])


def _head(key_id: str) -> bytes:
    name = key_id.encode()
    return bytes((_VERSION, len(name))) + name


def unseal(sealed: bytes, purpose: str) -> str:
    """Decrypt what `seal` made for the same column.

    Raises Unreadable on an unknown version or key, a changed byte or another column.
    """
    return unseal_bytes(sealed, purpose).decode()


def seal_bytes(body: bytes, purpose: str) -> bytes:
    """Encrypt a file for one place."""
    key_id, key = settings.DATA_KEYS.current
    nonce = os.urandom(12)
    return _head(key_id) + nonce + AESGCM(key).encrypt(nonce, body, purpose.encode())


def unseal_bytes(sealed: bytes, purpose: str) -> bytes:
    """Decrypt what `seal_bytes` made for the same place. Raises Unreadable like `unseal`."""
    if len(sealed) < 3 or sealed[0] != _VERSION:
        raise Unreadable("unknown envelope")
    end = 2 + sealed[1]
    key = settings.DATA_KEYS.by_id.get(sealed[2:end].decode(errors="replace"))
    if key is None:
        raise Unreadable("unknown key id")
    try:
        return AESGCM(key).decrypt(sealed[end : end + 12], sealed[end + 12 :], purpose.encode())
    except (InvalidTag, ValueError) as failure:  # ValueError: cut short
        raise Unreadable("changed, or sealed for another column") from failure


def blind_index(text: str, scope: str) -> str:
    """A keyed fingerprint for unique constraints and look-ups: HMAC-SHA-256 hex over scope and text.

    Its key is one of its own (`INDEX_KEYS`), so that rotating or removing data keys changes nothing that is indexed.
    """
    key = settings.INDEX_KEYS.current[1]
    return hmac.new(key, f"{scope}\0{text}".encode(), hashlib.sha256).hexdigest()


class SealedTextField(models.BinaryField[Any, Any]):
    """A text that is encrypted on its way into the database and read back as text. It cannot be searched: see
    `BlindIndexField`.
    """

    description = "Encrypted text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"editable": True, **kwargs})

    @property
    def purpose(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> bytes | None:
        return None if value is None else seal(str(value), self.purpose)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        sealed = value if prepared else self.get_prep_value(value)
        return None if sealed is None else connection.Database.Binary(sealed)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else unseal(bytes(value), self.purpose)

    def _check_str_default_value(self) -> list[Any]:
        return []  # a text is exactly what its default is

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: Any) -> str:
        raise TypeError("sealed fields are not serialised")


class SealedJSONField(SealedTextField):
    """A structure of plain values, sealed as a whole."""

    description = "Encrypted JSON"

    def get_prep_value(self, value: Any) -> bytes | None:
        return super().get_prep_value(json.dumps(value, ensure_ascii=False))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return None if text is None else json.loads(text)


class BlindIndexField(models.CharField[Any, Any]):
    """Finds the sealed text in the column `of` of the same row; null where that is empty, so that it may be unique.

    Kept by `save` and `bulk_create`, as `auto_now` is; a queryset's `update` of `of` must set it too (`index_of`).
    """

    description = "Keyed fingerprint of a sealed text"

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **{"max_length": 64, "null": True, "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    @property
    def scope(self) -> str:
        return f"{self.model._meta.label_lower}.{self.of}"

    def index_of(self, text: str) -> str | None:
        """The fingerprint of this text, written as people may write it; None for nothing."""
        plain = "".join(str(text).split()).lower()
        return blind_index(plain, self.scope) if plain else None

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        found = self.index_of(getattr(model_instance, self.of) or "")
        setattr(model_instance, self.attname, found)
        return found


def seal_existing(app: str, model: str, fields: tuple[str, ...], plain: str = "plain_") -> Any:
    """For migrations: what moves each text from its renamed plain column `plain_<field>` into the sealed `<field>`.

    Blind indexes of the model are made on the way. A function for `RunPython`.
    """

    def run(apps: Any, schema_editor: Any) -> None:
        table = apps.get_model(app, model)
        alias = schema_editor.connection.alias
        rows = table._base_manager.using(alias).values_list("pk", *(f"{plain}{name}" for name in fields))
        indexes = [field for field in table._meta.local_fields if isinstance(field, BlindIndexField)]
        taken: set[tuple[str, str]] = set()
        for pk, *texts in list(rows):
            values: dict[str, Any] = dict(zip(fields, texts, strict=True))
            for field in indexes:
                found = field.index_of(values.get(field.of) or "")
                if field.unique and (field.name, found) in taken:
                    values[field.of], found = "", None  # the first keeps a number that two accounts gave
                taken.add((field.name, found or ""))
                values[field.name] = found
            table._base_manager.using(alias).filter(pk=pk).update(**values)

    return run
