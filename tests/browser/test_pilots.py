"""The pilot application as schools, cities and provinces live it, click by click: each way it can end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Opens, click, fill, mistake, shown, sign_in
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.server]
LEVEL = "直播电商职业技能等级证书（初级）"


def begin(school: Page, place: Installation, account: dict[str, str], batch: str = "第一次") -> None:
    """From signing in to the form, as the guide says."""
    sign_in(school, place, account)
    click(school, "证书试点申报", "申报证书试点")
    school.get_by_role("row").filter(has_text=batch).get_by_role("link", name="立即申报").click()


def write(school: Page, places: str = "80") -> None:
    fill(school, 申请培训总人数=places, 师资情况="专任教师 12 人，双师型 9 人。", 场地情况="机房 3 间，学生机 150 台。")
    school.get_by_label("试点证书").select_option(label=LEVEL)


def decide(officer: Page, move: str, grave: bool = False, **values: str) -> None:
    click(officer, move)
    for label, value in values.items():
        shown(officer, label).fill(value)
    click(officer, f"确认{move}")
    if grave:
        officer.get_by_role("dialog").get_by_role("button", name=f"确认{move}").click()


def test_a_school_of_a_province_without_a_plan_is_told_that_it_cannot_apply_yet(
    place: Installation, somebody: Opens
) -> None:
    school = somebody()
    sign_in(school, place, place.scene("school", province="青海省教育厅", name="三江源职业学院"))
    click(school, "证书试点申报", "申报证书试点")
    expect(school.locator("main")).to_contain_text("还没有发布证书申报计划，暂不能申报")
    assert school.get_by_role("link", name="立即申报").count() == 0


def test_without_a_city_review_the_province_decides_alone(place: Installation, somebody: Opens) -> None:
    officer, account = place.scenes(
        ("an_open_plan", {"province": "湖北省教育厅"}), ("school", {"province": "湖北省教育厅", "name": "江城职业学院"})
    )
    school, province = somebody(), somebody()
    begin(school, place, account)
    write(school)
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待省级审核")
    sign_in(province, place, officer)
    click(province, "证书试点申报", "江城职业学院")
    decide(province, "通过")
    expect(province.locator("main")).to_contain_text("已通过，批准 80 人。")
    school.reload()
    expect(school.locator("main")).to_contain_text("审核通过")


def test_where_the_plan_asks_it_the_city_looks_first_and_the_province_refuses_with_a_reason(
    place: Installation, somebody: Opens
) -> None:
    officer, account, city_officer = place.scenes(
        ("an_open_plan", {"province": "湖南省教育厅", "requires_city_approval": True}),
        ("school", {"province": "湖南省教育厅", "name": "湘水职业学院"}),
        ("city_of", {"school": "湘水职业学院"}),
    )
    school, city, province = somebody(), somebody(), somebody()
    begin(school, place, account)
    write(school)
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待地市审核")
    sign_in(province, place, officer)
    click(province, "证书试点申报", "湘水职业学院")
    assert province.get_by_role("button", name="确认通过").count() == 0  # not its turn yet
    sign_in(city, place, city_officer)
    click(city, "证书试点申报", "湘水职业学院")
    decide(city, "同意并报省级审核")
    expect(city.locator("main")).to_contain_text("待省级审核")
    province.reload()
    decide(province, "不予通过", grave=True, 理由="不具备开展该证书培训考核的条件。")
    expect(province.locator("main")).to_contain_text("审核不通过")
    school.reload()
    expect(school.locator("main")).to_contain_text("不具备开展该证书培训考核的条件。")


def test_a_window_that_closes_over_an_open_form_keeps_what_was_typed_and_says_when_it_closed(
    place: Installation, somebody: Opens
) -> None:
    place.scene("an_open_plan", province="江西省教育厅")
    account = place.scene("school", province="江西省教育厅", name="赣江职业学院")
    school = somebody()
    begin(school, place, account)
    write(school, "60")
    click(school, "保存")
    expect(school.locator("main")).to_contain_text("已保存为草稿")
    click(school, "继续填写")
    fill(school, 申请培训总人数="66")
    place.scene("closed_now", province="江西省教育厅")
    click(school, "保存并提交")
    expect(school.locator("[data-problems]").first).to_contain_text("无法再补报")
    expect(school.get_by_label("申请培训总人数")).to_have_value("66")
    click(school, "证书试点申报", "申报证书试点")
    assert school.get_by_role("link", name="立即申报").count() == 0


def test_a_returned_application_is_corrected_after_the_window_has_closed_until_the_province_s_own_deadline(
    place: Installation, somebody: Opens
) -> None:
    officer, account = place.scenes(
        ("an_open_plan", {"province": "安徽省教育厅", "corrections_days": 20}),
        ("school", {"province": "安徽省教育厅", "name": "江淮职业学院"}),
    )
    school, province = somebody(), somebody()
    begin(school, place, account)
    write(school)
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待省级审核")
    place.scene("closed_now", province="安徽省教育厅")
    sign_in(province, place, officer)
    click(province, "证书试点申报", "江淮职业学院")
    decide(province, "退回修改", 理由="请写明监控设备。")
    school.reload()
    expect(school.locator("main")).to_contain_text("请写明监控设备。")
    click(school, "继续填写")
    fill(school, 场地情况="")
    click(school, "保存并提交")
    assert "场地" in mistake(school, "场地情况")
    fill(school, 场地情况="机房 3 间，学生机 150 台，监控全覆盖。")
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待省级审核")
