"""The notice of a level in a sitting: editions are written when it is announced or put off, and schools are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from onex.common.actors import Actor, Role
from onex.notices.services import tell
from onex.registration.models import ExamPlanLevel, PlanNotice
from onex.registration.queries.notices import last_edition
from onex.registration.queries.plans import schools_concerned, windows_of
from onex.registration.rules.notices import OF_LEVELS


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


def tell_schools(row: ExamPlanLevel, move: str, *, by: Actor, at: datetime) -> None:
    """Tell every school that has places for this level what became of its notice; in the transaction of the move."""
    if (template := OF_LEVELS.get(move)) is None:
        return
    words: dict[str, Any] = {
        "organisation": row.plan.organisation.name,
        "title": row.plan.title,
        "level": row.level.short_name,
        "slots": "、".join(map(str, sorted(windows_of(row.plan)))),
        "opens": row.registration_opens_at,
        "closes": row.registration_closes_at,
    }
    tell(
        template.code,
        organisation=schools_concerned(row),
        roles=(Role.SCHOOL, Role.REGISTRAR),
        values={name: words[name] for name in template.placeholders},
        by=by,
        at=at,
        # A draft is the organisation's alone: a school that followed the link would find nothing there.
        link=reverse("registration:plan-detail", args=[row.plan_id])
        if move == "announce"
        else reverse("registration:plan-list"),
        subject_row=row.plan,
    )
