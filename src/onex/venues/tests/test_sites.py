"""A site from year to year: who is told what, what is traced, what is refused in which words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from onex.accounts.tests.factories import an_actor, an_evaluation_org
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.models import Trace
from onex.common.queries import timeline_of
from onex.common.text import Refused
from onex.notices.models import Notice, Sending
from onex.pilots.tests.factories import NOON
from onex.venues import queries, services
from onex.venues.models import ExamSite
from onex.venues.rules import SITE_FLOW, Standing, StandingFacts, a_year_after, confirmed_until, is_due, is_over
from onex.venues.tests.factories import a_filed_site_application, a_site, a_site_draft, an_org_officer, approved

LAST = date(2027, 11, 24)  # of a site that was approved at NOON
DAY = timedelta(days=1)


def on(day: date) -> datetime:
    """Noon in Beijing of this day."""
    return NOON + (day - NOON.date())


def told(code: str) -> list[str]:
    return [sending.text for sending in Sending.objects.filter(code=code)]


# --- rules


def test_a_year_later_is_the_same_day_but_for_the_leap_day() -> None:
    assert a_year_after(date(2026, 11, 24)) == LAST
    assert a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)


@pytest.mark.parametrize(
    ("today", "due", "over", "until"),
    [
        (LAST - 61 * DAY, False, False, a_year_after(LAST)),
        (LAST - 60 * DAY, True, False, a_year_after(LAST)),
        (LAST, True, False, a_year_after(LAST)),
        (LAST + DAY, True, True, a_year_after(LAST + DAY)),
    ],
)
def test_confirming_early_loses_nothing_and_late_wins_nothing(today: date, due: bool, over: bool, until: date) -> None:
    facts = StandingFacts(LAST, today)
    assert (is_due(facts), is_over(facts), confirmed_until(facts)) == (due, over, until)


# --- what happens


pytestmark = pytest.mark.django_db


def test_a_new_site_has_a_year() -> None:
    site = a_site()
    assert (site.state, site.valid_until, site.is_active) == (Standing.ACTIVE, LAST, True)


def test_a_site_is_suspended_and_restored_with_a_reason_and_its_school_is_told() -> None:
    site, officer = a_site(), an_org_officer()
    with pytest.raises(Refused, match="请写明理由"):
        services.move_site(site, "suspend", by=officer, at=NOON, note=" ")
    assert not services.move_site(site, "suspend", by=officer, at=NOON, note="机房改造").is_active
    with pytest.raises(Refused, match="当前状态为“已停用”"):
        services.move_site(site, "suspend", by=officer, at=NOON, note="机房改造")
    assert services.move_site(site, "restore", by=officer, at=NOON, note="改造完成").is_active
    assert [(t.verb, t.from_state, t.to_state) for t in timeline_of(site)] == [
        ("open", "", ""),
        ("suspend", "active", "suspended"),
        ("restore", "suspended", "active"),
    ]
    (text,) = told("venues.site_suspended")
    assert site.name in text
    assert "机房改造" in text
    assert len(told("venues.site_restored")) == 1


def test_a_confirmation_comes_in_the_last_days_and_gives_another_year() -> None:
    site, officer = a_site(), an_org_officer()
    with pytest.raises(Refused, match="有效期至 2027-11-24，到期前 60 天起"):
        services.move_site(site, "confirm", by=officer, at=NOON)
    confirmed = services.move_site(site, "confirm", by=officer, at=on(LAST - 10 * DAY))
    assert (confirmed.state, confirmed.valid_until) == (Standing.ACTIVE, date(2028, 11, 24))
    assert timeline_of(site).get(verb="confirm").data == {"valid_until": "2028-11-24"}
    assert "2028年11月24日" in told("venues.site_confirmed")[0]
    with pytest.raises(Refused):
        services.move_site(site, "confirm", by=officer, at=on(LAST - 9 * DAY))


def test_a_site_that_nobody_confirmed_is_over_after_its_last_day_and_may_be_confirmed_late() -> None:
    site, other = a_site(), a_site()
    ExamSite.objects.filter(pk=other.pk).update(valid_until=LAST + 30 * DAY)
    assert services.expire_sites(at=on(LAST)).done == 0
    assert services.expire_sites(at=on(LAST + DAY)).done == 1
    assert services.expire_sites(at=on(LAST + DAY)).done == 0
    site.refresh_from_db()
    other.refresh_from_db()
    assert (site.state, other.state) == (Standing.EXPIRED, Standing.ACTIVE)
    level = site.levels.get()
    assert queries.site_for(site.school, level) is None
    assert list(queries.sites_near(site.school, level)) == [other]
    assert len(told("venues.site_expired")) == 1
    again = services.move_site(site, "confirm", by=an_org_officer(), at=on(LAST + 5 * DAY))
    assert (again.state, again.valid_until) == (Standing.ACTIVE, date(2028, 11, 29))


def test_nobody_lets_a_site_expire_by_hand_nor_the_clock_before_its_day() -> None:
    site = a_site()
    with pytest.raises(Refused, match="无权办理"):
        services.move_site(site, "expire", by=an_org_officer(), at=on(LAST + DAY))
    with pytest.raises(Refused, match="还在有效期内"):
        services.move_site(site, "expire", by=SYSTEM, at=on(LAST))


def test_a_confirmation_does_not_lift_a_suspension_and_a_restoration_no_lapse() -> None:
    site, officer = a_site(), an_org_officer()
    services.move_site(site, "suspend", by=officer, at=NOON, note="整改")
    late = on(LAST + DAY)
    assert services.expire_sites(at=late).done == 0
    with pytest.raises(Refused, match="有效期已于 2027-11-24 结束"):
        services.move_site(site, "restore", by=officer, at=late, note="整改完成")
    assert services.move_site(site, "confirm", by=officer, at=late).state == Standing.SUSPENDED
    assert services.move_site(site, "restore", by=officer, at=late, note="整改完成").state == Standing.ACTIVE


def test_both_sides_are_reminded_of_the_last_day_once_a_year() -> None:
    site = a_site()
    reader = an_actor(Role.SCHOOL, site.school)
    officer = an_org_officer()
    assert services.remind_of_sites(at=on(LAST - 61 * DAY)).done == 0
    assert services.remind_of_sites(at=on(LAST - 60 * DAY)).done == 1
    assert services.remind_of_sites(at=on(LAST - 59 * DAY)).done == 0
    readers = set(Notice.objects.filter(sending__code="venues.site_due").values_list("user_id", flat=True))
    assert {reader.user_id, officer.user_id} <= readers
    services.move_site(site, "confirm", by=officer, at=on(LAST))
    assert services.remind_of_sites(at=on(a_year_after(LAST) - 60 * DAY)).done == 1
    assert timeline_of(site).filter(verb="remind_due").count() == 2


def test_a_school_whose_site_was_revoked_may_become_one_again() -> None:
    site, officer = a_site(), an_org_officer()
    with pytest.raises(Refused, match="不用重复申请"):
        a_site_draft(site.school)
    services.move_site(site, "revoke", by=officer, at=NOON, note="屡次违反考务纪律")
    again = approved(a_filed_site_application(site.school))
    assert again.site.state == Standing.ACTIVE
    assert ExamSite.objects.filter(school=site.school).count() == 2


def test_an_expired_site_is_still_one_and_need_not_apply_again() -> None:
    site = a_site()
    services.expire_sites(at=on(LAST + DAY))
    with pytest.raises(Refused, match="不用重复申请"):
        a_site_draft(site.school)


def test_a_refused_move_tells_nobody() -> None:
    site = a_site()
    before = (Sending.objects.count(), Trace.objects.count())
    for by in (an_actor(Role.SCHOOL, site.school), an_org_officer(an_evaluation_org("999999998"))):
        for move in ("suspend", "restore", "confirm", "revoke"):
            with pytest.raises(Refused):
                services.move_site(site, move, by=by, at=on(LAST), note="理由")
    assert (Sending.objects.count(), Trace.objects.count()) == before


def test_the_application_is_told_to_whoever_has_to_act_next() -> None:
    officer = an_org_officer()
    application = a_filed_site_application()
    waiting = Notice.objects.filter(sending__code="venues.application_submitted")
    assert list(waiting.values_list("user_id", flat=True)) == [officer.user_id]
    services.move_application(application, "return", by=officer, at=NOON, note="未盖学校公章")
    (text,) = told("venues.application_returned")
    assert "未盖学校公章" in text


def test_approval_tells_the_school_until_when() -> None:
    a_site()
    assert "2027年11月24日" in told("venues.application_approved")[0]


def test_every_move_from_every_standing_is_in_the_table_or_refused() -> None:
    officer: Actor = an_org_officer()
    site = a_site()
    for state in Standing:
        for step in SITE_FLOW.moves:
            ExamSite.objects.filter(pk=site.pk).update(state=state, valid_until=LAST)
            site.refresh_from_db()
            by = SYSTEM if step.permit == "venues.site_expire" else officer
            at = on(LAST + DAY) if step.name == "expire" else on(LAST)
            given: Any = {"by": by, "at": at, "note": "理由"}
            targets = {one.target for one in SITE_FLOW.moves if one.name == step.name and state in one.sources}
            if targets:
                assert services.move_site(site, step.name, **given).state in targets
            else:
                with pytest.raises(Refused):
                    services.move_site(site, step.name, **given)
