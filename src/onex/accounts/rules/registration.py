"""院校注册 (立即申报): the flow as a table, and everything that keeps a school's registration from its province."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onex.accounts.identifiers import (
    normalised,
    problems_with_credit_code,
    problems_with_email,
    problems_with_name,
    problems_with_phone,
    problems_with_school_code,
)
from onex.accounts.rules.links import LINK_ACTS
from onex.accounts.rules.organisations import SCHOOL_CODE_KINDS, SchoolType, regions_of
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow


class RegistrationState(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    ACTIVE = "active"
    REJECTED = "rejected"  # given back to be corrected
    REFUSED = "refused"  # for good


# What the applicant may still change.
EDITABLE = (RegistrationState.DRAFT, RegistrationState.REJECTED)
MOST_MAJORS = 200
# What a reviewer may write a remark beside, in the order of the form; the keys are the form's fields.
REMARKED = {
    "name": say("学校全称"),
    "province": say("所属地区"),
    "school_type": say("学校类型"),
    "ownership": say("办学性质"),
    "school_code": say("学校标识码"),
    "credit_code": say("统一社会信用代码"),
    "legal_representative": say("法定代表人"),
    "address": say("地址"),
    "contact_name": say("教务处联系人"),
    "contact_phone": say("联系电话"),
    "contact_email": say("联系邮箱"),
    "username": say("登录账号"),
    "majors": say("开设专业"),
    "licence": say("证明材料"),
}
LONGEST_REMARK = 300


@dataclass(frozen=True)
class RegistrationFacts:
    """What is judged: the form as filled in, and what the tables already have of it.

    `city_in_province` is None without a city; `*_taken`: another school, account or waiting registration has it;
    `checked`: what the reviewer says to have looked at, which only a review by hand asks for.
    """

    province_code: str
    city_in_province: bool | None
    name: str
    school_type: str
    school_code: str
    credit_code: str
    address: str
    legal_representative: str
    contact_name: str
    contact_phone: str
    contact_email: str
    majors: Sequence[tuple[str, str]]
    username: str
    has_licence: bool
    school_code_taken: bool = False
    credit_code_taken: bool = False
    username_taken: bool = False
    name_taken: bool = False
    checked: str = ""


def problems_on_submit(facts: RegistrationFacts, at: datetime) -> list[Say]:
    """What a school still has to put right before its province sees the registration."""
    return [sentence for sentences in problems_by_field(facts).values() for sentence in sentences]


def problems_by_field(facts: RegistrationFacts) -> dict[str, list[Say]]:
    """The same, beside the field each belongs to, in the order of the form."""
    regions = regions_of(facts.province_code)
    found: dict[str, list[Say]] = {}

    def note(field: str, problems: list[Say]) -> None:
        if problems:
            found[field] = problems

    note("city", _problems_with_city(facts.city_in_province))
    note("name", _needed(facts.name, say("请填写学校全称")) or _problems_with_taken_name(facts.name_taken))
    note("school_type", [] if facts.school_type in set(SchoolType) else [say("请选择学校类型")])
    note("school_code", _problems_with_school_code(facts, regions))
    note("credit_code", _problems_with_credit_code(facts, regions))
    note("address", _needed(facts.address, say("请填写地址")))
    note(
        "legal_representative",
        _needed(facts.legal_representative, say("请填写法定代表人")) or problems_with_name(facts.legal_representative),
    )
    note("contact_name", _needed(facts.contact_name, say("请填写联系人")) or problems_with_name(facts.contact_name))
    note(
        "contact_phone", _needed(facts.contact_phone, say("请填写联系电话")) or problems_with_phone(facts.contact_phone)
    )
    note(
        "contact_email", _needed(facts.contact_email, say("请填写联系邮箱")) or problems_with_email(facts.contact_email)
    )
    note("majors", [] if facts.majors else [say("请至少填写一个开设专业")])
    note("licence", [] if facts.has_licence else [say("请上传盖章的申请表、办学许可证或法人证书扫描件")])
    note("username", _problems_with_username(facts))
    return found


def _needed(text: str, sentence: Say) -> list[Say]:
    return [] if text.strip() else [sentence]


def _problems_with_taken_name(is_taken: bool) -> list[Say]:
    return [say("该校名已经注册或正在审核，请向贵校教务处或所在省份查询账号")] if is_taken else []


def _problems_with_city(city_in_province: bool | None) -> list[Say]:
    if city_in_province is None:
        return [say("请选择所在城市")]
    return [] if city_in_province else [say("所选城市不属于所选省份")]


def _problems_with_school_code(facts: RegistrationFacts, regions: tuple[str, ...]) -> list[Say]:
    if not facts.school_code:
        # Schools of the labour authorities may have none: the province then looks at the papers.
        return [] if facts.school_type == SchoolType.TECHNICIAN else [say("请填写学校标识码")]
    if facts.school_code_taken:
        return [say("该学校标识码已经注册或正在审核，请向贵校教务处或所在省份查询账号")]
    kinds = SCHOOL_CODE_KINDS.get(SchoolType(facts.school_type), ()) if facts.school_type in set(SchoolType) else ()
    return problems_with_school_code(facts.school_code, regions, kinds or ("36", "41", "42", "93"))


def _problems_with_credit_code(facts: RegistrationFacts, regions: tuple[str, ...]) -> list[Say]:
    if not facts.credit_code:
        return [say("请填写统一社会信用代码")]
    if facts.credit_code_taken:
        return [say("该统一社会信用代码已经注册或正在审核，请向贵校教务处或所在省份查询账号")]
    return problems_with_credit_code(facts.credit_code, regions)


def _problems_with_username(facts: RegistrationFacts) -> list[Say]:
    found = problems_with_username(facts.username)
    return found or ([say("该登录账号已被使用，请换一个")] if facts.username_taken else [])


def problems_with_username(text: str) -> list[Say]:
    """Why this cannot be an account's name."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{3,39}", text):
        return []
    return [say("登录账号为 4 到 40 位，以字母开头，可用字母、数字、下划线、点和短横")]


def parse_majors(text: str) -> tuple[list[tuple[str, str]], list[Say]]:
    """Majors as people paste them, one in a line, code then name, and what is wrong with which line.

    Codes: six digits, in the 本科 catalogue with T, K or TK behind.
    """
    rows: dict[str, str] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = re.split(r"[\s,，;；、]+", line.strip(), maxsplit=1)
        if parts == [""]:
            continue
        code = normalised(parts[0])
        name = re.sub(r"\s+", "", parts[1]) if len(parts) > 1 else ""
        if not re.fullmatch(r"[0-9]{6}T?K?", code):
            problems.append(
                say("第 {n} 行：“{text}”不是专业代码（六位数字，本科可带 T 或 K）", n=number, text=parts[0])
            )
        elif not name:
            problems.append(say("第 {n} 行：专业代码 {code} 后面缺少专业名称", n=number, code=code))
        elif len(name) > 60:
            problems.append(say("第 {n} 行：专业名称过长", n=number))
        elif code in rows:
            problems.append(say("第 {n} 行：专业代码 {code} 重复", n=number, code=code))
        else:
            rows[code] = name
    if len(rows) > MOST_MAJORS:
        problems.append(say("开设专业最多填写 {n} 个", n=MOST_MAJORS))
    return list(rows.items()), problems


def why_by_hand(school_type: str, school_code: str) -> Say | None:
    """What the reviewer has to look at with their own eyes because no number can be checked, if anything."""
    if school_type == SchoolType.TECHNICIAN and not school_code:
        return say(
            "技工院校没有学校标识码，系统无法自动核对。请对照办学许可证或人力资源社会保障部门的批文，"
            "核对学校全称、办学层次、印章和有效期。"
        )
    return None


def problems_on_approve(facts: RegistrationFacts, at: datetime) -> list[Say]:
    """A school is opened once, its account's name must still be free, and what no number proves has been looked at."""
    found = []
    if facts.school_code_taken or facts.credit_code_taken or facts.name_taken:
        found.append(say("该院校已经开通，不能重复开通；请退回并写明理由。"))
    if facts.username_taken:
        found.append(say("登录账号已被他人使用，请退回，请学校换一个账号。"))
    if why_by_hand(facts.school_type, facts.school_code) and not facts.checked.strip():
        found.append(say("这份注册需要人工核对，请写明核对了哪些材料、结果如何，再通过。"))
    return found


REGISTRATION = Workflow(
    "accounts.registration",
    RegistrationState.DRAFT,
    #    move       from      to                         permit                          not while
    Move(
        "submit",
        EDITABLE,
        RegistrationState.PENDING,
        "accounts.registration_submit",
        problems_on_submit,
        label=say("提交注册"),
    ),
    Move(
        "approve",
        (RegistrationState.PENDING,),
        RegistrationState.ACTIVE,
        "accounts.registration_review",
        problems_on_approve,
        label=say("通过"),
    ),
    Move(
        "reject",
        (RegistrationState.PENDING,),
        RegistrationState.REJECTED,
        "accounts.registration_review",
        label=say("退回"),
        needs_note=True,
    ),
    Move(
        "refuse",
        (RegistrationState.PENDING,),
        RegistrationState.REFUSED,
        "accounts.registration_review",
        label=say("不予注册"),
        needs_note=True,
        is_grave=True,
    ),
    label=say("院校注册"),
    labels={
        RegistrationState.DRAFT: say("草稿"),
        RegistrationState.PENDING: say("待审核"),
        RegistrationState.ACTIVE: say("已开通"),
        RegistrationState.REJECTED: say("已退回"),
        RegistrationState.REFUSED: say("不予注册"),
    },
    tones={
        RegistrationState.PENDING: "info",
        RegistrationState.ACTIVE: "good",
        RegistrationState.REJECTED: "warn",
        RegistrationState.REFUSED: "bad",
    },
    acts={**LINK_ACTS, "print": say("打印申请表")},
)
