"""The pilot application as schools, cities and provinces live it, click by click: each way it can end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from onex.common.tests.papers import PDF
from tests.browser.pages import Opens, click, figures, fill, labelled, mistake, shown, sign_in
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


def fact(page: Page, label: str) -> Locator:
    """A field of an application as its record shows it, with what was said of it."""
    return page.locator(".ox-fact").filter(has=page.locator("dt").get_by_text(label, exact=True))


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


def test_where_the_plan_asks_it_the_city_looks_first_and_the_province_grants_fewer_places_with_a_reason(
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
    decide(province, "通过", 批准培训总人数="60")
    expect(province.locator("[data-problems]")).to_contain_text("批准人数少于申请的 80 人，请写明理由")
    shown(province, "说明").fill("按机房容量核定。")
    click(province, "确认通过")
    expect(province.locator("main")).to_contain_text("已通过，批准 60 人。")
    school.reload()
    assert figures(school) == ["申请培训总人数80人", "批准培训总人数60人", "已使用培训数0人", "剩余名额60人"]
    decided = school.locator(".ox-timeline li").first
    expect(decided).to_contain_text("通过，批准 60 人")
    expect(decided).to_contain_text("按机房容量核定。")


def test_a_refused_application_says_why_and_is_not_filed_again_in_the_same_batch(
    place: Installation, somebody: Opens
) -> None:
    officer, account = place.scenes(
        ("an_open_plan", {"province": "福建省教育厅"}), ("school", {"province": "福建省教育厅", "name": "闽江职业学院"})
    )
    school, province = somebody(), somebody()
    begin(school, place, account)
    write(school)
    click(school, "保存并提交")
    sign_in(province, place, officer)
    click(province, "证书试点申报", "闽江职业学院")
    decide(province, "不予通过", grave=True, 理由="不具备开展该证书培训考核的条件。")
    expect(province.locator("main")).to_contain_text("审核不通过")
    school.reload()
    expect(school.locator(".ox-timeline li").first).to_contain_text("不具备开展该证书培训考核的条件。")
    assert school.get_by_role("link", name="继续填写").count() == 0
    click(school, "证书试点申报", "申报证书试点", "立即申报")
    write(school)
    click(school, "保存并提交")
    expect(school.locator("[data-problems]").first).to_contain_text("本批次已申报过该证书的这一等级，不能重复申报")
    click(school, "打开已有的申报")
    expect(school.locator("main")).to_contain_text("不具备开展该证书培训考核的条件。")


def test_a_remark_on_one_field_stands_beside_it_and_the_officer_sees_what_became_of_it(
    place: Installation, somebody: Opens
) -> None:
    officer, account = place.scenes(
        ("an_open_plan", {"province": "广西壮族自治区教育厅"}),
        ("school", {"province": "广西壮族自治区教育厅", "name": "漓江职业学院"}),
    )
    school, province = somebody(), somebody()
    begin(school, place, account)
    write(school)
    click(school, "保存并提交")
    sign_in(province, place, officer)
    click(province, "证书试点申报", "漓江职业学院")
    decide(province, "退回修改", 场地情况="请写明监控设备。")
    expect(fact(province, "场地情况")).to_contain_text("退回意见 请写明监控设备。")
    school.reload()
    expect(fact(school, "场地情况")).to_contain_text("请写明监控设备。")
    click(school, "继续填写")
    beside = school.locator("#field-facilities + .ox-beside")
    expect(beside).to_contain_text("请写明监控设备。")
    expect(beside).to_contain_text("未修改")
    fill(school, 场地情况="机房 3 间，学生机 150 台，监控全覆盖。")
    expect(beside).to_contain_text("已修改")  # as soon as it is kept by itself
    fill(school, 申请培训总人数="60")
    assert school.locator("#field-teaching_staff + .ox-beside").count() == 0
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待省级审核")
    province.reload()
    expect(province.locator("main")).to_contain_text("第 2 次提交，与上次不同的地方已标出")
    changed = fact(province, "场地情况")
    expect(changed.locator("ins")).to_have_text("，监控全覆盖")
    expect(changed).to_contain_text("上次的退回意见 请写明监控设备。")
    assert fact(province, "师资情况").locator("ins, del").count() == 0
    number = fact(province, "申请培训总人数")
    expect(number.locator("del")).to_have_text("80")
    expect(number.locator("ins")).to_have_text("60")
    expect(number).to_contain_text("比上次 -20")
    decide(province, "通过")
    expect(province.locator("main")).to_contain_text("已通过，批准 60 人。")


def test_a_window_that_closes_over_an_open_form_keeps_what_was_typed_and_says_when_the_next_one_opens(
    place: Installation, somebody: Opens
) -> None:
    _, _, account, neighbour = place.scenes(
        ("an_open_plan", {"province": "江西省教育厅"}),
        ("an_open_plan", {"province": "江西省教育厅", "batch": 2, "opens_in_days": 5}),
        ("school", {"province": "江西省教育厅", "name": "赣江职业学院"}),
        ("school", {"province": "江西省教育厅", "name": "信江职业学院"}),
    )
    school, late = somebody(), somebody()
    begin(school, place, account)
    write(school, "60")
    click(school, "保存")
    expect(school.locator("main")).to_contain_text("已保存为草稿")
    click(school, "继续填写")
    fill(school, 申请培训总人数="66")
    begin(late, place, neighbour)
    place.scene("closed_now", province="江西省教育厅")
    click(school, "保存并提交")
    refusal = school.locator("[data-problems]").first
    expect(refusal).to_contain_text("无法再补报；下一批次（第二次）将于")
    expect(school.get_by_label("申请培训总人数")).to_have_value("66")
    click(school, "证书试点申报")
    expect(school.get_by_role("row").filter(has_text=LEVEL)).to_contain_text("草稿")  # kept, and not handed in
    # Whoever had only opened the form begins nothing, and loses no word.
    write(late)
    click(late, "保存并提交")
    expect(late.locator("[data-problems]").first).to_contain_text("无法再补报")
    expect(late.get_by_label("师资情况")).to_have_value("专任教师 12 人，双师型 9 人。")
    click(late, "证书试点申报")
    expect(late.locator("main")).to_contain_text("还没有申报")
    click(late, "申报证书试点")
    expect(late.get_by_role("row").filter(has_text="第一次")).to_contain_text("已结束")
    expect(late.locator("main")).to_contain_text("第二次将于")
    assert late.get_by_role("link", name="立即申报").count() == 0


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


def test_a_plan_changed_over_open_drafts_shows_its_effect_asks_why_and_tells_the_school_what_no_longer_fits(
    place: Installation, somebody: Opens
) -> None:
    officer, account = place.scenes(
        ("an_open_plan", {"province": "河南省教育厅"}), ("school", {"province": "河南省教育厅", "name": "嵩山职业学院"})
    )
    school, province = somebody(), somebody()
    begin(school, place, account)
    write(school)
    click(school, "保存")
    expect(school.locator("main")).to_contain_text("已保存为草稿")
    sign_in(province, place, officer)
    click(province, "证书申报计划", "第一次", "编辑")
    province.get_by_label("指定证书", exact=True).check()
    province.get_by_label("新媒体技术职业技能等级证书").first.check()
    fill(province, 必须上传的材料="学校 X 证书组织管理情况说明")
    click(province, "查看影响")
    expect(province.locator("[data-problems]")).to_contain_text("请写明修改的原因，院校会看到。")
    fill(province, 修改原因="本批次只开放新媒体技术。")
    click(province, "查看影响")
    effect = province.locator("main")
    expect(effect).to_contain_text("草稿 1 份、已退回 0 份、审核中 0 份：内容都保留，不会被删除。")
    expect(effect).to_contain_text("其中 1 份草稿或退回的申报，其证书不再开放，将不能提交。")
    expect(effect).to_contain_text("草稿和退回的申报须补交：学校 X 证书组织管理情况说明。")
    scope = effect.get_by_role("row").filter(has_text="开放证书范围")
    assert scope.locator("td").all_inner_texts() == ["全部", "新媒体技术职业技能等级证书"]
    school.reload()
    assert "不再开放" not in school.locator("main").inner_text()  # a preview changes nothing
    click(province, "确认修改")
    expect(province.locator("main")).to_contain_text("计划已修改，院校会看到新的内容和原因。")

    school.reload()
    check = school.locator(".ox-checklist")
    expect(check).to_contain_text("该证书不在本计划的开放证书范围内。")
    expect(check).to_contain_text("请上传“学校 X 证书组织管理情况说明”。")
    click(school, "继续填写")
    expect(school.get_by_label("场地情况")).to_have_value("机房 3 间，学生机 150 台。")
    click(school, "保存并提交")
    assert "不在本计划的开放证书范围内" in mistake(school, "试点证书")
    school.get_by_label("试点证书").select_option(label="新媒体技术职业技能等级证书（初级）")
    document = {"name": "组织管理情况说明.pdf", "mimeType": "application/pdf", "buffer": PDF}
    school.get_by_label(labelled("学校 X 证书组织管理情况说明")).set_input_files(document)
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待省级审核")
    click(school, "证书申报计划", "第一次")
    expect(school.locator("main")).to_contain_text("本批次只开放新媒体技术。")
