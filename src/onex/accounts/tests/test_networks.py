"""Registered ranges: a school's addresses are one place, and nobody else's."""

from __future__ import annotations

import pytest

from onex.accounts import queries, services
from onex.accounts.models import NetworkRange
from onex.accounts.tests.doors import (
    text_of,
)
from onex.accounts.tests.factories import (
    NOON,
    a_school,
    a_site_organisation,
    an_actor,
    an_evaluation_org,
    an_operator,
    signed_in_as,
)
from onex.common.actors import Role
from onex.common.text import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]


@pytest.mark.parametrize(
    ("cidr", "sentence"),
    [
        ("", "不是网段"),
        ("10.0.0.1/33", "不是网段"),
        ("somewhere", "不是网段"),
        ("10.0.0.0/21", "最多到 /22"),
        ("0.0.0.0/0", "最多到 /22"),
        ("2001:db8::/47", "最多到 /48"),
        ("127.0.0.1", "不是学校或考点使用的地址"),
        ("192.0.2.0/25", "重叠"),
        ("192.0.2.200", "重叠"),
    ],
)
def test_a_range_is_one_place_and_nobody_elses(cidr: str, sentence: str) -> None:
    other, school = a_school(), a_school()
    services.add_network(other, "192.0.2.0/24", "", by=an_actor(Role.SCHOOL, other), at=NOON)
    with pytest.raises(Refused, match=sentence):
        services.add_network(school, cidr, "", by=an_actor(Role.SCHOOL, school), at=NOON)
    assert NetworkRange.objects.count() == 1


@pytest.mark.parametrize(
    ("cidr", "inside", "outside"),
    [
        ("10.20.0.0/22", "10.20.3.255", "10.20.4.0"),
        ("203.0.113.8", "203.0.113.8", "203.0.113.9"),
        ("２０３．０．１１３．８", "203.0.113.8", "203.0.113.9"),
        ("2001:db8:7::/48", "2001:db8:7:ffff::1", "2001:db8:8::1"),
    ],
)
def test_an_address_is_found_in_its_range(cidr: str, inside: str, outside: str) -> None:
    school = a_school()
    row = services.add_network(school, cidr, "", by=an_actor(Role.SCHOOL, school), at=NOON)
    assert queries.range_of(inside) == row
    assert queries.range_of(outside) is None
    assert queries.range_of("") is None


def test_a_school_files_sees_and_removes_its_own_ranges_only(client) -> None:
    school, other = a_school(), a_school()
    foreign = services.add_network(other, "192.0.2.0/28", "", by=an_actor(Role.SCHOOL, other), at=NOON)
    signed_in_as(client, an_actor(Role.SCHOOL, school))
    wrong = client.post("/accounts/networks/", {"cidr": "10.0.0.0/8", "label": "三楼机房"})
    assert wrong.status_code == 422
    assert 'value="三楼机房"' in text_of(wrong)
    assert client.post("/accounts/networks/", {"cidr": "10.20.0.0/24", "label": "三楼机房"}).status_code == 302
    page = text_of(client.get("/accounts/networks/"))
    assert "10.20.0.0/24" in page
    assert "192.0.2.0/28" not in page
    assert client.post(f"/accounts/networks/{foreign.pk}/remove/").status_code == 404
    mine = NetworkRange.objects.get(organisation=school.organisation)
    assert client.post(f"/accounts/networks/{mine.pk}/remove/").status_code == 302
    assert NetworkRange.objects.count() == 1


def test_the_security_administrator_names_the_school(client) -> None:
    school = a_school()
    signed_in_as(client, an_actor(Role.SECURITY_ADMIN, an_operator()))
    form = {"organisation": "没有的学校", "cidr": "10.20.0.0/24"}
    assert "没有这个名称的学校或考点" in text_of(client.post("/accounts/networks/", form))
    assert client.post("/accounts/networks/", {**form, "organisation": school.name}).status_code == 302
    assert school.name in text_of(client.get("/accounts/networks/"))


def test_who_may_file_a_range() -> None:
    for role, organisation in (
        (Role.SITE_MANAGER, a_site_organisation()),
        (Role.ADMIN, an_evaluation_org()),
        (Role.SCHOOL, a_school()),
    ):
        by = an_actor(role, organisation)
        n = NetworkRange.objects.count()
        services.add_network(organisation, f"10.9.{n}.0/24", "", by=by, at=NOON)
    school = a_school()
    for role in (Role.TEACHER, Role.STUDENT, Role.REGISTRAR):
        with pytest.raises(Refused, match="无权办理"):
            services.add_network(school, "10.30.0.0/24", "", by=an_actor(role, school), at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.add_network(school, "10.30.0.0/24", "", by=an_actor(Role.SCHOOL, a_school()), at=NOON)
