"""Places lapse with their year: by the clock at once, by a traced move when the sweep comes."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from onex.accounts.tests.factories import signed_in_as
from onex.common.actors import SYSTEM
from onex.common.queries import timeline_of
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication
from onex.pilots.rules import ApplicationState, PlacesKind
from onex.pilots.services import expiring
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    an_approved_application,
)

pytestmark = pytest.mark.django_db
NEXT_YEAR = NOON + 60 * DAY


def lapsed(row: PilotApplication) -> list[int]:
    return list(row.places_moves.filter(kind=PlacesKind.LAPSE).values_list("count", flat=True))


def take(row: PilotApplication, count: int):
    return services.take_places(row, count, subject=row.school, by=SYSTEM, at=NOON)


def test_what_is_left_lapses_with_a_trace_and_a_line_and_twice_is_once() -> None:
    row = an_approved_application(80)
    take(row, 30)
    filed = a_filed_application(a_plan(batch=2))
    assert services.expire_places(at=NEXT_YEAR).done == 1
    assert services.expire_places(at=NEXT_YEAR).done == 0
    row.refresh_from_db()
    filed.refresh_from_db()
    assert (row.state, row.approved_count, row.used_count) == (ApplicationState.EXPIRED, 80, 30)
    assert filed.state == ApplicationState.PROVINCE_REVIEW
    assert lapsed(row) == [-50]
    trace = timeline_of(row).last()
    assert (trace.verb, trace.hat, trace.to_state) == ("expire", "system", "expired")


def test_nothing_lapses_before_the_last_midnight_of_its_year() -> None:
    an_approved_application(80)
    last = NOON.replace(month=12, day=31, hour=15, minute=59)  # 23:59 in Beijing
    assert services.expire_places(at=last).done == 0
    assert services.expire_places(at=last.replace(hour=16, minute=0)).done == 1


def test_an_application_used_up_lapses_without_a_line() -> None:
    row = an_approved_application(80)
    take(row, 80)
    services.expire_places(at=NEXT_YEAR)
    assert lapsed(row) == []


def test_the_sweep_goes_on_where_a_round_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "BATCH", 2)
    plan = a_plan()
    for n in (1, 2, 3):
        an_approved_application(80, plan=plan, level=a_level(n))
    assert [services.expire_places(at=NEXT_YEAR).done for _ in range(3)] == [2, 1, 0]


def test_nobody_but_the_system_lets_places_lapse() -> None:
    row = an_approved_application(80)
    with pytest.raises(Refused, match="无权办理"):
        services.move_application(row, "expire", by=a_province_officer(row.plan), at=NEXT_YEAR)
    with pytest.raises(Refused, match="2026 年度尚未结束，名额不能失效"):
        services.move_application(row, "expire", by=SYSTEM, at=NOON)


def test_no_place_is_taken_after_the_year_before_the_sweep_and_after_it() -> None:
    row = an_approved_application(80)
    for _ in range(2):
        with pytest.raises(Refused, match="已随年度结束失效"):
            services.take_places(row, 1, subject=row.school, by=SYSTEM, at=NEXT_YEAR)
        services.expire_places(at=NEXT_YEAR)
        row.refresh_from_db()


def test_a_place_given_back_after_the_year_is_released_and_lapses_at_once() -> None:
    row = an_approved_application(80)
    take(row, 30)
    services.expire_places(at=NEXT_YEAR)
    services.release_places(row, 4, subject=row.school, by=SYSTEM, at=NEXT_YEAR, reason="取消报名")
    row.refresh_from_db()
    assert (row.used_count, row.left_count) == (26, 54)
    assert sum(lapsed(row)) == -54
    (shown,) = queries.ledger_seen_by(a_province_officer(row.plan), NEXT_YEAR)
    assert (shown.left, shown.lapsed) == (0, 54)


def test_the_past_years_approval_is_nobodys_offer_and_stays_on_the_record() -> None:
    row = an_approved_application(80)
    services.expire_places(at=NEXT_YEAR)
    assert queries.approved_application(row.school, row.level, 2026) is None
    assert not queries.approved_levels(row.school, 2027).exists()
    assert queries.applications_seen_by(a_province_officer(row.plan)).get(pk=row.pk).approved_count == 80


def test_the_record_of_an_expired_application_shows_what_lapsed(client) -> None:
    row = an_approved_application(80)
    take(row, 30)
    services.expire_places(at=NEXT_YEAR)
    officer = a_province_officer(row.plan)
    page = signed_in_as(client, officer).get(reverse("pilots:application-detail", args=[row.pk])).content.decode()
    assert re.search(r"到期失效.{0,200}>50<", page, re.S)
