"""Personal fields at rest: AES-256-GCM under a key id, bound to their column; a keyed index to find them by.

Envelope: version byte 1, key id length and key id, 12-byte nonce, ciphertext with tag. The associated data is
"app.model.field", so a value copied into another column does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_VERSION = 1


class Unreadable(ValueError):
    """A sealed value that no key of this installation opens."""


def seal(text: str, purpose: str) -> bytes:
    """Encrypt for one column."""
    return seal_bytes(text.encode(), purpose)


def unseal(sealed: bytes, purpose: str) -> str:
    """Decrypt what `seal` made for the same column.

    Raises Unreadable on an unknown version or key, a changed byte or another column.
    """
    return unseal_bytes(sealed, purpose).decode()


def seal_bytes(body: bytes, purpose: str) -> bytes:
    """Encrypt a file for one place."""
    key_id, key = settings.DATA_KEYS.current
    nonce = os.urandom(12)
    name = key_id.encode()
    return bytes((_VERSION, len(name))) + name + nonce + AESGCM(key).encrypt(nonce, body, purpose.encode())


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

    Made with the oldest data key, so that rotating keys does not change what is already indexed.
    """
    key = list(settings.DATA_KEYS.by_id.values())[-1]
    return hmac.new(key, f"{scope}\0{text}".encode(), hashlib.sha256).hexdigest()


class SealedTextField(models.BinaryField[Any, Any]):
    """A text that is encrypted on its way into the database and read back as text."""

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

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: Any) -> str:
        raise TypeError("sealed fields are not serialised")
