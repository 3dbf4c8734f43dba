"""Reads of the guide: what other apps and the public pages get, and at what price."""

from __future__ import annotations

import pytest

from onex.catalog import queries, rules
from onex.catalog.models import AssessmentScheme, CertificateLevel
from onex.catalog.tests.factories import a_level, the_guide

pytestmark = pytest.mark.django_db


def test_the_demo_scheme_is_taken_only_by_its_label() -> None:
    level = a_level()
    assert (queries.scheme_in_force(level).theory_minutes, queries.scheme_in_force(level).label) == (60, "")
    assert queries.scheme_in_force(level, "演示").publicity_working_days == 0
    with pytest.raises(AssessmentScheme.DoesNotExist):
        queries.scheme_in_force(level, "试行")


def test_a_row_of_the_table_decides_who_passes_as_the_data_does() -> None:
    scheme = queries.scheme_in_force(a_level())
    assert rules.passes(scheme, 60, 60)
    assert not rules.passes(scheme, 100, 59)


def test_the_weights_of_live_commerce_junior_are_25_45_30() -> None:
    weights = [(row.domain.code, row.weight) for row in queries.module_weights(a_level())]
    assert weights == [("1", 25), ("2", 45), ("3", 30)]


def test_there_is_no_fourth_level() -> None:
    the_guide()
    with pytest.raises(CertificateLevel.DoesNotExist):
        queries.level_by_code("101", 4)


def test_an_accounting_major_is_not_mapped_and_a_live_commerce_major_is() -> None:
    level = a_level()
    assert queries.is_mapped(level, "730705")
    assert not queries.is_mapped(level, "730301")
    assert "730301" in [major.code for major in queries.majors()]
    assert "730301" not in [major.code for major in queries.mapped_majors(level)]


def test_a_senior_sitting_is_the_second_and_the_sixth() -> None:
    sittings = queries.sittings_of(a_level().certificate)
    assert [sitting.number for sitting in sittings if 3 in sitting.levels] == [2, 6]
    assert queries.sitting_by_number(a_level().certificate, 2).slots.count() == 2


@pytest.mark.parametrize(
    ("code", "phone"), [("32", "15651000335"), ("66", "13770531261"), ("3302", "18262282069"), ("99", None)]
)
def test_every_jurisdiction_has_somebody_to_ask(code: str, phone: str | None) -> None:
    the_guide()
    contact = queries.contact_of(code)
    assert (contact and contact.phone) == phone


def test_live_commerce_junior_has_ten_tasks_in_three_domains_and_ten_knowledge_units() -> None:
    level = a_level()
    codes = " ".join(task.code for task in queries.tasks_of(level))
    assert codes == "1.1 1.2 1.3 2.1 2.2 2.3 2.4 3.1 3.2 3.3"
    assert queries.knowledge_units_of(level).count() == 10
    assert [len(domain.tasks.all()) for domain in queries.standard_of(level)] == [3, 4, 3]


def test_the_page_of_a_certificate_has_what_the_guide_prints_of_it() -> None:
    the_guide()
    page = queries.certificate_page("102")
    assert page is not None
    assert [level.level.fee_fen for level in page.levels] == [28000, 29000, 30000]
    assert [level.textbook.name for level in page.levels if level.textbook] == [
        "新媒体技术基础",
        "新媒体技术应用",
        "新媒体技术实务",
    ]
    assert page.levels[1].weights == {"1": 26, "2": 31, "3": 15, "4": 28}
    assert (len(page.sittings), len(page.training)) == (7, 6)
    assert page.has_draft_skill_points
    assert page.has_draft_majors
    assert queries.certificate_page("103") is None


def test_a_certificate_page_costs_the_same_queries_however_much_is_on_it(django_assert_num_queries) -> None:
    the_guide()
    for code in ("101", "102"):
        with django_assert_num_queries(13):
            queries.certificate_page(code)


def test_the_words_of_the_pages_come_with_print_and_meaning() -> None:
    the_guide()
    assert queries.texts("pilots")["application_columns"][3] == {"as_printed": "原证机构", "canonical": "颁证机构"}
    assert len(queries.texts("pilots")["sample_applications"]) == 9
    assert [section["name"] for section in queries.texts("portal")["sections"]] == ["新闻资讯", "政策文件", "通知公告"]
    assert queries.texts("textbooks")["ordering"]["qq"] == "218668588"
    assert queries.texts("calendar")["titles"]["101"] == "直播电商统考计划安排"


def test_the_exam_site_form_demands_everything_but_further_material() -> None:
    the_guide()
    form = queries.texts("venues")["form"]
    fields = [field for section in form["sections"] for field in section["fields"]]
    assert [field["name"] for field in fields if not field["required"]] == ["其他材料"]
    assert queries.texts("venues")["extensions"] == [".doc", ".docx", ".pdf"]
