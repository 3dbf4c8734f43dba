"""Signed tokens of the room: one algorithm, one purpose each, with key id and expiry. Checked without a database."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

import msgspec

AUDIENCE = "onex.room"
SEAT, STAFF, ADMISSION = "seat", "staff", "admission"
ADMISSION_CAP = 400  # characters


class BadToken(Exception):
    """Not one of ours: forged, of another purpose, expired, or cut."""


class Seat(msgspec.Struct, frozen=True, gc=False):
    """What a seat token says: this candidate, this sign-in, and the attempts and forms that go with it.

    Attempts and forms never change once somebody has signed in, so carrying them saves a read per request.
    """

    candidate: UUID
    sign_in: int
    attempts: dict[str, str]  # attempt id → form row id
    parts: dict[str, str]  # part → attempt id
    exp: int  # milliseconds since the epoch


class Staff(msgspec.Struct, frozen=True, gc=False):
    """What a room-staff token says: this person of the package."""

    staff: UUID
    session: UUID
    exp: int


class Admission(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the code on an admission ticket says: this ticket may be used at this session, within these hours.

    A list instead of an object, so that the printed QR code stays coarse enough for any scanner.
    """

    typ: str
    aud: str  # the session, as hex
    ticket_no: str
    nbf: int  # milliseconds since the epoch: check-in opens
    exp: int  # the session is over


class _Claims(msgspec.Struct, gc=False):
    typ: str
    aud: str
    body: msgspec.Raw


Live = TypeVar("Live", Seat, Staff)
_encoder = msgspec.json.Encoder()
_claims = msgspec.json.Decoder(_Claims)
_admission = msgspec.json.Decoder(Admission)
_seat, _staff = msgspec.json.Decoder(Seat), msgspec.json.Decoder(Staff)


def make(kind: str, body: Seat | Staff, keys: Mapping[str, bytes]) -> str:
    """`key id.claims.signature`, signed with the first key."""
    return _signed(_encoder.encode({"typ": kind, "aud": AUDIENCE, "body": msgspec.Raw(_encoder.encode(body))}), keys)


def make_admission(session: UUID, ticket_no: str, nbf: int, exp: int, keys: Mapping[str, bytes]) -> str:
    """The admission token of a ticket; valid from `nbf` until `exp` at this session alone."""
    return _signed(_encoder.encode(Admission(ADMISSION, session.hex, ticket_no, nbf, exp)), keys)


def _signed(text: bytes, keys: Mapping[str, bytes]) -> str:
    key_id, key = next(iter(keys.items()))
    signed = f"{key_id}.{_b64(text)}"
    return f"{signed}.{_b64(hmac.digest(key, signed.encode(), 'sha256'))}"


def read_seat(token: str, keys: Mapping[str, bytes], now: int) -> Seat:
    """The seat of a token. Raises BadToken."""
    return _live(_seat.decode(_body(token, SEAT, keys)), now)


def read_staff(token: str, keys: Mapping[str, bytes], now: int) -> Staff:
    """The person of a token. Raises BadToken."""
    return _live(_staff.decode(_body(token, STAFF, keys)), now)


def read_admission(token: str, keys: Mapping[str, bytes], now: int) -> Admission:
    """What an admission token says; whether its hour has come (`nbf`) is for the caller to say. Raises BadToken."""
    if len(token) > ADMISSION_CAP:
        raise BadToken("form")
    try:
        found = _admission.decode(_text(token, keys))
    except ValueError as wrong:
        raise BadToken("form") from wrong
    if found.typ != ADMISSION:
        raise BadToken("purpose")
    if found.exp <= now:
        raise BadToken("expired")
    return found


def _live(body: Live, now: int) -> Live:
    if body.exp <= now:
        raise BadToken("expired")
    return body


def _body(token: str, kind: str, keys: Mapping[str, bytes]) -> msgspec.Raw:
    try:
        claims = _claims.decode(_text(token, keys))
    except ValueError as wrong:  # msgspec's errors are ValueErrors
        raise BadToken("form") from wrong
    if claims.typ != kind or claims.aud != AUDIENCE:
        raise BadToken("purpose")
    return claims.body


def _text(token: str, keys: Mapping[str, bytes]) -> bytes:
    """The claims whose signature is right. The key id only chooses among our own keys. Raises BadToken."""
    try:
        signed, _, signature = token.rpartition(".")
        key_id, _, text = signed.partition(".")
        key = keys[key_id]
        if not hmac.compare_digest(hmac.digest(key, signed.encode("ascii"), "sha256"), _unb64(signature)):
            raise BadToken("signature")
        return _unb64(text)
    except (KeyError, ValueError) as wrong:  # base64's errors are ValueErrors
        raise BadToken("form") from wrong


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
