"""What programs read and send, field by field, in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, Field, StringConstraints

from onex.pilots.rules import ApplicationState, PlacesKind, PlanPhase

MOST = 200  # items of one answer
MOST_PLACES = 100_000
LONGEST_TEXT = 4_000


def about(english: str, chinese: str, default: Any = ..., **more: Any) -> Any:
    """A field with its description for programmers of either language."""
    return Field(default, description=english, json_schema_extra={"x-zh": chinese}, **more)


def asked(english: str, chinese: str, **more: Any) -> Any:
    """A parameter with its description for programmers of either language."""
    return Field(description=english, json_schema_extra={"x-zh": chinese}, **more)


GO_ON = about("Send it as `after` for what follows; null at the end", "作为 after 继续读取；没有更多时为 null")


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("U+0000 is not allowed")
    return text


# PostgreSQL keeps no NUL. JSON Schema says the same by the pattern.
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$"), AfterValidator(_no_nul)]
MajorCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,8}$")]


class Named(Schema):
    """Another row, by key and name."""

    id: UUID
    name: str


class OpenLevelOut(Schema):
    """One certificate level that a plan opens."""

    id: UUID = about("Key of the certificate level, for filing", "证书级别编号，填报时使用")
    name: str
    certificate_code: str = about("Code of the certificate", "证书代码")
    level: int = about("1 elementary, 2 intermediate, 3 advanced", "1 初级，2 中级，3 高级")


class PlanOut(Schema):
    """证书申报计划."""

    id: UUID
    province: Named
    year: int = about("Year of the applications", "申报年度")
    batch: int = about("Number of the batch within the year", "申报批次")
    phase: PlanPhase = about("What the plan is at this moment, by its times", "当前状态，由时间决定")
    opens_at: datetime = about("First moment of the window", "申报开始时间")
    closes_at: datetime = about("End of the window, exclusive", "申报结束时间（不含）")
    corrections_until: datetime | None = about("Until when a returned application may be corrected", "审核修改截止时间")
    requires_majors: bool = about("At least one major must be declared", "是否要求按专业填报")
    requires_city_approval: bool = about("The city looks first", "是否要求地市级教育局审批")
    all_certificates: bool = about("Every certificate is open", "开放全部证书")
    certificates: list[str] = about(
        "Codes of the open certificates when not all are", "开放证书的代码（并非全部开放时）"
    )


class TotalOut(Schema):
    """名额总量 of one certificate under a plan, or of all of them together."""

    certificate_code: str | None = about("Null for the whole plan", "证书代码；为 null 时是整个计划")
    total: int = about("The most places that are granted", "最多批准的名额")


class MaterialOut(Schema):
    """要求上传的材料."""

    name: str
    is_required: bool = about("Nothing is submitted without it", "是否必须上传")


class PlanDetail(PlanOut):
    """One plan with what may be applied for under it, and what the province asks."""

    notes: str = about("What the province asks to note", "填报说明")
    reviews_until: datetime | None = about(
        "When the province means to have decided; told to the province", "审核截止时间，只对省级给出"
    )
    totals: list[TotalOut] = about(
        "Limits of places, where the province set some; told to the province", "名额总量，省级设定时有，只对省级给出"
    )
    materials: list[MaterialOut] = about(
        "Files the province asks for; uploaded on the page", "要求上传的材料，在页面上传"
    )
    levels: list[OpenLevelOut] = about("What may be applied for", "可以申报的证书级别")


class PlanList(Schema):
    items: list[PlanOut]
    next: UUID | None = GO_ON


class ApplicationOut(Schema):
    """证书试点申报."""

    id: UUID
    plan: UUID = about("Key of the plan", "申报计划编号")
    year: int = about("Year of the application", "申报年度")
    batch: int = about("Number of the batch", "申报批次")
    school: Named
    level: UUID = about("Key of the certificate level", "证书级别编号")
    level_name: str
    certificate_code: str = about("Code of the certificate", "证书代码")
    state: ApplicationState = about("Where it stands", "申报状态")
    requested_count: int = about("Places asked for", "申请培训总人数")
    approved_count: int | None = about("Places approved; null before a decision", "批准培训总人数；未审核时为 null")
    used_count: int = about("Places used", "已使用培训数")
    submitted_at: datetime | None = about("When it was last submitted", "最近提交时间")
    decided_at: datetime | None = about("When the province decided", "审核时间")
    updated_at: datetime = about("When it last changed, its places included", "最近变动时间（含名额）")
    revision: int = about("Grows with every change of what it says or where it stands", "修订号，内容或状态变动时递增")


class ApplicationList(Schema):
    items: list[ApplicationOut]
    next: UUID | None = GO_ON


class MajorOut(Schema):
    code: str
    name: str


class RemarkOut(Schema):
    """逐项意见: what a reviewer said of one field."""

    submission: int = about("Of which submission, counted from 1", "第几次提交")
    field: str
    text: str
    at: datetime
    who: str


class StepOut(Schema):
    """One line of the timeline."""

    at: datetime
    act: str = about("What was done, as a word of this API", "操作代码")
    label: str = about("The same for people, in the language asked for", "操作名称")
    to_state: str = about("Where it led; empty when the state did not change", "变为的状态；未变化时为空")
    who: str
    note: str


class ApplicationDetail(ApplicationOut):
    """One application as its page shows it."""

    teaching_staff: str = about("Teachers", "师资情况")
    facilities: str = about("Rooms and machines in words", "场地情况")
    machine_count: int | None = about("Machines for students", "学生机台数")
    declared_majors: list[MajorOut] = about("Empty means every mapped major", "拟申报专业；为空表示全部对应专业")
    remarks: list[RemarkOut] = about("What reviewers said of single fields", "逐项意见")
    timeline: list[StepOut] = about("Who did what, when and why; oldest first", "办理记录，从早到晚")


class LineOut(Schema):
    """One line of the ledger of places."""

    id: UUID
    at: datetime
    kind: PlacesKind = about("What the line says", "流水类别")
    count: int = about("Places added or taken away", "名额增减")
    reason: str


class PlacesOut(Schema):
    """培训名额 of one application."""

    application: UUID
    state: ApplicationState
    approved: int = about("Places approved", "批准名额")
    used: int = about("Places used", "已使用名额")
    left: int = about(
        "Places that may still be taken; 0 unless approved and in its year", "剩余可用名额；未通过或已过期时为 0"
    )
    items: list[LineOut] = about("The ledger, oldest first", "名额流水，从早到晚")
    next: UUID | None = GO_ON


class ApplicationIn(Schema):
    """What a school writes. A draft may be incomplete; submitting says what is missing."""

    level: UUID = about("One of the plan's `levels`", "计划中可申报的证书级别编号")
    requested_count: int = about("Places asked for", "申请培训总人数", 0, ge=0, le=MOST_PLACES)
    major_codes: list[MajorCode] = about(
        "None means every mapped major", "拟申报专业代码；不填为全部对应专业", [], max_length=100
    )
    teaching_staff: Text = about("Teachers", "师资情况", "")
    facilities: Text = about("Rooms and machines in words", "场地情况", "")
    machine_count: int | None = about("Machines for students", "学生机台数", None, ge=0, le=MOST_PLACES)


class NewApplicationIn(ApplicationIn):
    """A new draft under a plan that is open."""

    plan: UUID = about("Key of the plan", "申报计划编号")
