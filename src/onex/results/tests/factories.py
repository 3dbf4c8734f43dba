"""A level that was sat, marked and computed."""

from __future__ import annotations

from onex.accounts.tests.factories import an_actor, an_evaluation_org
from onex.common.actors import Role
from onex.marking import queries as marking_queries
from onex.marking import services as marking
from onex.marking.models import MarkingJob
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.registration.models import ExamPlanLevel
from onex.results import services
from onex.results.models import ResultRelease
from onex.venues.tests.factories import an_org_officer


def a_marked_level(number: int = 2, absent: int = 0) -> ExamPlanLevel:
    """Everybody has full marks but those who never came."""
    session = a_sat_session(number, absent)
    marking.collect(session, by=an_org_officer(), at=AFTER)
    assessor = an_actor(Role.ASSESSOR, an_evaluation_org())
    for job in MarkingJob.objects.filter(script__session=session):
        criteria = marking_queries.scores_of(job.script)[job.item].needs_examiner
        marking.mark(job, {one.id: one.points for one in criteria}, by=assessor, at=AFTER)
    return ExamPlanLevel.objects.get(pk=session.plan_level_id)


def a_computed_release(number: int = 2, absent: int = 0) -> ResultRelease:
    return services.compute(a_marked_level(number, absent), by=an_org_officer(), at=AFTER)


def a_released(number: int = 2, absent: int = 0) -> ResultRelease:
    """Publicised, and the publicity is over."""
    release = services.publicise(a_computed_release(number, absent), by=an_org_officer(), at=AFTER)
    assert release.ends_at is not None
    return services.release(release, by=an_org_officer(), at=release.ends_at)
