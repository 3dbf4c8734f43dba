"""How an application is shown: its steps, its facts beside those of the last time, its story."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.text import say
from onex.pilots.models import PilotApplication
from onex.pilots.rules import EDITABLE, ApplicationState, ApprovalFacts, batch_label, flow_of, holder_of
from onex.pilots.services.applications import application_facts, snapshot_of

S = ApplicationState
VERBS = {"create": say("新建草稿"), "update": say("修改")}


def offer_facts(row: PilotApplication) -> Any:
    """What the buttons judge: a school's form as it stands, or an approval of all that was asked."""
    if row.state in EDITABLE:
        return application_facts(row)
    return ApprovalFacts(row.requested_count, row.requested_count, "")


def holder_shown(row: PilotApplication) -> str:
    """Whose turn it is, by name."""
    names = {
        Role.SCHOOL: row.school.name,
        Role.CITY: row.school.city.name if row.school.city else "",
        Role.PROVINCE: row.plan.province.name,
    }
    holder = holder_of(row.state)
    return names[holder] if holder else ""


def steps_of(row: PilotApplication) -> list[dict[str, Any]]:
    """填写 → 提交 → (地市审核) → 省级审核 → 获得培训名额, and where it stands."""
    stages = [
        ("fill", _("填写申报")),
        ("city", _("地市审核")),
        ("province", _("省级审核")),
        ("places", _("获得培训名额")),
    ]
    if not row.plan.requires_city_approval:
        stages = [stage for stage in stages if stage[0] != "city"]
    at = {S.DRAFT: "fill", S.RETURNED: "fill", S.CITY_REVIEW: "city", S.PROVINCE_REVIEW: "province"}
    at |= {S.REJECTED: "province", S.WITHDRAWN: "fill", S.APPROVED: "done"}
    here = at[S(row.state)]
    names = [name for name, _label in stages]
    place = len(names) if here == "done" else names.index(here)
    stopped = row.state in (S.REJECTED, S.WITHDRAWN)
    found = []
    for n, (_name, label) in enumerate(stages):
        state = "done" if n < place else "todo" if n > place else "stopped" if stopped else "current"
        found.append({"label": label, "state": state, "note": ""})
    if row.state == S.RETURNED:
        found[0]["note"] = _("已退回，请修改后重新提交")
    if row.state == S.APPROVED:
        found[-1]["note"] = _("批准 %(n)s 人") % {"n": row.approved_count}
    return found


def facts_shown(row: PilotApplication, before: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The form's fields in its order; `was` is what the last submission said where it differs."""
    now = snapshot_of(row)
    every = _("该证书等级的全部对应专业")

    def majors(names: Any) -> str:
        return "、".join(names or ()) or every

    facts: list[dict[str, Any]] = [
        {"label": _("申报年度"), "value": row.plan.year},
        {"label": _("申报批次"), "value": batch_label(row.plan.batch)},
        {"label": _("院校"), "value": row.school.name},
        {"label": _("颁证机构"), "value": row.level.certificate.issuer_name},
    ]
    compared = (
        ("requested_count", _("申请培训总人数"), str, False),
        ("level", _("试点证书"), str, False),
        ("declared_majors", _("拟申报专业"), majors, True),
        ("teaching_staff", _("师资情况"), str, True),
        ("facilities", _("场地情况"), str, True),
    )
    for name, label, show, wide in compared:
        differs = before is not None and before.get(name) != now[name]
        was = show(before.get(name, "")) if before is not None and differs else ""
        facts.append({"label": label, "value": show(now[name]), "was": was, "wide": wide, "text": wide})
    return facts


def timeline_shown(row: PilotApplication) -> list[dict[str, Any]]:
    """The traces, newest first, in words; an approval says how many places it gave."""
    flow = flow_of(row.plan.requires_city_approval)
    labels = {move.name: move.label for move in flow.moves}
    found = []
    for trace in timeline_of(row).reverse():
        what = VERBS.get(trace.verb) or labels[trace.verb]
        if trace.verb == "approve":
            what = say("{move}，批准 {n} 人", move=what, n=trace.data["approved_count"])
        found.append(
            {
                "who": trace.actor_label,
                "at": trace.at,
                "what": what,
                "note": trace.note,
                "hat": Role(trace.hat).label,
                "tone": flow.tone(trace.to_state) if trace.to_state else "neutral",
                "state": flow.word(trace.to_state) if trace.to_state else "",
            }
        )
    return found
