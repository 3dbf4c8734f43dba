"""Editions of the notice of a level in a sitting: written when it is announced or put off, marked when taken back."""

from __future__ import annotations

from datetime import datetime

from onex.registration.models import ExamPlanLevel, PlanNotice
from onex.registration.queries.notices import last_edition
from onex.registration.queries.plans import windows_of


def write_edition(row: ExamPlanLevel, *, at: datetime, reason: str = "") -> PlanNotice:
    """The next edition of this level's notice, as the sitting now is; call it in the transaction of the move."""
    plan, last = row.plan, last_edition(row)
    windows = sorted(windows_of(plan))
    return PlanNotice.objects.create(
        plan=plan,
        level=row.level,
        version=last.version + 1 if last else 1,
        title=plan.title,
        slots=[[slot.starts_at.isoformat(), slot.ends_at.isoformat()] for slot in windows],
        ends_at=max(slot.ends_at for slot in windows),
        registration_opens_at=row.registration_opens_at,
        registration_closes_at=row.registration_closes_at,
        reason=reason.strip(),
        told_at=at,
    )


def withdraw_edition(row: ExamPlanLevel, *, at: datetime) -> None:
    """Mark the notice in force as taken back."""
    if (last := last_edition(row)) is not None:
        PlanNotice.objects.filter(pk=last.pk, withdrawn_at=None).update(withdrawn_at=at)
