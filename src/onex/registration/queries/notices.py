"""Named reads: editions of the notices of sittings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from onex.registration.models import ExamPlanLevel, PlanNotice
from onex.registration.rules.feed import Told


def editions_of(row: ExamPlanLevel) -> QuerySet[PlanNotice]:
    """Every edition of this level's notice, the first one first."""
    return PlanNotice.objects.filter(plan=row.plan_id, level=row.level_id).order_by("version")


def last_edition(row: ExamPlanLevel) -> PlanNotice | None:
    """The edition that was told last, taken back or not."""
    return editions_of(row).last()


def told_publicly(
    since: datetime, address_of: Callable[[Any], str], certificate: str = "", level: int | None = None
) -> list[Told]:
    """What anybody may know of sittings that end after `since`: every edition of their notices, one query.

    `address_of(plan)` is where a person reads of it. A sitting counts as long as one of its editions ends after that.
    """
    rows = PlanNotice.objects.select_related("level__certificate").order_by("plan", "level", "version")
    if certificate:
        rows = rows.filter(level__certificate__code=certificate)
    if level is not None:
        rows = rows.filter(level__level=level)
    current = PlanNotice.objects.filter(ends_at__gt=since).order_by().values("plan")
    return [
        Told(
            plan=row.plan_id,
            level=row.level_id,
            level_name=row.level.short_name,
            certificate=row.level.certificate.short_name,
            version=row.version,
            title=row.title,
            slots=row.windows,
            registration=row.registration,
            told_at=row.told_at,
            withdrawn_at=row.withdrawn_at,
            reason=row.reason,
            url=address_of(row.plan_id),
        )
        for row in rows.filter(plan__in=current)
    ]
