"""A province at its review desk: by risk, many at once, by sheet, two reviewers over one application, the list."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from tests.browser.pages import Opens, click, figures, fill, shown, sign_in
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.server]
SAME = {"teaching_staff": "专任教师 12 人，其中双师型 9 人，均有两年以上企业实践经历。"}


def line(page: Page, school: str) -> Locator:
    """The row of this school, in the queue or in a preview."""
    return page.get_by_role("row").filter(has_text=school)


def confirm(page: Page, n: int) -> None:
    click(page, f"确认办理 {n} 份")
    page.get_by_role("dialog").get_by_role("button", name=f"确认办理 {n} 份").click()
    expect(page.locator("main")).to_contain_text(f"已办理 {n} 份申报。")


def test_the_desk_is_sorted_by_risk_work_is_taken_in_hand_and_several_are_decided_at_once(
    place: Installation, somebody: Opens
) -> None:
    province = "辽宁省教育厅"
    account, other, _, school_account = place.scenes(
        ("an_open_plan", {"province": province}),
        ("person", {"role": "province", "organisation": province}),
        (
            "filed",
            {
                "province": province,
                "schools": {
                    "流水职业学院": {},
                    "清风职业学院": {"machine_count": 10},
                    "明月职业学院": SAME,
                    "白云职业学院": SAME | {"machine_count": 12},
                },
            },
        ),
        ("person", {"role": "school", "organisation": "流水职业学院"}),
    )
    officer, colleague, school = somebody(), somebody(), somebody()
    sign_in(officer, place, account)
    click(officer, "审核工作台")
    schools = officer.locator("tbody th")
    expect(schools).to_have_text(["白云职业学院", "明月职业学院", "清风职业学院", "流水职业学院"])
    expect(line(officer, "白云")).to_contain_text("文字雷同 机台不足")
    expect(line(officer, "清风")).to_contain_text("机台不足")
    expect(line(officer, "流水")).not_to_contain_text("机台不足")
    # One is taken, another given to oneself; the colleague sees both in somebody's hands.
    line(officer, "白云").get_by_role("button", name="领取").click()
    expect(officer.locator("main")).to_contain_text("已领取“白云职业学院”的申报。")
    line(officer, "明月").get_by_role("checkbox").check()
    click(officer, "分派")
    expect(officer.locator("main")).to_contain_text("已把 1 份分派给周敏。")
    click(officer, "我的")
    expect(schools).to_have_text(["白云职业学院", "明月职业学院"])
    click(officer, "白云职业学院")
    expect(officer.locator(".ox-signals")).to_contain_text("师资情况：明月职业学院")  # whose words they are, too
    sign_in(colleague, place, other)
    click(colleague, "审核工作台", "未分派")
    expect(colleague.locator("tbody th")).to_have_text(["清风职业学院", "流水职业学院"])

    # Two are ticked and sent back; what has no reason is wrong until it has one, each its own or the same.
    for name in ("清风", "流水"):
        line(colleague, name).get_by_role("checkbox").check()
    expect(colleague.locator("[data-selection-bar]")).to_contain_text("已选 2 条")
    shown(colleague, "结论").select_option(label="退回修改")
    click(colleague, "预览办理")
    expect(line(colleague, "流水")).to_contain_text("结论为“退回”时请写明意见。")
    assert figures(colleague) == ["有误2行"]
    assert colleague.get_by_role("button", name="确认办理").count() == 0
    colleague.get_by_label("第 1 行意见").fill("请补充学生机和监控设备的说明。")
    colleague.get_by_label("第 2 行意见").fill("请补充监控设备的说明。")
    click(colleague, "保存改动并重新检查")
    expect(colleague.get_by_role("button", name="确认办理 2 份")).to_be_visible()
    assert figures(colleague) == ["退回2份"]
    sign_in(school, place, school_account)
    click(school, "证书试点申报")
    expect(line(school, "直播电商")).to_contain_text("待省级审核")  # a preview decides nothing
    click(officer, "审核工作台")
    for name in ("清风", "明月"):
        line(officer, name).get_by_role("checkbox").check()
    confirm(colleague, 2)
    # Of what is ticked one is decided already: that is said, and the other is not done twice.
    click(officer, "分派")
    expect(officer.locator("main")).to_contain_text("所选的申报中有 1 份已不在待审核之列，没有包括在内。")
    expect(schools).to_have_text(["白云职业学院", "明月职业学院"])
    school.reload()
    click(school, "继续填写")
    expect(school.locator("main")).to_contain_text("请补充监控设备的说明。")
    click(colleague, "回到审核工作台")
    expect(colleague.locator("tbody th")).to_have_text(["白云职业学院", "明月职业学院"])


def test_the_queue_is_decided_in_excel_a_wrong_line_is_named_and_the_approvals_are_printed_under_a_number(
    place: Installation, somebody: Opens, tmp_path: Path
) -> None:
    province = "吉林省教育厅"
    account, _ = place.scenes(
        ("an_open_plan", {"province": province}),
        (
            "filed",
            {"province": province, "schools": {f"松江第{n}职业学院": {"requested_count": 80} for n in "一二三四"}},
        ),
    )
    officer = somebody()
    sign_in(officer, place, account)
    click(officer, "审核工作台")
    with officer.expect_download() as sheet:
        click(officer, "导出审核表")
    file = tmp_path / "审核表.xlsx"
    sheet.value.save_as(file)
    decisions = {
        "松江第一职业学院": {"结论": "通过", "批准人数": 80},
        "松江第二职业学院": {"结论": "通过", "批准人数": 60, "意见": "按机房容量核定。"},
        "松江第三职业学院": {"结论": "退回", "意见": "请写明学生机台数。"},
        "松江第四职业学院": {"结论": "通过", "批准人数": 90},  # more than it asked for
    }
    wrong = filled_in(file, decisions)["松江第四职业学院"]
    click(officer, "导入审核结果")
    officer.locator("input[type=file]").set_input_files(file)
    click(officer, "上传并预览")
    bad = line(officer, "松江第四职业学院")
    expect(bad.locator("td").first).to_have_text(str(wrong))
    assert figures(officer) == ["通过2份", "退回1份", "有误1行"]
    expect(bad).to_contain_text("批准培训总人数不能超过申请的 80 人。")
    expect(bad).to_contain_text("批准人数：90")
    assert officer.get_by_role("button", name="确认办理").count() == 0
    officer.get_by_label(f"第 {wrong} 行批准人数").fill("50")
    officer.get_by_label(f"第 {wrong} 行意见").fill("按在籍学生数核定。")
    click(officer, "保存改动并重新检查")
    expect(officer.get_by_role("button", name="确认办理 4 份")).to_be_visible()
    assert figures(officer) == ["通过3份", "退回1份"]
    confirm(officer, 4)

    click(officer, "证书申报计划", "第一次", "制发批准名单")
    expect(officer.locator("main")).to_contain_text("该计划已批准 3 项、190 人，其中 3 项还没有列入名单。")
    click(officer, "制发名单")
    expect(officer.locator(".ox-field.has-error")).to_contain_text("请填写文号")
    fill(officer, 文号="吉教职成函〔2026〕8号")
    click(officer, "制发名单")
    expect(officer.locator("main")).to_contain_text("名单已制发，可以下载 PDF。")
    with officer.expect_download() as paper:
        click(officer, "下载 PDF")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(Path(paper.value.path()).read_bytes())).pages)
    found = "".join(text.split())
    for words in ("吉教职成函〔2026〕8号", "松江第一职业学院", "松江第二职业学院", "松江第四职业学院", "190"):
        assert words in found
    assert "松江第三职业学院" not in found  # sent back, not approved


def filled_in(file: Path, decisions: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Write into the exported sheet as an officer does in Excel; answers on which row each school stands."""
    book = load_workbook(file)
    sheet = book.worksheets[0]
    columns = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
    rows = {str(sheet.cell(n, columns["院校"]).value): n for n in range(2, sheet.max_row + 1)}
    for school, values in decisions.items():
        for head, value in values.items():
            sheet.cell(rows[school], columns[head]).value = value
    book.save(file)
    return rows


def test_of_two_reviewers_at_once_the_second_is_told_to_look_again_and_keeps_what_was_typed(
    place: Installation, somebody: Opens
) -> None:
    province = "黑龙江省教育厅"
    account, other, _, school_account = place.scenes(
        ("an_open_plan", {"province": province}),
        ("person", {"role": "province", "organisation": province}),
        ("filed", {"province": province, "schools": {"镜泊湖职业学院": {}}}),
        ("person", {"role": "school", "organisation": "镜泊湖职业学院"}),
    )
    first, second, school = somebody(), somebody(), somebody()
    for page, who in ((first, account), (second, other)):
        sign_in(page, place, who)
        click(page, "审核工作台", "镜泊湖职业学院", "退回修改")
    shown(second, "场地情况").fill("请写明监控设备。")
    shown(second, "总体理由").fill("其余无误。")
    shown(first, "总体理由").fill("请写明双师型教师人数。")
    click(first, "确认退回修改")
    expect(first.locator("main")).to_contain_text("已退回")
    click(second, "确认退回修改")
    expect(second.locator("[data-problems]")).to_contain_text("这份申报刚刚有变动，请刷新后再看")
    expect(second.locator("main")).to_contain_text("请写明双师型教师人数。")  # what the first one said of it
    typed = second.locator(".ox-alert").filter(has_text="您填写的意见没有办理")
    expect(typed).to_contain_text("场地情况")
    expect(typed).to_contain_text("请写明监控设备。")
    expect(typed).to_contain_text("其余无误。")
    # The school hands it in again; then the second one decides on what is there now.
    sign_in(school, place, school_account)
    click(school, "证书试点申报", "继续填写", "保存并提交")
    expect(school.locator("main")).to_contain_text("待省级审核")
    second.reload()
    click(second, "通过")
    click(second, "确认通过")
    expect(second.locator("main")).to_contain_text("已通过，批准 80 人。")
