"""The evaluation organisation: whoever runs its sittings, reviews its sites, keeps its books."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Sum

from onex.certificates import queries as certificates
from onex.common.actors import Actor
from onex.common.text import Say, say
from onex.portal.queries.desk.parts import PEOPLE, Parts, entries_by_level, issued, more, of_the_guide, sites_of, some
from onex.portal.rules import Figure, Start, Task
from onex.registration import queries as registration
from onex.registration.models import ExamPlanLevel
from onex.registration.rules.entries import EntryState
from onex.registration.rules.plans import PlanLevelState
from onex.results import queries as results
from onex.results.models import ResultRelease
from onex.results.rules import ReleaseState
from onex.sittings import queries as sittings
from onex.sittings.models import ExamSession
from onex.sittings.rules import SessionState
from onex.venues import queries as venues
from onex.venues.models import SiteApplication
from onex.venues.rules import SiteState


def organisation(actor: Actor, at: datetime) -> Parts:
    tasks = [
        *sites_waiting(actor),
        *_levels_to_move(actor, at),
        *_entries_waiting(actor),
        *_levels_to_arrange(actor),
        *_sessions_to_move(actor, at),
        *_releases_to_move(actor, at),
        *_certificates_due(actor),
    ]
    accepted = registration.entries_seen_by(actor).filter(state=EntryState.ACCEPTED)
    candidates = accepted.exclude(plan_level__state__in=registration.OVER).order_by().count()
    figures = [
        sites_of(actor),
        Figure(candidates, say("已受理的考生"), PEOPLE, "registration:entry-list", say("没有结束的统考")),
        issued(actor),
    ]
    return tasks, figures, _start_of_organisation(actor, at)


def site_reviewer(actor: Actor, at: datetime) -> Parts:
    counts = venues.application_counts(actor)
    figures = [
        Figure(counts.get(SiteState.PENDING, 0), say("待审核的站点申请"), None, "venues:application-list"),
        Figure(counts.get(SiteState.RETURNED, 0), say("已退回的站点申请"), None, "venues:application-list"),
        sites_of(actor),
    ]
    start = Start(
        say("没有待审核的站点申请"),
        say("院校提交的考核站点申请到达后列在这里，先到的在前。"),
        say("查看全部申请"),
        "venues:application-list",
    )
    return sites_waiting(actor), figures, start


def finance(actor: Actor, at: datetime) -> Parts:
    """Sums only: whoever keeps the books sees no candidate."""
    billed = registration.entries_billed_to(actor).filter(state=EntryState.ACCEPTED)
    sums = billed.aggregate(
        n=Count("pk"), fen=Sum("fee_fen", default=0), schools=Count("student__school", distinct=True)
    )
    figures = [
        Figure(sums["fen"] // 100, say("应收考核费用"), say("元"), "registration:fee-statement"),
        Figure(sums["n"], say("已受理的报名"), say("人次"), "registration:fee-statement"),
        Figure(sums["schools"], say("应缴费院校"), say("所"), "registration:fee-statement"),
    ]
    start = Start(
        say("查看考核费用"),
        say("按统考、等级和院校汇总的应缴费用，可导出 Excel。收款登记和开票尚未开放。"),
        say("查看费用"),
        "registration:fee-statement",
    )
    return [], figures, start


def trainer(actor: Actor, at: datetime) -> Parts:
    start = Start(
        say("培训管理尚未开放"),
        say("开班、报名和考评员资格将在这里办理；目前请以指南公布的师资培训计划为准。"),
        say("查看培训计划"),
        "portal:training",
    )
    return [], of_the_guide(), start


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


def sites_waiting(actor: Actor) -> list[Task]:
    def task(row: SiteApplication) -> Task:
        return Task(
            say("审核考核站点申请：{name}", name=row.name),
            say("审核"),
            "venues:application-detail",
            (row.pk,),
            since=row.submitted_at,
            note=Say(row.school.name),
        )

    rest = more(say("待审核的考核站点申请"), "venues:application-list", f"?state={SiteState.PENDING}")
    return some(venues.applications_waiting_for(actor), task, rest)


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

    rest = more(say("考试计划"), "registration:plan-list")
    return [
        *some(drafts.order_by("created_at", "pk"), announce, rest),
        *some(due.order_by("registration_closes_at", "pk"), close, rest),
    ]


def _entries_waiting(actor: Actor) -> list[Task]:
    """Entries to accept or return, one line for each level of a sitting."""
    rows = registration.entries_waiting_for(actor)
    told = say("受理 {n} 人的报名：{plan} · {level}")
    return entries_by_level(rows, EntryState.SUBMITTED, say("去受理"), say("等待受理的报名"), told)


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
    return some(ordered, task, more(say("待编排的统考"), "sittings:session-arrange"))


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
        *some(ahead.order_by("slot__starts_at", "pk"), prepare, more(say("待下发的场次"), "sittings:session-list")),
        *some(over.order_by("slot__ends_at", "pk"), collect, more(say("待收卷的场次"), "marking:session-list")),
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

    rest = more(say("待发布的成绩"), "results:release-list")
    return [
        *some(levels.order_by("last_end", "pk"), compute, rest),
        *some(releases.order_by("created_at"), release, rest),
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

    return some(rows.order_by("released_at"), task, more(say("待签发的证书"), "certificates:release-list"))
