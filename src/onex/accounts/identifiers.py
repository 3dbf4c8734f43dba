"""Numbers that identify people, judged by their own structure (domain.md §9). Pure: today is an argument."""

from __future__ import annotations

import re
from datetime import date

from onex.common.text import Say, say

# GB/T 2260 provinces, and 81–83: residence permits of Hong Kong, Macao and Taiwan residents (same structure).
PROVINCE_PREFIXES = frozenset(
    (
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
        "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
    )
)  # fmt: skip
OLDEST = 100  # years; older is a slip of the pen

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def problems_with_id_number(text: str, today: date) -> list[Say]:
    """Why this is no ID number (GB 11643-1999): the first fault found, for the others follow from it.

    `text` as normalised: no blanks, capital X.
    """
    if re.fullmatch(r"\d{15}", text):
        return [say("这是 15 位旧身份证号，请填写 18 位身份证号")]
    if len(text) != 18:
        return [say("身份证号应为 18 位，现在是 {n} 位", n=len(text))]
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return [say("身份证号只能由数字组成，末位可以是 X")]
    if text[:2] not in PROVINCE_PREFIXES:
        return [say("身份证号前两位 {code} 不是省级代码", code=text[:2])]
    born = _date(text[6:14])
    if born is None:
        return [say("身份证号中的出生日期 {day} 不存在", day=text[6:14])]
    if born > today or today.year - born.year > OLDEST:
        return [say("身份证号中的出生日期 {day} 不合理", day=born)]
    if check_character(text) != text[17]:
        return [say("身份证号的校验位不正确，请核对是否有输错的数字")]
    return []


def check_character(number: str) -> str:
    """The 18th character that the first 17 digits ask for (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]


def birth_date_of(number: str) -> date:
    """The birth date in a valid ID number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex_of(number: str) -> str:
    """`male` or `female`, by the 17th digit of a valid ID number."""
    return "male" if int(number[16]) % 2 else "female"


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
