"""A sitting is put off after seats were arranged: old tickets are nothing any more, and the page says so before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from onex.accounts import middleware
from onex.accounts.tests import factories as people
from onex.accounts.tests.factories import an_actor, signed_in_as
from onex.common.actors import Role
from onex.common.models import Trace
from onex.common.text import Refused
from onex.notices.models import Sending
from onex.pilots.tests.factories import DAY
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel
from onex.registration.rules.plans import Window
from onex.registration.rules.rescheduling import NewTimes
from onex.sittings import queries, services
from onex.sittings.forms import MINUTE
from onex.sittings.models import ExamSession, Seat
from onex.sittings.tests.factories import (
    LATER,
    a_closed_level,
    a_published_session,
    a_staffed_session,
    an_arranged_session,
)
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and sign-ins live in the present."""
    monkeypatch.setattr(middleware, "now", lambda: LATER)
    monkeypatch.setattr(people, "now", lambda: LATER)


def a_week_later(plan: ExamPlan) -> NewTimes:
    slots = tuple(Window(s.starts_at + 7 * DAY, s.ends_at + 7 * DAY) for s in plan.slots.order_by("starts_at"))
    return NewTimes(slots, slots[0].starts_at, "考点停电检修")


def put_off(plan: ExamPlan, **values: Any) -> ExamPlan:
    asked = replace(a_week_later(plan), **values)
    return services.reschedule(plan, asked, by=an_org_officer(plan.organisation), at=LATER)


def a_released_session() -> ExamSession:
    session = a_staffed_session()
    return services.release(session, by=an_org_officer(session.plan_level.plan.organisation), at=LATER)


def test_released_tickets_are_void_and_new_ones_carry_other_numbers() -> None:
    session = a_released_session()
    level, officer = session.plan_level, an_org_officer(session.plan_level.plan.organisation)
    old = set(Seat.objects.values_list("ticket_no", flat=True))
    put_off(level.plan)
    assert not ExamSession.objects.exists()
    assert not Seat.objects.exists()
    void = Trace.objects.get(verb="void", subject_id=session.pk)
    assert (void.note, void.data["seats"], void.data["state"]) == ("考点停电检修", 3, "released")
    assert ExamPlanLevel.objects.get(pk=level.pk).state == "closed"
    assert Entry.objects.filter(state="accepted").count() == 3
    (again,) = services.arrange(level, seed=7, by=officer, at=LATER)
    assert again.slot.starts_at == level.plan.slots.order_by("starts_at")[0].starts_at
    assert old.isdisjoint(again.seats.values_list("ticket_no", flat=True))


def test_schools_are_told_that_tickets_are_void_only_if_some_were_out() -> None:
    put_off(a_released_session().plan_level.plan)
    assert "已发布的准考证作废" in Sending.objects.get(code="registration.rescheduled_school").text


def test_without_tickets_nobody_is_told_of_tickets() -> None:
    put_off(an_arranged_session().plan_level.plan)
    assert "准考证" not in Sending.objects.get(code="registration.rescheduled_school").text


def test_a_session_in_its_room_keeps_the_sitting_where_it_is() -> None:
    session = a_published_session()
    ExamPlanLevel.objects.filter(pk=session.plan_level_id).update(state="ready")  # as with a session still to publish
    with pytest.raises(Refused, match="已有场次下发考场"):
        put_off(session.plan_level.plan)
    assert ExamSession.objects.count() == 1


def test_what_is_refused_leaves_seats_and_tickets() -> None:
    session = a_released_session()
    with pytest.raises(Refused, match="请写明改期原因"):
        put_off(session.plan_level.plan, reason="")
    assert (ExamSession.objects.count(), Seat.objects.count()) == (1, 3)


def test_only_the_organisation_does_it() -> None:
    session = a_released_session()
    plan = session.plan_level.plan
    by = an_actor(Role.SCHOOL, session.site.school)
    with pytest.raises(Refused, match="无权办理"):
        services.reschedule(plan, a_week_later(plan), by=by, at=LATER)
    client = signed_in_as(Client(), by)
    assert client.get(reverse("sittings:plan-reschedule", args=[plan.pk])).status_code == 403


def posted(asked: NewTimes, **more: str) -> dict[str, str]:
    words = {"reason": asked.reason}
    for n, slot in enumerate(asked.slots, start=1):
        words[f"slot-{n}-starts_at"] = f"{localtime(slot.starts_at):{MINUTE}}"
        words[f"slot-{n}-ends_at"] = f"{localtime(slot.ends_at):{MINUTE}}"
    return words | more


def test_the_page_shows_the_effect_before_anything_is_done(client: Client) -> None:
    plan = a_released_session().plan_level.plan
    signed_in_as(client, an_org_officer(plan.organisation))
    url, asked = reverse("sittings:plan-reschedule", args=[plan.pk]), a_week_later(plan)
    first = client.get(url).content.decode()
    assert "已发布的准考证（张）" in first
    assert 'value="confirm"' not in first
    shown = client.post(url, posted(asked, step="check"))
    page = shown.content.decode()
    assert shown.status_code == 200
    assert str(asked.slots[0]) in page
    assert ExamSession.objects.exists()
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None
    done = client.post(url, posted(asked, step="confirm", seen=seen[1]))
    assert done.status_code == 302
    assert not ExamSession.objects.exists()
    told = client.get(done["Location"]).content.decode()
    assert "第 2 版通知" in told
    assert "考点停电检修" in told


def test_times_that_were_not_shown_are_shown_first(client: Client) -> None:
    plan = a_released_session().plan_level.plan
    signed_in_as(client, an_org_officer(plan.organisation))
    url = reverse("sittings:plan-reschedule", args=[plan.pk])
    answer = client.post(url, posted(a_week_later(plan), step="confirm", seen="202601011200"))
    assert answer.status_code == 200
    assert 'value="confirm"' in answer.content.decode()
    assert ExamSession.objects.exists()


def test_what_is_wrong_is_told_and_what_was_typed_stays(client: Client) -> None:
    plan = a_closed_level(2).plan
    signed_in_as(client, an_org_officer(plan.organisation))
    url = reverse("sittings:plan-reschedule", args=[plan.pk])
    asked = a_week_later(plan)
    refused = client.post(url, posted(replace(asked, reason=""), step="check"))
    assert refused.status_code == 409
    assert "请写明改期原因" in refused.content.decode()
    typed = client.post(url, posted(asked, step="check") | {"slot-1-starts_at": "明天下午"})
    assert typed.status_code == 422
    assert "明天下午" in typed.content.decode()


def test_a_sitting_in_its_rooms_asks_for_no_new_times(client: Client) -> None:
    plan = a_released_session().plan_level.plan
    signed_in_as(client, an_org_officer(plan.organisation))
    url = reverse("sittings:plan-reschedule", args=[plan.pk])
    assert 'name="reason"' in client.get(url).content.decode()
    ExamSession.objects.update(state="published")
    page = client.get(url).content.decode()
    assert "已有场次下发考场，不能改期。" in page
    assert 'name="reason"' not in page


def test_the_plan_offers_to_be_put_off_until_it_begins(client: Client) -> None:
    plan = a_closed_level(1).plan
    signed_in_as(client, an_org_officer(plan.organisation))
    page = reverse("registration:plan-detail", args=[plan.pk])
    button = reverse("sittings:plan-reschedule", args=[plan.pk])
    assert button in client.get(page).content.decode()
    ExamPlanLevel.objects.update(state="in_progress")
    assert button not in client.get(page).content.decode()
    assert queries.arranged_for(plan).session_count == 0
