"""Named writes: compute, publicise, release."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from onex.catalog.rules import kept, problems_on_passing
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.marking import queries as marking
from onex.registration import services as registration
from onex.registration.models import ExamPlanLevel
from onex.results import queries
from onex.results.models import Result, ResultRelease
from onex.results.rules import RELEASE, ReleaseState, publicity_ends


def compute(plan_level: ExamPlanLevel, *, by: Actor, at: datetime) -> ResultRelease:
    """Both parts and the decision of every candidate, by the scheme's own rule; again replaces what is not public.

    Raises Refused while sessions are open or scripts unfinished.
    """
    demand("registration.plan_manage", by, plan_level)
    scheme = plan_level.scheme
    with tx.write():
        plan_level = moves.lock(plan_level)
        release, _ = ResultRelease.objects.get_or_create(plan_level=plan_level)
        _refuse_early(release)
        Result.objects.filter(release=release).delete()
        results = []
        for entry, marks in marking.marks_of(plan_level).items():
            theory, practical = marks.get("theory"), marks.get("practical")
            reasons = problems_on_passing(scheme, theory, practical)
            results.append(
                Result(
                    release=release,
                    entry_id=entry,
                    theory=None if theory is None else kept(theory, scheme.mark_decimals),
                    practical=None if practical is None else kept(practical, scheme.mark_decimals),
                    passed=not reasons,
                    reasons=[reason.as_json() for reason in reasons],
                )
            )
        Result.objects.bulk_create(results, batch_size=500)
        moves.leave_trace(release, "compute", by=by, at=at, data=_told(results))
    return release


def _told(results: list[Result]) -> dict[str, Any]:
    """What the trace of a computation says: how many, how many passed, and a digest of every score it set."""
    lines = sorted(f"{one.entry_id} {one.theory} {one.practical} {one.passed}" for one in results)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return {"count": len(results), "passed": sum(one.passed for one in results), "digest": digest}


def _refuse_early(release: ResultRelease) -> None:
    facts = queries.facts_of(release)
    if release.state != ReleaseState.DRAFT:
        raise Refused(say("成绩已公示，更正请走成绩复核。"))
    if facts.open_sessions or facts.unscored:
        raise Refused(
            say("还有 {n} 个场次未收卷、{m} 份答卷未评完，暂不能核算。", n=facts.open_sessions, m=facts.unscored)
        )


def publicise(release: ResultRelease, *, by: Actor, at: datetime) -> ResultRelease:
    """Show the results to schools and start the publicity that the scheme asks."""
    days = release.plan_level.scheme.publicity_working_days
    with tx.write():
        sets = {"publicised_at": at, "ends_at": publicity_ends(at, days)}
        release = moves.move(RELEASE, release, "publicise", by=by, at=at, facts=queries.facts_of, sets=sets)
        registration.move_plan_level(release.plan_level, "publicise", by=by, at=at)
    return release


def release(found: ResultRelease, *, by: Actor, at: datetime) -> ResultRelease:
    """Make the results final once publicity is over; certificates are due from here on."""
    with tx.write():
        sets = {"released_at": at}
        found = moves.move(RELEASE, found, "release", by=by, at=at, facts=queries.facts_of, sets=sets)
        registration.move_plan_level(found.plan_level, "finish", by=by, at=at)
    return found
