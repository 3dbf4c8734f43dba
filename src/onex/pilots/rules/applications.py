"""证书试点申报: two tables over the same states, with and without the city's review, and every reason to refuse."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from onex.common.actors import Role
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow
from onex.pilots.rules.plans import PlanPhase, TotalFacts, batch_label, moment, phase_of, year_of


class ApplicationState(StrEnum):
    DRAFT = "draft"
    CITY_REVIEW = "city_review"
    PROVINCE_REVIEW = "province_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


S = ApplicationState
# What the school may still change, and what others than the school may look at.
EDITABLE = (S.DRAFT, S.RETURNED)
FILED = (S.CITY_REVIEW, S.PROVINCE_REVIEW, S.RETURNED, S.APPROVED, S.REJECTED, S.EXPIRED)
# What was granted, in force or lapsed with its year: what a later year looks back at.
GRANTED = (S.APPROVED, S.EXPIRED)
SHORTEST_TEXT = 15  # characters


@dataclass(frozen=True)
class NextOpening:
    """Another published plan of the province: where to file when one comes late."""

    batch: int
    opens_at: datetime
    closes_at: datetime | None = None


def next_of(openings: Collection[NextOpening], at: datetime) -> NextOpening | None:
    """The plan to file under now: one that is open (batches overlap), otherwise the one that opens first."""
    living = [one for one in openings if one.closes_at is None or one.closes_at > at]
    return min(living, key=lambda one: max(one.opens_at, at), default=None)


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
    openings: Collection[NextOpening] = ()  # the province's other plans that close after this one
    missing_materials: Collection[str] = ()  # names of what the plan asks for and nobody uploaded


def text_digest(text: str) -> str:
    """What two schools' texts are compared by: the words without blanks, punctuation, width and case.

    Empty for a text too short to be anybody's own (under 15 characters), which is then equal to none.
    """
    words = "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())
    return hashlib.sha256(words.encode()).hexdigest() if len(words) >= SHORTEST_TEXT else ""


def problems_with_window(
    plan_state: str,
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
    *,
    was_returned: bool = False,
    corrections_until: datetime | None = None,
    next_opening: NextOpening | None = None,
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
    if next_opening is not None and next_opening.opens_at <= at:
        return [
            say(
                "申报时间已于 {moment} 结束，无法再补报；{batch}正在开放，可以在该批次申报。",
                moment=moment(closes_at),
                batch=batch_label(next_opening.batch),
            )
        ]
    if next_opening is not None:
        return [
            say(
                "申报时间已于 {moment} 结束，无法再补报；下一批次（{batch}）将于 {opens} 开放。",
                moment=moment(closes_at),
                batch=batch_label(next_opening.batch),
                opens=moment(next_opening.opens_at),
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
        next_opening=next_of(facts.openings, at),
    )
    school = []
    if facts.requires_city and not facts.has_city:
        school.append(say("本计划要求地市级教育局审批，而贵校没有登记所在城市；请先联系省级教育行政部门补登。"))
    level = []
    if not facts.certificate_in_scope:
        level.append(say("该证书不在本计划的开放证书范围内。"))
    if facts.is_duplicate:
        level.append(say("贵校在本批次已申报过该证书的这一等级，不能重复申报。"))
    blanks = problems_with_blanks(facts.requested_count, facts.teaching_staff, facts.facilities)
    found = {
        "": window,
        "school": school,
        "level": level,
        "requested_count": blanks["requested_count"],
        "declared_majors": problems_with_majors(facts),
        "teaching_staff": blanks["teaching_staff"],
        "facilities": blanks["facilities"],
        "materials": [say("请上传“{name}”。", name=name) for name in facts.missing_materials],
    }
    return {field: problems for field, problems in found.items() if problems}


def problems_with_blanks(requested_count: int, teaching_staff: str, facilities: str) -> dict[str, list[Say]]:
    """What every application needs, whatever it is for: said even while the certificate is not chosen."""
    return {
        "requested_count": [] if requested_count > 0 else [say("请填写申请培训总人数，至少 1 人。")],
        "teaching_staff": [] if teaching_staff.strip() else [say("请填写师资情况。")],
        "facilities": [] if facilities.strip() else [say("请填写场地情况。")],
    }


def problems_on_submit(facts: ApplicationFacts, at: datetime) -> list[Say]:
    """Everything that keeps the application from being submitted, in words for the school."""
    return [problem for problems in problems_by_field(facts, at).values() for problem in problems]


def problems_on_save(
    facts: ApplicationFacts, at: datetime, *, is_kept: bool = False, is_same_level: bool = False
) -> list[Say]:
    """A draft may be incomplete; a new one may not be late, out of scope, doubled or of foreign majors.

    One that `is_kept` already goes on being kept when its plan closes or changes meanwhile: nothing typed is lost, and
    what keeps it from being submitted is said then. Its `declared` are here only those it had not declared before.
    """
    found = problems_by_field(facts, at)
    window = [] if is_kept else found.get("", [])
    level = [] if is_same_level else found.get("level", [])
    return [*window, *level, *(found.get("declared_majors", []) if facts.declared else [])]


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
    totals: tuple[TotalFacts, ...] = ()


@dataclass(frozen=True)
class CorrectionFacts:
    """What is judged when a decision is taken back: the places used of it, and by what, in words."""

    used_count: int
    holders: tuple[str, ...] = ()


def problems_on_correct(facts: CorrectionFacts, at: datetime) -> list[Say]:
    """A decision is taken back only while no place of it is used; what uses them is named."""
    if facts.used_count == 0:
        return []
    return [
        say(
            "已有 {n} 个名额被使用，不能更正结论：{holders}。请先由院校取消这些报名，或改为调整批准人数。",
            n=facts.used_count,
            holders="；".join(facts.holders) or say("见名额使用记录"),
        )
    ]


def problems_on_expire(year: int, at: datetime) -> list[Say]:
    """Status and places lapse with the local year of the plan, not before it has ended."""
    return [] if year_of(at) > year else [say("{year} 年度尚未结束，名额不能失效。", year=year)]


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
    return [problem for one in facts.totals if (problem := problem_with_total(one, count))]


def problem_with_total(one: TotalFacts, count: int) -> Say | None:
    """Why so many places do not fit into a total of the plan; None when they do."""
    if count <= one.total - one.granted:
        return None
    if one.label:
        return say(
            "超过本计划“{certificate}”的名额总量 {total}：已批准 {granted}，还可批准 {left}。",
            certificate=one.label,
            total=one.total,
            granted=one.granted,
            left=one.left,
        )
    return say(
        "超过本计划的名额总量 {total}：已批准 {granted}，还可批准 {left}。",
        total=one.total,
        granted=one.granted,
        left=one.left,
    )


_LABELS = {
    S.DRAFT: say("草稿"),
    S.CITY_REVIEW: say("待地市审核"),
    S.PROVINCE_REVIEW: say("待省级审核"),
    S.RETURNED: say("已退回"),
    S.APPROVED: say("审核通过"),
    S.REJECTED: say("审核不通过"),
    S.WITHDRAWN: say("已撤回"),
    S.EXPIRED: say("已过期"),
}
_TONES = {
    S.CITY_REVIEW: "info",
    S.PROVINCE_REVIEW: "info",
    S.RETURNED: "warn",
    S.APPROVED: "good",
    S.REJECTED: "bad",
}
_ACTS = {"adjust": say("调整批准人数")}
_FILE, _CITY, _PROVINCE = "pilots.application_file", "pilots.review_city", "pilots.review"


def _return(source: ApplicationState, permit: str) -> Move:
    return Move("return", (source,), S.RETURNED, permit, label=say("退回修改"), needs_note=True)


_DECISIONS = (
    Move("approve", (S.PROVINCE_REVIEW,), S.APPROVED, _PROVINCE, problems_on_approve, say("通过")),
    _return(S.PROVINCE_REVIEW, _PROVINCE),
    Move("reject", (S.PROVINCE_REVIEW,), S.REJECTED, _PROVINCE, label=say("不予通过"), needs_note=True, is_grave=True),
    Move(
        "correct",
        (S.APPROVED, S.REJECTED),
        S.PROVINCE_REVIEW,
        _PROVINCE,
        problems_on_correct,
        say("更正审核结论"),
        needs_note=True,
        is_grave=True,
    ),
    Move("expire", (S.APPROVED,), S.EXPIRED, "pilots.expire", problems_on_expire, say("名额到期失效")),
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
    acts=_ACTS,
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
    acts=_ACTS,
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
