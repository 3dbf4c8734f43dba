"""名额台账: what each hat sees of it, its filters, sums, chart and export, and one application line by line."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onex.accounts.tests.factories import (
    a_city,
    a_province,
    a_school,
    an_actor,
    an_evaluation_org,
    an_operator,
    another_province,
    signed_in_as,
)
from onex.common.actors import SYSTEM, Role
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PlacesMove
from onex.pilots.queries import LedgerAsked
from onex.pilots.rules import LedgerFacts, PlacesKind, problems_with_ledger
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
    an_approved_application,
)

pytestmark = pytest.mark.django_db
LIST, EXPORT = "/pilots/places/", "/pilots/places/export/"


def use(row: PilotApplication, count: int) -> PlacesMove:
    return services.take_places(row, count, subject=row.school, by=SYSTEM, at=NOON, reason="考试报名")


def ledger(actor: Any, **asked: str) -> list[PilotApplication]:
    return list(queries.ledger_of(queries.ledger_seen_by(actor, NOON), LedgerAsked(**asked)))


def text_of(response: Any) -> str:
    return response.content.decode()


def test_everybody_concerned_sees_what_was_granted_and_nobody_else() -> None:
    row = an_approved_application(80)
    a_filed_application(a_plan(batch=2))
    seers = [
        an_actor(Role.SCHOOL, row.school),
        an_actor(Role.CITY, a_city()),
        a_province_officer(),
        an_actor(Role.ORG, an_evaluation_org()),
        an_actor(Role.OPERATOR, an_operator()),
        an_actor(Role.AUDITOR, an_operator()),
    ]
    assert [ledger(actor) for actor in seers] == [[row]] * 6
    strangers = [
        a_school_officer(),
        an_actor(Role.PROVINCE, another_province()),
        an_actor(Role.ORG, an_evaluation_org("134871208")),
        an_actor(Role.CITY, a_city(code="320200", region="无锡市")),
    ]
    assert [ledger(actor) for actor in strangers] == [[]] * 4


def test_a_city_reads_the_ledger_of_its_schools_and_is_led_nowhere_it_may_not_go(client) -> None:
    direct = an_approved_application(80)
    signed_in_as(client, an_actor(Role.CITY, a_city()))
    page = text_of(client.get(LIST))
    assert direct.school.name in page
    assert 'name="city"' not in page  # it has one
    assert client.get(EXPORT).status_code == 200
    address = reverse("pilots:places-detail", args=[direct.pk])
    detail = client.get(address)
    assert detail.status_code == 200
    assert client.get(reverse("pilots:places-lines", args=[direct.pk])).status_code == 200
    # A plan that does not send it to the city: neither its application nor its students are the city's business.
    for name in ("pilots:application-detail", "registration:places-detail", "pilots:places-adjust"):
        assert reverse(name, args=[direct.pk]) not in text_of(detail)
    assert client.get(reverse("pilots:places-adjust", args=[direct.pk])).status_code == 403
    signed_in_as(client, an_actor(Role.CITY, a_city(code="320200", region="无锡市")))
    assert client.get(address).status_code == 404


def test_the_ledger_is_filtered_by_year_batch_certificate_level_city_school_and_state() -> None:
    city = a_city()
    wuxi = a_city(code="320200", region="无锡市")
    nanjing_school, wuxi_school = a_school(city=city), a_school("无锡职业技术学院", city=wuxi)
    plan = a_plan()
    one = an_approved_application(80, plan=plan, officer=a_school_officer(nanjing_school))
    two = an_approved_application(60, plan=plan, officer=a_school_officer(wuxi_school), level=a_level(2))
    old = an_approved_application(50, plan=a_plan(year=2025, batch=2), officer=a_school_officer(wuxi_school))
    services.expire_places(at=NOON)
    province = a_province_officer()
    wanted: list[tuple[dict[str, str], list[PilotApplication]]] = [
        ({}, [one, two, old]),
        ({"year": "2025"}, [old]),
        ({"batch": "2"}, [old]),
        ({"level": "2"}, [two]),
        ({"certificate": str(one.level.certificate_id)}, [one, two, old]),
        ({"city": str(wuxi.pk)}, [two, old]),
        ({"school": str(nanjing_school.pk)}, [one]),
        ({"state": "expired"}, [old]),
        ({"state": "approved", "words": "无锡"}, [two]),
        ({"province": str(a_province().pk)}, [one, two, old]),
    ]
    for asked, found in wanted:
        assert {row.pk for row in ledger(province, **asked)} == {row.pk for row in found}, asked


@pytest.mark.parametrize("word", ["x", "-1", "9" * 30, "１２", "' OR 1=1 --", "0", "draft"])
@pytest.mark.parametrize("name", ["year", "batch", "level", "city", "school", "certificate", "province", "state"])
def test_abuse_29_a_filter_that_is_no_such_thing_finds_nothing(name: str, word: str) -> None:
    an_approved_application(80)
    assert ledger(a_province_officer(), **{name: word}) == []


def test_the_sums_are_of_everything_found_and_what_was_granted_is_used_left_or_lapsed() -> None:
    plan = a_plan()
    use(an_approved_application(80, plan=plan), 30)
    use(an_approved_application(50, plan=plan, level=a_level(2)), 50)
    old = an_approved_application(60, plan=a_plan(year=2025))
    sums = queries.ledger_sums(queries.ledger_seen_by(a_province_officer(), NOON))
    assert sums == {
        "applications": 3,
        "requested": 240,
        "approved": 190,
        "used": 80,
        "all_left": 50,
        "all_lapsed": 60,
    }
    assert sums["approved"] == sums["used"] + sums["all_left"] + sums["all_lapsed"]
    services.expire_places(at=NOON)  # whether the sweep has come by makes no difference
    assert queries.ledger_sums(queries.ledger_seen_by(a_province_officer(), NOON)) == sums
    old.refresh_from_db()
    assert old.state == "expired"


def test_the_chart_compares_used_with_approved_by_certificate_level_the_largest_first() -> None:
    plan = a_plan()
    use(an_approved_application(80, plan=plan), 30)
    an_approved_application(50, plan=plan)
    an_approved_application(200, plan=plan, level=a_level(2))
    rows = queries.ledger_by_level(queries.ledger_seen_by(a_province_officer(), NOON), 12)
    assert [(row["approved"], row["used"]) for row in rows] == [(200, 0), (130, 30)]


def test_the_page_shows_the_sums_in_its_foot_and_exports_what_it_shows(client) -> None:
    plan = a_plan(year=timezone.localdate().year)
    row = an_approved_application(1200, plan=plan)
    an_approved_application(50, plan=plan, level=a_level(2))
    use(row, 30)
    signed_in_as(client, a_province_officer())
    page = text_of(client.get(f"{LIST}?level=1&sort=-left"))
    assert "合计（1 份申报）" in page
    assert page.count("1,170") >= 2  # its own left places, and their sum
    assert f'href="{EXPORT}?level=1&amp;sort=-left"' in page
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{EXPORT}?level=1").content)).worksheets[0]
    lines = list(sheet.iter_rows(values_only=True))
    assert len(lines) == 2
    assert lines[1][6:11] == (1200, 1200, 30, 1170, 0)


def test_an_empty_ledger_says_so(client) -> None:
    signed_in_as(client, a_province_officer(a_plan()))
    assert "没有符合条件的名额" in text_of(client.get(LIST))


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.PROVINCE, Role.ORG, Role.OPERATOR])
@pytest.mark.parametrize("address", [LIST, EXPORT])
def test_the_ledger_and_its_sheet_cost_the_same_with_three_rows_and_with_thirty(
    client, role: Role, address: str
) -> None:
    school = a_school()
    home: Any = {
        Role.SCHOOL: lambda: school,
        Role.PROVINCE: a_province,
        Role.ORG: an_evaluation_org,
        Role.OPERATOR: an_operator,
    }[role]()
    signed_in_as(client, an_actor(role, home))
    costs = []
    for start, stop in ((0, 3), (3, 30)):
        for n in range(start, stop):
            officer = a_school_officer(school if role == Role.SCHOOL else None)
            an_approved_application(80, plan=a_plan(year=2026 + n), officer=officer)
        client.get(address)
        with CaptureQueriesContext(connection) as told:
            assert client.get(address).status_code == 200
        costs.append(len(told))
    assert costs[0] == costs[1]


# --- one application


def test_each_line_shows_what_was_approved_and_used_after_it() -> None:
    row = an_approved_application(80, requested_count=100)
    use(row, 30)
    services.adjust_places(row, 90, by=a_province_officer(), at=NOON + DAY, note="增加机房")
    services.release_places(row, 5, subject=row.school, by=SYSTEM, at=NOON + 2 * DAY)
    lines = reversed(queries.ledger_lines_of(row))
    found = [(line.kind, line.count, line.approved_then, line.used_then) for line in lines]
    assert found == [
        (PlacesKind.GRANT, 80, 80, 0),
        (PlacesKind.TAKE, 30, 80, 30),
        (PlacesKind.ADJUST, 10, 90, 30),
        (PlacesKind.RELEASE, -5, 90, 25),
    ]


def test_the_page_of_one_application_says_whether_it_adds_up(client) -> None:
    row = an_approved_application(80)
    use(row, 30)
    signed_in_as(client, an_actor(Role.SCHOOL, row.school))
    url = reverse("pilots:places-detail", args=[row.pk])
    page = text_of(client.get(url))
    assert "台账一致" in page
    assert "考试报名" in page
    assert "不能转给其他证书等级或批次" in page
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pilots_pilotapplication SET used_count = 31")
    page = text_of(client.get(url))
    assert "台账不一致" in page
    assert "已使用 31 个，而台账中占用与释放合计 30 个。" in page


def test_the_lines_of_one_application_are_exported(client) -> None:
    row = an_approved_application(80)
    use(row, 30)
    signed_in_as(client, an_actor(Role.SCHOOL, row.school))
    answer = client.get(reverse("pilots:places-lines", args=[row.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    lines = list(sheet.iter_rows(values_only=True, min_row=2))
    assert [(line[1], line[2]) for line in lines] == [("占用", 30), ("批准", 80)]


def test_abuse_01_the_ledger_of_another_school_is_not_there(client) -> None:
    row = an_approved_application(80)
    for actor in (a_school_officer(), an_actor(Role.PROVINCE, another_province())):
        signed_in_as(client, actor)
        for name in ("places-detail", "places-lines"):
            assert client.get(reverse(f"pilots:{name}", args=[row.pk])).status_code == 404
    signed_in_as(client, an_actor(Role.AUTHOR, an_evaluation_org()))
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("sql", "agrees"),
    [
        ("UPDATE pilots_pilotapplication SET used_count = used_count", True),
        ("UPDATE pilots_pilotapplication SET used_count = 29", False),
        ("UPDATE pilots_pilotapplication SET approved_count = 70", False),
        ("UPDATE pilots_placesmove SET count = 31 WHERE kind = 'take'", False),
        ("DELETE FROM pilots_placesmove WHERE kind = 'grant'", False),
        ("UPDATE pilots_placesmove SET kind = 'lapse' WHERE kind = 'take'", False),
    ],
)
def test_the_check_in_sql_says_what_the_rules_say(sql: str, agrees: bool) -> None:
    row = an_approved_application(80)
    use(row, 30)
    with connection.cursor() as cursor:
        cursor.execute(sql)
    (row,) = queries.with_ledger_sums(PilotApplication.objects.all())
    facts = LedgerFacts(row.approved_count, row.used_count, row.granted, row.taken)
    found = queries.with_ledger_sums(PilotApplication.objects.all()).filter(queries.ledger_agrees())
    assert found.exists() == (not problems_with_ledger(facts)) == agrees


def test_a_taken_back_decision_leaves_a_ledger_that_adds_up_to_nothing() -> None:
    row = an_approved_application(80)
    services.move_application(row, "correct", by=a_province_officer(), at=NOON, note="误批")
    (row,) = queries.with_ledger_sums(PilotApplication.objects.all())
    assert (row.approved_count, row.granted) == (None, 0)
    assert ledger(a_province_officer()) == []
