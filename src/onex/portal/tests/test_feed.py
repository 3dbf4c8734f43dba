"""The calendar feed: what is announced and nothing else, answered once until it changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from onex.catalog.models import CertificateLevel
from onex.common.clock import now
from onex.pilots.tests.factories import DAY, NOON, a_level
from onex.portal.doors import FEED
from onex.portal.views.feed import feed_address
from onex.registration import services
from onex.registration.models import ExamPlanLevel, PlanNotice
from onex.registration.rules.ical import moment
from onex.registration.rules.plans import Window
from onex.registration.tests.factories import a_draft_plan, a_plan_level, plan_input
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db
# Pages live in the present: what they shall show is ahead of it.
SOON = now().replace(minute=0, second=0, microsecond=0) + 30 * DAY
SLOTS = tuple(Window(start, start + timedelta(hours=4)) for start in (SOON, SOON + DAY))
STARTS = [moment(slot.starts_at) for slot in SLOTS]


def an_announced() -> ExamPlanLevel:
    return a_plan_level(slots=SLOTS)


def fetched(client: Any, query: str = "", **headers: str) -> Any:
    return client.get(reverse("portal:calendar-feed") + query, headers=headers)


def lines_of(answer: Any) -> list[str]:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return answer.content.decode().replace("\r\n ", "").split("\r\n")


def values_of(answer: Any, name: str) -> list[str]:
    return [line.partition(":")[2] for line in lines_of(answer) if line.startswith(f"{name}:")]


def test_a_sitting_is_in_the_feed_from_its_notice_on(client) -> None:
    plan = a_draft_plan(slots=SLOTS)
    assert "BEGIN:VEVENT" not in lines_of(fetched(client))
    services.move_plan_level(plan.levels.get(), "announce", by=an_org_officer(), at=NOON)
    answer = fetched(client)
    assert len(values_of(answer, "UID")) == 2
    assert values_of(answer, "DTSTART") == STARTS
    assert values_of(answer, "URL")[0].endswith(reverse("portal:news-detail", args=[f"sitting-{plan.pk}"]))


def test_what_is_taken_back_is_cancelled_and_the_next_draft_is_nobodys_news(client) -> None:
    level, officer = an_announced(), an_org_officer()
    uids = values_of(fetched(client), "UID")
    services.move_plan_level(level, "retract", by=officer, at=NOON + DAY)
    secret = Window(SOON + 60 * DAY, SOON + 60 * DAY + timedelta(hours=4))
    services.update_plan(level.plan, plan_input(title="尚未公布", slots=(secret,)), by=officer, at=NOON + DAY)
    answer = fetched(client)
    assert values_of(answer, "UID") == uids
    assert values_of(answer, "STATUS") == ["CANCELLED"] * 2
    assert values_of(answer, "SEQUENCE") == ["3", "3"]
    assert values_of(answer, "DTSTART") == STARTS
    assert "尚未公布" not in answer.content.decode()


def test_announced_again_it_is_the_same_event_in_its_second_edition(client) -> None:
    level, officer = an_announced(), an_org_officer()
    uids = values_of(fetched(client), "UID")
    services.move_plan_level(level, "retract", by=officer, at=NOON)
    services.move_plan_level(level, "announce", by=officer, at=NOON)
    answer = fetched(client)
    assert (values_of(answer, "UID"), values_of(answer, "SEQUENCE")) == (uids, ["4", "4"])
    assert list(PlanNotice.objects.values_list("version", flat=True)) == [1, 2]


def test_a_calendar_may_be_of_one_certificate_and_one_level(client) -> None:
    levels = [a_level(1), a_level(2)]
    plan = a_draft_plan(*levels, slots=SLOTS)
    for row in plan.levels.all():
        services.move_plan_level(row, "announce", by=an_org_officer(), at=NOON)
    code = CertificateLevel.objects.get(pk=levels[0].pk).certificate.code
    assert len(values_of(fetched(client), "UID")) == 4
    assert len(values_of(fetched(client, f"?certificate={code}"), "UID")) == 4
    assert len(values_of(fetched(client, f"?certificate={code}&level=2"), "UID")) == 2
    assert len(values_of(fetched(client, "?level=3"), "UID")) == 0
    for wrong in ("?certificate=000", "?level=4", "?level=x", "?certificate=%00", "?level=1'"):
        assert fetched(client, wrong).status_code == 404, wrong


def test_an_unchanged_calendar_is_not_sent_again(client) -> None:
    level = an_announced()
    first = fetched(client)
    assert "max-age" in first["Cache-Control"]
    again = fetched(client, if_none_match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert fetched(client, if_modified_since=first["Last-Modified"]).status_code == 304
    services.move_plan_level(level, "retract", by=an_org_officer(), at=now() + timedelta(days=400))
    changed = fetched(client, if_none_match=first["ETag"])
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)
    assert fetched(client, if_modified_since=first["Last-Modified"]).status_code == 200


def test_sittings_of_the_year_before_last_are_over_and_dropped(client) -> None:
    an_announced()
    PlanNotice.objects.update(ends_at=SOON - 3 * 366 * DAY)
    assert values_of(fetched(client), "UID") == []


def test_the_feed_costs_the_same_however_many_sittings(client, django_assert_max_num_queries) -> None:
    for _n in range(3):
        an_announced()
    fetched(client)
    with django_assert_max_num_queries(8):
        assert len(values_of(fetched(client), "UID")) == 6


def test_a_program_that_asks_without_end_is_told_to_wait(client) -> None:
    (limit,) = FEED.limits
    for _n in range(limit.most):
        assert fetched(client).status_code == 200
    refused = fetched(client)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_the_address_of_a_feed_says_what_it_holds() -> None:
    assert feed_address().endswith("/calendar/sittings.ics")
    assert feed_address("101", "2").endswith("/calendar/sittings.ics?certificate=101&level=2")
