"""How registrations and changes are shown, to those who file them and to their province alike."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from onex.accounts import queries
from onex.accounts.models import InstitutionChange, InstitutionRegistration
from onex.accounts.rules import (
    CHANGE_FLOWS,
    LINK_FAILED,
    OWNERSHIP_LABELS,
    REGISTRATION,
    REMARKED,
    SCHOOL_TYPE_LABELS,
    ChangeKind,
    Ownership,
    RegistrationState,
    SchoolType,
)
from onex.common.actors import Role
from onex.common.masks import mask_email, mask_phone
from onex.common.models import FAILED
from onex.common.queries import timeline_of
from onex.common.workflow import Workflow

S = RegistrationState
NOT_FACTS = ("majors", "licence")  # shown as a table and as files


def steps_of(registration: InstitutionRegistration) -> list[dict[str, Any]]:
    """填写 → 提交 → 省级审核 → 开通账号, and where it stands."""
    words = (_("填写信息"), _("提交注册"), _("省级审核"), _("开通账号"))
    done, current = {
        S.DRAFT: (0, 0),
        S.REJECTED: (0, 0),
        S.PENDING: (2, 2),
        S.REFUSED: (2, None),
        S.ACTIVE: (4, None),
    }[S(registration.state)]
    found = []
    for n, word in enumerate(words):
        state = "done" if n < done else "current" if n == current else "todo"
        found.append({"label": word, "state": state, "note": ""})
    if registration.state == S.REJECTED:
        found[0]["note"] = _("已退回，请修改后重新提交")
    if registration.state == S.REFUSED:
        found[2] = {"label": words[2], "state": "stopped", "note": _("不予注册")}
    return found


# The contact's numbers are the school's own to read; others see so much that they know one from another.
_MASKS = {"contact_phone": mask_phone, "contact_email": mask_email}


def facts_shown(
    registration: InstitutionRegistration, *, compared: bool = False, is_own: bool = True
) -> list[dict[str, Any]]:
    """Field, label and value in the order of the form; with `compared` what was handed in the time before.

    `remark` is what the reviewer remarked on the field while the registration is back with its school.
    """
    now = queries.filed_fields(registration)
    before = registration.handed_in_before if compared else {}
    remarks = queries.remarks_on(registration)
    found = []
    for field, label in REMARKED.items():
        was = before.get(field, "")
        found.append(
            {
                "field": field,
                "label": label,
                "value": _word(field, now[field], is_own),
                "before": _word(field, was, is_own),
                "changed": bool(before) and was != now[field],
                "remark": remarks.get(field, ""),
                "is_fact": field not in NOT_FACTS,
            }
        )
    return found


def _word(field: str, value: str, is_own: bool) -> Any:
    if value and not is_own and field in _MASKS:
        return _MASKS[field](value)
    if field == "school_type":
        return SCHOOL_TYPE_LABELS[SchoolType(value)] if value in set(SchoolType) else ""
    if field == "ownership":
        return OWNERSHIP_LABELS[Ownership(value)] if value in set(Ownership) else ""
    return value


def account_shown(registration: InstitutionRegistration) -> dict[str, Any] | None:
    """The account that an approval opened: in use, or how its link went out; None before."""
    user = queries.account_of(registration)
    if user is None:
        return None
    return {"username": user.username, "is_used": user.has_usable_password(), **link_shown(registration)}


def link_shown(row: Any) -> dict[str, Any]:
    """When the latest activation link went out, to which masked address, and whether it could."""
    last = queries.last_link_of(row)
    if last is None:
        return {"is_sent": False, "sent_at": None, "sent_to": ""}
    return {"is_sent": last.verb != LINK_FAILED, "sent_at": last.at, "sent_to": last.note}


def timeline_shown(registration: InstitutionRegistration) -> list[dict[str, Any]]:
    """The traces, newest first; an applicant has no account, so the hat is said in words."""
    return _entries(registration, REGISTRATION)


def change_timeline(change: InstitutionChange) -> list[dict[str, Any]]:
    """The same for a change of a school's name or administrator."""
    return _entries(change, CHANGE_FLOWS[ChangeKind(change.kind)])


def _entries(row: Any, flow: Workflow) -> list[dict[str, Any]]:
    found = []
    for trace in timeline_of(row).reverse():
        remarks = [f"{REMARKED[field]}：{text}" for field, text in trace.data.get("remarks", {}).items()]
        tone = flow.tone(trace.to_state) if trace.to_state else "bad" if trace.outcome == FAILED else "neutral"
        found.append(
            {
                "who": trace.actor_label,
                "at": trace.at,
                "what": flow.act(trace.verb),
                "note": "\n".join([trace.note, *remarks]).strip(),
                "hat": _("申请院校") if trace.hat == Role.SYSTEM else Role(trace.hat).label,
                "tone": tone,
                "state": flow.word(trace.to_state) if trace.to_state else "",
            }
        )
    return found
