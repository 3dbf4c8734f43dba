"""证书试点申报: two tables over the same states, with and without the city's review, and every reason to refuse."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from onex.common.actors import Role
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow
from onex.pilots.rules.plans import PlanPhase, moment, phase_of


class ApplicationState(StrEnum):
    DRAFT = "draft"
    CITY_REVIEW = "city_review"
    PROVINCE_REVIEW = "province_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


S = ApplicationState
# What the school may still change, and what others than the school may look at.
EDITABLE = (S.DRAFT, S.RETURNED)
FILED = (S.CITY_REVIEW, S.PROVINCE_REVIEW, S.RETURNED, S.APPROVED, S.REJECTED)


@dataclass(frozen=True)
class ApplicationFacts:
    """What is judged when a school files. Majors are by code; `declared` maps code to name."""

    plan_state: str
    opens_at: datetime
    closes_at: datetime
    corrections_until: datetime | None
    was_returned: bool
    requires_majors: bool
    requires_city: bool
    has_city: bool
    certificate_in_scope: bool
    is_duplicate: bool
    requested_count: int
    teaching_staff: str
    facilities: str
    declared: Mapping[str, str] = field(default_factory=dict)
    mapped: Collection[str] = ()
    offered: Collection[str] = ()


def problems_with_window(
    plan_state: str,
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
    *,
    was_returned: bool = False,
    corrections_until: datetime | None = None,
) -> list[Say]:
    """Why nothing may be filed under the plan at this moment.

    Late filing is barred by the guide; a returned application may still be corrected until the plan's own deadline.
    """
    phase = phase_of(plan_state, opens_at, closes_at, at)
    if phase == PlanPhase.OPEN:
        return []
    if phase == PlanPhase.DRAFT:
        return [say("该申报计划尚未发布，不能申报。")]
    if phase == PlanPhase.CANCELLED:
        return [say("该申报计划已取消，不能申报。")]
    if phase == PlanPhase.NOT_STARTED:
        return [say("申报时间尚未开始，{moment} 起可以申报。", moment=moment(opens_at))]
    if was_returned and corrections_until is not None:
        if at < corrections_until:
            return []
        return [
            say(
                "审核修改截止时间（{moment}）已过，不能再修改提交；请等待下一批次的计划。",
                moment=moment(corrections_until),
            )
        ]
    return [say("申报时间已于 {moment} 结束，无法再补报；请等待下一批次的计划。", moment=moment(closes_at))]


def problems_by_field(facts: ApplicationFacts, at: datetime) -> dict[str, list[Say]]:
    """Everything that keeps the application from being submitted, by the field it belongs to ("" is the window)."""
    window = problems_with_window(
        facts.plan_state,
        facts.opens_at,
        facts.closes_at,
        at,
        was_returned=facts.was_returned,
        corrections_until=facts.corrections_until,
    )
    school = []
    if facts.requires_city and not facts.has_city:
        school.append(say("本计划要求地市级教育局审批，而贵校没有登记所在城市；请先联系省级教育行政部门补登。"))
    level = []
    if not facts.certificate_in_scope:
        level.append(say("该证书不在本计划的开放证书范围内。"))
    if facts.is_duplicate:
        level.append(say("贵校在本批次已申报过该证书的这一等级，不能重复申报。"))
    found = {
        "": window,
        "school": school,
        "level": level,
        "requested_count": [] if facts.requested_count > 0 else [say("请填写申请培训总人数，至少 1 人。")],
        "declared_majors": problems_with_majors(facts),
        "teaching_staff": [] if facts.teaching_staff.strip() else [say("请填写师资情况。")],
        "facilities": [] if facts.facilities.strip() else [say("请填写场地情况。")],
    }
    return {field: problems for field, problems in found.items() if problems}


def problems_on_submit(facts: ApplicationFacts, at: datetime) -> list[Say]:
    """Everything that keeps the application from being submitted, in words for the school."""
    return [problem for problems in problems_by_field(facts, at).values() for problem in problems]


def problems_on_save(facts: ApplicationFacts, at: datetime) -> list[Say]:
    """A draft may be incomplete; it may not be late, out of scope, doubled or of foreign majors."""
    found = problems_by_field(facts, at)
    kept = [*found.get("", ()), *found.get("level", ())]
    return kept + (found.get("declared_majors", []) if facts.declared else [])


def problems_with_majors(facts: ApplicationFacts) -> list[Say]:
    """No declared major means every mapped major; a declared one must be mapped and offered by the school."""
    if facts.requires_majors and not facts.declared:
        return [say("本计划要求按专业填报，请至少添加一个拟申报专业。")]
    found = []
    for code, name in facts.declared.items():
        if code not in facts.mapped:
            found.append(say("专业“{code} {name}”不是该证书这一等级的对应专业。", code=code, name=name))
        elif code not in facts.offered:
            found.append(say("专业“{code} {name}”不在贵校的开设专业之列。", code=code, name=name))
    return found


@dataclass(frozen=True)
class ApprovalFacts:
    """What is judged when a province approves: the number it grants and the reason it gives."""

    requested_count: int
    approved_count: int | None
    reason: str


def problems_on_approve(facts: ApprovalFacts, at: datetime) -> list[Say]:
    """A province grants from one place to as many as were asked; fewer needs a reason."""
    count = facts.approved_count
    if count is None:
        return [say("请填写批准培训总人数。")]
    if count < 1:
        return [say("批准培训总人数至少为 1；不予批准请选择“不予通过”并写明理由。")]
    if count > facts.requested_count:
        return [say("批准培训总人数不能超过申请的 {n} 人。", n=facts.requested_count)]
    if count < facts.requested_count and not facts.reason.strip():
        return [say("批准人数少于申请的 {n} 人，请写明理由。", n=facts.requested_count)]
    return []


_LABELS = {
    S.DRAFT: say("草稿"),
    S.CITY_REVIEW: say("待地市审核"),
    S.PROVINCE_REVIEW: say("待省级审核"),
    S.RETURNED: say("已退回"),
    S.APPROVED: say("审核通过"),
    S.REJECTED: say("审核不通过"),
    S.WITHDRAWN: say("已撤回"),
}
_TONES = {
    S.CITY_REVIEW: "info",
    S.PROVINCE_REVIEW: "info",
    S.RETURNED: "warn",
    S.APPROVED: "good",
    S.REJECTED: "bad",
}
_FILE, _CITY, _PROVINCE = "pilots.application_file", "pilots.review_city", "pilots.review"


def _return(source: ApplicationState, permit: str) -> Move:
    return Move("return", (source,), S.RETURNED, permit, label=say("退回修改"), needs_note=True)


_DECISIONS = (
    Move("approve", (S.PROVINCE_REVIEW,), S.APPROVED, _PROVINCE, problems_on_approve, say("通过")),
    _return(S.PROVINCE_REVIEW, _PROVINCE),
    Move("reject", (S.PROVINCE_REVIEW,), S.REJECTED, _PROVINCE, label=say("不予通过"), needs_note=True, is_grave=True),
)

# The plan asks for no city review.
APPLICATION = Workflow(
    "pilots.application",
    S.DRAFT,
    Move("submit", EDITABLE, S.PROVINCE_REVIEW, _FILE, problems_on_submit, say("提交")),
    *_DECISIONS,
    Move("withdraw", (*EDITABLE, S.PROVINCE_REVIEW), S.WITHDRAWN, _FILE, label=say("撤回"), is_grave=True),
    label=say("证书试点申报"),
    labels=_LABELS,
    tones=_TONES,
)

# The plan asks that the city look first.
APPLICATION_BY_CITY = Workflow(
    "pilots.application_by_city",
    S.DRAFT,
    Move("submit", EDITABLE, S.CITY_REVIEW, _FILE, problems_on_submit, say("提交")),
    Move("pass", (S.CITY_REVIEW,), S.PROVINCE_REVIEW, _CITY, label=say("同意并报省级审核")),
    _return(S.CITY_REVIEW, _CITY),
    *_DECISIONS,
    Move(
        "withdraw",
        (*EDITABLE, S.CITY_REVIEW, S.PROVINCE_REVIEW),
        S.WITHDRAWN,
        _FILE,
        label=say("撤回"),
        is_grave=True,
    ),
    label=say("证书试点申报（地市先审）"),
    labels=_LABELS,
    tones=_TONES,
)


def flow_of(requires_city_approval: bool) -> Workflow:
    """The table this plan's applications live by."""
    return APPLICATION_BY_CITY if requires_city_approval else APPLICATION


_HOLDERS = {
    S.DRAFT: Role.SCHOOL,
    S.RETURNED: Role.SCHOOL,
    S.CITY_REVIEW: Role.CITY,
    S.PROVINCE_REVIEW: Role.PROVINCE,
}


def holder_of(state: str) -> Role | None:
    """Whose turn it is; None when nobody's."""
    return _HOLDERS.get(ApplicationState(state))
