"""Named reads: levels to release, results an actor may see, what is due for certificates."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.marking import queries as marking
from onex.registration.models import ExamPlanLevel
from onex.registration.rules import PlanLevelState
from onex.results.models import Result, ResultRelease
from onex.results.rules import ReleaseFacts, ReleaseState


def releases_seen_by(actor: Actor) -> QuerySet[ResultRelease]:
    """Releases of the organisation with how many results and passes each has."""
    return (
        seen("results.manage", actor, ResultRelease.objects.all())
        .select_related("plan_level__plan", "plan_level__level__certificate")
        .annotate(result_count=Count("results"), pass_count=Count("results", filter=Q(results__passed=True)))
        .order_by("-created_at")
    )


def levels_to_compute(actor: Actor) -> QuerySet[ExamPlanLevel]:
    """Levels of the organisation that were sat and are not publicised yet."""
    return (
        ExamPlanLevel.objects.filter(plan__organisation=actor.organisation_id, state=PlanLevelState.SCORING)
        .exclude(release__state__in=(ReleaseState.PUBLICISED, ReleaseState.RELEASED))
        .select_related("plan", "level__certificate")
        .order_by("plan__year", "plan__number", "level__certificate__code", "level__level")
    )


def results_seen_by(actor: Actor, text: str = "") -> QuerySet[Result]:
    """Results this actor may see, newest sitting first."""
    found = seen("results.see", actor, Result.objects.all())
    if text:
        found = found.filter(
            Q(entry__student__name__icontains=text)
            | Q(entry__student__student_no__icontains=text)
            | Q(entry__seat__ticket_no__icontains=text)
        )
    return found.select_related(
        "release", "entry__student__school", "entry__seat", "entry__plan_level__plan", "entry__plan_level__level"
    ).order_by("-release__created_at", "entry__student__school__name", "entry__student__student_no")


def results_of(release: ResultRelease) -> QuerySet[Result]:
    return release.results.select_related("entry__student__school", "entry__seat").order_by("entry__seat__ticket_no")


def facts_of(release: ResultRelease) -> ReleaseFacts:
    """What the table judges."""
    return ReleaseFacts(
        open_sessions=marking.open_session_count(release.plan_level),
        unscored=marking.unscored_count(release.plan_level),
        result_count=release.results.count(),
        ends_at=release.ends_at,
    )


def released_passes(release: ResultRelease) -> QuerySet[Result]:
    """Who is due a certificate: passed, and the release is out."""
    found: QuerySet[Result] = release.results.filter(passed=True, release__state=ReleaseState.RELEASED)
    return found


def spread_of(release: ResultRelease) -> list[dict[str, Any]]:
    """How many results fall into each band of ten marks, for both parts: the chart of a release."""
    bands = [(low, 101 if low == 90 else low + 10) for low in range(0, 100, 10)]
    counts = {
        f"{part}_{low}": Count("pk", filter=Q(**{f"{part}__gte": low, f"{part}__lt": high}))
        for part in ("theory", "practical")
        for low, high in bands
    }
    found = release.results.aggregate(**counts)
    return [
        {
            "band": f"{low}–{min(high - 1, 100)}",
            "theory": found[f"theory_{low}"],
            "practical": found[f"practical_{low}"],
        }
        for low, high in bands
    ]
