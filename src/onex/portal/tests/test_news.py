"""Notices: what the guide prints, and what provinces and the organisation publish here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from onex.catalog.tests.factories import the_guide
from onex.pilots.tests.factories import NOON, a_plan
from onex.portal.queries import news, public
from onex.portal.tests import printed
from onex.registration import services as registration
from onex.registration.tests.factories import a_draft_plan, a_plan_level
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db


def the_loaded_guide() -> Any:
    the_guide()
    guide = public.guide()
    assert guide is not None
    return guide


def read(client: Any, name: str, *args: str, query: str = "") -> str:
    answer = client.get(reverse(f"portal:{name}", args=args) + query)
    assert answer.status_code == 200
    return printed.text_of(answer.content.decode())


def test_the_list_holds_the_four_notices_that_the_guide_prints_without_a_year(client) -> None:
    guide = the_loaded_guide()
    text = read(client, "news-list")
    found = news.guide_news(guide)
    assert len(found) == 4
    for one in found:
        assert f"【通知】{one.title} {one.month_day}" in text.replace("【 ", "【").replace(" 】", "】")
    assert "指南没有印出年份和正文" in text


def test_a_printed_notice_says_that_its_text_is_elsewhere(client) -> None:
    the_guide()
    with_summary, without = read(client, "news-detail", "guide-2024-4"), read(client, "news-detail", "guide-2024-1")
    assert "南京奥派信息产业股份有限公司成立1+X证书专家讲师团" in with_summary
    assert "只有标题和摘要" in with_summary
    assert "只有标题。" in without


def test_an_empty_section_says_so_and_leads_back(client) -> None:
    the_guide()
    assert "这个栏目还没有内容" in read(client, "news-list", query="?section=policies")


def test_a_published_plan_is_a_notice_and_a_draft_or_cancelled_one_is_none(client) -> None:
    guide = the_loaded_guide()
    plan = a_plan()
    a_plan("draft", batch=2)
    gone = a_plan("cancelled", batch=3)
    (headline,) = news.headlines()
    assert headline.pk == plan.pk
    assert str(news.latest(guide, 5)[0].title) == "江苏省发布 2026 年第一次证书申报计划"
    text = read(client, "news-detail", f"plan-{plan.pk}")
    assert "江苏省教育厅发布 2026 年证书申报计划" in text
    assert "2026年12月3日" in text
    assert client.get(reverse("portal:news-detail", args=[f"plan-{gone.pk}"])).status_code == 404


def test_an_announced_sitting_is_a_notice_until_it_is_taken_back(client) -> None:
    guide = the_loaded_guide()
    plan_level = a_plan_level()
    slug = f"sitting-{plan_level.plan.pk}"
    found = news.news_by_slug(guide, slug)
    assert found is not None
    assert found.published_at == NOON
    text = read(client, "news-detail", slug)
    assert "2026年12月24日" in text
    assert "不低于 40 人" in text
    officer = an_org_officer(plan_level.plan.organisation)
    registration.move_plan_level(plan_level, "retract", by=officer, at=NOON)
    assert client.get(reverse("portal:news-detail", args=[slug])).status_code == 404
    assert news.headlines() == []


@pytest.mark.parametrize("slug", ["guide-2024-9", "plan-x", "sitting-00000000-0000-0000-0000-000000000000", "x"])
def test_a_made_up_notice_is_not_found(client, slug: str) -> None:
    the_guide()
    assert client.get(reverse("portal:news-detail", args=[slug])).status_code == 404


def test_a_sitting_that_is_still_a_draft_is_nobodys_business(client) -> None:
    guide = the_loaded_guide()
    plan = a_draft_plan()
    assert public.announced_sittings(NOON) == []
    assert news.news_by_slug(guide, f"sitting-{plan.pk}") is None


def test_the_list_costs_the_same_with_three_plans_and_with_fifteen(client, django_assert_max_num_queries) -> None:
    the_guide()
    for n in range(1, 16):
        a_plan(batch=n % 10 + 1, year=2020 + n)
    with django_assert_max_num_queries(8):
        page = client.get(reverse("portal:news-list")).content.decode()
    assert page.count("证书申报计划</span>") == 15
    assert "04-02" in page
    assert "第 1–19 条" in page


# --- the next sitting ----------------------------------------------------------------------------------------------


def test_the_next_sitting_is_the_announced_one_before_the_guides() -> None:
    guide = the_loaded_guide()
    plan_level = a_plan_level()
    found = public.next_sitting(guide, NOON)
    assert found is not None
    assert found.announced is not None
    assert found.announced.is_open
    assert found.occasion.name == plan_level.plan.title


def test_without_an_announced_one_it_is_the_guides_next() -> None:
    guide = the_loaded_guide()
    first = public.calendar_rows(guide)[0].half_days[0].starts_at
    found = public.next_sitting(guide, first - timedelta(days=1))
    assert found is not None
    assert (found.occasion.name, found.announced) == ("第一次统考", None)
    assert [held.certificate.code for held in found.occasion.held] == ["101", "102"]


def test_when_the_guides_year_is_over_the_front_page_says_so(client) -> None:
    guide = the_loaded_guide()
    assert public.next_sitting(guide, NOON) is None
    assert "指南所载 2024 年的 14 场统考均已举行" in read(client, "home")


def test_registration_that_is_over_is_not_called_open() -> None:
    the_guide()
    plan_level = a_plan_level()
    (found,) = public.announced_sittings(plan_level.registration_closes_at)
    assert not found.is_open
    assert public.announced_sittings(found.occasion.half_days[-1].ends_at) == []
