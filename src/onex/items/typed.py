"""What candidates type, read the way a fair examiner reads it: full-width digits, separators, units, spaces."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

# Full-width forms of a Chinese keyboard to ASCII, one by one: NFKC would also turn 3² into 32.
NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-", 0xFFE5: "¥"}
NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|[+-]?\.[0-9]+")
LONGEST_NUMBER = 40
LIMIT = 10**15


def read_number(typed: Any, unit: str = "") -> Decimal | None:
    """The number someone typed into a box whose unit is `unit`; None when it is not one.

    "１２，３４５．６ 元" is 12345.6; "1.2万" is 12000; in a box of unit % both "3.8" and "3.8%" are 3.8, in any other
    box "3.8%" is 0.038. Commas count as separators only where thousands are: "1,5" is no number.
    """
    if isinstance(typed, bool) or not isinstance(typed, str | int | float):
        return None
    if isinstance(typed, int | float):
        return Decimal(repr(typed)) if abs(typed) < LIMIT else None  # infinity and NaN are not below it
    if len(typed) > LONGEST_NUMBER:
        return None
    text, unit = _closed(typed).replace("。", ".").removeprefix("¥"), _closed(unit)
    scale = Decimal(1)
    if unit and text.endswith(unit):
        text = text.removesuffix(unit)
    elif text.endswith("%"):
        text, scale = text[:-1], Decimal("0.01")
    else:
        text = text.removesuffix("元")
    if text.endswith("万"):
        text, scale = text[:-1], scale * 10_000
    if not NUMBER.fullmatch(text):
        return None
    number = Decimal(text.replace(",", "")) * scale
    return number if abs(number) < LIMIT else None


def plain(text: str) -> str:
    """A text for comparing: no spaces, no letter case, no full-width forms."""
    return _closed(text).casefold()


def length(text: str) -> int:
    """Characters as a back-office counts a title: a letter, a figure, a sign, an inner space are one each."""
    return len(text.strip())


def is_storable(text: str) -> bool:
    """No NUL and no half of a surrogate pair: no database keeps them, and no keyboard makes them."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def is_blank(answer: Any) -> bool:
    """Nothing was answered: cleared, empty, or only spaces."""
    return answer is None or answer == [] or answer == {} or (isinstance(answer, str) and not answer.strip())


def short(text: str, most: int = 60) -> str:
    """A candidate's words inside a sentence of ours."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _closed(text: str) -> str:
    return "".join(text.translate(NARROW).split())
