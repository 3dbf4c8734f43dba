"""The list of plans: searched, exported, empty in three ways, and where last year's plans are copied from."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from onex.accounts.tests.factories import a_province, a_school, an_actor, another_province, signed_in_as
from onex.common.actors import Role
from onex.pilots.models import PilotPlan
from onex.pilots.rules import year_of
from onex.pilots.tests.factories import DAY, a_certificate, a_plan

pytestmark = pytest.mark.django_db
LIST = "/pilots/plans/"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def as_province():
    return signed_in_as(Client(), an_actor(Role.PROVINCE, a_province()))


@pytest.fixture
def as_school():
    return signed_in_as(Client(), an_actor(Role.SCHOOL, a_school()))


def text_of(response) -> str:
    return response.content.decode()


def batches(client, **asked: str) -> list[int]:
    return [line["plan"].batch for line in client.get(LIST, asked).context["lines"]]


def test_plans_are_found_by_batch_certificate_and_notes(as_province) -> None:
    a_plan(batch=1, notes="面向高职院校")
    a_plan(batch=2, all_certificates=False, certificates=[a_certificate()])
    a_plan("draft", batch=3)
    assert batches(as_province, q="第二次") == [2]
    assert batches(as_province, q="直播电商") == [2]
    assert batches(as_province, q="高职") == [1]
    assert batches(as_province, phase="draft", year="2026") == [3]
    assert batches(as_province, sort="batch") == [1, 2, 3]


def test_a_filter_that_finds_nothing_does_not_say_that_there_is_no_plan(as_school) -> None:
    assert "贵省还没有发布证书申报计划" in text_of(as_school.get(LIST))
    a_plan()
    page = text_of(as_school.get(LIST, {"q": "无此计划"}))
    assert "没有符合条件的申报计划" in page
    assert "贵省还没有发布" not in page


def test_a_year_without_plans_offers_to_copy_last_year_s(as_province, as_school, now) -> None:
    year = year_of(now)
    last = a_plan(year=year - 1, batch=2, opens_at=now - 365 * DAY, closes_at=now - 300 * DAY, notes="统一部署")
    a_plan("cancelled", year=year, batch=1)
    copy = reverse("pilots:plan-copy", args=[last.pk])
    assert f"复制上年度计划（{year - 1} 第二次）" in text_of(as_province.get(LIST))
    assert copy not in text_of(as_school.get(LIST))
    answer = as_province.post(copy, {"year": str(year)})
    made = PilotPlan.objects.get(state="draft")
    assert answer.url == reverse("pilots:plan-edit", args=[made.pk])
    assert (made.year, made.batch, made.notes) == (year, 1, "统一部署")
    assert "复制上年度计划" not in text_of(as_province.get(LIST))


@pytest.mark.parametrize("year", ["2019", "9999"])
def test_a_year_out_of_reach_is_refused_and_nothing_is_copied(as_province, now, year: str) -> None:
    plan = a_plan(year=year_of(now))
    answer = as_province.post(reverse("pilots:plan-copy", args=[plan.pk]), {"year": year})
    assert answer.status_code == 409
    assert "计划只能复制到本年度或下一年度" in text_of(answer)
    assert PilotPlan.objects.count() == 1


@pytest.mark.parametrize("year", ["", "x", "２０２６", "-1", "99999999999999999999"])
def test_what_is_no_year_copies_into_this_one(as_province, now, year: str) -> None:
    plan = a_plan(year=year_of(now))
    assert as_province.post(reverse("pilots:plan-copy", args=[plan.pk]), {"year": year}).status_code == 302
    assert PilotPlan.objects.get(state="draft").year == year_of(now)


def test_a_record_offers_the_next_batch_and_the_next_year(as_province, now) -> None:
    year = year_of(now)
    page = text_of(as_province.get(reverse("pilots:plan-detail", args=[a_plan(year=year).pk])))
    assert "复制为下一批次" in page
    assert f"复制到 {year + 1} 年度" in page


def test_abuse_02_another_province_s_plan_is_neither_shown_changed_moved_nor_copied(as_province) -> None:
    foreign = a_plan(province=another_province())
    for name in ("plan-detail", "plan-edit"):
        assert as_province.get(reverse(f"pilots:{name}", args=[foreign.pk])).status_code == 404
    for name in ("plan-edit", "plan-copy", "plan-move"):
        assert as_province.post(reverse(f"pilots:{name}", args=[foreign.pk])).status_code == 404
    assert batches(as_province) == []
    assert PilotPlan.objects.count() == 1


@pytest.mark.parametrize("typed", ['=HYPERLINK("http://e")', "+1+1", "-2+3", "@SUM(1)", "＝1+1", "\t=1"])
def test_abuse_22_notes_that_look_like_a_formula_are_exported_as_words(as_province, typed: str) -> None:
    a_plan(notes=typed)
    sheet = load_workbook(BytesIO(as_province.get(LIST + "export/").content)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value and typed.strip() in str(cell.value)]
    assert [cell.data_type for cell in cells] == ["s"]


def test_abuse_26_what_is_searched_for_comes_back_inert(as_province) -> None:
    a_plan()
    page = text_of(as_province.get(LIST, {"q": '"><script>alert(1)</script>', "year": "<b>", "sort": "//evil"}))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert 'href="//evil' not in page
