"""证书申报计划: the plan's short life as a table, and the clock that opens and closes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onex.catalog.rules import BEIJING
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow


class PlanState(StrEnum):
    """What people decide about a plan; opening and closing is the clock's (PlanPhase)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class PlanPhase(StrEnum):
    """What a plan is at a moment: the 状态 column of the guide's list."""

    DRAFT = "draft"
    NOT_STARTED = "not_started"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


PHASE_LABELS = {
    PlanPhase.DRAFT: say("草稿"),
    PlanPhase.NOT_STARTED: say("未开始"),
    PlanPhase.OPEN: say("进行中"),
    PlanPhase.CLOSED: say("已结束"),
    PlanPhase.CANCELLED: say("已取消"),
}
PHASE_TONES = {
    PlanPhase.DRAFT: "neutral",
    PlanPhase.NOT_STARTED: "info",
    PlanPhase.OPEN: "good",
    PlanPhase.CLOSED: "neutral",
    PlanPhase.CANCELLED: "bad",
}
# 申报批次, in the guide's words.
BATCHES = {
    1: say("第一次"),
    2: say("第二次"),
    3: say("第三次"),
    4: say("第四次"),
    5: say("第五次"),
    6: say("第六次"),
    7: say("第七次"),
    8: say("第八次"),
    9: say("第九次"),
    10: say("第十次"),
}


def batch_label(batch: int) -> Say:
    """第一次, 第二次 …"""
    return BATCHES.get(batch, say("第{n}次", n=batch))


def moment(at: datetime) -> Say:
    """A time as sentences name it, in local time to the minute, which is how plans are written."""
    local = at.astimezone(BEIJING)
    return say(
        "{year}年{month}月{day}日 {time}", year=local.year, month=local.month, day=local.day, time=f"{local:%H:%M}"
    )


def year_of(at: datetime) -> int:
    """The local calendar year: applications and their places belong to one."""
    return at.astimezone(BEIJING).year


def moved_by_years(at: datetime, years: int) -> datetime:
    """The same local minute so many years later; 29 February becomes 28 where there is none."""
    local = at.astimezone(BEIJING)
    try:
        return local.replace(year=local.year + years)
    except ValueError:
        return local.replace(year=local.year + years, day=28)


def to_minute(at: datetime) -> datetime:
    """As people write times: a window opens and closes on the full minute."""
    return at.replace(second=0, microsecond=0)


def phase_of(state: str, opens_at: datetime, closes_at: datetime, at: datetime) -> PlanPhase:
    """What the plan is at this moment. The opening minute belongs to the window, the closing minute does not."""
    if state != PlanState.PUBLISHED:
        return PlanPhase(state)
    if at < opens_at:
        return PlanPhase.NOT_STARTED
    return PlanPhase.OPEN if at < closes_at else PlanPhase.CLOSED


@dataclass(frozen=True)
class PlanFacts:
    """What is judged about a plan. `is_taken`: the province has another plan of the same year and batch."""

    state: str
    opens_at: datetime
    closes_at: datetime
    corrections_until: datetime | None
    all_certificates: bool
    certificate_count: int
    is_taken: bool
    year: int | None = None
    reviews_until: datetime | None = None
    totals: tuple[TotalFacts, ...] = ()  # the first, if its label is empty, is of the whole plan
    materials: tuple[str, ...] = ()


@dataclass(frozen=True)
class TotalFacts:
    """A total of the plan with what was granted of it; `label` names the certificate, empty for the whole plan."""

    label: str
    total: int
    granted: int = 0

    @property
    def left(self) -> int:
        return max(self.total - self.granted, 0)


def problems_with_plan(facts: PlanFacts) -> list[Say]:
    """What is wrong with a plan whenever it is saved."""
    found = []
    if facts.closes_at <= facts.opens_at:
        found.append(say("申报结束时间应晚于开始时间。"))
    if facts.year is not None and year_of(facts.opens_at) > facts.year:
        found.append(
            say("申报开始时间在 {year} 年度之后：该年度的培训名额届时已经失效，请核对年度和日期。", year=facts.year)
        )
    if facts.corrections_until is not None and facts.corrections_until < facts.closes_at:
        found.append(say("审核修改截止时间不应早于申报结束时间。"))
    if facts.reviews_until is not None and facts.reviews_until < facts.closes_at:
        found.append(say("审核截止时间不应早于申报结束时间。"))
    found += _problems_with_totals(facts.totals)
    twice = {name for name in facts.materials if facts.materials.count(name) > 1}
    found += [say("材料“{name}”写了两次。", name=name) for name in sorted(twice)]
    if not facts.all_certificates and facts.certificate_count < 1:
        found.append(say("开放证书范围为空：请选择“全部”，或至少选择一种证书。"))
    if facts.is_taken:
        found.append(say("同一年度的这个批次已有申报计划，请换一个批次。"))
    return found


def _problems_with_totals(totals: tuple[TotalFacts, ...]) -> list[Say]:
    found = []
    for one in totals:
        if one.total < one.granted:
            name = one.label or say("全部证书")
            found.append(
                say(
                    "“{name}”已批准 {granted} 个名额，名额总量不能少于此数。",
                    name=name,
                    granted=one.granted,
                )
            )
    whole = next((one.total for one in totals if not one.label), None)
    for one in totals:
        if one.label and whole is not None and one.total > whole:
            found.append(say("“{name}”的名额总量超过了全部证书的名额总量 {whole}。", name=one.label, whole=whole))
    return found


# Beside which field of the plan's form a sentence belongs; what names no single field stands at the form's head.
_FIELDS = {
    "申报结束时间应晚于开始时间。": "closes_at",
    "申报结束时间（{moment}）已经过去，请先修改申报时间。": "closes_at",
    "申报开始时间在 {year} 年度之后：该年度的培训名额届时已经失效，请核对年度和日期。": "opens_at",
    "申报已于 {moment} 开始，不能再改开始时间。": "opens_at",
    "审核修改截止时间不应早于申报结束时间。": "corrections_until",
    "审核截止时间不应早于申报结束时间。": "reviews_until",
    "开放证书范围为空：请选择“全部”，或至少选择一种证书。": "certificates",
    "同一年度的这个批次已有申报计划，请换一个批次。": "batch",
    "已有 {n} 份申报提交，不能再改变是否要求地市级教育局审批。": "requires_city_approval",
    "请写明修改的原因，院校会看到。": "reason",
}
_FIELDS_PAST = {"申报结束时间": "closes_at", "审核修改截止时间": "corrections_until", "审核截止时间": "reviews_until"}


def field_of(problem: Say | str) -> str:
    """The field of the plan's form that a sentence of these rules is about; empty when it is about no single one."""
    if not isinstance(problem, Say):
        return ""
    if problem.msgid == "{name}（{moment}）已经过去，请改为将来的时间。":
        return _FIELDS_PAST.get(problem.args["name"].msgid, "")
    return _FIELDS.get(problem.msgid, "")


def problems_on_publish(facts: PlanFacts, at: datetime) -> list[Say]:
    """What keeps a plan from being published: schools could never use it, or it is not sound."""
    found = problems_with_plan(facts)
    if facts.closes_at <= at:
        found.append(say("申报结束时间（{moment}）已经过去，请先修改申报时间。", moment=moment(facts.closes_at)))
    return found


def problems_on_cancel(facts: PlanFacts, at: datetime) -> list[Say]:
    """A plan that schools may already have used is not taken from under them."""
    if facts.state == PlanState.PUBLISHED and facts.opens_at <= at:
        return [say("申报已于 {moment} 开始，不能再取消。", moment=moment(facts.opens_at))]
    return []


@dataclass(frozen=True)
class ChangeFacts:
    """What is judged when a published plan is changed: as it was, as it is to be, and what schools did under it.

    Year and batch are what schools know it by (`keeps_name`); `submitted_count`: applications that were ever handed in.
    """

    before: PlanFacts
    after: PlanFacts
    keeps_name: bool
    keeps_city: bool
    submitted_count: int
    reason: str


def problems_on_change(facts: ChangeFacts, at: datetime) -> list[Say]:
    """What keeps a published plan from being changed. Schools have read it: its name stays and nothing is past."""
    before, after = facts.before, facts.after
    found = problems_with_plan(after)
    if before.state != PlanState.PUBLISHED:
        return [say("只有草稿和已发布的计划可以修改。")]
    if not facts.reason.strip():
        found.append(say("请写明修改的原因，院校会看到。"))
    if not facts.keeps_name:
        found.append(say("已发布的计划不能更换年度和批次；需要时请另建一个计划。"))
    if not facts.keeps_city and facts.submitted_count:
        found.append(say("已有 {n} 份申报提交，不能再改变是否要求地市级教育局审批。", n=facts.submitted_count))
    if after.opens_at != before.opens_at and before.opens_at <= at:
        found.append(say("申报已于 {moment} 开始，不能再改开始时间。", moment=moment(before.opens_at)))
    for was, now, name in (
        (before.closes_at, after.closes_at, say("申报结束时间")),
        (before.corrections_until, after.corrections_until, say("审核修改截止时间")),
        (before.reviews_until, after.reviews_until, say("审核截止时间")),
    ):
        if now is not None and was != now and now <= at:
            found.append(say("{name}（{moment}）已经过去，请改为将来的时间。", name=name, moment=moment(now)))
    return found


PLAN = Workflow(
    "pilots.plan",
    PlanState.DRAFT,
    #    move       from                                     to                   permit                not while
    Move("publish", (PlanState.DRAFT,), PlanState.PUBLISHED, "pilots.plan_manage", problems_on_publish, say("发布")),
    Move(
        "cancel",
        (PlanState.DRAFT, PlanState.PUBLISHED),
        PlanState.CANCELLED,
        "pilots.plan_manage",
        problems_on_cancel,
        say("取消计划"),
        needs_note=True,
        is_grave=True,
    ),
    label=say("证书申报计划"),
    labels={
        PlanState.DRAFT: say("草稿"),
        PlanState.PUBLISHED: say("已发布"),
        PlanState.CANCELLED: say("已取消"),
    },
    tones={PlanState.PUBLISHED: "good", PlanState.CANCELLED: "bad"},
)
