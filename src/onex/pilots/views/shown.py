"""How an application is shown: its steps, its facts beside those of the last time, its story."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.text import say
from onex.pilots import queries
from onex.pilots.models import PilotApplication
from onex.pilots.rules import (
    EDITABLE,
    REMINDER_LABELS,
    ApplicationState,
    batch_label,
    corrections_end,
    differences,
    flow_of,
    holder_of,
    reason_of,
)
from onex.pilots.services.moving import application_facts, approval_facts, facts_for, snapshot_of

S = ApplicationState


def offer_facts(row: PilotApplication) -> Any:
    """What the buttons judge: a school's form as it stands, an approval of one place, or taking a decision back."""
    if row.state in EDITABLE:
        return application_facts(row)
    if row.state in (S.APPROVED, S.REJECTED):
        return facts_for("correct", "", None)(row)
    return approval_facts(row, 1, "-")


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
    at |= {S.REJECTED: "province", S.WITHDRAWN: "fill", S.APPROVED: "done", S.EXPIRED: "done"}
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
    """The form's fields in its order, each with what differs from the submission `before` and what was said of it."""
    now = snapshot_of(row)
    remarks = _remarks_by_field(row)
    facts: list[dict[str, Any]] = [
        {"label": _("申报年度"), "value": row.plan.year},
        {"label": _("申报批次"), "value": batch_label(row.plan.batch)},
        {"label": _("院校"), "value": row.school.name},
        {"label": _("颁证机构"), "value": row.level.certificate.issuer_name},
    ]
    for name, label, kind in COMPARED:
        differs = before is not None and name in before and before[name] != now[name]
        fact: dict[str, Any] = {
            "field": name,
            "label": label,
            "value": _worded(name, now[name]),
            "wide": kind != "short",
            "text": kind == "text",
            "remarks": remarks.get(name, []),
            "was": "",
        }
        if before is not None and differs:
            fact["was"] = _worded(name, before[name])
            if kind == "text":
                fact["pieces"] = differences(str(before[name]), str(now[name]))
            elif kind == "list":
                fact["gone"] = [one for one in before[name] if one not in now[name]]
                fact["new"] = [one for one in now[name] if one not in before[name]]
                fact["kept"] = [one for one in now[name] if one in before[name]]
            elif isinstance(now[name], int) and isinstance(before[name], int):
                fact["step"] = f"{now[name] - before[name]:+d}"
        facts.append(fact)
    return facts


COMPARED = (
    ("requested_count", say("申请培训总人数"), "short"),
    ("level", say("试点证书"), "short"),
    ("machine_count", say("学生机台数"), "short"),
    ("declared_majors", say("拟申报专业"), "list"),
    ("teaching_staff", say("师资情况"), "text"),
    ("facilities", say("场地情况"), "text"),
)


def _worded(name: str, value: Any) -> str:
    if name == "declared_majors":
        return "、".join(value or ()) or _("该证书等级的全部对应专业")
    return "" if value is None else str(value)


def _remarks_by_field(row: PilotApplication) -> dict[str, list[dict[str, Any]]]:
    """逐项意见 by field: those of the latest submission, and of the one before for whoever checks what was done."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in row.remarks.filter(submission__gte=row.submission_count - 1):
        is_now = one.submission == row.submission_count
        found.setdefault(one.field, []).append({"text": one.text, "who": one.actor_label, "at": one.at, "now": is_now})
    return found


def materials_compared(row: PilotApplication, before: dict[str, Any] | None) -> dict[str, Any]:
    """The names of files that came and went since the submission `before`."""
    now = snapshot_of(row)["materials"]
    was = now if before is None else before.get("materials", now)
    return {"gone": [one for one in was if one not in now], "new": {one for one in now if one not in was}}


def materials_shown(row: PilotApplication, new: set[str]) -> list[dict[str, Any]]:
    """Its files in the plan's order, each with what the plan asked it for, who uploaded it and whether it is `new`."""
    asked = {one.slot: (n, one.name) for n, one in enumerate(row.plan.materials.all())}
    files = sorted(queries.all_materials_of(row), key=lambda one: asked.get(one.slot, (len(asked), ""))[0])
    found = []
    for one in files:
        of = asked.get(one.slot, (0, ""))[1]
        words = (of, _("本次新增") if one.original_name in new else "", one.actor_label)
        found.append({"file": one, "note": " · ".join(word for word in words if word)})
    return found


def next_step(row: PilotApplication) -> dict[str, Any]:
    """What happens next, by whom and until when; empty when nothing does."""
    until = corrections_end(row.plan.closes_at, row.plan.corrections_until)
    steps: dict[str, tuple[Any, Any]] = {
        S.DRAFT: (_("填写完整并提交"), row.plan.closes_at),
        S.RETURNED: (_("按意见修改后重新提交"), until),
        S.CITY_REVIEW: (_("地市审核"), row.plan.reviews_until),
        S.PROVINCE_REVIEW: (_("省级审核"), row.plan.reviews_until),
    }
    if row.state not in steps:
        return {}
    what, ends_at = steps[row.state]
    return {"what": what, "who": holder_shown(row), "until": ends_at}


# What is traced beside the moves. Who has it in hand is the office's own business.
ACTS = {
    "create": say("新建草稿"),
    "update": say("修改"),
    "take": say("领取审核"),
    "assign": say("分派审核"),
    "hand_back": say("取消分派"),
    **REMINDER_LABELS,
}
INTERNAL = ("take", "assign", "hand_back")


def timeline_shown(row: PilotApplication, is_school: bool = False) -> list[dict[str, Any]]:
    """The traces, newest first, in words; an approval says how many places it gave, a return what of which field."""
    flow = flow_of(row.plan.requires_city_approval)
    found = []
    for trace in timeline_of(row).reverse():
        if is_school and trace.verb in INTERNAL:
            continue
        what: Any = ACTS.get(trace.verb) or flow.act(trace.verb)
        note = trace.note
        if trace.verb == "approve":
            what = say("{move}，批准 {n} 人", move=what, n=trace.data["approved_count"])
        elif trace.verb in INTERNAL and trace.data.get("to"):
            what = say("{act}：{name}", act=what, name=trace.data["to"])
        elif trace.verb == "return" and (remarks := trace.data.get("remarks")):
            said = reason_of("", remarks)
            note = said if note in ("", said) else f"{note}\n{said}"
        elif trace.verb == "adjust":
            what = say(
                "{move}，{before} → {n} 人", move=what, before=trace.data["before"], n=trace.data["approved_count"]
            )
        found.append(
            {
                "who": trace.actor_label,
                "at": trace.at,
                "what": what,
                "note": note,
                "hat": Role(trace.hat).label,
                "tone": flow.tone(trace.to_state) if trace.to_state else "neutral",
                "state": flow.word(trace.to_state) if trace.to_state else "",
            }
        )
    return found
