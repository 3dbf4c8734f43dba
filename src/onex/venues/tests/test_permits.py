"""Who sees and does what with sites: the own school, the addressed organisation, nobody else's."""

from __future__ import annotations

import pytest

from onex.accounts.tests.factories import a_province, a_school, an_actor, an_evaluation_org, another_province
from onex.common.actors import Actor, Role
from onex.common.ids import uuid7
from onex.common.permits import allows, holds, seen
from onex.common.text import Refused
from onex.pilots.tests.factories import NOON
from onex.venues import services
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.tests.factories import a_filed_site_application, a_pdf, a_site, a_site_draft, an_org_officer

pytestmark = pytest.mark.django_db


def visible(actor: Actor) -> set[SiteApplication]:
    return set(seen("venues.application_see", actor, SiteApplication.objects.all()))


def test_a_draft_is_its_schools_own_business() -> None:
    draft = a_site_draft()
    assert visible(an_actor(Role.SCHOOL, draft.school)) == {draft}
    for actor in (
        an_actor(Role.SCHOOL, a_school()),
        an_org_officer(),
        an_actor(Role.PROVINCE, a_province()),
        Actor(uuid7(), "某人", Role.OPERATOR, uuid7()),
    ):
        assert visible(actor) == set()


def test_a_filed_one_is_seen_by_the_addressed_organisation_and_the_province() -> None:
    filed = a_filed_site_application()
    assert visible(an_org_officer()) == {filed}
    assert visible(an_actor(Role.PROVINCE, a_province())) == {filed}
    assert visible(an_actor(Role.PROVINCE, another_province())) == set()
    assert visible(an_org_officer(an_evaluation_org("999999998"))) == set()
    assert visible(an_actor(Role.SCHOOL, a_school())) == set()


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.AUTHOR, Role.TEACHER, Role.CITY])
def test_other_roles_have_no_business_here(role: Role) -> None:
    assert not holds("venues.application_see", Actor(uuid7(), "某人", role, uuid7()))


def test_only_the_addressed_organisation_decides() -> None:
    filed = a_filed_site_application()
    for actor in (
        an_actor(Role.SCHOOL, filed.school),
        an_org_officer(an_evaluation_org("999999998")),
        an_actor(Role.PROVINCE, a_province()),
    ):
        with pytest.raises(Refused, match="无权办理"):
            services.move_application(filed, "approve", by=actor, at=NOON)
    filed.refresh_from_db()
    assert filed.state == "pending"


def test_another_school_neither_writes_nor_files_nor_attaches() -> None:
    draft, stranger = a_site_draft(), an_actor(Role.SCHOOL, a_school())
    for act in (
        lambda: services.update_application(draft, services.ApplicationInput(), [], [], by=stranger, at=NOON),
        lambda: services.attach_file(draft, "stamped_form", a_pdf(), by=stranger, at=NOON),
        lambda: services.move_application(draft, "submit", by=stranger, at=NOON),
        lambda: a_site_draft(draft.school, officer=stranger),
    ):
        with pytest.raises(Refused, match="无权办理"):
            act()


def test_sites_are_managed_by_their_organisation_only() -> None:
    site = a_site()
    assert allows("venues.site_manage", an_org_officer(), site)
    for actor in (an_actor(Role.SCHOOL, site.school), an_org_officer(an_evaluation_org("999999998"))):
        assert not allows("venues.site_manage", actor, site)
    assert set(seen("venues.site_see", an_actor(Role.SCHOOL, a_school()), ExamSite.objects.all())) == set()
