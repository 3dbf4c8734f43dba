"""How personal facts are shown where the whole of them is nobody's business. No Django here."""

from __future__ import annotations

import re
from collections.abc import Callable


def mask_id_number(number: str) -> str:
    """First three and last four of an ID number: `320***********0013`."""
    return number[:3] + "*" * max(len(number) - 7, 0) + number[-4:] if len(number) > 7 else "*" * len(number)


def mask_phone(phone: str) -> str:
    """`138****0000`."""
    return phone[:3] + "*" * max(len(phone) - 7, 0) + phone[-4:] if len(phone) > 7 else "*" * len(phone)


def mask_name(name: str) -> str:
    """The family name, the rest as stars: `张**`."""
    return name[:1] + "*" * (len(name) - 1)


def mask_email(address: str) -> str:
    """`j**@example.edu.cn`: enough to know one's own."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{'*' * max(len(local) - 1, 2)}@{domain}" if local else "*" * len(address)


# --- numbers and addresses inside a text

# Full width, and every kind of blank and dash, as ASCII: one character for one, so that places stay what they are.
_PLAIN = (
    {0xFF01 + n: 0x21 + n for n in range(94)}
    | dict.fromkeys((0x09, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), ord(" "))
    | dict.fromkeys((*range(0x2010, 0x2016), 0x2212), ord("-"))
)
_ALONE, _ENDED = "(?<![0-9a-f])", "(?![0-9a-f])"  # not inside a longer number, a digest or a UUID
_APART, _PERHAPS = "[ -]{1,3}", "[ -]{0,3}"  # what stands between the groups of a number

# An ID number is told by its date of birth, in one piece or in groups. Nothing here repeats without end: time grows
# with the text, whatever somebody wrote into it.
_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_ID_NUMBER = re.compile(
    f"{_ALONE}(?P<whole>"
    f"[1-9][0-9]{{5}}(?:18|19|20)[0-9]{{2}}{_MONTH}{_DAY}[0-9]{{3}}[0-9Xx]"
    f"|[1-9][0-9]{{5}}{_APART}(?:19|20)[0-9]{{2}}{_PERHAPS}{_MONTH}{_PERHAPS}{_DAY}{_PERHAPS}[0-9]{{3}}[0-9Xx]"
    f"|[1-9][0-9]{{3}}{_APART}[0-9]{{2}}(?:19|20){_APART}[0-9]{{2}}{_MONTH}{_APART}{_DAY}[0-9]{{2}}"
    f"{_APART}[0-9][0-9Xx]"
    f"){_ENDED}"
)
# Until 1999 they had fifteen digits: a province, and a birth date that exists with two digits for the year. Other
# numbers of fifteen digits pass, most of them.
_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_LONG, _SHORT = "(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])", "(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)"
_BIRTH = f"[0-9]{{2}}(?:{_LONG}|{_SHORT}|02(?:0[1-9]|[12][0-9]))"
_OLD_ID_NUMBER = re.compile(
    f"{_ALONE}(?P<whole>{_PROVINCE}[0-9]{{4}}(?:{_BIRTH}|{_APART}{_BIRTH}{_APART})[0-9]{{3}}){_ENDED}"
)
# A mobile phone has eleven digits, in one piece or in groups, with or without the country before them.
_PHONE = re.compile(
    f"{_ALONE}(?:(?:00)?86)?(?P<whole>"
    f"1[3-9][0-9]{_PERHAPS}[0-9]{{4}}{_PERHAPS}[0-9]{{4}}"
    f"|1[3-9][0-9]{_APART}[0-9]{{3}}{_APART}[0-9]{{5}}"
    f"|1[3-9][0-9]{{2}}{_APART}(?:[0-9]{{3}}{_APART}[0-9]{{4}}|[0-9]{{4}}{_APART}[0-9]{{3}})"
    f"){_ENDED}"
)
_EMAIL = re.compile(
    "(?<![A-Za-z0-9_.+-])(?P<whole>[A-Za-z0-9_+-][A-Za-z0-9_.+-]{0,63}"
    "@[A-Za-z0-9][A-Za-z0-9.-]{0,252}[.][A-Za-z]{2,24})(?![A-Za-z0-9_-])"
)
_MASKS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_ID_NUMBER, mask_id_number),
    (_OLD_ID_NUMBER, mask_id_number),
    (_PHONE, mask_phone),
)


def _masked(pattern: re.Pattern[str], mask: Callable[[str], str], text: str) -> str:
    pieces, done = [], 0
    for found in pattern.finditer(text.translate(_PLAIN)):
        start, end = found.span("whole")
        pieces += [text[done:start], mask(text[start:end])]
        done = end
    return "".join((*pieces, text[done:])) if pieces else text


def mask_numbers(text: str) -> str:
    """A text with every ID number and mobile phone in it masked."""
    for pattern, mask in _MASKS:
        text = _masked(pattern, mask, text)
    return text


def mask_emails(text: str) -> str:
    """A text with every e-mail address in it masked."""
    return _masked(_EMAIL, mask_email, text)


def mask_personal(text: str) -> str:
    """A text with every number and address of a person in it masked: what may be kept where nothing is forgotten."""
    return mask_emails(mask_numbers(text))


def bare(text: str) -> str:
    """Letters and digits alone, half width, small: two ways of writing one number are the same."""
    return "".join(c for c in text.translate(_PLAIN) if c.isalnum()).casefold()


def mask_middle(text: str) -> str:
    """First and last two of an account's name: `s3*****61`."""
    return text[:2] + "*" * max(len(text) - 4, 0) + text[-2:] if len(text) > 4 else "*" * len(text)


def mask_birth(day: object) -> str:
    """The year: `2006-**-**`."""
    return f"{str(day)[:4]}-**-**" if day else ""
