"""The province decides, the city looks first."""

from __future__ import annotations

from datetime import datetime

from onex.accounts import queries as accounts
from onex.accounts.models import InstitutionRegistration
from onex.accounts.rules import RegistrationState
from onex.common.actors import Actor
from onex.common.text import Say, say
from onex.pilots import queries as pilots
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import (
    ApplicationState,
    PlanState,
    batch_label,
    year_of,
)
from onex.portal.queries.desk.institutions import changes_waiting
from onex.portal.queries.desk.parts import Parts, more, places_of, sites_of, some
from onex.portal.rules import Figure, Start, Task


def registrations_waiting(actor: Actor) -> list[Task]:
    rows = accounts.registrations_seen_by(actor).filter(state=RegistrationState.PENDING)

    def task(row: InstitutionRegistration) -> Task:
        return Task(
            say("审核院校注册：{name}", name=row.name),
            say("审核"),
            "accounts:registration-detail",
            (row.pk,),
            since=row.submitted_at,
        )

    query = f"?state={RegistrationState.PENDING}"
    return some(rows.order_by("submitted_at"), task, more(say("待审核的院校注册"), "accounts:registration-list", query))


def _applications_waiting(actor: Actor, state: ApplicationState) -> list[Task]:
    def task(row: PilotApplication) -> Task:
        return Task(
            say("审核试点申报：{school} · {level}", school=row.school.name, level=Say(row.level.name)),
            say("审核"),
            "pilots:application-detail",
            (row.pk,),
            since=row.submitted_at,
            note=say("申请 {n} 人", n=row.requested_count),
        )

    rest = more(say("待审核的试点申报"), "pilots:application-list", f"?state={state}")
    return some(pilots.applications_waiting_for(actor), task, rest)


def province(actor: Actor, at: datetime) -> Parts:
    drafts = pilots.plans_seen_by(actor, at).filter(state=PlanState.DRAFT)

    def publish(row: PilotPlan) -> Task:
        return Task(
            say("发布申报计划：{year} 年{batch}", year=row.year, batch=batch_label(row.batch)),
            say("查看草稿"),
            "pilots:plan-detail",
            (row.pk,),
            since=row.created_at,
            until=row.opens_at if row.opens_at > at else None,
            until_label=say("申报开始"),
        )

    tasks = [
        *registrations_waiting(actor),
        *changes_waiting(actor),
        *_applications_waiting(actor, ApplicationState.PROVINCE_REVIEW),
        *some(drafts.order_by("created_at"), publish, more(say("没有发布的申报计划"), "pilots:plan-list")),
    ]
    year = year_of(at)
    has_plan = pilots.plans_seen_by(actor, at).filter(year=year, state=PlanState.PUBLISHED).exists()
    start = (
        Start(
            say("等待院校申报"),
            say("本年度的申报计划已经发布；院校提交后，待审核的申报会列在这里，先到的在前。"),
            say("查看申报计划"),
            "pilots:plan-list",
        )
        if has_plan
        else Start(
            say("从发布申报计划开始"),
            say("本年度还没有申报计划。计划发布之前，省内院校不能申报。"),
            say("新建申报计划"),
            "pilots:plan-create",
        )
    )
    return tasks, [*places_of(actor, year), sites_of(actor)], start


def city(actor: Actor, at: datetime) -> Parts:
    waiting = pilots.applications_waiting_for(actor).order_by().count()
    figures = [
        Figure(
            waiting,
            say("待地市审核"),
            None,
            "pilots:application-list",
        ),
        *places_of(actor, year_of(at)),
    ]
    start = Start(
        say("没有待审核的申报"),
        say("本地院校提交的试点申报到达后列在这里；计划要求地市审批的，由您先审，再报省级。"),
        say("查看全部申报"),
        "pilots:application-list",
    )
    return _applications_waiting(actor, ApplicationState.CITY_REVIEW), figures, start
