"""The nine rows of the guide's screenshot, made by using the product: planned, filed, passed on, approved, used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Opens, click, fill, shown, sign_in
from tests.installation import Installation, installation

pytestmark = [pytest.mark.browser, pytest.mark.server]
PROVINCE, SCHOOL = "河北省教育厅", "滹沱河职业技术学院"
PLACES = ["申请培训总人数", "批准培训总人数", "已使用培训数"]
HEADS = ["申报年度", "申报批次", "证书名称", "颁证机构", *PLACES, "申报状态", "操作"]
ALONE = "直播电商职业技能等级证书（中级）"
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation of its own: the screenshot's certificates come without standards and pictures for the public."""
    with installation(tmp_path_factory.mktemp("nine-rows")) as found:
        yield found


def test_the_nine_rows_of_the_guide_stand_in_the_school_s_list(place: Installation, somebody: Opens) -> None:
    """All of it on the pages, but for the entries: 163 students are entered by the services that the pages call.

    The year is this one: places of the screenshot's 2021 have lapsed.
    """
    made, officer, account, city_officer = place.scenes(
        ("levels_of_the_screenshot", {}),
        ("person", {"role": "province", "organisation": PROVINCE}),
        ("school", {"province": PROVINCE, "name": SCHOOL}),
        ("city_of", {"school": SCHOOL}),
    )
    province, school, city = somebody(), somebody(), somebody()
    plan(province, place, officer)
    file(school, place, account, made["rows"])
    # The city passes all of them on, the province grants what was asked: nine ticks each, one confirmation.
    sign_in(city, place, city_officer)
    decide_all(city, "同意并报省级审核")
    decide_all(province, "按申请人数通过")
    place.scene(
        "entered", school=SCHOOL, places={one["certificate"]: one["used"] for one in made["rows"] if one["used"]}
    )

    school.locator("nav.ox-side").get_by_role("link", name="证书试点申报").click()
    expect(school.locator("tbody tr")).to_have_count(9)
    assert [head.strip() for head in school.locator("thead th").all_inner_texts()] == HEADS
    lines = [line.locator("th, td").all_inner_texts() for line in school.locator("tbody tr").all()]
    assert sorted([cell.strip() for cell in line] for line in lines) == sorted(row_of(one) for one in made["rows"])


def row_of(one: dict[str, Any]) -> list[str]:
    places = [str(one[name]) for name in ("requested", "approved", "used")]
    return [str(TODAY.year), "第一次", one["certificate"], one["issuer"], *places, "审核通过", "查看"]


def plan(province: Page, place: Installation, officer: dict[str, str]) -> None:
    """第一次, without majors, through the city, for all certificates."""
    sign_in(province, place, officer)
    click(province, "证书申报计划", "新建申报计划")
    closes_at = TODAY + timedelta(days=27, hours=18)
    fill(
        province,
        申报年度=str(TODAY.year),
        申报开始时间=f"{TODAY:%Y-%m-%dT%H:%M}",
        申报结束时间=f"{closes_at:%Y-%m-%dT%H:%M}",
    )
    province.get_by_role("group", name="是否要求地市级教育局审批").get_by_label("是", exact=True).check()
    click(province, "保存并发布")
    province.get_by_role("dialog").get_by_role("button", name="保存并发布").click()
    expect(province.locator("main")).to_contain_text("计划已发布，院校在申报时间内可以申报。")


def file(school: Page, place: Installation, account: dict[str, str], rows: list[dict[str, Any]]) -> None:
    """One level by the guide's form, the eight others in one sitting that begins with its words."""
    sign_in(school, place, account)
    click(school, "证书试点申报", "申报证书试点")
    row = school.get_by_role("row").filter(has_text="第一次")
    window = f"{TODAY:%Y-%m-%d} 00:00 ~ {TODAY + timedelta(days=27):%Y-%m-%d} 18:00"
    cells = [cell.strip() for cell in row.locator("th, td").all_inner_texts()]
    assert cells == [str(TODAY.year), "第一次", window, "否", "是", "全部", "进行中", "立即申报"]
    row.get_by_role("link", name="立即申报").click()
    alone = next(one for one in rows if one["certificate"] == ALONE)
    fill(
        school,
        申请培训总人数=str(alone["requested"]),
        师资情况="专任教师 26 人，其中双师型 19 人，均有企业实践经历。",
        场地情况="机房 6 间，服务器 4 台，学生机 320 台，监控全覆盖。",
    )
    school.get_by_label("试点证书").select_option(label=ALONE)
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待地市审核")
    click(school, "证书试点申报", "申报证书试点", "立即申报", "一次申报多个级别", f"{TODAY.year} 年度第一次")
    for one in rows:
        if one is not alone:
            level = school.locator(".ox-level").filter(has=school.get_by_label(one["certificate"], exact=True))
            level.get_by_label(one["certificate"], exact=True).check()
            level.get_by_label("申请培训总人数").fill(str(one["requested"]))
    expect(school.get_by_label("师资情况")).to_have_value("专任教师 26 人，其中双师型 19 人，均有企业实践经历。")
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("已提交 8 个级别，等待审核")


def decide_all(officer: Page, decision: str) -> None:
    """Everything in the queue, by one preview and one confirmation."""
    click(officer, "审核工作台")
    expect(officer.locator("tbody tr")).to_have_count(9)
    officer.get_by_label("选择本页全部").check()
    shown(officer, "结论").select_option(label=decision)
    click(officer, "预览办理", "确认办理 9 份")
    officer.get_by_role("dialog").get_by_role("button", name="确认办理 9 份").click()
    expect(officer.locator("main")).to_contain_text("已办理 9 份申报。")
