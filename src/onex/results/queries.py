"""Named reads: levels to release, results an actor may see, what is due for certificates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.marking import queries as marking
from onex.registration.models import ExamPlan, ExamPlanLevel
from onex.registration.rules import PlanLevelState
from onex.results.models import Result, ResultRelease
from onex.results.rules import SHOWN_STATES, Decision, ReleaseFacts, ReleaseState


def releases_seen_by(actor: Actor) -> QuerySet[ResultRelease]:
    """Releases of the organisation with how many results and passes each has."""
    return (
        seen("results.manage", actor, ResultRelease.objects.all())
        .select_related("plan_level__plan__organisation", "plan_level__level__certificate", "plan_level__scheme")
        .annotate(absent_count=Count("results", filter=Q(results__theory=None, results__practical=None)))
        .annotate(result_count=Count("results"), pass_count=Count("results", filter=Q(results__passed=True)))
        .order_by("-created_at")
    )


def levels_to_compute(actor: Actor) -> QuerySet[ExamPlanLevel]:
    """Levels of the organisation that were sat and are not publicised yet, with what they still wait for."""
    return (
        ExamPlanLevel.objects.filter(plan__organisation=actor.organisation_id, state=PlanLevelState.SCORING)
        .exclude(release__state__in=SHOWN_STATES)
        .select_related("plan", "level__certificate", "scheme")
        .annotate(unscored_count=marking.unscored_counts(), release_pk=F("release"))
        .order_by("plan__year", "plan__number", "level__certificate__code", "level__level")
    )


def results_seen_by(actor: Actor, text: str = "", decision: str = "", plan: str = "") -> QuerySet[Result]:
    """Results this actor may see, newest sitting first; narrowed by words, decision and sitting (a plan's key)."""
    found = _narrowed(seen("results.see", actor, Result.objects.all()), text, decision)
    if plan:
        key = _key(plan)
        found = found.filter(entry__plan_level__plan=key) if key else found.none()
    return found.select_related(
        "release", "entry__student__school", "entry__seat", "entry__plan_level__plan", "entry__plan_level__level"
    ).order_by("-release__created_at", "entry__student__school__name", "entry__student__student_no")


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _narrowed(found: QuerySet[Result], text: str, decision: str) -> QuerySet[Result]:
    for word in text.split():
        found = found.filter(
            Q(entry__student__name__icontains=word)
            | Q(entry__student__student_no__icontains=word)
            | Q(entry__student__school__name__icontains=word)
            | Q(entry__seat__ticket_no__icontains=word)
        )
    wanted = _DECISIONS.get(decision)
    return found.filter(wanted) if wanted is not None else found


_ABSENT = Q(theory=None) & Q(practical=None)
_DECISIONS: dict[str, Q] = {
    Decision.PASSED: Q(passed=True),
    Decision.FAILED: Q(passed=False) & ~_ABSENT,
    Decision.ABSENT: _ABSENT,
}


def decision_counts(found: QuerySet[Result]) -> dict[str, int]:
    """How many of these results there are in all ("") and of each decision."""
    counts = {f"n_{decision}": Count("pk", filter=wanted) for decision, wanted in _DECISIONS.items()}
    counted = found.order_by().aggregate(n_=Count("pk"), **counts)
    return {name.removeprefix("n_"): n for name, n in counted.items()}


def plans_with_results(actor: Actor) -> list[tuple[UUID, str]]:
    """(key, title) of the sittings whose results this actor may see, the newest first."""
    found = seen("results.see", actor, Result.objects.all()).order_by()
    plans = ExamPlan.objects.filter(pk__in=found.values("entry__plan_level__plan")).order_by("-year", "-number")
    return list(plans.values_list("pk", "title"))


def results_of(release: ResultRelease, text: str = "", decision: str = "") -> QuerySet[Result]:
    """A release's results in the order of the tickets, narrowed by words and decision."""
    found = _narrowed(release.results.all(), text, decision)
    return found.select_related("entry__student__school", "entry__seat").order_by("entry__seat__ticket_no")


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
