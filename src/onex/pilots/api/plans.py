"""GET /pilot-plans: what provinces opened, to whoever may see it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from onex.common.pages import get_or_404
from onex.common.permits import allows, holds
from onex.integrations.api import needs, refusals, told
from onex.pilots import queries
from onex.pilots.api.routes import router
from onex.pilots.api.schemas import MOST, PlanDetail, PlanList, asked
from onex.pilots.queries import programs
from onex.pilots.rules import PlanPhase
from onex.pilots.rules.told import PLANS_READ

Year = Annotated[int | None, asked("Year of the applications", "申报年度", ge=2000, le=2100)]
Batch = Annotated[int | None, asked("Number of the batch within the year", "申报批次", ge=1, le=100)]
Phase = Annotated[PlanPhase | None, asked("What the plan is at this moment", "计划当前的状态")]
After = Annotated[UUID | None, asked("The `next` of the last answer", "上一次应答中的 next")]
Limit = Annotated[int, asked("Items of one answer", "一次读取的条数", ge=1, le=MOST)]


@router.get(
    "/pilot-plans",
    auth=needs(PLANS_READ.code),
    response={200: PlanList, **refusals(422)},
    summary="The plans that may be seen",
    operation_id="list_pilot_plans",
    openapi_extra=told("证书申报计划列表", PLANS_READ.code),
)
def list_plans(
    request: Any,
    year: Year = None,
    batch: Batch = None,
    phase: Phase = None,
    after: After = None,
    limit: Limit = 50,
) -> Any:
    """In the order they were made in."""
    rows = programs.plans_for_programs(request.actor, request.at)
    chosen = {name: value for name, value in (("year", year), ("batch", batch), ("phase", phase)) if value is not None}
    return page_of(programs.after(rows.filter(**chosen), after), limit, shown)


@router.get(
    "/pilot-plans/{pk}",
    auth=needs(PLANS_READ.code),
    response={200: PlanDetail, **refusals(404, 422)},
    summary="One plan, with the certificate levels that may be applied for",
    operation_id="read_pilot_plan",
    openapi_extra=told("单个申报计划及可申报的证书级别", PLANS_READ.code),
)
def read_plan(request: Any, pk: UUID) -> Any:
    plan = get_or_404(programs.plans_for_programs(request.actor, request.at), pk=pk)
    levels = [
        {"id": one.pk, "name": one.name, "certificate_code": one.certificate.code, "level": one.level}
        for one in queries.levels_open_under(plan)
    ]
    manages = holds("pilots.plan_manage", request.actor) and allows("pilots.plan_manage", request.actor, plan)
    totals = plan.totals.select_related("certificate") if manages else ()
    return shown(plan) | {
        "notes": plan.notes,
        "reviews_until": plan.reviews_until if manages else None,
        "totals": [
            {"certificate_code": one.certificate.code if one.certificate else None, "total": one.total}
            for one in totals
        ],
        "materials": [{"name": one.name, "is_required": one.is_required} for one in plan.materials.all()],
        "levels": levels,
    }


def shown(plan: Any) -> dict[str, Any]:
    """A plan as programs read it."""
    names = (
        "year", "batch", "phase", "opens_at", "closes_at", "corrections_until", "requires_majors",
        "requires_city_approval", "all_certificates",
    )  # fmt: skip
    codes = [] if plan.all_certificates else [one.code for one in plan.certificates.all()]
    province = {"id": plan.province_id, "name": plan.province.name}
    return {"id": plan.pk, "province": province, "certificates": codes} | {name: getattr(plan, name) for name in names}


def page_of(rows: Any, limit: int, show: Any) -> dict[str, Any]:
    """The first `limit` of these rows, and the key to go on with when there are more."""
    found = list(rows[: limit + 1])
    following = found[limit - 1].pk if len(found) > limit else None
    return {"items": [show(row) for row in found[:limit]], "next": following}
