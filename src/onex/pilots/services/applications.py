"""A school's applications: saved, filed, returned, approved for fewer or all, withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from onex.accounts.models import School
from onex.accounts.queries import school_of
from onex.catalog.models import CertificateLevel
from onex.common import files, moves, tx
from onex.common.actors import Actor
from onex.common.models import Attachment
from onex.common.permits import demand
from onex.common.text import Refused, Say, say
from onex.pilots import queries
from onex.pilots.models import DeclaredMajor, PilotApplication, PilotPlan
from onex.pilots.rules import (
    EDITABLE,
    ApplicationFacts,
    ApplicationState,
    ApprovalFacts,
    flow_of,
    problems_on_save,
)

DUPLICATE = say("贵校在本批次已申报过该证书的这一等级，不能重复申报。")
MATERIAL_KINDS = ("pdf", "doc", "docx", "png", "jpg")
MOST_MATERIALS = 10


@dataclass(frozen=True)
class ApplicationInput:
    """What a school writes down. `major_codes` are among the majors it offers; empty means every mapped major."""

    level: CertificateLevel
    requested_count: int = 0
    major_codes: Sequence[str] = ()
    teaching_staff: str = ""
    facilities: str = ""


def create_application(plan: PilotPlan, values: ApplicationInput, *, by: Actor, at: datetime) -> PilotApplication:
    """A new draft of the actor's school under an open plan.

    Raises Refused outside the window, outside the plan's certificates, for a second one of the same level, and for
    majors that do not belong to it.
    """
    plan = PilotPlan.objects.get(pk=plan.pk)  # as it is now, not as it was when the page was opened
    demand("pilots.application_create", by, plan)
    school = school_of(by)
    return _kept(PilotApplication(plan=plan, school=school), values, "create", by=by, at=at)


def update_application(
    application: PilotApplication, values: ApplicationInput, *, by: Actor, at: datetime
) -> PilotApplication:
    """Change a draft or a returned application. Raises Refused as for a new one, and when it is being reviewed."""
    demand("pilots.application_file", by, application)
    return _kept(application, values, "update", by=by, at=at)


def _kept(
    application: PilotApplication, values: ApplicationInput, verb: str, *, by: Actor, at: datetime
) -> PilotApplication:
    try:
        with tx.write():
            if not application._state.adding:
                application = moves.lock(application)
            application.level = values.level
            application.requested_count = values.requested_count
            application.teaching_staff = values.teaching_staff.strip()
            application.facilities = values.facilities.strip()
            declared = _named(application.school, values.major_codes)
            problems = _problems_on_save(application, declared, at)
            if problems:
                raise Refused(*problems)
            application.save()
            application.declared_majors.all().delete()
            DeclaredMajor.objects.bulk_create(
                DeclaredMajor(application=application, code=code, name=name) for code, name in declared.items()
            )
            moves.leave_trace(application, verb, by=by, at=at)
    except IntegrityError as clash:  # two clicks at once; everything else is judged above
        raise Refused(DUPLICATE) from clash
    return application


def _named(school: School, codes: Sequence[str]) -> dict[str, str]:
    names = dict(school.majors.filter(code__in=codes).values_list("code", "name"))
    return {code: names.get(code, "") for code in dict.fromkeys(codes)}


def _problems_on_save(application: PilotApplication, declared: dict[str, str], at: datetime) -> list[Say]:
    if application.state not in EDITABLE:
        return [say("申报正在审核或已有结论，不能再修改。")]
    return problems_on_save(application_facts(application, declared), at)


def move_application(
    application: PilotApplication,
    move: str,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    approved_count: int | None = None,
) -> PilotApplication:
    """Make one move of the table the plan asks for; `approved_count` is the number that "approve" grants.

    Raises Refused with every reason.
    """
    sets: dict[str, Any] = {}
    data: dict[str, Any] = {}
    if move == "submit":
        sets = {"submitted_at": at}
        data = snapshot_of(application)
    elif move == "approve":
        sets = {"approved_count": approved_count, "decided_at": at}
        data = {"requested_count": application.requested_count, "approved_count": approved_count}
    elif move in ("reject", "return"):
        sets = {"decided_at": at}
    return moves.move(
        flow_of(application.plan.requires_city_approval),
        application,
        move,
        by=by,
        at=at,
        note=note,
        facts=facts_for(move, note, approved_count),
        sets=sets,
        data=data,
    )


def snapshot_of(application: PilotApplication) -> dict[str, Any]:
    """What a reviewer compares the next submission with; kept in the trace of this one."""
    return {
        "level": application.level.name,
        "requested_count": application.requested_count,
        "declared_majors": [str(major) for major in application.declared_majors.all()],
        "teaching_staff": application.teaching_staff,
        "facilities": application.facilities,
    }


def facts_for(move: str, note: str, approved_count: int | None) -> Callable[[PilotApplication], Any]:
    """What the rules of this move judge, made of the locked row."""
    if move == "approve":
        return lambda row: ApprovalFacts(row.requested_count, approved_count, note)
    return application_facts


def application_facts(application: PilotApplication, declared: dict[str, str] | None = None) -> ApplicationFacts:
    """What the rules of filing judge, as the tables say it now."""
    plan, school, level = application.plan, application.school, application.level
    if declared is None:
        declared = dict(application.declared_majors.values_list("code", "name"))
    return ApplicationFacts(
        plan_state=plan.state,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        corrections_until=plan.corrections_until,
        was_returned=application.state == ApplicationState.RETURNED,
        requires_majors=plan.requires_majors,
        requires_city=plan.requires_city_approval,
        has_city=school.city_id is not None,
        certificate_in_scope=queries.levels_open_under(plan).filter(pk=level.pk).exists(),
        is_duplicate=queries.has_other_application(plan, school, level, besides=application.pk),
        requested_count=application.requested_count,
        teaching_staff=application.teaching_staff,
        facilities=application.facilities,
        declared=declared,
        mapped=set(level.majors.values_list("code", flat=True)) if declared else (),
        offered=set(school.majors.values_list("code", flat=True)) if declared else (),
    )


def add_material(application: PilotApplication, upload: Any, *, by: Actor, at: datetime) -> Attachment:
    """Keep one file of 其他佐证材料 while the application may be changed. Raises Refused."""
    _demand_open(application, by)
    if queries.materials_of(application).count() >= MOST_MATERIALS:
        raise Refused(say("其他佐证材料最多上传 {n} 个文件。", n=MOST_MATERIALS))
    return files.attach(application, queries.MATERIAL, upload, by=by, at=at, kinds=MATERIAL_KINDS)


def remove_material(application: PilotApplication, attachment: Attachment, *, by: Actor, at: datetime) -> None:
    """Take one file away again. Raises Refused."""
    _demand_open(application, by)
    files.remove(attachment)


def _demand_open(application: PilotApplication, by: Actor) -> None:
    demand("pilots.application_file", by, application)
    if application.state not in EDITABLE:
        raise Refused(say("申报正在审核或已有结论，不能再修改。"))
