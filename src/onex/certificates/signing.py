"""Ed25519 over a certificate's facts, and the token that its QR code carries."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


def sign(words: bytes) -> tuple[str, str]:
    """(key id, base64url signature) with the current key."""
    key_id, seed = settings.SIGN_KEYS.current
    return key_id, _text(Ed25519PrivateKey.from_private_bytes(seed).sign(words))


def verifies(words: bytes, key_id: str, signature: str) -> bool:
    """Whether this signature is ours over these words."""
    public = _public(key_id)
    try:
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except (binascii.Error, ValueError):
        return False
    if public is None:
        return False
    try:
        public.verify(raw, words)
    except InvalidSignature:
        return False
    return True


def token_for(number: str) -> str:
    """What the QR code carries after /v/: number, key id and a signature of their own purpose."""
    key_id, signature = sign(f"qr:{number}".encode())
    return f"{number}.{key_id}.{signature}"


def number_in(token: str) -> str | None:
    """The number of a token that we signed; None for anything else."""
    parts = token.split(".")
    if len(parts) != 3 or not verifies(f"qr:{parts[0]}".encode(), parts[1], parts[2]):
        return None
    return parts[0]


def _public(key_id: str) -> Ed25519PublicKey | None:
    seed = settings.SIGN_KEYS.by_id.get(key_id)
    return None if seed is None else Ed25519PrivateKey.from_private_bytes(seed).public_key()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
