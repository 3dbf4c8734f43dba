"""GET /pilot-applications: what schools filed, to whoever may see it, and the places that were granted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime

from onex.common.pages import get_or_404
from onex.common.queries import timeline_of
from onex.integrations.api import needs, refusals, told
from onex.pilots.api.plans import After, Batch, Limit, Year, page_of
from onex.pilots.api.routes import router
from onex.pilots.api.schemas import ApplicationDetail, ApplicationList, PlacesOut, asked
from onex.pilots.queries import programs
from onex.pilots.rules import ApplicationState, flow_of, year_of
from onex.pilots.rules.told import APPLICATIONS_READ, PLACES_READ

State = Annotated[ApplicationState | None, asked("Where it stands", "申报状态")]
Since = Annotated[
    AwareDatetime | None,
    asked("Only what changed at or after this time, places included", "只要这一时刻及以后有变动的（含名额变动）"),
]
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@router.get(
    "/pilot-applications",
    auth=needs(APPLICATIONS_READ.code),
    response={200: ApplicationList, **refusals(422)},
    summary="The applications that may be seen; `updated_since` for what changed",
    operation_id="list_pilot_applications",
    openapi_extra=told("证书试点申报列表；用 updated_since 读取变动", APPLICATIONS_READ.code),
)
def list_applications(
    request: Any,
    year: Year = None,
    batch: Batch = None,
    state: State = None,
    plan: Annotated[UUID | None, asked("Key of a plan", "申报计划编号")] = None,
    level: Annotated[UUID | None, asked("Key of a certificate level", "证书级别编号")] = None,
    school: Annotated[UUID | None, asked("Key of a school", "院校编号")] = None,
    updated_since: Since = None,
    after: After = None,
    limit: Limit = 50,
) -> Any:
    """In the order they were made in. A program that follows changes asks again from the time it last asked."""
    rows = programs.applications_for_programs(request.actor)
    asked = {
        "plan__year": year,
        "plan__batch": batch,
        "state": state,
        "plan_id": plan,
        "level_id": level,
        "school_id": school,
        "updated_at__gte": min(max(updated_since, EARLIEST), LATEST) if updated_since is not None else None,
    }
    chosen = {name: value for name, value in asked.items() if value is not None}
    return page_of(programs.after(rows.filter(**chosen), after), limit, shown)


@router.get(
    "/pilot-applications/{pk}",
    auth=needs(APPLICATIONS_READ.code),
    response={200: ApplicationDetail, **refusals(404, 422)},
    summary="One application with its majors, remarks and timeline",
    operation_id="read_pilot_application",
    openapi_extra=told("单个申报：专业、逐项意见和办理记录", APPLICATIONS_READ.code),
)
def read_application(request: Any, pk: UUID) -> Any:
    return whole(request, pk)


@router.get(
    "/pilot-applications/{pk}/places",
    auth=needs(PLACES_READ.code),
    response={200: PlacesOut, **refusals(404, 422)},
    summary="Places approved, used and left, with the ledger",
    operation_id="read_pilot_application_places",
    openapi_extra=told("名额：批准、已用、剩余和流水", PLACES_READ.code),
)
def read_places(request: Any, pk: UUID, after: After = None, limit: Limit = 50) -> Any:
    row = get_or_404(programs.applications_for_programs(request.actor), pk=pk)
    lines = programs.after(row.places_moves.order_by("pk"), after)
    is_open = row.state == ApplicationState.APPROVED and year_of(request.at) <= row.plan.year
    return {
        "application": row.pk,
        "state": row.state,
        "approved": row.approved_count or 0,
        "used": row.used_count,
        "left": row.left_count if is_open else 0,
    } | page_of(lines, limit, _line)


def _line(one: Any) -> dict[str, Any]:
    return {"id": one.pk, "at": one.at, "kind": one.kind, "count": one.count, "reason": one.reason}


def shown(row: Any) -> dict[str, Any]:
    """An application as a list of programs reads it."""
    names = (
        "state", "requested_count", "approved_count", "used_count", "submitted_at", "decided_at", "updated_at",
        "revision",
    )  # fmt: skip
    return {
        "id": row.pk,
        "plan": row.plan_id,
        "year": row.plan.year,
        "batch": row.plan.batch,
        "school": {"id": row.school_id, "name": row.school.name},
        "level": row.level_id,
        "level_name": row.level.name,
        "certificate_code": row.level.certificate.code,
    } | {name: getattr(row, name) for name in names}


def whole(request: Any, pk: UUID) -> dict[str, Any]:
    """One application with everything its page shows. Raises OutOfReach."""
    row = get_or_404(programs.whole_applications(request.actor), pk=pk)
    flow = flow_of(row.plan.requires_city_approval)
    return shown(row) | {
        "teaching_staff": row.teaching_staff,
        "facilities": row.facilities,
        "machine_count": row.machine_count,
        "declared_majors": [{"code": one.code, "name": one.name} for one in row.declared_majors.all()],
        "remarks": [
            {"submission": one.submission, "field": one.field, "text": one.text, "at": one.at, "who": one.actor_label}
            for one in row.remarks.all()
        ],
        "timeline": [
            {
                "at": one.at,
                "act": one.verb,
                "label": str(flow.act(one.verb)),
                "to_state": one.to_state,
                "who": one.actor_label,
                "note": one.note,
            }
            for one in timeline_of(row)
        ],
    }
