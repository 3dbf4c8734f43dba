"""How personal facts are shown where the whole of them is nobody's business. No Django here."""

from __future__ import annotations


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
    """The first letter and the host: `z***@example.edu.cn`."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if at else "*" * len(address)


def mask_birth(day: object) -> str:
    """The year: `2006-**-**`."""
    return f"{str(day)[:4]}-**-**" if day else ""
