"""What every desk is put together from, and the figures that several of them show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Count, Min, QuerySet, Sum

from onex.catalog.models import CertificateLevel, GuideVersion, Textbook, TrainingClassPlan
from onex.certificates import queries as certificates
from onex.certificates.rules import CertificateState
from onex.common.actors import Actor
from onex.common.text import Say, say
from onex.pilots import queries as pilots
from onex.pilots.rules import ApplicationState
from onex.portal.rules import SHOWN_OF_A_KIND, Figure, Start, Task
from onex.registration.models import Entry
from onex.registration.rules.entries import EntryState
from onex.venues import queries as venues
from onex.venues.rules import Standing

M = TypeVar("M")
PEOPLE = say("人")
Parts = tuple[list[Task], list[Figure], Start]


def some(rows: QuerySet[Any, M], task: Callable[[M], Task], rest: Callable[[int], Task]) -> list[Task]:
    """The first of a kind line by line; when there are more, one line that leads to their list."""
    found = list(rows[: SHOWN_OF_A_KIND + 1])
    if len(found) <= SHOWN_OF_A_KIND:
        return [task(row) for row in found]
    shown = found[: SHOWN_OF_A_KIND - 1]
    return [*map(task, shown), rest(rows.order_by().count() - len(shown))]


def more(what: Say, address: str, query: str = "") -> Callable[[int], Task]:
    def task(n: int) -> Task:
        return Task(say("另有 {n} 件：{what}", n=n, what=what), say("查看全部"), address, query=query, count=n)

    return task


def entries_by_level(rows: QuerySet[Entry], state: EntryState, button: Say, what: Say, told: Say) -> list[Task]:
    """Entries in one state, one line for each level of a sitting; `told` has {n}, {plan} and {level}."""
    levels: Any = (
        rows.order_by()
        .values("plan_level", "plan_level__plan__title", "plan_level__level__name")
        .annotate(n=Count("pk"), since=Min("submitted_at"), until=Min("plan_level__registration_closes_at"))
        .order_by("since")
    )
    query = f"?state={state}"

    def task(row: dict[str, Any]) -> Task:
        level = Say(row["plan_level__level__name"])
        return Task(
            Say(told.msgid, {"n": row["n"], "plan": row["plan_level__plan__title"], "level": level}),
            button,
            "registration:entry-list",
            since=row["since"],
            until=row["until"],
            until_label=say("报名截止"),
            query=query,
        )

    return some(levels, task, more(what, "registration:entry-list", query))


def places_of(actor: Actor, year: int) -> list[Figure]:
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


def of_the_guide() -> list[Figure]:
    """What the guide offers to everybody, for hats whose own work is not on the platform yet."""
    guide = GuideVersion.objects.order_by("year").last()
    return [
        Figure(CertificateLevel.objects.count(), say("证书等级"), None, "portal:standard-list"),
        Figure(Textbook.objects.filter(guide=guide).count(), say("配套教材"), None, "portal:textbook-list"),
        Figure(TrainingClassPlan.objects.filter(guide=guide).count(), say("师资培训班"), None, "portal:training"),
    ]


def sites_of(actor: Actor) -> Figure:
    sites = venues.sites_seen_by(actor).filter(state=Standing.ACTIVE).order_by().count()
    return Figure(sites, say("启用中的考核站点"), None, "venues:site-list")


def issued(actor: Actor) -> Figure:
    rows = certificates.certificates_seen_by(actor).filter(state=CertificateState.ISSUED)
    return Figure(rows.order_by().count(), say("有效证书"), None, "certificates:certificate-list")
