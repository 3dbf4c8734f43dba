"""The list of applications: the guide's nine rows, its years and filters, and the files that leave it."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from onex.accounts.tests.factories import a_city, a_province, a_school, an_actor, another_province, signed_in_as
from onex.common import limits
from onex.common.actors import Role
from onex.common.models import Trace
from onex.pilots import services
from onex.pilots.models import PilotApplication
from onex.pilots.tests import factories
from onex.pilots.tests.factories import DAY, NINE, a_certificate, a_level, a_plan, level_of_the_screenshot

pytestmark = pytest.mark.django_db

SPRING = datetime(2021, 4, 1, 4, 0, tzinfo=UTC)


def text_of(response) -> str:
    return response.content.decode()


def rows_of(page: str) -> list[list[str]]:
    """The cells of the list's body, without markup."""
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    lines = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.S) for line in lines]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in line] for line in cells]


@pytest.fixture
def school():
    return a_school("南京示范职业技术学院", city=a_city())


@pytest.fixture
def officer(school):
    return an_actor(Role.SCHOOL, school)


@pytest.fixture
def as_school(client, officer):
    return signed_in_as(client, officer)


def test_the_nine_rows_of_the_guide_are_made_by_using_the_product(as_school, officer, school) -> None:
    window = {"opens_at": SPRING - DAY, "closes_at": datetime(2021, 12, 27, 10, 0, tzinfo=UTC)}
    plan = a_plan(year=2021, batch=1, requires_city_approval=True, **window)
    city, province = an_actor(Role.CITY, school.city), an_actor(Role.PROVINCE, plan.province)
    for name, level, issuer, asked, approved, used in NINE:
        row = services.create_application(
            plan,
            factories.filled(level_of_the_screenshot(name, level, issuer), requested_count=asked),
            by=officer,
            at=SPRING,
        )
        services.move_application(row, "submit", by=officer, at=SPRING)
        services.move_application(row, "pass", by=city, at=SPRING)
        row = services.move_application(row, "approve", by=province, at=SPRING, approved_count=approved)
        if used:
            services.take_places(row, used, subject=school, by=officer, at=SPRING)
    page = text_of(as_school.get(reverse("pilots:application-list")))
    shown = rows_of(page)
    word = {1: "初级", 2: "中级"}
    assert sorted(shown) == sorted(
        ["2021", "第一次", f"{name}职业技能等级证书（{word[level]}）", issuer, *map(str, places), "审核通过", "查看"]
        for name, level, issuer, *places in NINE
    )
    by_places = text_of(as_school.get(reverse("pilots:application-list"), {"sort": "-requested"}))
    assert [row[4] for row in rows_of(by_places)] == ["200", "135", "100", "100", "90", "80", "80", "40", "40"]


def test_the_years_batches_certificates_and_levels_narrow_the_list_and_its_files_alike(as_school, officer) -> None:
    live, media = a_certificate(), a_certificate("102", "新媒体技术职业技能等级证书")
    for year, batch, level in ((2025, 1, a_level(1, live)), (2026, 1, a_level(2, live)), (2026, 2, a_level(1, media))):
        factories.a_draft(a_plan(year=year, batch=batch), officer, level=level, requested_count=year + batch)
    address = reverse("pilots:application-list")
    page = text_of(as_school.get(address))
    assert len(rows_of(page)) == 3
    assert [word for word in ("申报年度：全部", "申报批次：全部", "证书：全部", "等级：全部") if word not in page] == []
    for asked, counts in (
        ({"year": "2026"}, {"2,027", "2,028"}),
        ({"batch": "2"}, {"2,028"}),
        ({"certificate": "101"}, {"2,026", "2,027"}),
        ({"level": "1"}, {"2,026", "2,028"}),
        ({"level": "1", "year": "2026", "q": "新媒体", "state": "draft"}, {"2,028"}),
        ({"year": "2026", "state": "approved"}, set()),
        ({"year": "1999"}, {"2,026", "2,027", "2,028"}),  # no such year: nothing is narrowed
    ):
        shown = rows_of(text_of(as_school.get(address, asked)))
        assert {row[4] for row in shown if len(row) > 4} == counts
        sheet = openpyxl.load_workbook(io.BytesIO(as_school.get(reverse("pilots:application-export"), asked).content))
        values = list(sheet.worksheets[0].iter_rows(min_row=2, values_only=True))
        assert {f"{line[5]:,}" for line in values} == counts
    narrowed = text_of(as_school.get(address, {"year": "2026", "state": "draft"}))
    assert f'href="{reverse("pilots:application-list-print")}?year=2026&amp;state=draft"' in narrowed
    assert "没有符合条件的申报。" in text_of(as_school.get(address, {"q": "没有这种证书"}))


def test_a_list_and_an_application_are_printed_and_the_prints_are_traced(as_school, officer) -> None:
    row = factories.a_filed_application(officer=officer, major_codes=["530701"])
    for name, args in (("application-list-print", []), ("application-print", [row.pk])):
        answer = as_school.get(reverse(f"pilots:{name}", args=args))
        assert answer.content.startswith(b"%PDF")
        assert answer["Content-Disposition"].startswith("attachment")
    assert [trace.subject_id for trace in Trace.objects.filter(verb="export").order_by("at")] == [None, row.pk]
    assert "export" not in text_of(as_school.get(reverse("pilots:application-detail", args=[row.pk])))


def test_a_list_too_long_for_paper_is_refused_with_the_way_out(as_school, officer, monkeypatch) -> None:
    monkeypatch.setattr("onex.pilots.views.printing.MOST_LINES", 1)
    factories.a_draft(a_plan(batch=1), officer)
    factories.a_draft(a_plan(batch=2), officer)
    answer = as_school.get(reverse("pilots:application-list-print"))
    assert answer.status_code == 409
    assert "一次最多打印 1 行，现在是 2 行" in text_of(answer)
    assert as_school.get(reverse("pilots:application-list-print"), {"batch": "2"}).status_code == 200


def test_a_character_that_no_font_prints_is_named_instead_of_a_broken_paper(as_school, officer) -> None:
    row = factories.a_draft(officer=officer, teaching_staff="师资很好 😀")
    answer = as_school.get(reverse("pilots:application-print", args=[row.pk]))
    assert answer.status_code == 409
    assert "请改掉后再打印" in text_of(answer)
    assert not Trace.objects.filter(verb="export").exists()


def test_abuse_01_a_list_and_its_files_hold_nobody_else_s_applications(as_school, officer) -> None:
    own = factories.a_draft(a_plan(batch=1), officer)
    foreign = factories.a_filed_application(own.plan, requested_count=4321)
    asked = {"school": str(foreign.school_id), "school_id": str(foreign.school_id), "plan": str(own.plan_id)}
    assert "4,321" not in text_of(as_school.get(reverse("pilots:application-list"), asked))
    book = openpyxl.load_workbook(io.BytesIO(as_school.get(reverse("pilots:application-export"), asked).content))
    assert book.worksheets[0].max_row == 2
    for name in ("application-detail", "application-print", "application-edit"):
        assert as_school.get(reverse(f"pilots:{name}", args=[foreign.pk])).status_code == 404


def test_abuse_02_another_province_sees_nothing_of_it(client, officer) -> None:
    row = factories.a_filed_application(officer=officer)
    abroad = signed_in_as(client, an_actor(Role.PROVINCE, another_province()))
    assert rows_of(text_of(abroad.get(reverse("pilots:application-list"))))[0][0] == "没有符合条件的申报。"
    assert abroad.get(reverse("pilots:application-print", args=[row.pk])).status_code == 404
    assert abroad.post(reverse("pilots:application-move", args=[row.pk, "approve"])).status_code == 404


@pytest.mark.parametrize("word", ["=1+1", "+cmd", "-2+3", "@SUM(1)", "\t=1", "＝1+1", '=HYPERLINK("http://x","y")'])
def test_abuse_22_a_formula_leaves_as_text(client, word: str) -> None:
    school = a_school(f"{word}学院")
    factories.a_filed_application(officer=an_actor(Role.SCHOOL, school))
    province = signed_in_as(client, an_actor(Role.PROVINCE, a_province()))
    answer = province.get(reverse("pilots:application-export"))
    cell = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]["A2"]
    assert cell.data_type != "f"
    assert "学院" in cell.value


def test_abuse_25_a_name_is_text_on_the_list_and_on_paper(client) -> None:
    school = a_school('<b id=xss>#panic("x")学院')
    row = factories.a_filed_application(officer=an_actor(Role.SCHOOL, school), teaching_staff='#include "x" *粗* $x$')
    province = signed_in_as(client, an_actor(Role.PROVINCE, a_province()))
    assert "<b id=xss>" not in text_of(province.get(reverse("pilots:application-list")))
    for name, args in (("application-list-print", []), ("application-print", [row.pk])):
        assert province.get(reverse(f"pilots:{name}", args=args)).content.startswith(b"%PDF")


@pytest.mark.parametrize("bad", ["\x00", "9" * 30, "2147483648", "-1", "１２", "x' or 1=1"])
def test_what_no_database_takes_narrows_nothing(as_school, officer, monkeypatch, bad: str) -> None:
    monkeypatch.setattr(limits, "_add", lambda key, seconds, at: (1, at))  # many files in a row are another test's
    factories.a_draft(officer=officer)
    for asked in ("year", "batch", "certificate", "level", "state", "sort", "page"):
        page = as_school.get(reverse("pilots:application-list"), {asked: bad})
        assert len(page.context["lines"]) == 1, asked
        sheet = as_school.get(reverse("pilots:application-export"), {asked: bad})
        assert openpyxl.load_workbook(io.BytesIO(sheet.content)).worksheets[0].max_row == 2, asked
        assert as_school.get(reverse("pilots:application-list-print"), {asked: bad}).content.startswith(b"%PDF")


@pytest.mark.parametrize("count", [3, 30])
def test_a_narrowed_list_costs_the_same_number_of_queries_however_long(
    officer, count: int, django_assert_num_queries
) -> None:
    plan = a_plan()
    for _ in range(count):
        factories.a_filed_application(plan)
    province = signed_in_as(Client(), an_actor(Role.PROVINCE, a_province()))
    with django_assert_num_queries(9):
        page = province.get(reverse("pilots:application-list"), {"year": "2026", "q": "学院", "sort": "-state"})
    assert page.context["page"].paginator.count == count
    assert PilotApplication.objects.count() == count
