"""How personal facts are shown where the whole of them is nobody's business. No Django here."""

from __future__ import annotations

import re


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


# An ID number is told by its date of birth, a mobile phone by its eleven digits; neither inside a longer number.
_ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])"
)
_PHONE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")


def mask_id_numbers(text: str) -> str:
    """A text with every ID number in it masked."""
    return _ID_NUMBER.sub(lambda found: mask_id_number(found.group()), text)


def mask_numbers(text: str) -> str:
    """A text with every ID number and mobile phone in it masked."""
    return _PHONE.sub(lambda found: mask_phone(found.group()), mask_id_numbers(text))


_EMAIL = re.compile(r"(?<![\w.+-])[\w+-][\w.+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}\.[A-Za-z]{2,24}(?![\w-])")


def mask_emails(text: str) -> str:
    """A text with every e-mail address in it masked."""
    return _EMAIL.sub(lambda found: mask_email(found.group()), text) if "@" in text else text


def mask_middle(text: str) -> str:
    """First and last two of an account's name: `s3*****61`."""
    return text[:2] + "*" * max(len(text) - 4, 0) + text[-2:] if len(text) > 4 else "*" * len(text)


def mask_birth(day: object) -> str:
    """The year: `2006-**-**`."""
    return f"{str(day)[:4]}-**-**" if day else ""
