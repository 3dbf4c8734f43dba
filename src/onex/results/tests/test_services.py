"""Totals, decisions, publicity and release."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, signed_in_as
from onex.common.actors import Role
from onex.common.text import Refused, Say
from onex.marking.models import Script
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.registration.models import ExamPlanLevel
from onex.results import queries, services
from onex.results.models import Result
from onex.results.tests.factories import a_computed_release, a_marked_level, a_released
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def test_both_parts_at_sixty_pass_and_one_below_fails_with_its_reason() -> None:
    level = a_marked_level(3)
    marks = [("60.0", "60.0"), ("59.0", "100.0"), ("100.0", "59.9")]
    entries = sorted({script.entry_id for script in Script.objects.all()}, key=str)
    for entry, (theory, practical) in zip(entries, marks, strict=True):
        Script.objects.filter(entry=entry, part="theory").update(points=Decimal(theory))
        Script.objects.filter(entry=entry, part="practical").update(points=Decimal(practical))
    services.compute(level, by=an_org_officer(), at=AFTER)
    found = [Result.objects.get(entry=entry) for entry in entries]
    assert [result.passed for result in found] == [True, False, False]
    assert "理论考核 59.0 分，未达到 60 分" in str(Say.from_json(found[1].reasons[0]))
    assert "实训考核 59.9 分，未达到 60 分" in str(Say.from_json(found[2].reasons[0]))


def test_who_was_absent_has_no_marks_and_does_not_pass() -> None:
    release = a_computed_release(2, absent=1)
    absent = release.results.get(theory=None)
    assert absent.practical is None
    assert not absent.passed
    assert release.results.filter(passed=True).count() == 1


def test_nothing_is_computed_while_a_session_is_open() -> None:
    session = a_sat_session(1)
    level = ExamPlanLevel.objects.get(pk=session.plan_level_id)
    with pytest.raises(Refused, match="未收卷"):
        services.compute(level, by=an_org_officer(), at=AFTER)
    assert not Result.objects.exists()


def test_release_waits_for_the_end_of_publicity() -> None:
    release = services.publicise(a_computed_release(1), by=an_org_officer(), at=AFTER)
    assert release.ends_at is not None
    with pytest.raises(Refused, match="之后才能发布"):
        services.release(release, by=an_org_officer(), at=release.ends_at - timedelta(seconds=1))
    assert services.release(release, by=an_org_officer(), at=release.ends_at).state == "released"
    assert ExamPlanLevel.objects.get(pk=release.plan_level_id).state == "finished"


def test_public_results_are_not_computed_again() -> None:
    release = services.publicise(a_computed_release(1), by=an_org_officer(), at=AFTER)
    with pytest.raises(Refused, match="成绩复核"):
        services.compute(release.plan_level, by=an_org_officer(), at=AFTER)


def test_a_school_sees_its_own_results_once_they_are_public() -> None:
    release = a_computed_release(1)
    school = release.results.get().entry.student.school
    officer, stranger = an_actor(Role.SCHOOL, school), an_actor(Role.SCHOOL, a_school())
    assert not queries.results_seen_by(officer).exists()
    services.publicise(release, by=an_org_officer(), at=AFTER)
    assert queries.results_seen_by(officer).count() == 1
    assert not queries.results_seen_by(stranger).exists()


def test_another_organisation_neither_computes_nor_releases() -> None:
    level = a_marked_level(1)
    other = an_org_officer(an_evaluation_org("A12345678"))
    with pytest.raises(Refused, match="无权办理"):
        services.compute(level, by=other, at=AFTER)
    release = services.compute(level, by=an_org_officer(), at=AFTER)
    with pytest.raises(Refused, match="无权办理"):
        services.publicise(release, by=other, at=AFTER)


def test_the_list_costs_the_same_however_long(django_assert_max_num_queries) -> None:
    release = a_released(6)
    officer = an_actor(Role.SCHOOL, release.results.first().entry.student.school)
    with django_assert_max_num_queries(1):
        rows = list(queries.results_seen_by(officer))
        assert [row.entry.student.school.name for row in rows]
        assert [row.entry.seat.ticket_no for row in rows]


def test_the_pages_of_a_release_open(client) -> None:
    release = a_released(2)
    signed_in_as(client, an_org_officer())
    for address in ("/results/", "/results/releases/", f"/results/releases/{release.pk}/", "/results/export.xlsx"):
        assert client.get(address).status_code == 200, address
    answer = client.post(f"/results/releases/{release.pk}/move/release/")
    assert answer.status_code == 409
    assert "页面可能已过期" in answer.content.decode()
