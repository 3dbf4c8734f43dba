"""院校信息变更: another name, another administrator, and the way back for a school that lost its account.

One kind of row, three tables of moves: what a signed-in school files may be returned to it and withdrawn; whoever lost
the account has no page to come back to, so a recovery is approved or refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from onex.accounts.identifiers import problems_with_email, problems_with_name, problems_with_phone
from onex.accounts.rules.links import LINK_ACTS
from onex.accounts.rules.registration import problems_with_username
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow


class ChangeKind(StrEnum):
    NAME = "name"
    ADMINISTRATOR = "administrator"
    RECOVERY = "recovery"


class ChangeState(StrEnum):
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    TAKEN_OVER = "taken_over"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


S = ChangeState
CHANGE_KIND_LABELS = {
    ChangeKind.NAME: say("变更校名"),
    ChangeKind.ADMINISTRATOR: say("变更管理员"),
    ChangeKind.RECOVERY: say("找回院校账号"),
}
LONGEST_REASON = 500


@dataclass(frozen=True)
class ChangeFacts:
    """What is judged: the request as filed, and what the tables already have of it.

    `keeps_administrator`: a recovery for the administrator there is; `administrator_found`: the school has one of
    that name.
    """

    kind: str
    old_name: str = ""
    new_name: str = ""
    reason: str = ""
    person_name: str = ""
    person_phone: str = ""
    person_email: str = ""
    username: str = ""
    keeps_administrator: bool = False
    administrator_found: bool = False
    has_proof: bool = False
    is_school_open: bool = True
    name_taken: bool = False
    username_taken: bool = False


def problems_with_change(facts: ChangeFacts) -> dict[str, list[Say]]:
    """What is missing or wrong, beside the field each belongs to, in the order of the form."""
    found: dict[str, list[Say]] = {}
    if facts.kind == ChangeKind.NAME:
        found["new_name"] = _problems_with_new_name(facts)
    else:
        found["person_name"] = _needed(facts.person_name, say("请填写姓名")) or problems_with_name(facts.person_name)
        found["person_phone"] = _needed(facts.person_phone, say("请填写联系电话")) or problems_with_phone(
            facts.person_phone
        )
        found["person_email"] = _needed(facts.person_email, say("请填写邮箱")) or problems_with_email(
            facts.person_email
        )
        if not facts.keeps_administrator:
            found["username"] = problems_with_username(facts.username) or (
                [say("该登录账号已被使用，请换一个")] if facts.username_taken else []
            )
    found["reason"] = _needed(facts.reason, say("请写明原因"))
    found["proof"] = [] if facts.has_proof else [say("请上传加盖公章的证明材料扫描件")]
    return {field: problems for field, problems in found.items() if problems}


def _needed(text: str, sentence: Say) -> list[Say]:
    return [] if text.strip() else [sentence]


def _problems_with_new_name(facts: ChangeFacts) -> list[Say]:
    if not facts.new_name.strip():
        return [say("请填写新的学校全称")]
    if facts.new_name == facts.old_name:
        return [say("新的学校全称与现在的相同")]
    return [say("该校名已被其他院校使用或正在审核")] if facts.name_taken else []


def problems_on_submit_change(facts: ChangeFacts, at: datetime) -> list[Say]:
    """Everything that keeps the request from going to the province again."""
    return [sentence for sentences in problems_with_change(facts).values() for sentence in sentences]


def problems_on_approve_change(facts: ChangeFacts, at: datetime) -> list[Say]:
    """What changed meanwhile: the name or account was taken, the school suspended, the administrator is not there."""
    found = []
    if not facts.is_school_open:
        found.append(say("该院校已暂停，请先恢复再办理变更。"))
    if facts.kind == ChangeKind.NAME and facts.name_taken:
        found.append(say("该校名已被其他院校使用或正在审核，请核实后退回或不予通过。"))
    if facts.kind != ChangeKind.NAME:
        if facts.keeps_administrator and not facts.administrator_found:
            found.append(
                say("该校没有名为“{name}”的管理员，不能沿用原账号。请核实后不予通过并说明。", name=facts.person_name)
            )
        if not facts.keeps_administrator and facts.username_taken:
            found.append(say("登录账号“{username}”已被他人使用，请对方换一个账号重新提交。", username=facts.username))
    return found


_APPROVE = Move(
    "approve",
    (S.SUBMITTED,),
    S.APPROVED,
    "accounts.change_review",
    problems_on_approve_change,
    label=say("通过"),
)
_REFUSE = Move(
    "refuse", (S.SUBMITTED,), S.REFUSED, "accounts.change_review", label=say("不予通过"), needs_note=True, is_grave=True
)
_BY_SCHOOL = (
    Move("return", (S.SUBMITTED,), S.RETURNED, "accounts.change_review", label=say("退回修改"), needs_note=True),
    Move(
        "resubmit",
        (S.RETURNED,),
        S.SUBMITTED,
        "accounts.change_amend",
        problems_on_submit_change,
        label=say("重新提交"),
    ),
    Move("withdraw", (S.SUBMITTED, S.RETURNED), S.WITHDRAWN, "accounts.change_amend", label=say("撤回"), is_grave=True),
)
# The new administrator opens the link: the hat passes over in that moment, so there is never none.
_TAKE_OVER = Move("take_over", (S.APPROVED,), S.TAKEN_OVER, "accounts.change_take_over", label=say("新管理员启用账号"))
_LABELS = {
    S.SUBMITTED: say("待审核"),
    S.RETURNED: say("已退回"),
    S.APPROVED: say("已通过"),
    S.TAKEN_OVER: say("已交接"),
    S.REFUSED: say("不予通过"),
    S.WITHDRAWN: say("已撤回"),
}
_TONES = {S.SUBMITTED: "info", S.RETURNED: "warn", S.APPROVED: "good", S.TAKEN_OVER: "good", S.REFUSED: "bad"}
_ACTS = {"submit": say("提交申请"), **LINK_ACTS}


def _flow(kind: ChangeKind, *moves: Move) -> Workflow:
    label = CHANGE_KIND_LABELS[kind]
    code = "accounts.recovery" if kind == ChangeKind.RECOVERY else f"accounts.{kind}_change"
    return Workflow(code, S.SUBMITTED, *moves, label=label, labels=dict(_LABELS), tones=dict(_TONES), acts=_ACTS)


NAME_CHANGE = _flow(ChangeKind.NAME, _APPROVE, *_BY_SCHOOL, _REFUSE)
ADMINISTRATOR_CHANGE = _flow(ChangeKind.ADMINISTRATOR, _APPROVE, *_BY_SCHOOL, _REFUSE, _TAKE_OVER)
# A stamped letter alone opens no account: whoever approves writes whom they rang up and what was said.
RECOVERY = _flow(ChangeKind.RECOVERY, replace(_APPROVE, needs_note=True), _REFUSE, _TAKE_OVER)
CHANGE_FLOWS = {
    ChangeKind.NAME: NAME_CHANGE,
    ChangeKind.ADMINISTRATOR: ADMINISTRATOR_CHANGE,
    ChangeKind.RECOVERY: RECOVERY,
}
