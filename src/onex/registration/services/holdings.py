"""Who holds which level: told by whoever issues and revokes certificates, asked when candidates are entered."""

from __future__ import annotations

from onex.common import tx
from onex.registration.models import Entry, HeldLevel


def record_held(entry: Entry, number: str) -> HeldLevel:
    """A certificate with this number was issued for this entry; call it in the transaction of the issue.

    Telling it twice is telling it once.
    """
    with tx.write():
        held, _ = HeldLevel.objects.get_or_create(
            id_index=entry.id_index, level_id=entry.plan_level.level_id, defaults={"number": number}
        )
    return held


def drop_held(number: str) -> bool:
    """A certificate was revoked: its level may be sat again. Answers whether it was known."""
    with tx.write():
        dropped, _ = HeldLevel.objects.filter(number=number).delete()
    return dropped > 0
