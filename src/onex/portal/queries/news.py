"""The news list: what the guide prints, and what the platform itself announces (plans of provinces, sittings)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from onex.catalog.models import GuideVersion
from onex.common.models import Trace
from onex.common.text import Say, say
from onex.pilots.models import PilotPlan
from onex.pilots.rules import PlanState, batch_label
from onex.portal.queries.public import announced_plans
from onex.portal.rules import NOTICES, PLAN_NEWS, SITTING_NEWS, News
from onex.registration.models import ExamPlanLevel


@dataclass(frozen=True)
class Headline:
    """What is needed to put a notice in its place before its words are fetched."""

    kind: str
    pk: Any
    published_at: datetime


def headlines() -> list[Headline]:
    """Every notice of our own by time, the newest first: keys only, two queries."""
    plans = _published_plans().values_list("pk", "published_at")
    sittings = _announced().values_list("pk", "published_at")
    found = [Headline(PLAN_NEWS, pk, at) for pk, at in plans] + [Headline(SITTING_NEWS, pk, at) for pk, at in sittings]
    return sorted(found, key=lambda one: (one.published_at, str(one.pk)), reverse=True)


def guide_news(guide: GuideVersion) -> list[News]:
    """The notices that the guide prints, in its order."""
    return [
        News(
            slug=f"{guide.version}-{number}",
            section=notice["section"],
            label=notice["label"],
            title=notice["title"],
            month_day=notice["month_day"],
            summary=notice["summary"]["canonical"] if notice["summary"] else "",
        )
        for number, notice in enumerate(guide.texts["portal"]["notices"], start=1)
    ]


def words_of(headlines: Iterable[Headline]) -> list[News]:
    """These notices with their words, in the given order; two queries however many."""
    wanted = list(headlines)
    plans = {
        row.pk: row for row in _published_plans().filter(pk__in=[one.pk for one in wanted if one.kind == PLAN_NEWS])
    }
    sittings = {
        row.pk: row for row in _announced().filter(pk__in=[one.pk for one in wanted if one.kind == SITTING_NEWS])
    }
    return [plan_news(plans[one.pk]) if one.kind == PLAN_NEWS else sitting_news(sittings[one.pk]) for one in wanted]


def latest(guide: GuideVersion, number: int) -> Sequence[News]:
    """The newest lines of the whole list."""
    own = words_of(headlines()[:number])
    return [*own, *guide_news(guide)][:number]


def news_by_slug(guide: GuideVersion, slug: str) -> News | None:
    """One notice; None when there is none, or none any more (a notice that was taken back)."""
    kind, _, key = slug.partition("-")
    if kind in (PLAN_NEWS, SITTING_NEWS):
        try:
            pk = UUID(key)
        except ValueError:
            return None
        if kind == PLAN_NEWS:
            plan = _published_plans().filter(pk=pk).first()
            return plan_news(plan) if plan else None
        sitting = _announced().filter(pk=pk).first()
        return sitting_news(sitting) if sitting else None
    return next((one for one in guide_news(guide) if one.slug == slug), None)


def plan_news(plan: Any) -> News:
    """A province's plan as a notice."""
    title = say(
        "{province}发布 {year} 年{batch}证书申报计划",
        province=Say(plan.province.region_name),
        year=plan.year,
        batch=batch_label(plan.batch),
    )
    return News(f"{PLAN_NEWS}-{plan.pk}", NOTICES, say("申报"), title, plan.published_at, row=plan)


def sitting_news(plan: Any) -> News:
    """An announced sitting as a notice."""
    title = say("{title}报名通知", title=plan.title)
    return News(f"{SITTING_NEWS}-{plan.pk}", NOTICES, say("考试"), title, plan.published_at, row=plan)


def _published_plans() -> Any:
    rows = PilotPlan.objects.filter(state=PlanState.PUBLISHED).select_related("province")
    return rows.prefetch_related("certificates").annotate(
        published_at=Coalesce(Subquery(_moment_of(PilotPlan, "publish", OuterRef("pk"))), "created_at")
    )


def _announced() -> Any:
    first = ExamPlanLevel.objects.filter(plan=OuterRef(OuterRef("pk"))).values("pk")
    moment = Trace.objects.filter(
        subject_type=ExamPlanLevel._meta.label_lower, verb="announce", subject_id__in=first
    ).order_by("at")
    return announced_plans().annotate(published_at=Coalesce(Subquery(moment.values("at")[:1]), "created_at"))


def _moment_of(model: Any, verb: str, pk: OuterRef) -> QuerySet[Any]:
    """When a move was made the last time."""
    rows = Trace.objects.filter(subject_type=model._meta.label_lower, subject_id=pk, verb=verb)
    return rows.order_by("-at").values("at")[:1]
