"""POST and PUT /pilot-applications: a school's own system files, corrects, submits and withdraws."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Header, Status

from onex.common.pages import get_or_404
from onex.common.problems import problem
from onex.common.text import say
from onex.integrations.api import needs, refusals, told
from onex.integrations.services import KeyReused, once
from onex.pilots import queries, services
from onex.pilots.api.applications import whole
from onex.pilots.api.routes import router
from onex.pilots.api.schemas import ApplicationDetail, ApplicationIn, NewApplicationIn
from onex.pilots.queries import programs
from onex.pilots.rules.told import APPLICATIONS_WRITE
from onex.pilots.services import ChangedMeanwhile, Stale

SCOPE = APPLICATIONS_WRITE.code
CHANGED = say("这份申报在您读取之后被改动过，请重新读取后再办理。")
UNKNOWN_LEVEL = say("没有这个证书级别，请从计划的 levels 中选择。")
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,100}$",
        description="Sent again within two days it answers the application that was made, and makes no other",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^"[0-9]{1,9}"$',
        description='The `revision` you read, in quotation marks ("3"): 412 when somebody changed it since',
    ),
]


@router.post(
    "/pilot-applications",
    auth=needs(SCOPE),
    response={201: ApplicationDetail, **refusals(400, 404, 409, 422)},
    summary="File a draft under an open plan",
    operation_id="create_pilot_application",
    openapi_extra=told("在开放的计划下新建申报草稿", SCOPE),
)
def create_application(
    request: Any, response: HttpResponse, body: NewApplicationIn, idempotency_key: IdempotencyKey = None
) -> Any:
    """Refused (409) outside the plan's window and certificates, for a second one of a level, and for foreign majors."""
    plan = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=body.plan)
    values = _values(body)
    if values is None:
        return problem(422, UNKNOWN_LEVEL)
    try:
        made, pk = once(
            request.token,
            idempotency_key or "",
            request.body,
            lambda: services.create_application(plan, values, by=request.actor, at=request.at),
            at=request.at,
        )
    except KeyReused as refused:
        return problem(422, *refused.reasons)
    if made is None:
        response["Idempotent-Replayed"] = "true"
    return Status(201, whole(request, pk))


@router.put(
    "/pilot-applications/{pk}",
    auth=needs(SCOPE),
    response={200: ApplicationDetail, **refusals(400, 404, 409, 412, 422)},
    summary="Replace what a draft or a returned application says",
    operation_id="update_pilot_application",
    openapi_extra=told("修改草稿或被退回的申报", SCOPE),
)
def update_application(request: Any, pk: UUID, body: ApplicationIn, if_match: IfMatch = None) -> Any:
    """Kept for people too: what stands on somebody's screen meanwhile is told there that it is no longer true."""
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    values = _values(body)
    if values is None:
        return problem(422, UNKNOWN_LEVEL)
    try:
        services.update_application(row, values, by=request.actor, at=request.at, revision=_revision(if_match))
    except ChangedMeanwhile:
        return problem(412, CHANGED)
    return whole(request, pk)


@router.post(
    "/pilot-applications/{pk}/submit",
    auth=needs(SCOPE),
    response={200: ApplicationDetail, **refusals(404, 409, 412, 422)},
    summary="Submit it; 409 says everything that is missing",
    operation_id="submit_pilot_application",
    openapi_extra=told("提交申报；409 会列出全部缺项", SCOPE),
)
def submit_application(request: Any, pk: UUID, if_match: IfMatch = None) -> Any:
    return _moved(request, pk, "submit", if_match)


@router.post(
    "/pilot-applications/{pk}/withdraw",
    auth=needs(SCOPE),
    response={200: ApplicationDetail, **refusals(404, 409, 412, 422)},
    summary="Withdraw it before a decision",
    operation_id="withdraw_pilot_application",
    openapi_extra=told("在审核结论之前撤回", SCOPE),
)
def withdraw_application(request: Any, pk: UUID, if_match: IfMatch = None) -> Any:
    return _moved(request, pk, "withdraw", if_match)


def _moved(request: Any, pk: UUID, move: str, if_match: str | None) -> Any:
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    try:
        services.move_application(row, move, by=request.actor, at=request.at, revision=_revision(if_match))
    except Stale:
        return problem(412, CHANGED)
    return whole(request, pk)


def _revision(if_match: str | None) -> int | None:
    return int(if_match.strip('"')) if if_match is not None else None


def _values(body: ApplicationIn) -> services.ApplicationInput | None:
    level = programs.level_by_key(body.level)
    if level is None:
        return None
    return services.ApplicationInput(
        level=level,
        requested_count=body.requested_count,
        major_codes=body.major_codes,
        teaching_staff=body.teaching_staff,
        facilities=body.facilities,
        machine_count=body.machine_count,
    )
