"""What a site application must hold before the organisation sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from onex.venues.rules import (
    FLOW,
    ChangeFacts,
    Portrait,
    RoomInput,
    SiteFacts,
    SiteState,
    capacity_of,
    differences,
    problems_on_apply,
    problems_on_submit,
    problems_with_addresses,
    suggested_name,
)

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
WHOLE = SiteFacts(
    name="金陵职业技术学院直播电商职业技能等级证书(初、中)考核站点",
    region="江苏省南京市",
    address="江宁区弘景大道 1 号实训楼",
    contact_name="周敏",
    contact_phone="025-83152910",
    contact_email="zhou@example.edu.cn",
    description="两个机房，均有监控",
    level_count=2,
    rooms=(RoomInput("机房 301", 40, 4), RoomInput("机房 302", 40, 4)),
    has_stamped_form=True,
    has_approved_pilot=True,
    is_already_site=False,
)


def sentences(**changes: object) -> list[str]:
    return [str(problem) for problem in problems_on_submit(replace(WHOLE, **changes), NOON)]  # type: ignore[arg-type]


def test_a_whole_application_may_be_submitted() -> None:
    assert sentences() == []


def test_without_the_stamped_form_it_is_refused() -> None:
    assert sentences(has_stamped_form=False) == ["请上传盖章版申请表；没有上传会导致审核被退回。"]


def test_a_school_without_an_approved_pilot_application_may_not_apply() -> None:
    assert "试点申报通过后方可申报考核站点" in sentences(has_approved_pilot=False)[0]


def test_a_school_that_is_a_site_already_need_not_apply() -> None:
    (sentence,) = sentences(is_already_site=True)
    assert "贵校已是该评价组织的考核站点，不用重复申请" in sentence
    assert "申请变更" in sentence


def test_a_change_needs_a_site_in_being_and_something_that_changes() -> None:
    assert sentences(is_already_site=True, changes=ChangeFacts(is_revoked=False, is_different=True)) == []
    assert sentences(changes=ChangeFacts(is_revoked=False, is_different=False)) == [
        "变更申请的内容与现有站点相同，请先填写要变更的内容。"
    ]
    assert sentences(changes=ChangeFacts(is_revoked=True, is_different=True)) == [
        "该考核站点已撤销，不能申请变更；请重新申报。"
    ]


def test_differences_are_told_in_the_words_and_the_order_of_the_form() -> None:
    before = Portrait("甲", "江苏省", "一号", "周敏", "1", "a@b", ("初级",), (RoomInput("301", 40, 4),))
    after = replace(
        before,
        address="二号",
        levels=("中级", "初级"),
        rooms=(RoomInput("302", 30), RoomInput("301", 40, 4, camera_count=2)),
    )
    assert [(str(one.what), one.before, one.after) for one in differences(before, after)] == [
        ("详细地址", "一号", "二号"),
        ("考核证书", "初级", "中级、初级"),
        ("考场（机房）", "301(40+4)", "301(40+4；摄像头 2)、302(30+0)"),
    ]
    assert differences(before, replace(before, rooms=(RoomInput("301", 40, 4), RoomInput("302", 0)))) == []


def test_both_reasons_are_told_at_once() -> None:
    assert len(problems_on_apply(has_approved_pilot=False, is_already_site=True)) == 2


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("name", "考核站点名称"),
        ("region", "考核站点地址"),
        ("address", "详细地址"),
        ("contact_name", "联系人姓名"),
        ("contact_phone", "联系人电话"),
        ("contact_email", "联系人邮箱"),
        ("description", "考核站点简介"),
    ],
)
def test_every_starred_field_is_asked_for_by_its_name(field: str, title: str) -> None:
    assert sentences(**{field: "  "}) == [f"请填写{title}"]


def test_at_least_one_certificate_is_asked_for() -> None:
    assert sentences(level_count=0) == ["请至少选择一种考核证书"]


def test_a_site_has_rooms_with_machines_and_different_names() -> None:
    assert sentences(rooms=()) == ["请至少填写一个考场（机房）"]
    assert sentences(rooms=(RoomInput("机房 301", 0),)) == ["考场“机房 301”的考试机数量应不少于 1 台"]
    assert sentences(rooms=(RoomInput("301", 30), RoomInput("301", 30))) == ["考场名称“301”重复，请加以区分"]


@pytest.mark.parametrize("text", ["13812345678", "025-83152910", "０２５-８３１５２９１０", "0512-12345678-801"])
def test_mobile_and_landline_numbers_are_taken(text: str) -> None:
    assert sentences(contact_phone=text) == []


@pytest.mark.parametrize("text", ["1381234567", "23812345678", "83152910", "call me"])
def test_other_numbers_are_refused_with_an_example(text: str) -> None:
    assert "例如 025-83152910" in sentences(contact_phone=text)[0]


def test_spare_machines_do_not_count_as_seats() -> None:
    assert capacity_of(room.machine_count for room in WHOLE.rooms) == 80


@pytest.mark.parametrize("text", ["", "10.20.0.0/24", "10.20.0.1，10.20.0.2; 2001:db8::/64", "  203.0.113.8 "])
def test_addresses_of_a_room_are_single_ones_and_ranges(text: str) -> None:
    assert problems_with_addresses(text) == []


def test_what_is_no_address_is_named() -> None:
    (first, second) = problems_with_addresses("10.20.0.0/24, 机房一, 10.20.0.999")
    assert "机房一" in str(first)
    assert "10.20.0.999" in str(second)


def test_the_suggested_name_follows_the_guide() -> None:
    named = suggested_name("昌平职业技术学校", [("WEB职业技能等级证书", ("初级", "中级", "高级"))])
    assert named == "昌平职业技术学校WEB职业技能等级证书(初、中、高)考核站点"


def test_a_returned_application_may_be_submitted_again() -> None:
    assert FLOW.find("submit", SiteState.RETURNED).target == SiteState.PENDING
    assert FLOW.find("return", SiteState.PENDING).needs_note
