"""The right-hand side of a review: decisions as forms that keep what was typed, and what speaks for looking twice."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onex.common.actors import Actor
from onex.common.moves import Offer
from onex.common.pages import ActorRequest, typed
from onex.common.text import Say, say
from onex.pilots import queries
from onex.pilots.models import PilotApplication
from onex.pilots.rules import (
    CONFLICT,
    FIELD_LABELS,
    SIGNAL_LABELS,
    Field,
    Outlook,
    Signal,
    corrections_end,
    moment,
    outlook,
)

# Reasons to begin with; each can be edited once it is in its field.
CANNED: dict[str, tuple[Say, ...]] = {
    "approve": (say("按机房容量核定。"), say("按在籍学生数核定。"), say("按上年度名额使用情况核定。")),
    "return": (say("请按各项意见修改后重新提交。"),),
    "reject": (say("不具备开展该证书培训考核的条件。"), say("拟申报专业与该证书不对应。")),
    "correct": (say("批准人数录入有误。"), say("审核结论录入有误。")),
}
CANNED_REMARKS: dict[Field, tuple[Say, ...]] = {
    Field.REQUESTED_COUNT: (say("申请人数超过相关专业在籍学生数，请核减或说明依据。"),),
    Field.DECLARED_MAJORS: (say("请核对拟申报专业与该证书的对应关系。"),),
    Field.TEACHING_STAFF: (say("请补充师资情况：专任教师人数、双师型教师人数和相关证书。"),),
    Field.FACILITIES: (say("请补充场地情况：机房数量、学生机台数和监控设备。"),),
    Field.MATERIALS: (say("请上传省厅要求的佐证材料。"),),
}
KEYS = {"approve": "approve", "pass": "approve", "return": "return"}


def decisions_shown(
    row: PilotApplication, deciding: list[Offer], request: ActorRequest, tried: str
) -> list[dict[str, Any]]:
    """Each decision with what was typed when it was refused; blocked for whoever belongs to the school."""
    is_conflict = bool(deciding) and queries.has_interest(request.actor.user_id, row)
    primary = next((one.name for one in deciding if one.is_open), "")
    shown = []
    for offer in deciding:
        is_tried = offer.name == tried
        shown.append(
            {
                "name": offer.name,
                "label": offer.label,
                "reasons": [CONFLICT] if is_conflict else offer.reasons,
                "is_grave": offer.is_grave,
                "needs_note": offer.needs_note and offer.name != "return",
                "tone": "danger" if offer.is_grave else "primary" if offer.name == primary else "plain",
                "key": KEYS.get(offer.name, ""),
                "letter": {"approve": "A", "return": "R"}.get(KEYS.get(offer.name, ""), ""),
                "canned": CANNED.get(offer.name, ()),
                "is_open": is_tried,
                "note": typed(request.POST, "note") if is_tried else "",
                "count": typed(request.POST, "approved_count") if is_tried else row.requested_count,
                "counts": offer.name == "approve",
                "goes_on": offer.name != "correct",
            }
        )
    # Two sentences that say the same of every decision are read once.
    return [shown[0] | {"label": _("办理")}] if is_conflict and shown else shown


def remark_fields(request: ActorRequest) -> list[dict[str, Any]]:
    """A box for a remark on each field, with what was typed in it."""
    return [
        {
            "name": f"remark-{field}",
            "label": FIELD_LABELS[field],
            "value": typed(request.POST, f"remark-{field}"),
            "canned": CANNED_REMARKS.get(field, ()),
        }
        for field in Field
        if field != Field.WHOLE
    ]


def typed_shown(request: ActorRequest, tried: str, decisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was typed for a decision that is not offered any more: to be read and copied, never lost."""
    if not tried or any(one["name"] == tried and not one["reasons"] for one in decisions):
        return []
    boxes = [
        {"label": _("批准培训总人数"), "text": typed(request.POST, "approved_count")},
        *({"label": one["label"], "text": one["value"]} for one in remark_fields(request)),
        {"label": _("理由"), "text": typed(request.POST, "note")},
    ]
    return [one for one in boxes if one["text"].strip()]


def return_until(row: PilotApplication, at: Any) -> dict[str, Any]:
    """Until when the school may correct what is returned, and how loud that is to be said."""
    until = corrections_end(row.plan.closes_at, row.plan.corrections_until)
    how = outlook(until, at)
    warnings = {
        Outlook.PAST: say(
            "修改截止时间（{moment}）已过：退回后院校不能再修改提交，只能等待下一批次。", moment=moment(until)
        ),
        Outlook.SOON: say("院校须在 {moment} 前修改并重新提交，时间不多。", moment=moment(until)),
        Outlook.FINE: say("院校可在 {moment} 前修改并重新提交。", moment=moment(until)),
    }
    return {"until": until, "tone": {Outlook.PAST: "bad", Outlook.SOON: "warn"}.get(how, "info"), "text": warnings[how]}


def signals_shown(row: PilotApplication, actor: Actor) -> list[dict[str, Any]]:
    """审核提示 of one application, each with its figures; texts with the schools that use the same."""
    facts, rostered = queries.signal_facts(row)
    weights = queries.weights_of(row.plan.province_id)
    found = []
    for signal in Signal:
        if signal in queries.signals_in(facts, rostered):
            text = _sentence(signal, row, facts, rostered)
            told = {"label": SIGNAL_LABELS[signal], "weight": weights[signal], "text": text}
            found.append(told | {"twins": _twins(row, actor) if signal == Signal.SAME_TEXT else []})
    return sorted(found, key=lambda one: -one["weight"])


def _sentence(signal: Signal, row: PilotApplication, facts: Any, rostered: int) -> str:
    if signal == Signal.MORE_THAN_ROSTER:
        return str(say("申请 {n} 人，学生名单中这些专业在籍 {m} 人", n=row.requested_count, m=rostered))
    if signal == Signal.LITTLE_USED:
        return str(say("上年度批准 {n} 人，实际使用 {m} 人", n=facts.last_approved, m=facts.last_used))
    if signal == Signal.FEW_MACHINES:
        return str(say("申请 {n} 人，学生机 {m} 台", n=row.requested_count, m=row.machine_count))
    if signal == Signal.MATERIAL_MISSING:
        return str(say("缺：{names}", names="、".join(queries.missing_materials(row))))
    return ""


def _twins(row: PilotApplication, actor: Actor) -> list[dict[str, Any]]:
    """Which schools use the same words; those of elsewhere are not named to whoever may not see their applications."""
    found, hidden = [], set()
    for digest, label in (("staff_digest", _("师资情况")), ("facilities_digest", _("场地情况"))):
        twins = list(queries.twins_of(row, digest))
        visible = {one.pk for one in queries.applications_seen_by(actor).filter(pk__in=[one.pk for one in twins])}
        found += [
            {"label": label, "school": one.school.name, "year": one.plan.year, "pk": one.pk}
            for one in twins
            if one.pk in visible
        ]
        hidden |= {one.school_id for one in twins if one.pk not in visible}
    if hidden:
        words = ngettext("另有 %(n)s 所不在您审核范围内的院校", "另有 %(n)s 所不在您审核范围内的院校", len(hidden))
        found.append({"label": "", "school": words % {"n": len(hidden)}, "year": "", "pk": None})
    return found
