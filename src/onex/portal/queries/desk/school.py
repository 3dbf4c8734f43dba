"""A school: its administrator files and enters, its registrar enters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Sum

from onex.accounts import queries as accounts
from onex.accounts.models import School
from onex.certificates import queries as certificates
from onex.certificates.rules import CertificateState
from onex.common.actors import Actor
from onex.common.text import Say, say
from onex.pilots import queries as pilots
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import (
    ApplicationState,
    PlanPhase,
    PlanState,
    batch_label,
    year_of,
)
from onex.portal.queries.desk.institutions import changes_returned
from onex.portal.queries.desk.parts import PEOPLE, Parts, entries_by_level, more, some
from onex.portal.rules import Figure, Start, Task
from onex.registration import queries as registration
from onex.registration.models import Entry, RosterImport, Student
from onex.registration.rules.entries import LIVE, EntryState
from onex.registration.rules.plans import PlanLevelState
from onex.registration.rules.roster import RosterState
from onex.sittings import queries as sittings
from onex.sittings.models import ExamSession, SessionStaff
from onex.sittings.rules import SessionState
from onex.venues import queries as venues
from onex.venues.models import SiteApplication
from onex.venues.rules import SiteState


def school(actor: Actor, at: datetime) -> Parts:
    school = accounts.school_of(actor)
    tasks = [
        *_unfinished_applications(actor, at),
        *_plans_to_apply_under(actor, school, at),
        *_unfinished_sites(actor),
        *_rosters_to_confirm(actor),
        *_levels_to_enter_for(actor, school, at),
        *_returned_entries(actor, at),
        *sessions_without_staff(actor, at),
        *changes_returned(actor),
    ]
    year = year_of(at)
    approved = PilotApplication.objects.filter(school=school, plan__year=year, state=ApplicationState.APPROVED)
    places = approved.aggregate(approved=Sum("approved_count", default=0), used=Sum("used_count", default=0))
    held = certificates.certificates_seen_by(actor).filter(state=CertificateState.ISSUED).order_by().count()
    figures = [
        Figure(
            places["approved"], say("批准培训总人数"), PEOPLE, "pilots:application-list", say("{year} 年度", year=year)
        ),
        Figure(
            places["used"],
            say("已使用培训数"),
            PEOPLE,
            "registration:entry-list",
            say("还剩 {n} 人", n=places["approved"] - places["used"]),
        ),
        Figure(held, say("已取得证书"), PEOPLE, "certificates:certificate-list"),
    ]
    return tasks, figures, _start_of_school(school, bool(places["approved"]))


def registrar(actor: Actor, at: datetime) -> Parts:
    """The same school, but for what its administrator alone files: pilots, sites, people."""
    school = accounts.school_of(actor)
    tasks = [
        *_rosters_to_confirm(actor),
        *_levels_to_enter_for(actor, school, at),
        *_returned_entries(actor, at),
    ]
    students = registration.students_seen_by(actor).order_by().count()
    entries = registration.entries_seen_by(actor).filter(state__in=LIVE).order_by().count()
    held = certificates.certificates_seen_by(actor).filter(state=CertificateState.ISSUED).order_by().count()
    figures = [
        Figure(students, say("学生"), PEOPLE, "registration:student-list"),
        Figure(entries, say("有效报名"), PEOPLE, "registration:entry-list"),
        Figure(held, say("已取得证书"), PEOPLE, "certificates:certificate-list"),
    ]
    return tasks, figures, _waiting() if students else _importing()


def _start_of_school(school: School, has_places: bool) -> Start:
    if not has_places:
        return Start(
            say("从申报证书试点开始"),
            say("所在省份发布申报计划后，在规定的时间内填报；审核通过取得名额后，方可开展培训和考试。"),
            say("查看申报计划"),
            "pilots:plan-list",
        )
    if not Student.objects.filter(school=school).exists():
        return _importing()
    if not venues.sites_of(school).exists():
        return Start(
            say("申报考核站点"),
            say("在本校组织考试，需要先成为考核站点；也可以在本省其他站点参加考试。"),
            say("申报考核站点"),
            "venues:application-create",
        )
    return _waiting()


def _importing() -> Start:
    return Start(
        say("导入学生名单"),
        say("下载模板、填好学生信息后导入，报名时从名单里选。"),
        say("导入学生"),
        "registration:student-import",
    )


def _waiting() -> Start:
    return Start(
        say("等待下一次统考"),
        say("报名通知发布后，这里会提醒您在截止时间前为学生报名。"),
        say("查看考试计划"),
        "registration:plan-list",
    )


def _unfinished_applications(actor: Actor, at: datetime) -> list[Task]:
    """Drafts and returned applications that may still be handed in."""
    may_file = Q(plan__state=PlanState.PUBLISHED, plan__opens_at__lte=at, plan__closes_at__gt=at)
    may_correct = Q(state=ApplicationState.RETURNED, plan__corrections_until__gt=at)
    wanted = (ApplicationState.DRAFT, ApplicationState.RETURNED)
    rows = pilots.applications_seen_by(actor).filter(may_file | may_correct, state__in=wanted)

    def task(row: PilotApplication) -> Task:
        is_returned = row.state == ApplicationState.RETURNED
        return Task(
            say("修改退回的试点申报：{level}", level=Say(row.level.name))
            if is_returned
            else say("提交试点申报：{level}", level=Say(row.level.name)),
            say("去修改") if is_returned else say("继续填写"),
            "pilots:application-edit",
            (row.pk,),
            since=row.decided_at or row.submitted_at or row.created_at,
            until=(row.plan.corrections_until if is_returned else None) or row.plan.closes_at,
            until_label=say("修改截止") if is_returned else say("申报截止"),
        )

    return some(rows.order_by("created_at"), task, more(say("没有提交的试点申报"), "pilots:application-list"))


def _plans_to_apply_under(actor: Actor, school: School, at: datetime) -> list[Task]:
    """Open plans of the province under which the school has filed nothing yet."""
    own = PilotApplication.objects.filter(plan=OuterRef("pk"), school=school).exclude(state=ApplicationState.WITHDRAWN)
    rows = pilots.plans_in(pilots.plans_seen_by(actor, at), PlanPhase.OPEN).filter(~Exists(own))

    def task(row: PilotPlan) -> Task:
        return Task(
            say("申报证书试点：{year} 年{batch}", year=row.year, batch=batch_label(row.batch)),
            say("立即申报"),
            "pilots:application-create",
            (row.pk,),
            since=row.opens_at,
            until=row.closes_at,
            until_label=say("申报截止"),
        )

    return some(rows.order_by("opens_at"), task, more(say("可以申报的计划"), "pilots:plan-list"))


def _unfinished_sites(actor: Actor) -> list[Task]:
    """The school's own site application while it lies with the school."""
    rows = venues.applications_seen_by(actor).filter(state__in=(SiteState.DRAFT, SiteState.RETURNED))

    def task(row: SiteApplication) -> Task:
        is_returned = row.state == SiteState.RETURNED
        return Task(
            say("修改退回的考核站点申请：{name}", name=row)
            if is_returned
            else say("提交考核站点申请：{name}", name=row),
            say("去修改") if is_returned else say("继续填写"),
            "venues:application-edit",
            (row.pk,),
            since=row.submitted_at or row.created_at,
        )

    return some(rows.order_by("created_at"), task, more(say("没有提交的考核站点申请"), "venues:application-list"))


def _rosters_to_confirm(actor: Actor) -> list[Task]:
    """Uploaded files whose preview nobody has confirmed or dropped."""
    rows = registration.imports_seen_by(actor).filter(state=RosterState.PREVIEW)

    def task(row: RosterImport) -> Task:
        return Task(
            say("确认导入学生名单：{file}", file=row.file_name),
            say("去确认"),
            "registration:import-detail",
            (row.pk,),
            since=row.created_at,
        )

    return some(rows.order_by("created_at"), task, more(say("没有确认的学生名单"), "registration:student-list"))


def _levels_to_enter_for(actor: Actor, school: School, at: datetime) -> list[Task]:
    """Levels open for registration for which the school has places left."""
    places = PilotApplication.objects.filter(
        school=school,
        level=OuterRef("level"),
        plan__year=OuterRef("plan__year"),
        state=ApplicationState.APPROVED,
        approved_count__gt=F("used_count"),
    )
    rows = registration.levels_seen_by(actor).filter(
        Exists(places),
        state=PlanLevelState.ANNOUNCED,
        registration_opens_at__lte=at,
        registration_closes_at__gt=at,
    )
    counted = registration.with_counts(rows, school)

    def task(row: Any) -> Task:
        return Task(
            say("为学生报名：{plan} · {level}", plan=row.plan.title, level=Say(row.level.name)),
            say("去报名"),
            "registration:plan-detail",
            (row.plan_id,),
            since=row.registration_opens_at,
            until=row.registration_closes_at,
            until_label=say("报名截止"),
            note=say("已报 {n} 人", n=row.live_count),
        )

    ordered = counted.order_by("registration_opens_at", "pk")
    return some(ordered, task, more(say("正在报名的统考"), "registration:plan-list"))


def _returned_entries(actor: Actor, at: datetime) -> list[Task]:
    """Candidates sent back who may still be entered again, one line for each level."""
    again = Entry.objects.filter(plan_level=OuterRef("plan_level"), id_index=OuterRef("id_index"), state__in=LIVE)
    rows = registration.entries_seen_by(actor).filter(
        ~Exists(again),
        state=EntryState.RETURNED,
        plan_level__state=PlanLevelState.ANNOUNCED,
        plan_level__registration_closes_at__gt=at,
    )
    told = say("{n} 名考生的报名被退回：{plan} · {level}")
    return entries_by_level(rows, EntryState.RETURNED, say("去处理"), say("被退回的报名"), told)


def sessions_without_staff(actor: Actor, at: datetime) -> list[Task]:
    """Sessions at the school's own site for which nobody is named yet."""
    nobody = ~Exists(SessionStaff.objects.filter(session=OuterRef("pk")))
    rows = sittings.sessions_seen_by(actor).filter(
        nobody, state__in=(SessionState.ARRANGED, SessionState.RELEASED), slot__starts_at__gt=at
    )

    def task(row: ExamSession) -> Task:
        return Task(
            say("安排监考员：{plan} · {level}", plan=row.plan_level.plan.title, level=Say(row.plan_level.level.name)),
            say("去安排"),
            "sittings:session-detail",
            (row.pk,),
            since=row.created_at,
            until=row.slot.starts_at,
            until_label=say("开考"),
            note=Say(row.site.name),
        )

    return some(rows.order_by("slot__starts_at"), task, more(say("没有监考员的场次"), "sittings:session-list"))
