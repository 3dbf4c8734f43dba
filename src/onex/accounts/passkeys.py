"""Passkeys (WebAuthn): the library of Yubico stays behind this file, which speaks JSON and our own stored text.

A stored passkey is the base64url of its attested credential data (id and public key). No attestation is asked for: we
want to know that it is the same key as before, not who made it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from onex.common.text import Refused, say

NOT_FITTING = say("通行密钥没有通过验证，请再试一次；若浏览器没有弹出提示，请换用其他方式。")
_VERIFY = UserVerificationRequirement.PREFERRED  # the password came first; a touch is what this adds at least


def are_possible() -> bool:
    """Browsers make passkeys for host names only, and only over https (or on localhost)."""
    address = urlsplit(settings.PUBLIC_URL)
    host = address.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return address.scheme == "https" or host == "localhost"
    return False


def _server() -> Fido2Server:
    address = urlsplit(settings.PUBLIC_URL)
    origin = f"{address.scheme}://{address.netloc}"
    party = PublicKeyCredentialRpEntity(id=address.hostname or "", name="OneX")
    return Fido2Server(party, verify_origin=lambda told: told == origin)


def ask_to_make(user_id: bytes, account: str, name: str, known: Sequence[str]) -> tuple[dict[str, Any], Any]:
    """What the browser is asked in order to make a passkey, as JSON, and the state that its answer must fit."""
    person = PublicKeyCredentialUserEntity(id=user_id, name=account, display_name=name)
    options, state = _server().register_begin(person, _credentials(known), user_verification=_VERIFY)
    return dict(options)["publicKey"], _plain(state)


def finish_making(state: Any, answer: Mapping[str, Any]) -> tuple[str, int]:
    """The new passkey's text and its count. Raises Refused when the answer does not fit the question."""
    try:
        made = _server().register_complete(state, answer)
    except Exception as wrong:  # the answer is a stranger's bytes: whatever the parser stumbles over is "no"
        raise Refused(NOT_FITTING) from wrong
    if made.credential_data is None:
        raise Refused(NOT_FITTING)
    return websafe_encode(bytes(made.credential_data)), made.counter


def ask_for_one(known: Sequence[str]) -> tuple[dict[str, Any], Any]:
    """What the browser is asked in order to show one of these passkeys, and the state that its answer must fit."""
    options, state = _server().authenticate_begin(_credentials(known), user_verification=_VERIFY)
    return dict(options)["publicKey"], _plain(state)


def finish_asking(state: Any, known: Sequence[str], answer: Mapping[str, Any]) -> tuple[str, int]:
    """Which of these passkeys signed, and its count. Raises Refused when none did."""
    try:
        shown = _server().authenticate_complete(state, _credentials(known), answer)
        count = AuthenticationResponse.from_dict(answer).response.authenticator_data.counter
    except Exception as wrong:
        raise Refused(NOT_FITTING) from wrong
    return websafe_encode(bytes(shown)), count


def _credentials(known: Sequence[str]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(websafe_decode(text)) for text in known]


def _plain(state: Any) -> dict[str, Any]:
    """The library's state as the session can keep it: JSON."""
    verification = state["user_verification"]
    return {
        "challenge": str(state["challenge"]),
        "user_verification": str(getattr(verification, "value", verification)),
    }
