"""Keys and public numbers: UUIDv7 made in the application, check digits by ISO 7064."""

from __future__ import annotations

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """A time-ordered key (RFC 9562 §5.7): 48 bits of Unix milliseconds, 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10 check digit of a string of decimal digits.

    Raises ValueError when `digits` holds anything else.
    """
    product = 10
    for character in digits:
        if character not in "0123456789":
            raise ValueError(f"not a decimal digit: {character!r}")
        total = (product + int(character)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def has_valid_check_digit(digits: str) -> bool:
    """True when the last digit is the ISO 7064 MOD 11,10 check digit of those before it."""
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and check_digit(digits[:-1]) == digits[-1]
