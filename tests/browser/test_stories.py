"""What people come for, click by click in a real Chromium, in the guide's own words."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from demo.mail import activation_link, last_mail
from onex.accounts.identifiers import check_character, credit_check_character
from onex.common.tests.papers import PDF
from onex.registration.tests.factories import a_photo
from tests.browser.pages import Opens, choose, click, fill, mistake, shown, sign_in
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.server]
PASSWORD = "weekly-Market-7"


# --- (a) a school that never applied -----------------------------------------------------------------------------


def a_school_code(region: str, serial: int) -> str:
    return f"41{region}0{serial:05d}"


def a_credit_code(region: str, serial: int) -> str:
    stem = f"12{region}{serial:013d}"
    return stem + credit_check_character(stem)


def test_a_school_that_never_applied_registers_itself_and_signs_in_once_its_province_agrees(
    place: Installation, somebody: Opens
) -> None:
    officer = place.scene("person", role="province", organisation="广东省教育厅")
    school = somebody()
    school.goto(place.url)
    click(school, "试点院校业务平台")
    click(school, "还没有账号？立即申报")
    credit_code = a_credit_code("44", 900_001)
    fill(
        school,
        学校全称="珠江职业技术学院",
        地址="海珠区新港路 8 号",
        法定代表人="何文",
        学校标识码="414401234",  # nine digits
        统一社会信用代码=credit_code[:-1] + ("0" if credit_code[-1] != "0" else "1"),
        教务处联系人="林岚",
        联系电话="1380013800",  # ten digits
        联系邮箱="jwc.zhujiang",
        登录账号="8zhujiang",
        开设专业="530701 电子商务\n530605 市场营销",
        所属区县="海珠区",
    )
    school.get_by_label("所属省份").select_option(label="广东省")
    school.get_by_label("所属城市").select_option(label="广州市")
    school.get_by_label("学校类型").select_option(label="高职专科")
    school.locator("input[type=file]").set_input_files({"name": "法人证书.pdf", "mimeType": "x", "buffer": PDF})
    click(school, "提交注册")
    expect(school.locator("[data-problems]").first).to_contain_text("有 5 处需要修改，您填写的内容都还在")
    assert "学校标识码应为 10 位" in mistake(school, "学校标识码")
    assert "校验位不正确" in mistake(school, "统一社会信用代码")
    assert "手机号" in mistake(school, "联系电话")
    assert "有效" in mistake(school, "联系邮箱")
    assert "以字母开头" in mistake(school, "登录账号")
    for kept in ("珠江职业技术学院", "海珠区新港路 8 号", "414401234", "1380013800", "jwc.zhujiang", "8zhujiang"):
        assert school.locator(f'input[value="{kept}"]').count() == 1
    expect(school.locator(".ox-files")).to_contain_text("法人证书.pdf")
    # Only the mistakes are mended; the file need not be given again.
    fill(
        school,
        学校标识码=a_school_code("44", 1234),
        统一社会信用代码=credit_code,
        联系电话="13800138000",
        联系邮箱="jwc@zhujiang.example",
        登录账号="zhujiang_jwc",
    )
    click(school, "提交注册")
    expect(school.locator("h1")).to_contain_text("珠江职业技术学院")
    expect(school.locator("main")).to_contain_text("由广东省教育厅审核")
    status = school.url

    province = somebody()
    sign_in(province, place, officer)
    click(province, "院校注册", "珠江职业技术学院", "退回")
    # A remark beside the field: the school finds it in its form, and the reviewer sees what was changed.
    address = province.locator(".ox-fact").filter(has_text="海珠区新港路 8 号")
    address.locator("summary").click()
    address.locator("textarea").fill("请写明校区")
    click(province, "确认退回")
    expect(province.locator("main")).to_contain_text("已退回：珠江职业技术学院。")
    school.reload()
    click(school, "继续填写")
    expect(school.locator("main")).to_contain_text("审核意见：请写明校区")
    fill(school, 地址="海珠区新港路 8 号南校区")
    click(school, "提交注册")
    expect(school.locator("main")).to_contain_text("由广东省教育厅审核")
    province.reload()
    expect(province.locator(".ox-facts ins")).to_have_text("海珠区新港路 8 号南校区")
    click(province, "通过")
    expect(province.locator("main")).to_contain_text("已通过：珠江职业技术学院 的账号已开通，激活链接已发到")

    # The contact opens the e-mail, chooses the password and is in; the status page says so from now on.
    school.goto(status)
    expect(school.locator("main")).to_contain_text("j**@zhujiang.example")
    school.goto(place.url + activation_link(last_mail(place.data / "mail", "jwc@zhujiang.example")))
    school.locator("[name=new]").fill(PASSWORD)
    school.locator("[name=again]").fill(PASSWORD)
    school.locator("main form button[type=submit]").click()
    expect(school.locator("h1")).to_contain_text("林岚")
    school.goto(status)
    expect(school.locator("main")).to_contain_text("账号 zhujiang_jwc 已经启用")


# --- (b) the guide's three steps ---------------------------------------------------------------------------------


def test_the_guide_is_followed_click_by_click_until_fewer_places_are_approved(
    place: Installation, somebody: Opens
) -> None:
    officer, account = place.scenes(
        ("an_open_plan", {"province": "山东省教育厅", "batch": 2}),
        ("school", {"province": "山东省教育厅", "name": "泉城职业学院"}),
    )
    school = somebody()
    sign_in(school, place, account)
    # 第一步 证书管理-证书试点申报-申报证书试点
    menu = school.locator("nav.ox-side section").filter(has_text="证书管理")
    menu.get_by_role("link", name="证书试点申报").click()
    click(school, "申报证书试点")
    # 第二步 查看所在省份申报计划
    expect(school.locator("main")).to_contain_text("申报审批通过拿到培训名额后方可组织开展")
    row = school.get_by_role("row").filter(has_text="第二次")
    expect(row).to_contain_text("进行中")
    # 第三步 选择批次点击立即申报，填写并提交试点申报信息
    row.get_by_role("link", name="立即申报").click()
    expect(school.locator("main")).to_contain_text("不添加拟申报专业则默认该试点证书的全部对应专业")
    fill(school, 申请培训总人数="100")
    school.get_by_label("试点证书").select_option(label="直播电商职业技能等级证书（初级）")
    click(school, "保存")
    expect(school.locator("main")).to_contain_text("已保存为草稿，尚未提交")
    click(school, "继续填写")
    click(school, "保存并提交")
    assert "师资" in mistake(school, "师资情况")
    assert "场地" in mistake(school, "场地情况")
    fill(school, 师资情况="专任教师 12 人。", 场地情况="机房 3 间，学生机 150 台。")
    click(school, "选择专业")
    school.get_by_label("530701 电子商务").check()
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待省级审核")

    province = somebody()
    sign_in(province, place, officer)
    click(province, "证书试点申报", "泉城职业学院", "退回修改")
    shown(province, "理由").fill("请写明双师型教师人数。")
    click(province, "确认退回修改")
    expect(province.locator("main")).to_contain_text("已退回")

    school.reload()
    expect(school.locator("main")).to_contain_text("请写明双师型教师人数。")
    click(school, "继续填写")
    expect(school.get_by_label("场地情况")).to_have_value("机房 3 间，学生机 150 台。")
    fill(school, 师资情况="专任教师 12 人，其中双师型 9 人。")
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("待省级审核")

    province.reload()
    expect(province.locator(".ox-diff ins")).to_contain_text("其中双师型 9 人")  # what changed since the last time
    click(province, "通过")
    shown(province, "批准培训总人数").fill("60")
    click(province, "确认通过")
    expect(province.locator("[data-problems]")).to_contain_text("批准人数少于申请的 100 人，请写明理由")
    expect(shown(province, "批准培训总人数")).to_have_value("60")  # what was typed stands there still
    shown(province, "说明").fill("按机房容量核定。")
    click(province, "确认通过")
    expect(province.locator("main")).to_contain_text("已通过，批准 60 人。")

    school.locator("nav.ox-side").get_by_role("link", name="证书试点申报").click()
    line = school.get_by_role("row").filter(has_text="直播电商职业技能等级证书（初级）")
    assert line.locator("td.ox-num").all_inner_texts() == ["100", "60", "0"]
    expect(line).to_contain_text("审核通过")


# --- (c) the exam site -------------------------------------------------------------------------------------------


def test_a_site_is_applied_for_with_the_stamped_form_and_not_without_it(place: Installation, somebody: Opens) -> None:
    account, officer = place.scenes(
        ("school", {"province": "四川省教育厅", "name": "锦江职业技术学院", "approved": 50}),
        ("person", {"role": "org"}),
    )
    school = somebody()
    sign_in(school, place, account)
    menu = school.locator("nav.ox-side section").filter(has_text="考务管理")
    menu.get_by_role("link", name="考核站点").click()
    click(school, "申报考核站点")
    fill(school, 考核站点简介="两个机房，双路供电，监控全覆盖。")
    rooms = school.get_by_role("row").filter(has=school.get_by_label("考场名称"))
    rooms.nth(0).get_by_label("考场名称").fill("机房 A")
    rooms.nth(0).get_by_label("考试机数量").fill("45")
    click(school, "保存并提交")
    assert "没有上传会导致审核被退回" in mistake(school, "盖章版申请表")
    expect(school.get_by_label("考核站点简介")).to_have_value("两个机房，双路供电，监控全覆盖。")
    with school.expect_download() as printed:
        click(school, "打印申请表")
    assert Path(printed.value.path()).read_bytes().startswith(b"%PDF")
    field = school.locator("#field-stamped_form input[type=file], [name=stamped_form]").first
    field.set_input_files({"name": "考核站点申请表.txt", "mimeType": "text/plain", "buffer": b"no form"})
    click(school, "保存并提交")
    assert mistake(school, "盖章版申请表")
    field.set_input_files({"name": "考核站点申请表.pdf", "mimeType": "application/pdf", "buffer": PDF})
    click(school, "保存并提交")
    expect(school.locator("main")).to_contain_text("等待南京奥派信息产业股份有限公司审核")
    address = school.url

    org = somebody()
    sign_in(org, place, officer)
    org.locator("nav.ox-side").get_by_role("link", name="考核站点").click()
    org.get_by_role("row").filter(has_text="锦江职业技术学院").get_by_role("link", name="审核").click()
    click(org, "通过")
    for sentence in ("盖章版申请表上有学校公章，清晰可辨", "盖章版申请表的内容与本页填报一致"):
        org.get_by_label(sentence).check()
    click(org, "确认通过")
    expect(org.locator("main")).to_contain_text("已成为考核站点")
    school.goto(address)
    expect(school.locator("main")).to_contain_text("已成为考核站点")
    school.locator("nav.ox-side").get_by_role("link", name="考核站点").click()
    expect(school.locator("main")).to_contain_text("不用重复申请")


# --- (d) the roster and who may be entered -----------------------------------------------------------------------


def an_id_number(serial: int, born: str = "20060315") -> str:
    start = f"420106{born}{serial:03d}"
    return start + check_character(start)


def pupils() -> list[dict[str, str]]:
    numbers = count(1)
    names = (("方晴", "530701 电子商务"), ("石磊", "530701 电子商务"), ("姚远", "530302 大数据与会计"))
    return [
        {
            "姓名": name,
            "身份证号": an_id_number(n := next(numbers)),
            "学号": f"2024{n:04d}",
            "入学年份": "2024",
            "专业代码": major.split()[0],
            "专业名称": major.split()[1],
            "班级": "2401",
            "手机号": f"1390000000{n}",
        }
        for name, major in names
    ]


def written(file: Path, rows: list[dict[str, str]], start: int = 2) -> None:
    """Fill in a workbook under its own heads, as a registrar does in Excel."""
    book = load_workbook(file)
    sheet = book.worksheets[0]
    columns = {str(cell.value).rstrip("*★"): cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, start=start):
        for head, value in row.items():
            sheet.cell(number, columns[head], value).number_format = "@"
    book.save(file)


def test_a_roster_with_wrong_rows_is_mended_by_its_error_sheet_and_a_wrong_major_is_named(
    place: Installation, somebody: Opens, tmp_path: Path
) -> None:
    majors = {"530701": "电子商务", "530302": "大数据与会计"}
    account, sitting = place.scenes(
        ("school", {"province": "湖北省教育厅", "name": "楚天职业学院", "majors": majors, "approved": 50}),
        ("site_and_sitting", {"school": "楚天职业学院"}),
    )
    school = somebody()
    sign_in(school, place, account)
    school.locator("nav.ox-side").get_by_role("link", name="学生名单").click()
    click(school, "导入学生")
    with school.expect_download() as template:
        click(school, "下载模板")
    roster = tmp_path / "学生名单.xlsx"
    template.value.save_as(roster)
    right = pupils()
    digit = (int(right[1]["身份证号"][-1], 11) + 1) % 10 if right[1]["身份证号"][-1] != "X" else 0
    wrong_number = right[1]["身份证号"][:-1] + str(digit)
    written(roster, [right[0], right[1] | {"身份证号": wrong_number}, right[2] | {"手机号": "139"}])
    choose_file(school, roster)
    figures = school.locator(".ox-figure")
    assert [re.sub(r"\s+", "", text) for text in figures.all_inner_texts()] == [
        "新增1人",
        "更新0人",
        "相同0人",
        "有误2行",
    ]
    expect(school.get_by_role("row").filter(has_text="石磊")).to_contain_text("校验位不正确")
    expect(school.get_by_role("row").filter(has_text="姚远")).to_contain_text("手机号")
    expect(school.locator("main")).to_contain_text("暂不能确认导入")
    with school.expect_download() as errors:
        click(school, "下载错误表")
    mended = tmp_path / "改正.xlsx"
    errors.value.save_as(mended)
    written(mended, [{"身份证号": right[1]["身份证号"]}, {"手机号": right[2]["手机号"]}])
    click(school, "另选文件")
    choose_file(school, mended)
    click(school, "确认导入 2 人")
    click(school, "导入学生")
    written(roster, right)
    choose_file(school, roster)
    expect(figures.filter(has_text="相同")).to_contain_text("2")
    click(school, "确认导入 1 人")
    for row in right:
        expect(school.locator("main")).to_contain_text(row["姓名"])
    click(school, "导入学生")
    written(roster, [right[0] | {"班级": "2402", "手机号": "13900000009"}, right[1], right[2]])
    choose_file(school, roster)
    school.get_by_role("checkbox", name="班级：2401 → 2402").check()
    click(school, "确认导入：新增 0 人，更新勾选的改动")
    expect(school.locator("main")).to_contain_text("2402")
    click(school, "成批上传证件照")
    archive = tmp_path / "照片.zip"
    with ZipFile(archive, "w") as packed:
        packed.writestr(f"{right[0]['姓名']}_{right[0]['身份证号']}.jpg", a_photo().read())
        packed.writestr("合影.jpg", a_photo().read())
    choose_file(school, archive)
    expect(school.get_by_role("row").filter(has_text="合影.jpg")).to_contain_text("文件名应为")
    click(school, "保存照片")
    expect(school.locator("main")).to_contain_text("已保存 1 名学生的照片")

    school.locator("nav.ox-side").get_by_role("link", name="考试报名").click()
    click(school, "为学生报名")
    choose(school, "统考与证书等级", sitting["title"], sitting["level"])
    choose(school, "考核站点", "考核站点")
    click(school, "下一步：选择学生")
    refused = school.get_by_role("row").filter(has_text="姚远")
    expect(refused).to_contain_text("大数据与会计（530302）")
    expect(refused.get_by_role("checkbox")).to_have_count(0)
    for name in ("方晴", "石磊"):
        school.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()
    expect(school.locator("[data-selection-bar]")).to_contain_text("2")
    click(school, "为所选学生报名")
    expect(school.locator("main")).to_contain_text("已为 2 名学生报名")
    school.locator("nav.ox-side").get_by_role("link", name="证书试点申报").click()
    line = school.get_by_role("row").filter(has_text="直播电商职业技能等级证书（初级）")
    assert line.locator("td.ox-num").all_inner_texts() == ["50", "50", "2"]


def choose_file(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator("[data-drop-names]")).to_contain_text(file.name)
    click(page, "上传并预览")


# --- (e) two hats ------------------------------------------------------------------------------------------------


def test_one_person_with_two_hats_chooses_one_and_switches(place: Installation, somebody: Opens) -> None:
    account = place.scene("person", role="assessor", also="author")
    page = somebody()
    sign_in(page, place, account)
    expect(page.locator("h1")).to_have_text("选择身份")
    page.get_by_role("button", name="考评员").click()
    side = page.locator("nav.ox-side")
    expect(side).to_contain_text("我的评分")
    expect(side).not_to_contain_text("题库")
    page.locator("summary.ox-top-button").click()
    page.get_by_role("button", name=re.compile("^命题员")).click()
    expect(side).to_contain_text("题库")
    expect(side).not_to_contain_text("我的评分")
    expect(page.locator(".ox-hat")).to_contain_text("命题员")
    assert page.goto(f"{place.url}/marking/jobs/").status == 403  # the other hat's page is not this hat's
