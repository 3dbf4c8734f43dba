"""How a registration is shown, to its applicant and to its province alike."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from onex.accounts.models import InstitutionRegistration
from onex.accounts.rules import (
    OWNERSHIP_LABELS,
    REGISTRATION,
    SCHOOL_TYPE_LABELS,
    Ownership,
    RegistrationState,
    SchoolType,
)
from onex.common.actors import Role
from onex.common.queries import timeline_of

S = RegistrationState


def steps_of(registration: InstitutionRegistration) -> list[dict[str, Any]]:
    """填写 → 提交 → 省级审核 → 开通账号, and where it stands."""
    words = (_("填写信息"), _("提交注册"), _("省级审核"), _("开通账号"))
    done, current = {
        S.DRAFT: (0, 0),
        S.REJECTED: (0, 0),
        S.PENDING: (2, 2),
        S.ACTIVE: (4, None),
    }[S(registration.state)]
    found = []
    for n, word in enumerate(words):
        state = "done" if n < done else "current" if n == current else "todo"
        found.append({"label": word, "state": state, "note": ""})
    if registration.state == S.REJECTED:
        found[0]["note"] = _("已退回，请修改后重新提交")
    return found


def facts_shown(registration: InstitutionRegistration, *, is_own: bool = True) -> list[tuple[str, Any]]:
    """Labels and values in the order of the form; nothing of the password, and numbers of the contact for its own."""
    row = registration
    kinds, owners = set(SchoolType), set(Ownership)
    return [
        (_("学校全称"), row.name),
        (_("所属地区"), " ".join(filter(None, (row.province.region_name, row.city.region_name if row.city else "")))),
        (_("学校类型"), SCHOOL_TYPE_LABELS[SchoolType(row.school_type)] if row.school_type in kinds else ""),
        (_("办学性质"), OWNERSHIP_LABELS[Ownership(row.ownership)] if row.ownership in owners else ""),
        (_("学校标识码"), row.school_code),
        (_("统一社会信用代码"), row.credit_code),
        (_("法定代表人"), row.legal_representative),
        (_("地址"), row.address),
        (_("教务处联系人"), row.contact_name),
        *([(_("联系电话"), row.contact_phone), (_("联系邮箱"), row.contact_email)] if is_own else []),
        (_("登录账号"), row.username),
    ]


def timeline_shown(registration: InstitutionRegistration) -> list[dict[str, Any]]:
    """The traces, newest first; an applicant has no account, so the hat is said in words."""
    found = []
    for trace in timeline_of(registration).reverse():
        move = next(move for move in REGISTRATION.moves if move.name == trace.verb)
        found.append(
            {
                "who": trace.actor_label,
                "at": trace.at,
                "what": move.label,
                "note": trace.note,
                "hat": _("申请院校") if trace.hat == Role.SYSTEM else Role(trace.hat).label,
                "tone": REGISTRATION.tone(trace.to_state),
                "state": REGISTRATION.word(trace.to_state),
            }
        )
    return found
