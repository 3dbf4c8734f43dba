"""The pages of results by plain forms: filters, exports, stale screens, and what they cost."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
import python_calamine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, signed_in_as
from onex.common.actors import Role
from onex.marking.models import Script
from onex.marking.tests.factories import AFTER
from onex.results import services
from onex.results.models import Result, ResultRelease
from onex.results.tests.factories import a_computed_release, a_marked_level, a_released
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def the_officer(client: Client) -> Client:
    signed_in_as(client, an_org_officer())
    return client


def at(name: str, release: ResultRelease, *more: str) -> str:
    return reverse(f"results:{name}", args=[release.pk, *more])


def sheet(content: bytes) -> list[list[Any]]:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def a_mixed_release() -> ResultRelease:
    """One passed, one failed in theory, one absent."""
    level = a_marked_level(3, absent=1)
    sat = Script.objects.filter(part="theory", opened_at__isnull=False).order_by("pk")
    Script.objects.filter(pk=sat[0].pk).update(points=Decimal("59.0"))
    return services.compute(level, by=an_org_officer(), at=AFTER)


def test_a_release_shows_its_figures_its_decisions_and_the_reasons(client: Client) -> None:
    release = a_mixed_release()
    page = the_officer(client).get(at("release-detail", release)).content.decode()
    figures = re.findall(r'ox-figure-label">([^<]+)</span><span class="ox-figure-value[^"]*">([^<]+)', page)
    assert dict(figures) == {"应考": "3", "实考": "2", "合格": "1", "合格率": "50.0%"}
    assert "理论考核 59.0 分，未达到 60 分" in page
    assert "chart-spread" in page


@pytest.mark.parametrize(("decision", "count"), [("", 3), ("passed", 1), ("failed", 1), ("absent", 1), ("nonsense", 3)])
def test_results_are_narrowed_by_their_decision(client: Client, decision: str, count: int) -> None:
    release = a_mixed_release()
    the_officer(client)
    for address, export in (
        (at("release-detail", release), at("release-export", release)),
        (reverse("results:result-list"), reverse("results:result-export")),
    ):
        page = client.get(address, {"decision": decision}).content.decode()
        assert f"共 {count} 条" in page
        assert len(sheet(client.get(export, {"decision": decision}).content)) == count + 1


def test_an_absent_candidate_has_empty_marks_in_the_file_and_a_decision(client: Client) -> None:
    a_mixed_release()
    rows = sheet(the_officer(client).get(reverse("results:result-export"), {"decision": "absent"}).content)
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["理论考核成绩"], line["实训考核成绩"], line["结论"]) == ("", "", "不合格")


def test_the_list_is_searched_by_parts_of_names_and_by_the_sitting(client: Client) -> None:
    release = a_mixed_release()
    the_officer(client)
    result = release.results.select_related("entry__seat", "entry__student__school").first()
    assert result is not None
    address = reverse("results:result-list")
    entry = result.entry
    for words in (entry.seat.ticket_no[2:9], entry.student.student_no, entry.student.school.name[:4]):
        assert entry.seat.ticket_no in client.get(address, {"q": words}).content.decode(), words
    for asked in ({"q": "查无此人"}, {"plan": "not-a-key"}, {"plan": "01a20bb1-a617-750a-b093-fbeac51e103a"}):
        assert "没有符合条件的成绩" in client.get(address, asked).content.decode()
    assert client.get(address, {"q": "\x00", "sort": "-theory", "page": "9999"}).status_code == 200


def test_computing_again_is_offered_until_the_results_are_public(client: Client) -> None:
    release = a_computed_release(1)
    the_officer(client)
    again = reverse("results:level-compute", args=[release.plan_level_id])
    assert again in client.get(at("release-detail", release)).content.decode()
    assert client.post(again).status_code == 302
    assert client.post(at("release-move", release, "publicise")).status_code == 302
    assert again not in client.get(at("release-detail", release)).content.decode()
    assert client.post(again).status_code == 404


def test_a_stale_screen_is_told_why_and_shows_the_release_as_it_is(client: Client) -> None:
    release = a_released(1)
    the_officer(client)
    for move in ("publicise", "release"):
        answer = client.post(at("release-move", release, move))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "页面可能已过期" in page
        assert "已发布" in page
    answer = client.post(at("release-move", release, "nonsense"))
    assert answer.status_code == 409
    assert "没有这个操作" in answer.content.decode()


def test_release_before_the_end_of_publicity_is_blocked_where_its_button_would_be(client: Client) -> None:
    release = services.publicise(a_computed_release(1), by=an_org_officer(), at=AFTER)
    page = the_officer(client).get(at("release-detail", release)).content.decode()
    assert "暂不能发布成绩" in page
    assert "之后才能发布" in page
    assert client.post(at("release-move", release, "release")).status_code == 409
    assert ResultRelease.objects.get().state == "publicised"


def test_a_level_with_scripts_to_mark_offers_no_computing(client: Client) -> None:
    level = a_marked_level(1)
    Script.objects.filter(part="practical").update(state="marking")
    page = the_officer(client).get(reverse("results:release-list")).content.decode()
    assert "还有 1 份答卷没有评完" in page
    assert reverse("results:level-compute", args=[level.pk]) not in page
    answer = client.post(reverse("results:level-compute", args=[level.pk]))
    assert answer.status_code == 409
    assert "暂不能核算" in answer.content.decode()
    assert not Result.objects.exists()


def test_another_organisations_release_is_not_there(client: Client) -> None:
    release = a_computed_release(1)
    signed_in_as(client, an_org_officer(an_evaluation_org("A12345678")))
    for name in ("release-detail", "release-export"):
        assert client.get(at(name, release)).status_code == 404
    assert client.post(at("release-move", release, "publicise")).status_code == 404


def test_a_school_finds_no_drafts_and_no_pages_of_releases(client: Client) -> None:
    release = a_computed_release(1)
    signed_in_as(client, an_actor(Role.SCHOOL, release.results.get().entry.student.school))
    assert "还没有可以查看的成绩" in client.get(reverse("results:result-list")).content.decode()
    assert client.get(at("release-detail", release)).status_code == 403
    signed_in_as(client, an_actor(Role.TEACHER, a_school()))
    assert client.get(reverse("results:result-list")).status_code == 403


def test_the_timeline_names_what_was_done(client: Client) -> None:
    release = a_released(1)
    page = the_officer(client).get(at("release-detail", release)).content.decode()
    assert set(re.findall(r'ox-timeline-what">([^<]+)<', page)) == {"核算成绩", "公示成绩", "发布成绩"}


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_cost_the_same_with_three_candidates_and_with_thirty(client: Client) -> None:
    costs: dict[str, list[int]] = {"results": [], "export": [], "release": [], "releases": []}
    the_officer(client)
    for number in (3, 30):
        release = a_computed_release(number)
        costs["results"].append(cost(client, reverse("results:result-list")))
        costs["export"].append(cost(client, reverse("results:result-export")))
        costs["release"].append(cost(client, at("release-detail", release)))
        costs["releases"].append(cost(client, reverse("results:release-list")))
    assert {name: few == many for name, (few, many) in costs.items()} == dict.fromkeys(costs, True)
