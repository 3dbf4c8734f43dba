"""A school's own list of majors: old codes told and replaced, sheets judged before they are written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from onex.accounts import services as accounts
from onex.accounts.models import School, SchoolMajor
from onex.accounts.tests.factories import a_school, an_actor, signed_in_as
from onex.catalog.rules.school_majors import CatalogueCode, SheetLine, Verdict, counts_of, judge
from onex.catalog.tests.factories import the_guide
from onex.catalog.views.school_majors import COLUMNS
from onex.common import sheets
from onex.common.actors import Role

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LIST, SAVE, IMPORT = "catalog:major-list", "catalog:major-save", "catalog:major-import"
KNOWN = {
    "530701": CatalogueCode("电子商务", "2021"),
    "630801": CatalogueCode("电子商务", "2015", (("530701", "电子商务"),)),
    "630703": CatalogueCode("广告策划与营销", "2015", (("560216", "全媒体广告"), ("530605", "市场营销"))),
}


def judged(*cells: tuple[str, str, str], offered: Any = None, renews: bool = False) -> list[Any]:
    lines = [SheetLine(number, *row) for number, row in enumerate(cells, 2)]
    return judge(lines, offered or {}, KNOWN, ["商学院"], renews=renews)


# --- the rows of a sheet


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("", "电子商务", ""), "没有填写专业代码"),
        (("电商", "", ""), "不是专业代码"),
        (("5307010", "电子商务", ""), "不是专业代码"),
        (("999999", "", ""), "请填写专业名称"),
        (("999999", "长" * 61, ""), "名称过长"),
        (("530701", "", "文学院"), "没有名为“文学院”的院系"),
    ],
)
def test_a_wrong_row_has_one_reason_and_its_column(row: tuple[str, str, str], reason: str) -> None:
    (one,) = judged(row)
    assert one.verdict == Verdict.BAD
    assert one.column is not None
    assert reason in str(one.reason)


def test_rows_are_new_changed_or_the_same() -> None:
    offered = {"530701": ("电子商务", ""), "530605": ("市场营销", "商学院")}
    rows = judged(("５３０７０１", "", ""), ("530605", "营销", ""), ("999999", "新专业", "商学院"), offered=offered)
    assert [one.verdict for one in rows] == [Verdict.SAME, Verdict.CHANGED, Verdict.NEW]
    assert (rows[1].department, rows[1].before) == ("商学院", "市场营销 · 商学院")
    assert "没有该代码" in str(rows[2].note)


def test_an_old_code_is_told_what_became_of_it_and_replaced_only_when_asked() -> None:
    (one,) = judged(("630801", "", ""))
    assert (one.code, one.is_renewable) == ("630801", True)
    assert str(one.note) == "该专业代码为 2015 版目录，现为 530701 电子商务"
    (now,) = judged(("630801", "", ""), renews=True)
    assert (now.code, now.name, now.edition) == ("530701", "电子商务", "2021")


def test_an_old_code_that_went_into_two_majors_is_left_to_the_school() -> None:
    (one,) = judged(("630703", "", ""), renews=True)
    assert (one.code, one.is_renewable) == ("630703", False)
    assert "560216 全媒体广告、530605 市场营销" in str(one.note)


def test_a_code_twice_in_a_sheet_is_wrong_the_second_time() -> None:
    rows = judged(("530701", "", ""), ("630801", "", ""), renews=True)
    assert [one.verdict for one in rows] == [Verdict.NEW, Verdict.BAD]
    assert "与第 2 行重复" in str(rows[1].reason)


@settings(deadline=None)  # the machine may be busy
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["530701", "630801", "630703", "999999", "x", ""]),
            st.sampled_from(["", "电子商务", "甲"]),
            st.sampled_from(["", "商学院", "文学院"]),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_every_row_has_one_verdict_and_no_two_good_rows_share_a_code(rows: list[Any], renews: bool) -> None:
    found = judged(*rows, renews=renews)
    assert sum(counts_of(found).values()) == len(rows)
    good = [one.code for one in found if one.verdict != Verdict.BAD]
    assert len(good) == len(set(good))
    assert all((one.reason is not None) == (one.verdict == Verdict.BAD) for one in found)


# --- the pages


@pytest.fixture
def school(db: Any) -> School:
    the_guide()
    return a_school()


@pytest.fixture
def school_client(client: Any, school: School) -> Any:
    signed_in_as(client, an_actor(Role.SCHOOL, school))
    return client


def test_a_code_alone_brings_its_name_and_its_catalogue(school_client: Any, school: School) -> None:
    assert school_client.post(reverse(SAVE), {"code": "５３０７０４", "name": ""}).status_code == 302
    row = school.majors.get(code="530704")
    assert (row.name, row.catalogue) == ("网络营销与直播电商", "2021")


def test_an_unknown_code_needs_a_name_and_is_kept_without_a_catalogue(school_client: Any, school: School) -> None:
    refused = school_client.post(reverse(SAVE), {"code": "590101", "name": ""})
    assert refused.status_code == 422
    assert "请填写专业名称" in refused.content.decode()
    assert school_client.post(reverse(SAVE), {"code": "590101", "name": "公共事务"}).status_code == 302
    assert school.majors.get(code="590101").catalogue == ""


def test_typing_an_old_code_offers_the_new_one(school_client: Any, school: School) -> None:
    school.majors.all().delete()
    offer = school_client.post(reverse(SAVE), {"code": "630801", "name": "电子商务"})
    assert offer.status_code == 422
    page = offer.content.decode()
    assert "该专业代码为 2015 版目录" in page
    assert "改用 530701 电子商务" in page
    assert not school.majors.exists()
    school_client.post(reverse(SAVE), {"code": "630801", "name": "电子商务", "use": "530701"})
    assert [row.code for row in school.majors.all()] == ["530701"]
    school_client.post(reverse(SAVE), {"code": "630802", "name": "移动商务", "use": "630802"})
    assert school.majors.get(code="630802").catalogue == "2015"
    forged = school_client.post(reverse(SAVE), {"code": "630803", "name": "网络营销", "use": "530302"})
    assert forged.status_code == 422


def test_a_row_with_an_old_code_is_told_apart_found_and_renewed(school_client: Any, school: School) -> None:
    accounts.save_major(school, "630801", "电子商务", None, by=an_actor(Role.SCHOOL, school), at=NOON)
    page = school_client.get(reverse(LIST)).content.decode()
    assert "与 530701 是同一专业" in page
    old = school_client.get(reverse(LIST), {"show": "old"}).content.decode()
    assert "630801" in old
    assert "530605" not in old
    row = school.majors.get(code="630801")
    renew = reverse("catalog:major-move", args=[row.pk, "renew"])
    assert school_client.post(renew, {"code": "530302"}).status_code == 409
    assert school_client.post(renew, {"code": "530701"}).status_code == 302
    assert sorted(school.majors.values_list("code", flat=True)) == ["530605", "530701"]


def test_a_major_is_removed_with_a_reason_but_never_the_last(school_client: Any, school: School) -> None:
    remove = reverse("catalog:major-move", args=[school.majors.get(code="530701").pk, "remove"])
    assert school_client.post(remove, {"note": " "}).status_code == 409
    assert school_client.post(remove.replace("/remove/", "/remvoe/"), {"note": "已停招。"}).status_code == 409
    assert school_client.post(remove, {"note": "已停招。"}).status_code == 302
    last = reverse("catalog:major-move", args=[school.majors.get().pk, "remove"])
    assert "至少开设一个专业" in school_client.post(last, {"note": "已停招。"}).content.decode()


def test_another_schools_majors_are_not_there(school_client: Any) -> None:
    other = SchoolMajor.objects.filter(school=a_school()).first()
    assert other is not None
    for move in ("remove", "renew"):
        address = reverse("catalog:major-move", args=[other.pk, move])
        assert school_client.post(address, {"note": "理由"}).status_code == 404


def a_sheet(*rows: tuple[str, str, str]) -> SimpleUploadedFile:
    lines = [dict(zip(("code", "name", "department"), row, strict=True)) for row in rows]
    return SimpleUploadedFile("专业.xlsx", sheets.write(COLUMNS, lines))


def test_a_sheet_is_shown_before_it_is_written(school_client: Any, school: School) -> None:
    accounts.save_department(school, "商学院", by=an_actor(Role.SCHOOL, school), at=NOON)
    sheet = a_sheet(("530704", "", "商学院"), ("630803", "网络营销", ""), ("530701", "电子商务", ""))
    preview = school_client.post(reverse(IMPORT), {"file": sheet})
    assert preview.status_code == 200
    assert preview.context["counts"] == {"new": 2, "changed": 0, "same": 1, "bad": 0}
    assert school.majors.count() == 2
    payload = preview.context["payload"]
    assert school_client.post(reverse(IMPORT), {"lines": payload, "then": "confirm"}).status_code == 302
    assert sorted(school.majors.values_list("code", flat=True)) == ["530605", "530701", "530704", "630803"]
    again = school_client.post(reverse(IMPORT), {"lines": payload, "then": "confirm"})
    assert again.status_code == 409
    assert "完全相同" in again.content.decode()


def test_old_codes_of_a_sheet_become_those_of_today_when_the_school_says_so(school_client: Any, school: School) -> None:
    preview = school_client.post(reverse(IMPORT), {"file": a_sheet(("630802", "移动商务", ""))})
    assert preview.context["olds"] == 1
    school_client.post(reverse(IMPORT), {"lines": preview.context["payload"], "then": "renew"})
    assert school.majors.get(code="530703").name == "移动商务"


def test_one_wrong_row_keeps_the_whole_sheet_out(school_client: Any, school: School) -> None:
    preview = school_client.post(reverse(IMPORT), {"file": a_sheet(("530704", "", ""), ("12", "甲", ""))})
    assert "不是专业代码" in preview.content.decode()
    assert "暂不能导入" in preview.content.decode()
    forced = school_client.post(reverse(IMPORT), {"lines": preview.context["payload"], "then": "confirm"})
    assert forced.status_code == 409
    assert school.majors.count() == 2


@pytest.mark.parametrize("lines", ["", "[]", "{}", "[[1,2]]", json.dumps([[2, "530701", "x", 5]]), "[" * 99_999])
def test_a_preview_that_was_tampered_with_is_turned_away(school_client: Any, lines: str) -> None:
    assert school_client.post(reverse(IMPORT), {"lines": lines, "then": "confirm"}).status_code == 422


@pytest.mark.parametrize("raw", [b"not a workbook", b"PK\x03\x04broken"])
def test_a_file_that_is_no_workbook_is_refused_in_words(school_client: Any, raw: bytes) -> None:
    answer = school_client.post(reverse(IMPORT), {"file": SimpleUploadedFile("专业.xlsx", raw)})
    assert answer.status_code == 422
    assert "打不开这个文件" in answer.content.decode()


def test_what_is_exported_can_be_imported_again(school_client: Any, school: School) -> None:
    accounts.save_major(school, "630801", "电子商务", None, by=an_actor(Role.SCHOOL, school), at=NOON)
    file = school_client.get(reverse("catalog:major-export"), {"q": "电子"})
    rows = sheets.read(file.content, COLUMNS)
    assert [row.cells["code"] for row in rows] == ["530701", "630801"]


def test_the_list_costs_the_same_queries_for_three_majors_and_for_thirty(
    school_client: Any, school: School, django_assert_max_num_queries: Any
) -> None:
    def cost() -> int:
        with django_assert_max_num_queries(60) as caught:
            assert school_client.get(reverse(LIST)).status_code == 200
        return len(caught)

    SchoolMajor.objects.create(school=school, code="590199", name="专业")
    few = cost()
    SchoolMajor.objects.bulk_create(SchoolMajor(school=school, code=f"5901{n:02}", name=f"专业{n}") for n in range(28))
    assert cost() == few
