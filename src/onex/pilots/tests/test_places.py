"""Places are never created, never lost, and never given twice, whoever asks at the same time."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onex.common.actors import SYSTEM
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PlacesMove
from onex.pilots.rules import USING, PlacesKind
from onex.pilots.tests.factories import DAY, NOON, a_filed_application, an_approved_application

pytestmark = pytest.mark.django_db


def used_in_ledger(application: PilotApplication) -> int:
    return application.places_moves.filter(kind__in=USING).aggregate(n=Sum("count"))["n"] or 0


def take(application: PilotApplication, count: int, subject=None) -> PlacesMove:
    return services.take_places(application, count, subject=subject or application.school, by=SYSTEM, at=NOON)


def release(application: PilotApplication, count: int, subject=None) -> PlacesMove:
    return services.release_places(application, count, subject=subject or application.school, by=SYSTEM, at=NOON)


def test_places_taken_are_counted_and_written_into_the_ledger() -> None:
    application = an_approved_application(80)
    take(application, 30)
    application.refresh_from_db()
    assert (application.used_count, application.left_count) == (30, 50)
    line = queries.places_of(application).get(kind=PlacesKind.TAKE)
    assert (line.count, line.subject_type, line.subject_id) == (30, "accounts.school", application.school.pk)


def test_too_few_places_are_refused_with_the_figures_and_nothing_is_taken() -> None:
    application = an_approved_application(80)
    take(application, 75)
    with pytest.raises(Refused, match="批准 80 个，已用 75 个，剩余 5 个，本次需要 6 个"):
        take(application, 6)
    application.refresh_from_db()
    assert application.used_count == 75


def test_an_application_that_is_not_approved_has_no_places() -> None:
    with pytest.raises(Refused, match="尚未审核通过"):
        take(a_filed_application(), 1)


def test_places_lapse_with_the_year_of_the_plan() -> None:
    application = an_approved_application()
    with pytest.raises(Refused, match="2026 年度的培训名额已随年度结束失效"):
        services.take_places(application, 1, subject=application.school, by=SYSTEM, at=NOON + 60 * DAY)


@pytest.mark.parametrize("count", [0, -1])
def test_no_places_or_fewer_are_neither_taken_nor_given_back(count: int) -> None:
    application = an_approved_application()
    take(application, 10)
    for act in (take, release):
        with pytest.raises(Refused, match="至少为 1"):
            act(application, count)


def test_nobody_gives_back_more_than_they_hold() -> None:
    application = an_approved_application(80)
    take(application, 10)
    take(application, 20, subject=application.plan)
    with pytest.raises(Refused, match="只占用了 10 个名额，不能释放 11 个"):
        release(application, 11)
    release(application, 10)
    application.refresh_from_db()
    assert application.used_count == 20


def test_the_database_itself_refuses_more_places_than_were_approved() -> None:
    application = an_approved_application(80)
    for count in (81, -1):
        with pytest.raises(DatabaseError), transaction.atomic():
            PilotApplication.objects.filter(pk=application.pk).update(used_count=count)
    application.refresh_from_db()
    assert application.used_count == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["take", "release"]), st.integers(0, 2), st.integers(-1, 45))))
def test_whatever_is_taken_and_given_back_the_ledger_and_the_counter_agree(steps, db) -> None:
    with transaction.atomic():
        application = an_approved_application(100)
        subjects = [application.school, application.plan, application.level]
        held = [0, 0, 0]
        for what, who, count in steps:
            try:
                (take if what == "take" else release)(application, count, subject=subjects[who])
            except Refused:
                fits = count >= 1 and (sum(held) + count <= 100 if what == "take" else count <= held[who])
                assert not fits
                continue
            held[who] += count if what == "take" else -count
            assert held[who] >= 0
        application.refresh_from_db()
        assert application.used_count == used_in_ledger(application) == sum(held)
        assert 0 <= application.used_count <= application.approved_count
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_exactly_the_hundred_places_there_are() -> None:
    application = an_approved_application(100)

    def keep_taking() -> int:
        got = 0
        for _ in range(20):
            with suppress(Refused):
                take(application, 1)
                got += 1
        return got

    got, _ = told_apart(at_once(*[keep_taking] * 8))
    application.refresh_from_db()
    assert sum(got) == 100
    assert application.used_count == 100
    assert application.places_moves.filter(kind=PlacesKind.TAKE).count() == 100


@pytest.mark.django_db(transaction=True)
def test_abuse_20_forty_at_once_who_ask_for_one_to_five_get_exactly_the_hundred_places() -> None:
    application = an_approved_application(100)

    def keep_taking(most: int) -> int:
        got, asked = 0, most
        while asked:
            try:
                take(application, asked)
                got += asked
            except Refused:
                asked -= 1  # fewer may still be left
        return got

    got, _ = told_apart(at_once(*(partial(keep_taking, 1 + n % 5) for n in range(40))))
    application.refresh_from_db()
    assert sum(got) == application.used_count == used_in_ledger(application) == 100
    assert application.left_count == 0


@pytest.mark.django_db(transaction=True)
def test_takers_and_givers_at_once_keep_the_ledger_and_the_counter_equal() -> None:
    application = an_approved_application(40)

    def take_and_give_back(n: int) -> None:
        for round_ in range(10):
            with suppress(Refused):
                (take if (n + round_) % 2 == 0 else release)(application, 1 + n % 3)

    assert at_once(*(partial(take_and_give_back, n) for n in range(8))) == [None] * 8
    application.refresh_from_db()
    assert application.used_count == used_in_ledger(application)
    assert 0 <= application.used_count <= 40
