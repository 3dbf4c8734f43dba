"""What the page of figures shows to whom, keeps in its address, and lets people take along."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from onex.accounts.services import ensure_operator
from onex.accounts.tests.factories import (
    PEOPLE,
    a_city,
    a_province,
    a_school,
    an_actor,
    an_evaluation_org,
    an_organisation_for,
    another_province,
    signed_in_as,
)
from onex.common.actors import Role
from onex.common.models import Trace
from onex.pilots.models import PilotApplication
from onex.pilots.tests.factories import (
    a_filed_application,
    a_level,
    a_plan,
    a_school_officer,
    an_approved_application,
)

pytestmark = pytest.mark.django_db
PAGE = reverse("pilots:oversight")


def as_(role: Role, organisation: Any) -> Client:
    return signed_in_as(Client(), an_actor(role, organisation))


@pytest.fixture
def as_province() -> Client:
    return as_(Role.PROVINCE, a_province())


def charts(client: Client, **filters: Any) -> dict[str, dict[str, Any]]:
    """The charts of the page as they are drawn, by name."""
    page = client.get(PAGE, filters).content.decode()
    found = re.findall(r'<script id="chart-(\w+)" type="application/json">(.*?)</script>', page)
    return {name: json.loads(spec) for name, spec in found}


def bars(spec: dict[str, Any]) -> dict[str, list[int]]:
    return {name: [one["values"][n] for one in spec["series"]] for n, name in enumerate(spec["categories"])}


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)


def test_only_those_who_look_after_others_have_the_page() -> None:
    may = {role for role in PEOPLE if as_(role, an_organisation_for(role)).get(PAGE).status_code == 200}
    assert may == {Role.PROVINCE, Role.CITY, Role.ORG, Role.OPERATOR, Role.AUDITOR}


def test_a_province_sees_its_own_and_the_country_sees_all(as_province: Client) -> None:
    an_approved_application(60)
    elsewhere = a_plan(province=another_province())
    a_filed_application(elsewhere, a_school_officer(a_school(province=another_province())), requested_count=30)
    assert bars(charts(as_province)["level"]) == {"初级": [80, 60, 0]}
    assert "province" not in charts(as_province)
    for role in (Role.OPERATOR, Role.AUDITOR):
        country = charts(as_(role, ensure_operator("平台")))
        assert bars(country["province"]) == {"江苏省": [80, 60, 0], "浙江省": [30, 0, 0]}


def test_a_city_sees_its_schools_and_an_organisation_what_was_granted_of_its_certificates() -> None:
    an_approved_application(60, plan=a_plan(batch=1, requires_city_approval=False))
    a_filed_application(a_plan(batch=2, requires_city_approval=True), requested_count=30)
    city = charts(as_(Role.CITY, a_city()))
    assert bars(city["state"]) == {"待地市审核": [1]}  # plans that do not ask the city are none of its business
    assert not {"city", "province"} & set(city)
    organisation = charts(as_(Role.ORG, an_evaluation_org()))
    assert bars(organisation["state"]) == {"审核通过": [1]}
    assert bars(organisation["province"]) == {"江苏省": [80, 60, 0]}


def test_filters_stay_in_the_address_of_every_link_and_narrow_every_chart(as_province: Client) -> None:
    an_approved_application(60, plan=a_plan(year=2025))
    an_approved_application(40, plan=a_plan(year=2026), level=a_level(2))
    chosen = charts(as_province, year="2026")
    assert bars(chosen["level"]) == {"中级": [80, 40, 0]}
    assert bars(chosen["year"]) == {"2025": [80, 60, 0], "2026": [80, 40, 0]}  # a trend is over all years
    page = as_province.get(PAGE, {"year": "2026", "level": "2"}).content.decode()
    assert '<option value="2026" selected>' in page
    assert "?by=school&amp;year=2026&amp;level=2" in page
    assert bars(charts(as_province, year="2026", level="1")["year"]) == {"2025": [80, 60, 0]}
    assert set(charts(as_province, year="2026", level="1")) == {"year"}  # the others say that there is nothing


@pytest.mark.parametrize(
    "filters",
    [
        {"year": "zwanzig"},
        {"year": "9" * 40},
        {"level": "²"},
        {"city": "x"},
        {"certificate": "1'--"},
        {"state": "\x00"},
    ],
)
def test_a_filter_that_means_nothing_is_no_filter(as_province: Client, filters: dict[str, str]) -> None:
    an_approved_application(60)
    assert bars(charts(as_province, **filters)["level"]) == {"初级": [80, 60, 0]}


def test_without_applications_the_page_says_how_to_begin(as_province: Client) -> None:
    page = as_province.get(PAGE).content.decode()
    assert "还没有可统计的申报" in page
    assert reverse("pilots:plan-list") in page


def test_of_very_many_schools_the_chart_shows_twenty_and_the_table_adds_up(as_province: Client) -> None:
    plan = a_plan()
    for n in range(23):
        a_filed_application(plan, requested_count=100 + n)
    page = as_province.get(PAGE).content.decode()
    spec = charts(as_province)["school"]
    assert len(spec["categories"]) == 20
    assert spec["series"][0]["values"][0] == 122
    assert re.search(r'<th scope="row">其余 3 所院校</th><td class="ox-num">303</td>', page)
    assert "查看全部 23 行" in page
    listed = as_province.get(reverse("pilots:oversight-places"), {"by": "school", "sort": "requested"})
    assert [line["requested"] for line in listed.context["lines"]][:2] == [100, 101]
    assert listed.context["page"].paginator.count == 23


def test_the_whole_table_of_a_chart_goes_out_as_a_sheet_and_is_traced(as_province: Client) -> None:
    plan = a_plan()
    for n in range(23):
        a_filed_application(plan, requested_count=100 + n)
    an_approved_application(60, plan=plan, officer=a_school_officer(a_school("=1+1学院")))
    lines = sheet(as_province.get(reverse("pilots:oversight-export"), {"by": "school"}))
    assert lines[0] == ("院校", "申报份数", "申请培训总人数", "批准培训总人数", "已使用培训数", "使用率")
    assert len(lines) == 25
    assert lines[-1] == ("=1+1学院", 1, 80, 60, 0, "0%")
    assert Trace.objects.get(verb="export").data["filters"] == {"by": "school"}


@pytest.mark.parametrize("by", ["state", "year", "city", "certificate", "level", "batch", "month", "step"])
def test_every_chart_has_its_sheet(as_province: Client, by: str) -> None:
    an_approved_application(60)
    lines = sheet(as_province.get(reverse("pilots:oversight-export"), {"by": by}))
    assert len(lines) == 2, lines


@pytest.mark.parametrize("by", ["", "province", "password", "plan__province"])
def test_an_address_that_names_no_table_of_this_role_means_the_schools(as_province: Client, by: str) -> None:
    an_approved_application(60)
    assert sheet(as_province.get(reverse("pilots:oversight-export"), {"by": by}))[0][0] == "院校"
    assert as_province.get(reverse("pilots:oversight-places"), {"by": by}).context["by"] == "school"


def test_cities_of_the_country_are_offered_once_a_province_is_chosen() -> None:
    granted = an_approved_application(60)
    a_filed_application(granted.plan, a_school_officer(a_school(city=a_city(code="320500", region="苏州市"))))
    operator = as_(Role.OPERATOR, ensure_operator("平台"))
    assert "city" not in operator.get(PAGE).context["filters"]
    chosen = operator.get(PAGE, {"province": str(a_province().pk)}).context["filters"]
    assert [word for _value, word in chosen["city"]["options"]] == ["南京市", "苏州市"]


def test_what_leaves_no_choice_is_no_filter(as_province: Client) -> None:
    an_approved_application(60)
    page = as_province.get(PAGE)
    assert page.context["filters"] == {}
    assert 'class="ox-filters' not in page.content.decode()


@pytest.mark.parametrize("address", [PAGE, f"{reverse('pilots:oversight-places')}?by=school"])
def test_the_page_costs_the_same_queries_with_three_applications_and_with_thirty(
    as_province: Client, address: str, django_assert_max_num_queries: Any
) -> None:
    plan = a_plan()
    asked = []
    for count in (3, 27):
        for _ in range(count):
            an_approved_application(60, plan=plan)
        as_province.get(address)
        with django_assert_max_num_queries(12) as caught:
            as_province.get(address)
        asked.append(len(caught))
    assert PilotApplication.objects.count() == 30
    assert asked[0] == asked[1]
