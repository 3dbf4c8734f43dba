"""What a password must be, under each of the two profiles an installation may choose.

`asvs` (the default) follows OWASP ASVS 5.0 6.2: length, what was leaked and what is guessed from the context count,
composition and age do not. `mlps3` follows 等保 (GB/T 22239-2019, 8.1.4.1): kinds of characters, age, no reuse.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from onex.common.text import Say, say

LONGEST = 128  # hashing longer ones only costs time; never shortened, always refused


@dataclass(frozen=True)
class PasswordProfile:
    """One set of demands."""

    code: str
    shortest: int
    shortest_staff: int
    kinds: int = 0  # of the four: lower case, upper case, digits, others
    staff_days: int = 0  # after which a member of staff sets a new one; 0 never
    not_again: int = 0  # how many of the last ones may not come back


PROFILES = {
    one.code: one
    for one in (
        PasswordProfile("asvs", shortest=8, shortest_staff=12),
        PasswordProfile("mlps3", shortest=8, shortest_staff=8, kinds=3, staff_days=90, not_again=5),
    )
}

# Words of this trade, of keyboards and of habit; names of people and organisations come with each account. Provinces
# are spelt as people type them.
_WORDS = """
onex 1+x yijiax zhengshu kaoshi kaodian xuexiao jiaowu jiaowuchu jiaoyu zhijiao shidian peixun pingjia aopai
allpass admin administrator root test guest user teacher student school welcome password passwd passw0rd p@ssw0rd
p@ssword mima woaini iloveyou qwerty qwertyuiop qwer asdf asdfgh zxcv zxcvbn qazwsx 1qaz2wsx abc abcd abc123 aa123
beijing tianjin hebei shanxi neimenggu liaoning jilin heilongjiang shanghai jiangsu zhejiang anhui fujian jiangxi
shandong henan hubei hunan guangdong guangxi hainan chongqing sichuan guizhou yunnan xizang shaanxi gansu qinghai
ningxia xinjiang bingtuan dalian qingdao ningbo xiamen shenzhen nanjing guangzhou china zhongguo
"""
COMMON_WORDS = frozenset(_WORDS.split())
_ROWS = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_PHONE = re.compile(r"1[3-9]\d{9}")
_ID_NUMBER = re.compile(r"\d{17}[\dxX]")


def normalised_password(raw: str) -> str:
    """What is hashed and counted: NFKC, so that full-width digits of a Chinese keyboard are the digits they show."""
    return unicodedata.normalize("NFKC", raw)


def problems_with_password(
    raw: str, profile: PasswordProfile, *, is_staff: bool, words: Iterable[str] = (), is_leaked: bool = False
) -> list[Say]:
    """Everything that makes this password too easy to guess; `words` are names of the person and their organisations.

    `is_leaked`: whether it stands in the list of passwords that attackers try first.
    """
    text = normalised_password(raw)
    shortest = profile.shortest_staff if is_staff else profile.shortest
    found = []
    if len(text) < shortest:
        found.append(say("密码至少 {n} 位，现在是 {m} 位。可以用几个不相关的词连成一句。", n=shortest, m=len(text)))
    if len(text) > LONGEST:
        found.append(say("密码最多 {n} 位。", n=LONGEST))
    if "\x00" in text:
        found.append(say("密码含有不能使用的字符。"))
    if profile.kinds and _kinds(text) < profile.kinds:
        found.append(say("大写字母、小写字母、数字、其他符号四类中，至少要有 {n} 类。", n=profile.kinds))
    if is_leaked:
        found.append(say("这个密码在已泄露的常用密码之列，很容易被猜中，请换一个。"))
    elif len(text) <= LONGEST and (sentence := _guessed(text, words)):
        found.append(sentence)
    return found


def _kinds(text: str) -> int:
    tests = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum() or not one.isascii())
    return sum(any(test(one) for one in text) for test in tests)


def _guessed(text: str, words: Iterable[str]) -> Say | None:
    """Why somebody who knows the person or the trade tries this one early."""
    low = text.casefold()
    if len(set(low)) < 5 or _is_row(low):
        return say("密码只是重复或连续的字符，很容易被猜中。")
    for pattern in (_ID_NUMBER, _PHONE, _DATE):
        if pattern.search(low) and len(_letters(pattern.sub("", low))) < 4:
            return say("密码主要是证件号码、手机号或日期，知道您的人很容易猜中。")
    for word in sorted({*COMMON_WORDS, *_names(words)}, key=len, reverse=True):
        if word in low and len(_letters(_without_words(low, words))) < 4:
            return say("密码主要由“{word}”这样容易想到的词组成，请换一个。", word=word)
    return None


def _names(words: Iterable[str]) -> set[str]:
    # Of a Chinese name two characters tell whose it is; of a spelt one four letters do.
    folded = {normalised_password(word).casefold().strip() for word in words}
    return {word for word in folded if len(word) >= (4 if word.isascii() else 2)}


def _without_words(low: str, words: Iterable[str]) -> str:
    for word in sorted({*COMMON_WORDS, *_names(words)}, key=len, reverse=True):
        low = low.replace(word, " ")
    return low


def _letters(text: str) -> str:
    """What is left to guess beside digits, signs and blanks."""
    return "".join(one for one in text if one.isalpha())


def _is_row(low: str) -> bool:
    """Whether it is a walk along a row of the keyboard, the alphabet or the digits, once or again and again."""
    walks = [row * (len(low) // len(row) + 2) for row in _ROWS]
    halves = {low, low[: len(low) // 2] if low[: len(low) // 2] * 2 == low else low}
    return any(half in walk for half in halves for walk in walks)


def is_too_old(profile: PasswordProfile, *, is_staff: bool, set_at: datetime | None, at: datetime) -> bool:
    """Whether a member of staff must set a new one; one whose age nobody knows is too old."""
    if not profile.staff_days or not is_staff:
        return False
    return set_at is None or at - set_at >= timedelta(days=profile.staff_days)
