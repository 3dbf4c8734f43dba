"""What waits for a person, what changed, and the figures that matter, by the hat they wear.

Built from the other apps' own reads, so a desk shows nothing that its owner could not find in a list. Every kind of
task costs one or two queries however many rows wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Count, Exists, F, Max, Min, Model, OuterRef, Q, QuerySet, Sum

from onex.accounts import queries as accounts
from onex.accounts.models import InstitutionChange, InstitutionRegistration, School
from onex.accounts.rules import ADMINISTRATOR_CHANGE, CHANGE_KIND_LABELS, REGISTRATION, ChangeKind, RegistrationState
from onex.bank import queries as bank
from onex.bank.models import Paper
from onex.bank.rules import PAPER, PaperState
from onex.catalog.models import CertificateLevel, GuideVersion, Textbook, TrainingClassPlan
from onex.certificates import queries as certificates
from onex.certificates.rules import CertificateState
from onex.common.actors import Actor, Role
from onex.common.models import Trace
from onex.common.permits import holds, seen
from onex.common.text import Say, say
from onex.common.workflow import Workflow
from onex.marking import queries as marking
from onex.marking.models import Script
from onex.marking.rules import ScriptState
from onex.pilots import queries as pilots
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    PLAN,
    ApplicationState,
    PlanPhase,
    PlanState,
    batch_label,
    year_of,
)
from onex.portal.queries import audit
from onex.portal.queries.institution_tasks import changes_returned, changes_waiting
from onex.portal.queries.student import home_of_student
from onex.portal.rules import SHOWN_OF_A_KIND, Change, Desk, Figure, Start, Task, oldest_first
from onex.registration import queries as registration
from onex.registration.models import Entry, ExamPlanLevel, RosterImport, Student
from onex.registration.rules.entries import LIVE, EntryState
from onex.registration.rules.plans import LEVEL_FLOW, PlanLevelState
from onex.registration.rules.roster import RosterState
from onex.results import queries as results
from onex.results.models import ResultRelease
from onex.results.rules import RELEASE, ReleaseState
from onex.sittings import queries as sittings
from onex.sittings.models import ExamSession, SessionStaff
from onex.sittings.rules import SESSION, SessionState
from onex.venues import queries as venues
from onex.venues.models import SiteApplication
from onex.venues.rules import FLOW as SITE_FLOW
from onex.venues.rules import SiteState

M = TypeVar("M", bound=Model)
LATELY = timedelta(days=7)
SHOWN_CHANGES = 8
PEOPLE = say("人")


def desk_of(actor: Actor, at: datetime) -> Desk:
    """The home of this hat."""
    tasks, figures, start = DESKS.get(actor.role, _onlooker)(actor, at)
    return Desk(oldest_first(tasks), figures, changes_for(actor, at), start)


Parts = tuple[list[Task], list[Figure], Start]


def _some(rows: QuerySet[M], task: Callable[[M], Task], rest: Callable[[int], Task]) -> list[Task]:
    """The first of a kind line by line; when there are more, one line that leads to their list."""
    found = list(rows[: SHOWN_OF_A_KIND + 1])
    if len(found) <= SHOWN_OF_A_KIND:
        return [task(row) for row in found]
    shown = found[: SHOWN_OF_A_KIND - 1]
    return [*map(task, shown), rest(rows.order_by().count() - len(shown))]


def _more(what: Say, address: str, query: str = "") -> Callable[[int], Task]:
    def task(n: int) -> Task:
        return Task(say("另有 {n} 件：{what}", n=n, what=what), say("查看全部"), address, query=query, count=n)

    return task


# --- school --------------------------------------------------------------------------------------------------------


def _school(actor: Actor, at: datetime) -> Parts:
    school = accounts.school_of(actor)
    tasks = [
        *_unfinished_applications(actor, at),
        *_plans_to_apply_under(actor, school, at),
        *_unfinished_sites(actor),
        *_rosters_to_confirm(actor),
        *_levels_to_enter_for(actor, school, at),
        *_returned_entries(actor, at),
        *_sessions_without_staff(actor, at),
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


def _start_of_school(school: School, has_places: bool) -> Start:
    if not has_places:
        return Start(
            say("从申报证书试点开始"),
            say("所在省份发布申报计划后，在规定的时间内填报；审核通过取得名额后，方可开展培训和考试。"),
            say("查看申报计划"),
            "pilots:plan-list",
        )
    if not Student.objects.filter(school=school).exists():
        return Start(
            say("导入学生名单"),
            say("名额已经取得。下载模板、填好学生信息后导入，报名时从名单里选。"),
            say("导入学生"),
            "registration:student-import",
        )
    if not venues.sites_of(school).exists():
        return Start(
            say("申报考核站点"),
            say("在本校组织考试，需要先成为考核站点；也可以在本省其他站点参加考试。"),
            say("申报考核站点"),
            "venues:application-create",
        )
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

    return _some(rows.order_by("created_at"), task, _more(say("没有提交的试点申报"), "pilots:application-list"))


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

    return _some(rows.order_by("opens_at"), task, _more(say("可以申报的计划"), "pilots:plan-list"))


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

    return _some(rows.order_by("created_at"), task, _more(say("没有提交的考核站点申请"), "venues:application-list"))


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

    return _some(rows.order_by("created_at"), task, _more(say("没有确认的学生名单"), "registration:student-list"))


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
    return _some(ordered, task, _more(say("正在报名的统考"), "registration:plan-list"))


def _returned_entries(actor: Actor, at: datetime) -> list[Task]:
    """Candidates sent back who may still be entered again, one line for each level."""
    again = Entry.objects.filter(plan_level=OuterRef("plan_level"), id_index=OuterRef("id_index"), state__in=LIVE)
    rows = (
        registration.entries_seen_by(actor)
        .filter(
            ~Exists(again),
            state=EntryState.RETURNED,
            plan_level__state=PlanLevelState.ANNOUNCED,
            plan_level__registration_closes_at__gt=at,
        )
        .order_by()
        .values("plan_level", "plan_level__plan__title", "plan_level__level__name")
        .annotate(n=Count("pk"), since=Min("submitted_at"), until=Min("plan_level__registration_closes_at"))
        .order_by("since")
    )
    return [
        Task(
            say(
                "{n} 名考生的报名被退回：{plan} · {level}",
                n=row["n"],
                plan=row["plan_level__plan__title"],
                level=Say(row["plan_level__level__name"]),
            ),
            say("去处理"),
            "registration:entry-list",
            since=row["since"],
            until=row["until"],
            until_label=say("报名截止"),
            query=f"?state={EntryState.RETURNED}",
        )
        for row in rows[:SHOWN_OF_A_KIND]
    ]


def _sessions_without_staff(actor: Actor, at: datetime) -> list[Task]:
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

    return _some(rows.order_by("slot__starts_at"), task, _more(say("没有监考员的场次"), "sittings:session-list"))


# --- province and city ---------------------------------------------------------------------------------------------


def _registrations_waiting(actor: Actor) -> list[Task]:
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
    return _some(
        rows.order_by("submitted_at"), task, _more(say("待审核的院校注册"), "accounts:registration-list", query)
    )


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

    rest = _more(say("待审核的试点申报"), "pilots:application-list", f"?state={state}")
    return _some(pilots.applications_waiting_for(actor), task, rest)


def _province(actor: Actor, at: datetime) -> Parts:
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
        *_registrations_waiting(actor),
        *changes_waiting(actor),
        *_applications_waiting(actor, ApplicationState.PROVINCE_REVIEW),
        *_some(drafts.order_by("created_at"), publish, _more(say("没有发布的申报计划"), "pilots:plan-list")),
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
    return tasks, [*_places_of(actor, year), _sites_of(actor)], start


def _city(actor: Actor, at: datetime) -> Parts:
    waiting = pilots.applications_waiting_for(actor).order_by().count()
    figures = [
        Figure(
            waiting,
            say("待地市审核"),
            None,
            "pilots:application-list",
        ),
        *_places_of(actor, year_of(at)),
    ]
    start = Start(
        say("没有待审核的申报"),
        say("本地院校提交的试点申报到达后列在这里；计划要求地市审批的，由您先审，再报省级。"),
        say("查看全部申报"),
        "pilots:application-list",
    )
    return _applications_waiting(actor, ApplicationState.CITY_REVIEW), figures, start


def _places_of(actor: Actor, year: int) -> list[Figure]:
    """What was approved this year, as far as this authority sees."""
    rows = pilots.applications_seen_by(actor).filter(plan__year=year, state=ApplicationState.APPROVED).order_by()
    found = rows.aggregate(
        n=Count("pk"),
        schools=Count("school", distinct=True),
        approved=Sum("approved_count", default=0),
        used=Sum("used_count", default=0),
    )
    return [
        Figure(
            found["n"],
            say("审核通过的试点申报"),
            None,
            "pilots:application-list",
            say("{year} 年度，{n} 所院校", year=year, n=found["schools"]),
        ),
        Figure(
            found["approved"],
            say("批准培训总人数"),
            PEOPLE,
            "pilots:application-list",
            say("已使用 {n} 人", n=found["used"]),
        ),
    ]


def _sites_of(actor: Actor) -> Figure:
    sites = venues.sites_seen_by(actor).filter(is_active=True).order_by().count()
    return Figure(sites, say("启用中的考核站点"), None, "venues:site-list")


# --- the evaluation organisation -----------------------------------------------------------------------------------


def _organisation(actor: Actor, at: datetime) -> Parts:
    tasks = [
        *_sites_waiting(actor),
        *_levels_to_move(actor, at),
        *_entries_waiting(actor),
        *_levels_to_arrange(actor),
        *_sessions_to_move(actor, at),
        *_releases_to_move(actor, at),
        *_certificates_due(actor),
    ]
    accepted = registration.entries_seen_by(actor).filter(state=EntryState.ACCEPTED)
    candidates = accepted.exclude(plan_level__state__in=registration.OVER).order_by().count()
    issued = certificates.certificates_seen_by(actor).filter(state=CertificateState.ISSUED).order_by().count()
    figures = [
        _sites_of(actor),
        Figure(candidates, say("已受理的考生"), PEOPLE, "registration:entry-list", say("没有结束的统考")),
        Figure(issued, say("有效证书"), None, "certificates:certificate-list"),
    ]
    return tasks, figures, _start_of_organisation(actor, at)


def _start_of_organisation(actor: Actor, at: datetime) -> Start:
    ahead = registration.levels_seen_by(actor).exclude(state__in=registration.OVER).exists()
    if not ahead:
        return Start(
            say("从开设统考开始"),
            say("按指南的考试计划开设一次统考，发布报名通知后，院校即可为学生报名。"),
            say("开设统考"),
            "registration:plan-create",
        )
    return Start(
        say("统考在按计划进行"),
        say("院校报名、考场收卷、评阅完成后，需要您处理的事项会列在这里。"),
        say("查看考试计划"),
        "registration:plan-list",
    )


def _sites_waiting(actor: Actor) -> list[Task]:
    def task(row: SiteApplication) -> Task:
        return Task(
            say("审核考核站点申请：{name}", name=row.name),
            say("审核"),
            "venues:application-detail",
            (row.pk,),
            since=row.submitted_at,
            note=Say(row.school.name),
        )

    rest = _more(say("待审核的考核站点申请"), "venues:application-list", f"?state={SiteState.PENDING}")
    return _some(venues.applications_waiting_for(actor), task, rest)


def _levels_to_move(actor: Actor, at: datetime) -> list[Task]:
    """Sittings to announce while they are ahead, and registrations to close when their time is over."""
    seen_levels = registration.levels_seen_by(actor).annotate(first_start=Min("plan__slots__starts_at"))
    drafts = seen_levels.filter(state=PlanLevelState.DRAFT, first_start__gt=at, registration_closes_at__gt=at)
    due = seen_levels.filter(state=PlanLevelState.ANNOUNCED, registration_closes_at__lte=at)

    def announce(row: ExamPlanLevel) -> Task:
        return Task(
            say("发布报名通知：{plan} · {level}", plan=row.plan.title, level=Say(row.level.name)),
            say("查看"),
            "registration:plan-detail",
            (row.plan_id,),
            since=row.created_at,
            until=row.registration_opens_at if row.registration_opens_at > at else row.registration_closes_at,
            until_label=say("报名开始") if row.registration_opens_at > at else say("报名截止"),
        )

    def close(row: Any) -> Task:
        return Task(
            say("截止报名：{plan} · {level}", plan=row.plan.title, level=Say(row.level.name)),
            say("去办理"),
            "registration:plan-detail",
            (row.plan_id,),
            since=row.registration_closes_at,
            until=row.first_start,
            until_label=say("开考"),
        )

    rest = _more(say("考试计划"), "registration:plan-list")
    return [
        *_some(drafts.order_by("created_at", "pk"), announce, rest),
        *_some(due.order_by("registration_closes_at", "pk"), close, rest),
    ]


def _entries_waiting(actor: Actor) -> list[Task]:
    """Entries to accept or return, one line for each level of a sitting."""
    rows = (
        registration.entries_waiting_for(actor)
        .order_by()
        .values("plan_level", "plan_level__plan__title", "plan_level__level__name")
        .annotate(n=Count("pk"), since=Min("submitted_at"), until=Min("plan_level__registration_closes_at"))
        .order_by("since")
    )
    return [
        Task(
            say(
                "受理 {n} 人的报名：{plan} · {level}",
                n=row["n"],
                plan=row["plan_level__plan__title"],
                level=Say(row["plan_level__level__name"]),
            ),
            say("去受理"),
            "registration:entry-list",
            since=row["since"],
            until=row["until"],
            until_label=say("报名截止"),
            query=f"?state={EntryState.SUBMITTED}",
        )
        for row in rows[:SHOWN_OF_A_KIND]
    ]


def _levels_to_arrange(actor: Actor) -> list[Task]:
    """Levels whose registration is closed and that have no sessions yet."""
    rows = (
        sittings.levels_to_arrange(actor)
        .filter(~Exists(ExamSession.objects.filter(plan_level=OuterRef("pk"))))
        .annotate(first_start=Min("plan__slots__starts_at"))
    )

    def task(row: Any) -> Task:
        return Task(
            say("编排考场：{plan} · {level}", plan=row.plan.title, level=Say(row.level.name)),
            say("去编排"),
            "sittings:session-arrange",
            since=row.registration_closes_at,
            until=row.first_start,
            until_label=say("开考"),
        )

    ordered = rows.order_by("first_start", "pk")
    return _some(ordered, task, _more(say("待编排的统考"), "sittings:session-arrange"))


_SESSION_TASKS = {
    SessionState.ARRANGED: (say("发布准考证：{plan} · {level}"), say("去发布")),
    SessionState.RELEASED: (say("选用试卷并下发考场：{plan} · {level}"), say("去下发")),
}


def _sessions_to_move(actor: Actor, at: datetime) -> list[Task]:
    """Sessions to release and to hand to their rooms before they begin, and to collect after they end."""
    rows = sittings.sessions_seen_by(actor)
    ahead = rows.filter(state__in=_SESSION_TASKS, slot__ends_at__gt=at)
    over = rows.filter(state=SessionState.PUBLISHED, slot__ends_at__lte=at)

    def prepare(row: ExamSession) -> Task:
        title, action = _SESSION_TASKS[SessionState(row.state)]
        level = row.plan_level
        return Task(
            Say(title.msgid, {"plan": level.plan.title, "level": Say(level.level.name)}),
            action,
            "sittings:session-detail",
            (row.pk,),
            since=row.created_at,
            until=row.slot.starts_at,
            until_label=say("开考"),
            note=Say(row.site.name),
        )

    def collect(row: ExamSession) -> Task:
        level = row.plan_level
        return Task(
            say("收卷：{plan} · {level}", plan=level.plan.title, level=Say(level.level.name)),
            say("去收卷"),
            "marking:session-detail",
            (row.pk,),
            since=row.slot.ends_at,
            note=Say(row.site.name),
        )

    return [
        *_some(ahead.order_by("slot__starts_at", "pk"), prepare, _more(say("待下发的场次"), "sittings:session-list")),
        *_some(over.order_by("slot__ends_at", "pk"), collect, _more(say("待收卷的场次"), "marking:session-list")),
    ]


def _releases_to_move(actor: Actor, at: datetime) -> list[Task]:
    """Levels to compute, results to publicise, and publicities that are over."""
    levels = results.levels_to_compute(actor).exclude(release__isnull=False)
    levels = levels.annotate(last_end=Max("plan__slots__ends_at"))
    releases = results.releases_seen_by(actor).filter(
        Q(state=ReleaseState.DRAFT) | Q(state=ReleaseState.PUBLICISED, ends_at__lte=at)
    )

    def compute(row: Any) -> Task:
        return Task(
            say("核算成绩：{plan} · {level}", plan=row.plan.title, level=Say(row.level.name)),
            say("去核算"),
            "results:release-list",
            since=row.last_end,
        )

    def release(row: ResultRelease) -> Task:
        is_draft = row.state == ReleaseState.DRAFT
        words = {"plan": row.plan_level.plan.title, "level": Say(row.plan_level.level.name)}
        return Task(
            say("公示成绩：{plan} · {level}", **words) if is_draft else say("发布成绩：{plan} · {level}", **words),
            say("去公示") if is_draft else say("去发布"),
            "results:release-detail",
            (row.pk,),
            since=row.created_at if is_draft else row.ends_at,
        )

    rest = _more(say("待发布的成绩"), "results:release-list")
    return [
        *_some(levels.order_by("last_end", "pk"), compute, rest),
        *_some(releases.order_by("created_at"), release, rest),
    ]


def _certificates_due(actor: Actor) -> list[Task]:
    """Releases whose passes have no certificate yet."""
    rows: Any = certificates.releases_seen_by(actor)
    rows = rows.filter(pass_count__gt=F("certificate_count"))

    def task(row: Any) -> Task:
        return Task(
            say(
                "签发 {n} 张证书：{plan} · {level}",
                n=row.pass_count - row.certificate_count,
                plan=row.plan_level.plan.title,
                level=Say(row.plan_level.level.name),
            ),
            say("去签发"),
            "certificates:release-list",
            since=row.released_at,
        )

    return _some(rows.order_by("released_at"), task, _more(say("待签发的证书"), "certificates:release-list"))


# --- authors and assessors -----------------------------------------------------------------------------------------


def _author(actor: Actor, at: datetime) -> Parts:
    drafts = bank.papers_seen_by(actor).filter(state=PaperState.DRAFT)

    def task(row: Paper) -> Task:
        return Task(
            say("核对并封卷：{title}", title=row.title),
            say("去核对"),
            "bank:paper-detail",
            (row.pk,),
            since=row.created_at,
        )

    items = bank.items_seen_by(actor).order_by().count()
    states = dict(bank.papers_seen_by(actor).order_by().values_list("state").annotate(n=Count("pk", distinct=True)))
    figures = [
        Figure(items, say("试题"), None, "bank:item-list"),
        Figure(states.get(PaperState.FROZEN, 0), say("已封试卷"), None, "bank:paper-list"),
        Figure(states.get(PaperState.DRAFT, 0), say("草稿试卷"), None, "bank:paper-list"),
    ]
    start = (
        Start(
            say("组一份新试卷"),
            say("按考核方案从题库抽题组卷；核对无误后封卷，考务才能选用。"),
            say("组卷"),
            "bank:paper-assemble",
        )
        if items
        else Start(
            say("从导入试题开始"),
            say("题库还是空的。导入试题后即可按考核方案组卷。"),
            say("导入试题"),
            "bank:item-import",
        )
    )
    rest = _more(say("草稿试卷"), "bank:paper-list")
    return _some(drafts.order_by("created_at"), task, rest), figures, start


def _assessor(actor: Actor, at: datetime) -> Parts:
    jobs = marking.jobs_for(actor)
    waiting = jobs.order_by().aggregate(n=Count("pk"), since=Min("created_at"))
    marked = marking.marked_count(actor)
    tasks = []
    if waiting["n"]:
        tasks.append(
            Task(
                say("评阅 {n} 份主观任务", n=waiting["n"]),
                say("开始评阅"),
                "marking:job-list",
                since=waiting["since"],
                note=say("答卷只有密号，看不到考生和院校。"),
            )
        )
    scripts = Script.objects.filter(session__plan_level__plan__organisation=actor.organisation_id)
    done = scripts.filter(state=ScriptState.SCORED).count()
    figures = [
        Figure(waiting["n"], say("待评阅"), None, "marking:job-list"),
        Figure(marked, say("我已评阅"), None, "marking:job-list"),
        Figure(done, say("全部评完的答卷"), None, "marking:job-list", say("本机构")),
    ]
    start = Start(
        say("没有待评阅的任务"),
        say("考试收卷后，需要人工评阅的任务会分到这里，按密号依次评阅。"),
        say("查看我的评分"),
        "marking:job-list",
    )
    return tasks, figures, start


# --- who looks on --------------------------------------------------------------------------------------------------


def _operator(actor: Actor, at: datetime) -> Parts:
    schools = School.objects.filter(is_active=True).count()
    figures = [
        Figure(schools, say("院校"), None, "accounts:registration-list"),
        *_places_of(actor, year_of(at))[:1],
        _issued(actor),
    ]
    start = Start(
        say("没有待审核的院校注册"),
        say("院校注册一般由所在省份审核；需要平台协助时，您也可以审核。"),
        say("查看院校注册"),
        "accounts:registration-list",
    )
    return [*_registrations_waiting(actor), *changes_waiting(actor)], figures, start


def _auditor(actor: Actor, at: datetime) -> Parts:
    plans = registration.plans_seen_by(actor).order_by().count()
    figures = [_alarms(actor, at), Figure(plans, say("考试计划"), None, "registration:plan-list"), _issued(actor)]
    start = Start(
        say("查看审计日志"),
        say("审计员可以查看全部操作记录和各环节的业务，不办理业务；每条记录都能核对是否被改动。"),
        say("查看审计日志"),
        "portal:audit-list",
    )
    return [], figures, start


def _security(actor: Actor, at: datetime) -> Parts:
    denied = audit.denied_count(actor, at)
    figures = [
        _alarms(actor, at),
        Figure(denied, say("被拒绝与失败"), None, "portal:audit-list", say("最近 {n} 天", n=audit.ALARM_DAYS)),
        Figure(
            audit.sign_in_count(actor, at),
            say("登录"),
            None,
            "portal:audit-list",
            say("最近 {n} 天", n=audit.ALARM_DAYS),
        ),
    ]
    start = Start(
        say("查看登录与访问"),
        say("安全管理员可以查看登录、切换身份、被拒绝的访问和告警。"),
        say("查看审计日志"),
        "portal:audit-list",
    )
    return [], figures, start


def _alarms(actor: Actor, at: datetime) -> Figure:
    count = audit.alarm_count(actor, at)
    return Figure(count, say("告警"), None, "portal:audit-list", say("最近 {n} 天", n=audit.ALARM_DAYS))


def _issued(actor: Actor) -> Figure:
    rows = certificates.certificates_seen_by(actor).filter(state=CertificateState.ISSUED)
    return Figure(rows.order_by().count(), say("有效证书"), None, "certificates:certificate-list")


def _onlooker(actor: Actor, at: datetime) -> Parts:
    """A hat whose own work is not on the platform yet (教师): what the guide offers."""
    guide = GuideVersion.objects.order_by("year").last()
    figures = [
        Figure(CertificateLevel.objects.count(), say("证书等级"), None, "portal:standard-list"),
        Figure(Textbook.objects.filter(guide=guide).count(), say("配套教材"), None, "portal:textbook-list"),
        Figure(TrainingClassPlan.objects.filter(guide=guide).count(), say("师资培训班"), None, "portal:training"),
    ]
    start = Start(
        say("从云课程开始"),
        say("云课程学习平台开放后，您的课程和教师权限申请会列在这里；现在可以先了解申请流程和需要准备的材料。"),
        say("了解云课程"),
        "portal:cloud-course",
    )
    return [], figures, start


DESKS: dict[Role, Callable[[Actor, datetime], Parts]] = {
    Role.SCHOOL: _school,
    Role.PROVINCE: _province,
    Role.CITY: _city,
    Role.ORG: _organisation,
    Role.AUTHOR: _author,
    Role.ASSESSOR: _assessor,
    Role.OPERATOR: _operator,
    Role.STUDENT: home_of_student,
    Role.AUDITOR: _auditor,
    Role.SECURITY_ADMIN: _security,
}


# --- what changed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """A kind of row whose moves are told to those who may see it."""

    model: Any
    permit: str
    flow: Workflow
    address: str
    words: Callable[[Any], Say]  # how a change names its row
    related: tuple[str, ...] = ()
    key: str = "pk"  # what the address takes
    with_note: bool = False  # the reason is written for whoever may see the row


def _level_words(plan_level: ExamPlanLevel) -> dict[str, Any]:
    return {"plan": plan_level.plan.title, "level": Say(plan_level.level.name)}


SUBJECTS = (
    Subject(
        PilotPlan,
        "pilots.plan_see",
        PLAN,
        "pilots:plan-detail",
        lambda row: say("{year} 年{batch}证书申报计划", year=row.year, batch=batch_label(row.batch)),
    ),
    Subject(
        PilotApplication,
        "pilots.application_see",
        APPLICATION_BY_CITY,
        "pilots:application-detail",
        lambda row: say("{school} · {level}", school=row.school.name, level=Say(row.level.name)),
        ("school", "level"),
        with_note=True,
    ),
    Subject(
        InstitutionRegistration,
        "accounts.registration_see",
        REGISTRATION,
        "accounts:registration-detail",
        lambda row: say("院校注册：{name}", name=row.name),
        with_note=True,
    ),
    Subject(
        InstitutionChange,
        "accounts.change_see",
        ADMINISTRATOR_CHANGE,  # the longest of the three tables
        "accounts:change-detail",
        lambda row: say("{kind}：{school}", kind=CHANGE_KIND_LABELS[ChangeKind(row.kind)], school=row.school.name),
        ("school",),
        with_note=True,
    ),
    Subject(
        SiteApplication,
        "venues.application_see",
        SITE_FLOW,
        "venues:application-detail",
        lambda row: say("考核站点申请：{name}", name=row),
        with_note=True,
    ),
    Subject(
        ExamPlanLevel,
        "registration.plan_level_see",
        LEVEL_FLOW,
        "registration:plan-detail",
        lambda row: say("{plan} · {level}", **_level_words(row)),
        ("plan", "level"),
        key="plan_id",
    ),
    Subject(
        ExamSession,
        "sittings.see",
        SESSION,
        "sittings:session-detail",
        lambda row: say("{plan} · {level} · {site}", **_level_words(row.plan_level), site=row.site.name),
        ("plan_level__plan", "plan_level__level", "site"),
    ),
    Subject(
        ResultRelease,
        "results.manage",
        RELEASE,
        "results:release-detail",
        lambda row: say("成绩：{plan} · {level}", **_level_words(row.plan_level)),
        ("plan_level__plan", "plan_level__level"),
    ),
    Subject(Paper, "bank.see", PAPER, "bank:paper-detail", lambda row: say("试卷：{title}", title=row.title)),
)


def changes_for(actor: Actor, at: datetime) -> list[Change]:
    """What others did in the last days to rows this actor may see, the newest first.

    One query for the traces and one for each kind of row among them, whatever their number.
    """
    kinds = {one.model._meta.label_lower: one for one in SUBJECTS if holds(one.permit, actor)}
    if not kinds:
        return []
    visible = Q()
    for label, kind in kinds.items():
        rows = seen(kind.permit, actor, kind.model.objects.all()).order_by().values("pk")
        visible |= Q(subject_type=label, subject_id__in=rows)
    traces = Trace.objects.filter(visible, at__gt=at - LATELY, at__lte=at).exclude(actor_id=actor.user_id)
    moves = traces.exclude(from_state="").exclude(from_state=F("to_state"))
    found = list(moves.order_by("-at", "-id")[:SHOWN_CHANGES])
    subjects = _subjects_of(found, kinds)
    return [_change(trace, kinds[trace.subject_type], subjects[trace.subject_id]) for trace in found]


def _subjects_of(traces: Iterable[Trace], kinds: dict[str, Subject]) -> dict[Any, Any]:
    wanted: dict[str, set[Any]] = {}
    for trace in traces:
        wanted.setdefault(trace.subject_type, set()).add(trace.subject_id)
    found: dict[Any, Any] = {}
    for label, keys in wanted.items():
        rows = kinds[label].model.objects.filter(pk__in=keys)
        related = kinds[label].related
        found |= {row.pk: row for row in (rows.select_related(*related) if related else rows)}
    return found


def _change(trace: Trace, kind: Subject, row: Any) -> Change:
    flow = kind.flow
    verbs = {move.name: move.label for move in flow.moves}
    is_known = trace.to_state in {state.value for state in flow.states}
    return Change(
        at=trace.at,
        who=trace.actor_label,
        what=verbs.get(trace.verb, Say(trace.verb)),
        state=flow.word(trace.to_state) if is_known else Say(trace.to_state),
        tone=flow.tone(trace.to_state) if is_known else "neutral",
        subject=kind.words(row),
        note=trace.note if kind.with_note else "",
        address=kind.address,
        args=(getattr(row, kind.key),),
    )
