"""What people are told of plans and applications, each with the only places its words may have."""

from __future__ import annotations

from collections.abc import Mapping

from onex.common.actors import Role
from onex.common.text import Say, say
from onex.notices.rules import Pace, Template

_KIND = say("试点申报")
_SCHOOL, _REVIEWERS = (Role.SCHOOL,), (Role.CITY, Role.PROVINCE)
_PLACES = {"school": say("院校"), "level": say("证书等级"), "batch": say("年度和批次")}
_SAMPLES: Mapping[str, Say | str] = {
    "school": "南京示范职业技术学院",
    "level": "直播电商职业技能等级证书（初级）",
    "batch": "2026 第一次",
    "note": "请补充双师型教师人数。",
    "until": "2026年12月27日 18:00",
    "approved": "60",
    "requested": "80",
    "count": "12",
    "province": "江苏省教育厅",
    "opens": "2026年12月1日 00:00",
    "closes": "2026年12月27日 18:00",
}


def _template(code: str, label: Say, subject: Say, text: Say, *more: str, to: tuple[Role, ...], pace: Pace) -> Template:
    places = {**_PLACES, **{name: _MORE[name] for name in more}}
    return Template(
        f"pilots.{code}",
        kind=_KIND,
        label=label,
        subject=subject,
        text=text,
        placeholders=places,
        audience=to,
        samples={name: _SAMPLES[name] for name in places},
        pace=pace,
    )


_MORE = {
    "note": say("意见"),
    "until": say("截止时间"),
    "approved": say("批准人数"),
    "requested": say("申请人数"),
}
# By the move of an application: what its school is told, and whoever has to act next.
TO_SCHOOL = {
    "pass": _template(
        "passed",
        say("地市已同意"),
        say("{level}：地市已同意，转省级审核"),
        say("贵校 {batch} 申报的 {level} 已由地市教育局同意，现由省级教育行政部门审核。"),
        to=_SCHOOL,
        pace=Pace.AT_ONCE,
    ),
    "return": _template(
        "returned",
        say("申报被退回"),
        say("{level}：申报被退回，请修改"),
        say("贵校 {batch} 申报的 {level} 被退回：{note}\n请在 {until} 前修改并重新提交，逾期不能再提交。"),
        "note",
        "until",
        to=_SCHOOL,
        pace=Pace.AT_ONCE,
    ),
    "approve": _template(
        "approved",
        say("申报通过"),
        say("{level}：审核通过，批准 {approved} 人"),
        say(
            "贵校 {batch} 申报的 {level} 审核通过：申请 {requested} 人，批准 {approved} 人。"
            "现在可以组织培训和报名。{note}"
        ),
        "approved",
        "requested",
        "note",
        to=_SCHOOL,
        pace=Pace.AT_ONCE,
    ),
    "reject": _template(
        "rejected",
        say("申报未通过"),
        say("{level}：审核不通过"),
        say("贵校 {batch} 申报的 {level} 审核不通过：{note}"),
        "note",
        to=_SCHOOL,
        pace=Pace.AT_ONCE,
    ),
    "correct": _template(
        "corrected",
        say("审核结论已更正"),
        say("{level}：审核结论已撤销，重新审核"),
        say("贵校 {batch} 申报的 {level} 的审核结论已撤销，重新由省级审核：{note}"),
        "note",
        to=_SCHOOL,
        pace=Pace.AT_ONCE,
    ),
    "expire": _template(
        "expired",
        say("名额到期"),
        say("{level}：{batch} 的培训名额已到期"),
        say("贵校 {batch} 的 {level} 培训名额已随年度结束失效。请留意新年度的申报计划。"),
        to=_SCHOOL,
        pace=Pace.DAILY,
    ),
}
ADJUSTED = _template(
    "adjusted",
    say("批准人数已调整"),
    say("{level}：批准人数调整为 {approved} 人"),
    say("贵校 {batch} 的 {level} 批准人数调整为 {approved} 人：{note}"),
    "approved",
    "note",
    to=_SCHOOL,
    pace=Pace.AT_ONCE,
)
TO_REVIEWERS = {
    "submit": _template(
        "submitted",
        say("收到新的申报"),
        say("待审核：{school} {level}"),
        say("{school} 提交了 {batch} 的 {level} 申报，请审核。"),
        to=_REVIEWERS,
        pace=Pace.DAILY,
    ),
    "pass": _template(
        "to_province",
        say("地市转来的申报"),
        say("待省级审核：{school} {level}"),
        say("{school} {batch} 的 {level} 申报已由地市同意，请审核。"),
        to=(Role.PROVINCE,),
        pace=Pace.DAILY,
    ),
    "withdraw": _template(
        "withdrawn",
        say("申报已撤回"),
        say("已撤回：{school} {level}"),
        say("{school} 撤回了 {batch} 的 {level} 申报，无需再审核。"),
        to=_REVIEWERS,
        pace=Pace.DAILY,
    ),
}
REMIND_SCHOOL = {
    "remind_draft": _template(
        "remind_draft",
        say("草稿即将截止"),
        say("{level}：草稿还没有提交，{until} 截止"),
        say("贵校 {batch} 的 {level} 申报还是草稿，{until} 后不能再提交，也不能补报。"),
        "until",
        to=_SCHOOL,
        pace=Pace.AT_ONCE,
    ),
    "remind_correction": _template(
        "remind_correction",
        say("退回修改即将截止"),
        say("{level}：退回的申报 {until} 截止修改"),
        say("贵校 {batch} 的 {level} 申报被退回后还没有重新提交，{until} 后不能再提交。"),
        "until",
        to=_SCHOOL,
        pace=Pace.AT_ONCE,
    ),
}
REMIND_REVIEWERS = Template(
    "pilots.remind_reviews",
    kind=_KIND,
    label=say("审核即将截止"),
    subject=say("{batch}：还有 {count} 份申报待审核，{until} 截止"),
    text=say("{batch} 申报计划下还有 {count} 份申报等待审核，请在 {until} 前办理。"),
    placeholders={"batch": _PLACES["batch"], "count": say("份数"), "until": _MORE["until"]},
    audience=_REVIEWERS,
    samples={name: _SAMPLES[name] for name in ("batch", "count", "until")},
)
_PLAN_PLACES = {
    "province": say("省份"),
    "batch": _PLACES["batch"],
    "opens": say("申报开始时间"),
    "closes": say("申报结束时间"),
    "note": say("原因"),
}


def _of_plan(code: str, label: Say, subject: Say, text: Say) -> Template:
    return Template(
        f"pilots.{code}",
        kind=say("申报计划"),
        label=label,
        subject=subject,
        text=text,
        placeholders=_PLAN_PLACES,
        audience=(Role.SCHOOL, Role.CITY),
        samples={name: _SAMPLES[name] for name in _PLAN_PLACES},
    )


# By what happens to a plan that schools see.
OF_PLANS = {
    "publish": _of_plan(
        "plan_published",
        say("申报计划发布"),
        say("{province}发布 {batch} 申报计划"),
        say("{province}发布了 {batch} 证书申报计划，申报时间 {opens} 至 {closes}。申报时间结束后不能补报。{note}"),
    ),
    "change": _of_plan(
        "plan_changed",
        say("申报计划变动"),
        say("{province} {batch} 申报计划有变动"),
        say(
            "{province}修改了 {batch} 证书申报计划，申报时间 {opens} 至 {closes}。原因：{note}\n"
            "已填写的内容都保留，请核对后提交。"
        ),
    ),
    "cancel": _of_plan(
        "plan_cancelled",
        say("申报计划取消"),
        say("{province} {batch} 申报计划已取消"),
        say("{province}取消了 {batch} 证书申报计划（{opens} 至 {closes}）：{note}"),
    ),
}
