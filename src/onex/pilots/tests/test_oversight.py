"""The figures of overseers are those of their applications, added up by hand."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from onex.accounts.models import School
from onex.accounts.services import ensure_operator
from onex.accounts.tests.factories import a_city, a_province, a_school, an_actor, an_evaluation_org, another_province
from onex.catalog.rules import BEIJING
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.models import Trace
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication
from onex.pilots.rules import FILED, GRANTED, ApplicationState
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_certificate,
    a_draft,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
    an_approved_application,
)

pytestmark = pytest.mark.django_db
S = ApplicationState


def a_country(random: Random, count: int) -> None:
    """So many applications in every state, of two provinces, three years, two certificates, with and without a city."""
    provinces = [a_province(), another_province()]
    cities = [a_city(), a_city(code="320200", region="无锡市"), None]
    schools = [a_school(province=provinces[0], city=city) for city in cities] + [a_school(province=provinces[1])]
    plans = {
        (province.pk, year, batch): a_plan(province=province, year=year, batch=batch, requires_city_approval=batch == 2)
        for province in provinces
        for year in (2024, 2025, 2026)
        for batch in (1, 2)
    }
    levels = [a_level(level, a_certificate(code, f"证书{code}")) for code in ("101", "102") for level in (1, 2, 3)]
    free = [(plan, school, level) for plan in plans.values() for school in schools for level in levels
            if plan.province_id == school.province_id]  # fmt: skip
    for plan, school, level in random.sample(free, count):
        state = random.choice(list(S))
        requested = random.randint(1, 500)
        approved = random.randint(1, requested) if state in GRANTED else None
        submitted_at = None if state == S.DRAFT else NOON - timedelta(minutes=random.randint(1, 90_000))
        decided_at = None
        if submitted_at and state in (S.APPROVED, S.EXPIRED, S.REJECTED, S.RETURNED):
            decided_at = submitted_at + timedelta(seconds=random.randint(0, 4_000_000))
        if state == S.PROVINCE_REVIEW and submitted_at and random.random() < 0.5:
            decided_at = submitted_at - DAY  # it was returned once and handed in again
        row = PilotApplication.objects.create(
            state=state, plan=plan, school=school, level=level, requested_count=requested, approved_count=approved,
            used_count=random.randint(0, approved) if approved else 0, submitted_at=submitted_at, decided_at=decided_at,
        )  # fmt: skip
        at = submitted_at or NOON
        for to_state in random.choices([*map(str, S), ""], k=random.randint(0, 6)):
            at += timedelta(seconds=random.randint(1, 900_000))
            Trace.objects.create(subject_type="pilots.pilotapplication", subject_id=row.pk, verb="x", to_state=to_state,
                                 actor_label="x", hat="x", at=at)  # fmt: skip


def overseers() -> dict[str, Actor]:
    operator = ensure_operator("平台")
    return {
        "province": an_actor(Role.PROVINCE, a_province()),
        "city": an_actor(Role.CITY, a_city()),
        "organisation": an_actor(Role.ORG, an_evaluation_org()),
        "operator": an_actor(Role.OPERATOR, operator),
        "auditor": an_actor(Role.AUDITOR, operator),
    }


def seen_by_hand(who: str) -> list[PilotApplication]:
    rows = PilotApplication.objects.select_related("plan__province", "school__city", "level__certificate__issuer")
    may = {
        "province": lambda row: row.submitted_at and row.plan.province == a_province(),
        "city": lambda row: row.submitted_at and row.school.city == a_city() and row.plan.requires_city_approval,
        "organisation": lambda row: row.state in GRANTED and row.level.certificate.issuer == an_evaluation_org(),
    }.get(who, lambda row: row.submitted_at)
    return [row for row in rows if may(row)]


NAMES: dict[str, Any] = {
    "year": lambda row: row.plan.year,
    "province": lambda row: row.plan.province.region_name,
    "city": lambda row: row.school.city.region_name if row.school.city else None,
    "school": lambda row: row.school.name,
    "certificate": lambda row: row.level.certificate.name,
    "level": lambda row: row.level.level,
}


def added_up(rows: list[PilotApplication], name: str) -> dict[Any, tuple[int, int, int, int]]:
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        if row.state in FILED:
            figures = (1, row.requested_count, row.approved_count or 0, row.used_count)
            sums[NAMES[name](row)] = [a + b for a, b in zip(sums[NAMES[name](row)], figures, strict=True)]
    return {key: tuple(value) for key, value in sums.items()}  # type: ignore[misc]


def ranked(values: list[timedelta]) -> tuple[int, timedelta, timedelta]:
    values = sorted(values)
    n = len(values)
    return n, values[math.ceil(n / 2) - 1], values[math.ceil(n * 9 / 10) - 1]


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_is_what_counting_the_same_rows_by_hand_gives(seed: int) -> None:
    a_country(Random(seed), 90)
    for who, actor in overseers().items():
        mine = seen_by_hand(who)
        rows = queries.applications_overseen_by(actor)
        assert set(rows) == set(mine) == set(queries.applications_seen_by(actor))
        for year in ("", "2025"):
            assert_overview(rows, mine, year)
        assert_times(rows, mine)


def assert_overview(rows: Any, mine: list[PilotApplication], year: str) -> None:
    """The page of charts, its tables and their sums, of one year or of all; the bars by year are of all."""
    of_year = [row for row in mine if not year or str(row.plan.year) == year]
    chosen = queries.applications_chosen(rows, {"year": year} if year else {})
    overview = queries.overview_of(rows, list(NAMES), 1_000, year)
    assert overview.states == queries.counts_in_states(chosen) == Counter(row.state for row in of_year)
    for name in NAMES:
        lines = queries.places_by(rows if name == "year" else chosen, name)
        expected = added_up(mine if name == "year" else of_year, name)
        found = {one.name: (one.applications, one.requested, one.approved, one.used) for one in lines}
        assert (found, len(lines), overview.groups[name]) == (expected, len(expected), len(expected))
        assert overview.bars[name] == lines  # in this order, too
    few = queries.overview_of(rows, list(NAMES), 2, year)
    assert few.bars == {name: bars if name in ("year", "level") else bars[:2] for name, bars in overview.bars.items()}
    assert (few.places, few.states, few.groups) == (overview.places, overview.states, overview.groups)
    filed = [row for row in of_year if row.state in FILED]
    assert (overview.places.applications, overview.places.requested) == (
        len(filed),
        sum(row.requested_count for row in filed),
    )


def assert_times(rows: Any, mine: list[PilotApplication]) -> None:
    by: dict[str, dict[Any, list[timedelta]]] = {"batch": defaultdict(list), "month": defaultdict(list)}
    steps: dict[str, list[timedelta]] = defaultdict(list)
    for row in mine:
        if row.state in (*GRANTED, S.REJECTED):
            assert row.decided_at is not None
            assert row.submitted_at is not None
            by["batch"][row.plan.year, row.plan.batch].append(row.decided_at - row.submitted_at)
            by["month"][f"{row.decided_at.astimezone(BEIJING):%Y-%m}"].append(row.decided_at - row.submitted_at)
        traces = list(Trace.objects.filter(subject_id=row.pk).exclude(to_state="").order_by("at", "id"))
        for came, went in pairwise(traces):
            steps[came.to_state].append(went.at - came.at)
    found = {one.group: (one.count, one.median, one.p90) for one in queries.times_by(rows, "batch")}
    assert found == {group: ranked(took) for group, took in by["batch"].items()}
    months = {f"{one.group[0]:%Y-%m}": (one.count, one.median, one.p90) for one in queries.times_by(rows, "month")}
    assert months == {group: ranked(took) for group, took in by["month"].items()}
    stays = {one.group: (one.count, one.median, one.p90) for one in queries.times_by_step(rows)}
    assert stays == {step: ranked(steps[step]) for step in ("city_review", "province_review") if steps[step]}


def test_every_filter_leaves_exactly_the_applications_it_names() -> None:
    a_country(Random(9), 60)
    rows = queries.applications_overseen_by(overseers()["operator"])
    mine = seen_by_hand("operator")
    keys = {**NAMES, "batch": lambda row: row.plan.batch, "state": lambda row: row.state}
    del keys["school"]
    choices = queries.choices_in(rows, list(keys))
    for name, key in keys.items():
        words = {key(row) for row in mine} - {None}
        assert [word for _, word in choices[name]] == sorted(words)
        for value, word in choices[name]:
            assert set(queries.applications_chosen(rows, {name: value})) == {row for row in mine if key(row) == word}
    assert queries.choices_in(rows, []) == {}


def test_the_steps_of_a_real_application_are_told_by_its_traces() -> None:
    plan, city = a_plan(requires_city_approval=True, closes_at=NOON + 90 * DAY), an_actor(Role.CITY, a_city())
    province, officer = a_province_officer(), a_school_officer()
    row = a_filed_application(plan, officer)
    services.move_application(row, "return", by=city, at=NOON + 2 * DAY, note="请补充场地照片")
    services.move_application(row, "submit", by=officer, at=NOON + 10 * DAY)
    services.move_application(row, "pass", by=city, at=NOON + 14 * DAY)
    services.move_application(row, "approve", by=province, at=NOON + 15 * DAY, approved_count=80)
    rows = queries.applications_overseen_by(province)
    stays = {one.group: (one.count, one.median, one.p90) for one in queries.times_by_step(rows)}
    assert stays == {"city_review": (2, 2 * DAY, 4 * DAY), "province_review": (1, DAY, DAY)}
    # The eight days at the school are nobody's review.
    [batch] = queries.times_by(rows, "batch")
    assert (batch.group, batch.count, batch.median) == ((2026, 1), 1, 5 * DAY)


def test_what_was_withdrawn_or_never_filed_asks_for_no_places() -> None:
    plan, leaver = a_plan(), a_school_officer()
    an_approved_application(60, plan=plan)
    a_draft(plan)
    services.move_application(a_filed_application(plan, leaver), "withdraw", by=leaver, at=NOON)
    rows = queries.applications_overseen_by(a_province_officer())
    overview = queries.overview_of(rows, ["school"], 20)
    assert overview.places == queries.Places("", 1, 80, 60, 0)
    assert overview.states == {"approved": 1, "withdrawn": 1}


def test_schools_of_one_name_are_two_bars_and_the_most_come_first() -> None:
    plan = a_plan()
    for count in (10, 30):
        a_filed_application(plan, a_school_officer(a_school("同名学院")), requested_count=count)
    a_filed_application(plan, a_school_officer(a_school("另一学院")), requested_count=20)
    rows = queries.applications_overseen_by(a_province_officer())
    assert [(one.name, one.requested) for one in queries.places_by(rows, "school")] == [
        ("同名学院", 30), ("另一学院", 20), ("同名学院", 10)
    ]  # fmt: skip
    overview = queries.overview_of(rows, ["school"], 2)
    assert [one.requested for one in overview.bars["school"]] == [30, 20]
    assert overview.groups == {"school": 3}


def test_used_places_are_those_of_the_ledger() -> None:
    row = an_approved_application(60)
    services.take_places(row, 7, subject=School.objects.get(pk=row.school_id), by=SYSTEM, at=NOON)
    [line] = queries.places_by(queries.applications_overseen_by(a_province_officer()), "level")
    assert (line.name, line.requested, line.approved, line.used) == (1, 80, 60, 7)


def test_without_applications_every_figure_is_nothing() -> None:
    rows = queries.applications_overseen_by(a_province_officer())
    overview = queries.overview_of(rows, ["year", "city"], 20)
    assert overview == queries.Overview(bars={"year": [], "city": []}, groups={"year": 0, "city": 0})
    assert queries.choices_in(rows, ["year", "city"]) == {"year": [], "city": []}
    assert queries.times_by_step(rows) == queries.times_by(rows, "month") == queries.places_by(rows, "school") == []
    school = a_school_officer()
    an_approved_application(60)
    assert not queries.applications_overseen_by(school).exists()
