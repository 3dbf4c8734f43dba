"""From places to entries: everything adds up, and what does not is found, shown and told to the auditor once."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

import onex
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
from onex.common.actors import Role
from onex.common.models import Trace
from onex.pilots import services as pilots
from onex.pilots.models import PilotApplication
from onex.pilots.rules import problems_with_ledger
from onex.pilots.tests.factories import DAY, NOON, a_plan, an_approved_application
from onex.registration import queries, services
from onex.registration.models import Entry
from onex.registration.rules.plans import Window
from onex.registration.tests.factories import a_plan_level, an_entered
from onex.registration.views.places import COLUMNS
from onex.venues.tests.factories import a_pilot_school, an_org_officer

pytestmark = pytest.mark.django_db
CHECK = "/registration/places/"


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def cancel(entry: Entry, at: Any = NOON) -> Entry:
    return services.move_entry(entry, "cancel", by=an_actor(Role.SCHOOL, entry.student.school), at=at)


def the_application() -> PilotApplication:
    return PilotApplication.objects.get()


def detail(row: PilotApplication) -> str:
    return reverse("registration:places-detail", args=[row.pk])


def text_of(response: Any) -> str:
    return response.content.decode()


def test_entries_taken_returned_and_cancelled_always_add_up() -> None:
    first, second, third = an_entered(3)
    cancel(first)
    org = an_org_officer()
    services.move_entry(second, "return", by=org, at=NOON, note="照片不符")
    services.move_entry(third, "accept", by=org, at=NOON)
    (row,) = queries.conservation(PilotApplication.objects.all())
    assert (row.used_count, row.taken, row.live, row.is_even) == (1, 1, 1, 1)
    assert not queries.broken_applications()


TAMPERED = [
    "UPDATE pilots_pilotapplication SET used_count = used_count + 1",
    "UPDATE pilots_pilotapplication SET used_count = 0",
    "UPDATE pilots_pilotapplication SET approved_count = approved_count - 1",
    "UPDATE pilots_placesmove SET count = count + 1 WHERE kind = 'take'",
    "DELETE FROM pilots_placesmove WHERE kind = 'grant'",
    "UPDATE registration_entry SET state = 'cancelled'",
]


@pytest.mark.parametrize("statement", TAMPERED)
def test_a_row_that_was_tampered_with_by_sql_is_found_in_one_statement(
    statement: str, django_assert_num_queries
) -> None:
    an_entered(2)
    sql(statement)
    with django_assert_num_queries(1):
        (row,) = queries.broken_applications()
    assert problems_with_ledger(queries.facts_of(row))


def test_only_the_broken_one_of_many_is_found() -> None:
    rows = [an_entered(1, school=a_pilot_school())[0].application for _ in range(3)]
    PilotApplication.objects.filter(pk=rows[1].pk).update(used_count=2)
    assert list(queries.broken_applications()) == [rows[1]]


def test_the_auditor_is_told_once_of_each_finding(client) -> None:
    an_entered(2)
    assert services.check_places(at=NOON).done == 0
    sql("UPDATE pilots_pilotapplication SET used_count = 5")
    assert [services.check_places(at=NOON + n * DAY).done for n in range(3)] == [1, 0, 0]
    sql("UPDATE pilots_pilotapplication SET used_count = 6")
    assert services.check_places(at=NOON + 3 * DAY).done == 1
    sql("UPDATE pilots_pilotapplication SET used_count = 2")
    assert services.check_places(at=NOON + 4 * DAY).done == 0
    told = Trace.objects.filter(verb="alarm").order_by("at")
    assert [trace.data["used_count"] for trace in told] == [5, 6]
    assert told[0].data["kind"] == "places"
    assert told[0].subject_id == the_application().pk
    signed_in_as(client, an_actor(Role.AUDITOR, an_operator()))
    assert "名额不一致" in text_of(client.get(reverse("portal:audit-list")))


def test_places_are_taken_and_given_back_by_registration_alone() -> None:
    """Nothing else in the product calls the two, and nothing but them writes the counter."""
    home = Path(onex.__file__).parent
    callers, writers = set(), set()
    for path in home.rglob("*.py"):
        text = path.read_text("utf-8")
        name = path.relative_to(home).as_posix()
        if {"tests", "migrations"} & set(path.parts):
            continue
        if re.search(r"\b(take|release)_places\(", text) and not name.startswith("pilots/services/"):
            callers.add(name)
        if re.search(r"update\([^)]*used_count=", text):
            writers.add(name)
    assert callers == {"registration/services/entries.py"}
    assert writers == {"pilots/services/places.py"}


# --- the year's end


def test_what_was_entered_in_december_goes_on_in_january() -> None:
    """Its place stays used, the organisation still decides on it, and a late cancellation gives the place back."""
    level = a_plan_level(registration=Window(NOON - DAY, NOON + 70 * DAY), slots=_in_january())
    kept, dropped = an_entered(2, plan_level=level, level=level.level)
    january = NOON + 60 * DAY
    assert pilots.expire_places(at=january).done == 1
    assert services.move_entry(kept, "accept", by=an_org_officer(), at=january).state == "accepted"
    assert cancel(dropped, january).state == "cancelled"
    (row,) = queries.conservation(PilotApplication.objects.all())
    assert (row.state, row.used_count, row.live, row.is_even) == ("expired", 1, 1, 1)


def _in_january() -> tuple[Window, ...]:
    return (Window(NOON + 100 * DAY, NOON + 100 * DAY + timedelta(hours=4)),)


# --- the drill-down


def test_the_entries_behind_the_used_places_are_shown_with_masked_numbers_and_add_up(client) -> None:
    entries = an_entered(3)
    cancel(entries[0])
    row = the_application()
    signed_in_as(client, an_actor(Role.SCHOOL, row.school))
    page = text_of(client.get(detail(row)))
    assert "已使用 2 个 = 台账占用合计 = 有效报名" in page
    assert page.count(f'href="{reverse("registration:entry-detail", args=[entries[1].pk])}"') == 1
    assert reverse("registration:entry-detail", args=[entries[0].pk]) not in page
    assert all(entry.student.id_number not in page for entry in entries)
    cancelled = text_of(client.get(f"{detail(row)}?state=cancelled"))
    assert reverse("registration:entry-detail", args=[entries[0].pk]) in cancelled


def test_a_sum_that_is_not_the_used_places_is_red_and_says_both_numbers(client) -> None:
    entries = an_entered(3)
    Entry.objects.filter(pk=entries[0].pk).update(state="cancelled")
    row = the_application()
    signed_in_as(client, an_actor(Role.SCHOOL, row.school))
    page = text_of(client.get(detail(row)))
    assert "已使用 3 个，而有效报名有 2 条。" in page
    assert "不一致" in page


def test_each_hat_reaches_the_entries_through_the_application(client) -> None:
    an_entered(1)
    row = the_application()
    answers = {}
    homes: list[tuple[Role, Any]] = [
        (Role.SCHOOL, row.school),
        (Role.REGISTRAR, row.school),
        (Role.PROVINCE, a_province()),
        (Role.ORG, an_evaluation_org()),
        (Role.OPERATOR, an_operator()),
        (Role.AUDITOR, an_operator()),
        (Role.CITY, a_city()),
        (Role.TEACHER, row.school),
    ]
    for role, home in homes:
        signed_in_as(client, an_actor(role, home))
        answers[role] = client.get(detail(row)).status_code
    refused = {Role.CITY, Role.TEACHER}
    assert answers == {role: 403 if role in refused else 200 for role, _ in homes}


def test_abuse_01_another_school_province_or_organisation_finds_no_entries(client) -> None:
    an_entered(1)
    for actor in (
        an_actor(Role.SCHOOL, a_school()),
        an_actor(Role.PROVINCE, another_province()),
        an_actor(Role.ORG, an_evaluation_org("134871208")),
    ):
        signed_in_as(client, actor)
        assert client.get(detail(the_application())).status_code == 404


# --- the check


def test_the_check_lists_all_and_puts_what_does_not_add_up_first(client) -> None:
    good = an_entered(1, school=a_pilot_school())[0].application
    bad = an_entered(1, school=a_pilot_school())[0].application
    PilotApplication.objects.filter(pk=bad.pk).update(used_count=4)
    for role, home in ((Role.PROVINCE, a_province()), (Role.OPERATOR, an_operator()), (Role.AUDITOR, an_operator())):
        signed_in_as(client, an_actor(role, home))
        page = text_of(client.get(CHECK))
        assert "1 份申报的名额不一致" in page
        assert "已使用 4 个，而有效报名有 1 条。" in page
        assert page.index(detail(bad)) < page.index(detail(good))
        assert detail(good) not in text_of(client.get(f"{CHECK}?even=0"))
        assert client.get(detail(bad)).status_code == 200


def test_a_check_without_findings_says_that_everything_adds_up(client) -> None:
    an_entered(1)
    signed_in_as(client, an_actor(Role.PROVINCE, a_province()))
    page = text_of(client.get(CHECK))
    assert "1 份申报的批准、占用与报名全部相符" in page
    assert client.get(f"{CHECK}export/").status_code == 200


def test_the_sheet_of_the_check_says_of_each_what_was_counted_and_why(client) -> None:
    good, bad = (an_entered(1, school=a_pilot_school())[0].application for _ in range(2))
    PilotApplication.objects.filter(pk=bad.pk).update(used_count=4)
    signed_in_as(client, an_actor(Role.PROVINCE, a_province()))
    answer = client.get(f"{CHECK}export/")
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    head, *lines = load_workbook(io.BytesIO(raw)).worksheets[0].iter_rows(values_only=True)
    assert head == tuple(str(column.title) for column in COLUMNS)
    told = [(row.school.name, row.plan.year, "第一次", row.level.name, row.approved_count) for row in (bad, good)]
    assert [line[:5] for line in lines] == told
    assert [line[5:10] for line in lines] == [
        (bad.approved_count, 4, 1, 1, "不一致"),
        (good.approved_count, 1, 1, 1, "一致"),
    ]
    assert "已使用 4 个" in lines[0][10]
    assert lines[1][10] is None


def test_a_province_checks_its_own_and_a_school_has_no_check(client) -> None:
    an_entered(1)
    signed_in_as(client, an_actor(Role.PROVINCE, another_province()))
    assert detail(the_application()) not in text_of(client.get(CHECK))
    signed_in_as(client, an_actor(Role.SCHOOL, the_application().school))
    assert client.get(CHECK).status_code == 403


@pytest.mark.parametrize("path", ["check", "detail"])
def test_the_pages_cost_the_same_with_three_rows_and_with_thirty(client, path: str) -> None:
    school = a_pilot_school()
    level = a_plan_level()
    an_entered(3, school=school, plan_level=level, level=level.level)
    row = the_application()
    signed_in_as(client, an_actor(Role.PROVINCE, a_province()))
    url = CHECK if path == "check" else detail(row)
    client.get(url)
    costs = []
    for more in (0, 27):
        if path == "check":
            for n in range(more):
                an_approved_application(80, plan=a_plan(year=2027 + n))
        elif more:
            an_entered(more, school=school, plan_level=level, level=level.level)
        with CaptureQueriesContext(connection) as told:
            assert client.get(url).status_code == 200
        costs.append(len(told))
    assert costs[0] == costs[1]
