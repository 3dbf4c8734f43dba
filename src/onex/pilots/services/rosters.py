"""How many students of each major a school has: told by registration, which keeps the students."""

from __future__ import annotations

from collections.abc import Mapping

from onex.accounts.models import School
from onex.common import tx
from onex.pilots.models import RosterCount


def count_roster(school: School, counts: Mapping[str, int]) -> None:
    """Replace what is known of a school's roster: students by major code; what is 0 is not kept.

    Call it in the transaction that changes the roster, with the school locked, so that the last one to write also
    counted last. It leaves no trace: the change of the roster did.
    """
    with tx.write():
        RosterCount.objects.filter(school=school).exclude(
            major_code__in=[code for code, n in counts.items() if n]
        ).delete()
        RosterCount.objects.bulk_create(
            (RosterCount(school=school, major_code=code, count=n) for code, n in sorted(counts.items()) if n),
            update_conflicts=True,
            unique_fields=["school", "major_code"],
            update_fields=["count"],
        )
