"""What a school must show before its province sees its registration, and what a province may decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onex.accounts.rules import (
    REGISTRATION,
    RegistrationState,
    parse_majors,
    parse_people,
    problems_by_field,
    problems_on_submit,
    problems_with_username,
    regions_of,
)
from onex.accounts.tests.factories import NOON, SOUND, a_credit_code
from onex.common.actors import Role
from onex.common.text import Refused

S = RegistrationState


def sentences(**changes) -> dict[str, str]:
    found = problems_by_field(replace(SOUND, **changes))
    return {field: " ".join(map(str, problems)) for field, problems in found.items()}


def test_a_careful_registration_has_no_problem() -> None:
    assert problems_on_submit(SOUND, NOON) == []


@pytest.mark.parametrize(
    ("field", "empty", "sentence"),
    [
        ("name", "", "请填写学校全称"),
        ("school_type", "", "请选择学校类型"),
        ("school_code", "", "请填写学校标识码"),
        ("credit_code", "", "请填写统一社会信用代码"),
        ("address", " ", "请填写地址"),
        ("legal_representative", "", "请填写法定代表人"),
        ("contact_name", "", "请填写联系人"),
        ("contact_phone", "", "请填写联系电话"),
        ("contact_email", "", "请填写联系邮箱"),
        ("majors", (), "请至少填写一个开设专业"),
    ],
)
def test_what_is_left_empty_is_asked_for_beside_its_field(field: str, empty: object, sentence: str) -> None:
    assert sentences(**{field: empty})[field] == sentence


def test_papers_are_asked_for() -> None:
    assert "请上传盖章的申请表" in sentences(has_licence=False)["licence"]


def test_a_city_must_be_chosen_and_belong_to_the_province() -> None:
    assert sentences(city_in_province=None) == {"city": "请选择所在城市"}
    assert sentences(city_in_province=False) == {"city": "所选城市不属于所选省份"}


def test_codes_must_belong_to_the_chosen_province() -> None:
    found = sentences(province_code="33")
    assert "第 3、4 位 32 与所选省份不一致" in found["school_code"]
    assert "登记地（第 3、4 位 32）" in found["credit_code"]


def test_the_school_identifier_must_fit_the_school_type() -> None:
    assert "表示普通高校，与所选学校类型不一致" in sentences(school_type="secondary")["school_code"]
    assert sentences(school_type="secondary", school_code="3632012345") == {}
    assert sentences(school_type="vocational_university") == {}


def test_a_technician_school_may_have_no_identifier_and_nobody_else() -> None:
    assert sentences(school_type="technician", school_code="") == {}
    assert sentences(school_type="college", school_code="") == {"school_code": "请填写学校标识码"}


@pytest.mark.parametrize("taken", ["school_code_taken", "credit_code_taken", "username_taken", "name_taken"])
def test_numbers_and_accounts_of_others_are_refused(taken: str) -> None:
    (sentence,) = sentences(**{taken: True}).values()
    assert "已" in sentence


def test_a_wrong_check_character_is_said_beside_the_credit_code() -> None:
    wrong = a_credit_code(7)[:17] + ("0" if a_credit_code(7)[17] != "0" else "1")
    assert sentences(credit_code=wrong) == {"credit_code": "统一社会信用代码的校验位不正确，请核对是否有输错的字符"}


def test_codes_of_the_corps_and_of_separate_cities_are_those_of_where_they_lie() -> None:
    assert regions_of("66") == ("66", "65")
    assert regions_of("2102") == ("21",)
    assert regions_of("32") == ("32",)


@pytest.mark.parametrize("username", ["njsf", "njsf_jwc", "Nj.sf-2026"])
def test_an_account_begins_with_a_letter(username: str) -> None:
    assert problems_with_username(username) == []


@pytest.mark.parametrize("username", ["", "abc", "1njsf", "南京示范", "nj sf", "a" * 41, "njsf\n"])
def test_other_accounts_are_refused(username: str) -> None:
    assert problems_with_username(username) != []


# --- majors as people paste them


def test_majors_are_read_from_lines_as_excel_pastes_them() -> None:
    rows, problems = parse_majors("530701\t电子商务\n\n 530605，市场营销\r\n０５０３０６ｔ 网络与 新媒体\n")
    assert problems == []
    assert rows == [("530701", "电子商务"), ("530605", "市场营销"), ("050306T", "网络与新媒体")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("电子商务", "第 1 行：“电子商务”不是专业代码"),
        ("530701", "第 1 行：专业代码 530701 后面缺少专业名称"),
        ("530701 电子商务\n530701 电商", "第 2 行：专业代码 530701 重复"),
        ("530701 " + "长" * 61, "第 1 行：专业名称过长"),
        ("\n".join(f"{n:06d} 专业" for n in range(201)), "开设专业最多填写 200 个"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(text: str, sentence: str) -> None:
    _, problems = parse_majors(text)
    assert sentence in " ".join(map(str, problems))


# --- the table


@pytest.mark.parametrize("state", list(S))
def test_the_table_has_exactly_these_moves(state: RegistrationState) -> None:
    expected = {
        S.DRAFT: {"submit"},
        S.REJECTED: {"submit"},
        S.PENDING: {"approve", "reject", "refuse"},
        S.ACTIVE: set(),
        S.REFUSED: set(),
    }
    assert {move.name for move in REGISTRATION.moves_from(state)} == expected[state]
    for name in {"submit", "approve", "reject", "refuse"} - expected[state]:
        with pytest.raises(Refused, match="当前状态为"):
            REGISTRATION.find(name, state)


def test_a_rejection_needs_its_reason() -> None:
    assert REGISTRATION.find("reject", S.PENDING).needs_note


def test_people_pasted_from_a_sheet_keep_its_columns_and_lose_its_head() -> None:
    text = "姓名\t登录账号\t邮箱或手机号\t身份\n周 六\tzhouliu\t１３９００００００１２\t教师\n王五\twangwu\tbad\t校长"
    first, second = parse_people(text, {"教师": Role.TEACHER})
    assert (first.number, first.name, first.username, first.phone) == (2, "周 六", "zhouliu", "13900000012")
    assert (first.roles, first.problems) == ((Role.TEACHER,), ())
    assert second.asked == ("校长",)  # shown as it was written, beside what is wrong with it
    assert second.problems
    assert [one.name for one in parse_people("孙七,sunqi,s@example.com,教师\n姓名,x", {"教师": Role.TEACHER})] == [
        "孙七",
        "姓名",
    ]
