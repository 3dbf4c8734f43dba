"""Named reads: what a province publishes of its approvals under document numbers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.pilots.models import ApprovalList, PilotApplication, PilotPlan
from onex.pilots.rules import GRANTED


def lists_seen_by(actor: Actor) -> QuerySet[ApprovalList]:
    """The lists this actor may see, newest first."""
    return seen("pilots.list_see", actor, ApprovalList.objects.select_related("plan__province")).order_by("-at", "-id")


def lists_of(plan: PilotPlan, actor: Actor) -> QuerySet[ApprovalList]:
    """Those of one plan."""
    return lists_seen_by(actor).filter(plan=plan)


def plans_to_publish(actor: Actor) -> QuerySet[PilotPlan]:
    """The plans whose lists this actor issues."""
    return seen("pilots.list_issue", actor, PilotPlan.objects.select_related("province"))


def lines_to_publish(plan: PilotPlan, *, only_new: bool) -> list[dict[str, Any]]:
    """The approvals of a plan as a list prints them; `only_new` leaves out what an earlier list has."""
    rows = PilotApplication.objects.filter(plan=plan, state__in=GRANTED)
    rows = rows.select_related("school__city", "level__certificate").order_by(
        "school__city__code", "school__name", "level__certificate__code", "level__level"
    )
    lines = [
        {
            "application": str(row.pk),
            "city": row.school.city.region_name if row.school.city else "",
            "school": row.school.name,
            "certificate": row.level.name,
            "requested": row.requested_count,
            "approved": row.approved_count,
        }
        for row in rows
    ]
    if not only_new:
        return lines
    printed = {
        (line.get("application"), line["approved"])
        for lines in plan.approval_lists.values_list("lines", flat=True)
        for line in lines
    }
    return [line for line in lines if (line["application"], line["approved"]) not in printed]
