"""Where a level may be sat, and lists that cost the same however long they are."""

from __future__ import annotations

from typing import Any

import pytest

from onex.accounts.tests.factories import a_city, a_province, a_school, an_actor, an_evaluation_org, another_province
from onex.common.actors import Role
from onex.pilots.tests.factories import NOON, a_level
from onex.venues import queries, services
from onex.venues.tests.factories import a_filed_site_application, a_pilot_school, a_site, an_org_officer

pytestmark = pytest.mark.django_db


def test_a_schools_site_is_found_by_the_level_it_holds() -> None:
    site = a_site(levels=(a_level(1),))
    assert queries.site_for(site.school, a_level(1)) == site
    assert queries.site_for(site.school, a_level(2)) is None
    services.move_site(site, "suspend", by=an_org_officer(), at=NOON, note="改造")
    assert queries.site_for(site.school, a_level(1)) is None
    assert list(queries.sites_of(site.school)) == [site]


def test_sites_near_are_those_of_the_same_province() -> None:
    site = a_site()
    neighbour, stranger = a_school(), a_school(province=another_province())
    assert list(queries.sites_near(neighbour, a_level())) == [site]
    assert list(queries.sites_near(stranger, a_level())) == []
    assert queries.sites_near(neighbour, a_level())[0].machine_count == 70
    assert queries.seats_at_once(site) == 70


def test_the_list_counts_rooms_and_machines_once_each() -> None:
    application = a_filed_site_application()
    application.levels.set([a_level(1), a_level(2)])
    (row,) = queries.applications_seen_by(an_org_officer())
    assert (row.room_count, row.machine_count) == (2, 70)


def test_a_school_is_a_pilot_only_for_the_organisation_and_the_year() -> None:
    school = a_pilot_school()
    assert queries.is_pilot_for(school, an_evaluation_org(), NOON)
    assert not queries.is_pilot_for(school, an_evaluation_org(), NOON.replace(year=2027))
    assert not queries.is_pilot_for(school, an_evaluation_org("999999998"), NOON)
    assert not queries.is_pilot_for(a_school(), an_evaluation_org(), NOON)


def test_a_site_lies_in_its_schools_province() -> None:
    a_city()
    assert queries.regions_of(a_school(province=a_province())) == ["江苏省南京市", "江苏省"]
    beijing = a_province("11", "北京市教育委员会", "北京市")
    a_city(beijing, "110100", "北京市")
    assert queries.regions_of(a_school(province=beijing)) == ["北京市"]


@pytest.mark.parametrize("count", [3, 12])
def test_the_list_costs_the_same_however_long(count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        a_filed_site_application()
    officer = an_org_officer()
    with django_assert_num_queries(2):
        assert len([list(row.levels.all()) for row in queries.applications_seen_by(officer)]) == count


def test_search_finds_part_of_school_site_or_address() -> None:
    application = a_filed_site_application()
    rows = queries.applications_seen_by(an_actor(Role.SCHOOL, application.school))
    assert list(queries.applications_found(rows, "弘景 实训")) == [application]
    assert list(queries.applications_found(rows, application.school.name[:4])) == [application]
    assert list(queries.applications_found(rows, "查无此处")) == []
