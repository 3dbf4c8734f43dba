"""Who may do what with certificates: every role, and every other school, province and organisation."""

from __future__ import annotations

import pytest

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, another_province
from onex.certificates import services
from onex.certificates.models import Certificate
from onex.common.actors import SYSTEM, Role
from onex.common.permits import PERMITS, allows
from onex.marking.tests.factories import AFTER
from onex.results.tests.factories import a_released
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def test_each_role_reaches_its_own_certificates_and_nobody_elses() -> None:
    release = a_released(1)
    services.issue_due(release, by=an_org_officer(), at=AFTER)
    certificate = Certificate.objects.select_related("result__entry__student__school").get()
    organisation, school = release.plan_level.plan.organisation, certificate.result.entry.student.school
    other = an_evaluation_org("A12345678")
    people = {
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
    expected = {
        "certificates.issue": (release, {"org"}),
        "certificates.revoke": (certificate, {"org"}),
        "certificates.print": (certificate, {"org", "school", "registrar"}),
        "certificates.see": (certificate, {"org", "school", "registrar", "province", "operator", "auditor"}),
    }
    assert {code for code in PERMITS if code.startswith("certificates.")} == set(expected)
    for code, (row, names) in expected.items():
        assert {name for name, actor in people.items() if allows(code, actor, row)} == names, code
