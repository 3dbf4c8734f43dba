"""Named reads: how many students each school has of each major, and where the figures of pilots say otherwise."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.db.models import Count

from onex.accounts.models import School
from onex.pilots.models import RosterCount
from onex.registration.models import Student


def students_by_major(school: School) -> dict[str, int]:
    """The students of one school counted by major code; one query."""
    rows = Student.objects.filter(school=school).order_by().values_list("major_code")
    return dict(rows.annotate(n=Count("pk")))


def schools_miscounted() -> list[School]:
    """The schools whose kept figures are not those of their rosters; three queries however many there are."""
    rostered: dict[UUID, dict[str, int]] = defaultdict(dict)
    kept: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = Student.objects.order_by().values_list("school", "major_code").annotate(n=Count("pk"))
    for school, code, n in rows:
        rostered[school][code] = n
    for school, code, n in RosterCount.objects.order_by().values_list("school", "major_code", "count"):
        kept[school][code] = n
    wrong = [school for school in rostered.keys() | kept.keys() if rostered.get(school) != kept.get(school)]
    return list(School.objects.filter(pk__in=wrong).order_by("pk"))
