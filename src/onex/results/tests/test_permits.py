"""Who may do what with results: every role, every other school, province and organisation; drafts and public."""

from __future__ import annotations

import pytest

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, another_province
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.permits import PERMITS, allows
from onex.marking.tests.factories import AFTER
from onex.results import services
from onex.results.models import Result
from onex.results.tests.factories import a_computed_release
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def everybody(result: Result) -> dict[str, Actor]:
    organisation, school = result.release.plan_level.plan.organisation, result.entry.student.school
    other = an_evaluation_org("A12345678")
    return {
        "org": an_actor(Role.ORG, organisation),
        "other org": an_actor(Role.ORG, other),
        "school": an_actor(Role.SCHOOL, school),
        "registrar": an_actor(Role.REGISTRAR, school),
        "other registrar": an_actor(Role.REGISTRAR, a_school()),
        "finance": an_actor(Role.FINANCE, organisation),
        "other school": an_actor(Role.SCHOOL, a_school()),
        "province": an_actor(Role.PROVINCE, school.province),
        "other province": an_actor(Role.PROVINCE, another_province()),
        "operator": an_actor(Role.OPERATOR, other),
        "auditor": an_actor(Role.AUDITOR, other),
        "assessor": an_actor(Role.ASSESSOR, organisation),
        "author": an_actor(Role.AUTHOR, organisation),
        "teacher": an_actor(Role.TEACHER, school),
        "system": SYSTEM,
    }


def seeing(result: Result, people: dict[str, Actor]) -> set[str]:
    return {name for name, actor in people.items() if allows("results.see", actor, result)}


def test_results_reach_schools_and_authorities_only_when_they_are_public() -> None:
    release = a_computed_release(1)
    result = release.results.select_related("entry__student__school", "release__plan_level__plan").get()
    people = everybody(result)
    assert seeing(result, people) == {"org", "auditor"}
    services.publicise(release, by=an_org_officer(), at=AFTER)
    assert seeing(result, people) == {"org", "auditor", "school", "registrar", "province", "operator"}


def test_only_the_organisation_computes_and_releases() -> None:
    release = a_computed_release(1)
    people = everybody(release.results.select_related("entry__student__school").get())
    assert {code for code in PERMITS if code.startswith("results.")} == {"results.see", "results.manage"}
    assert {name for name, actor in people.items() if allows("results.manage", actor, release)} == {"org"}
