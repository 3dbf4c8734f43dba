"""Who may do what in marking: every role, and every other organisation."""

from __future__ import annotations

import pytest

from onex.accounts.tests.factories import an_actor, an_evaluation_org
from onex.common.actors import SYSTEM, Role
from onex.common.permits import PERMITS, allows
from onex.marking import services
from onex.marking.models import MarkingJob
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def test_each_role_reaches_its_own_sessions_scripts_and_jobs_and_nobody_elses() -> None:
    session = a_sat_session(1)
    services.collect(session, by=an_org_officer(), at=AFTER)
    job = MarkingJob.objects.get()
    organisation, other = session.plan_level.plan.organisation, an_evaluation_org("A12345678")
    school = session.site.school
    people = {
        "org": an_actor(Role.ORG, organisation),
        "other org": an_actor(Role.ORG, other),
        "assessor": an_actor(Role.ASSESSOR, organisation),
        "other assessor": an_actor(Role.ASSESSOR, other),
        "author": an_actor(Role.AUTHOR, organisation),
        "school": an_actor(Role.SCHOOL, school),
        "teacher": an_actor(Role.TEACHER, school),
        "province": an_actor(Role.PROVINCE, school.province),
        "operator": an_actor(Role.OPERATOR, other),
        "auditor": an_actor(Role.AUDITOR, other),
        "system": SYSTEM,
    }
    expected = {
        "marking.collect": (session, {"org", "system"}),
        "marking.progress": (job.script, {"org", "assessor", "system"}),
        "marking.mark": (job, {"assessor"}),
    }
    assert {code for code in PERMITS if code.startswith("marking.")} == set(expected)
    for code, (row, names) in expected.items():
        assert {name for name, actor in people.items() if allows(code, actor, row)} == names, code
