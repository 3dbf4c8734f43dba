"""院校信息变更: filed by the school or by whoever shows its stamped letter, decided by the province."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from onex.accounts import queries
from onex.accounts.identifiers import normalised
from onex.accounts.models import InstitutionChange, Membership, Organisation, School, User
from onex.accounts.rules import (
    CHANGE_FLOWS,
    ChangeFacts,
    ChangeKind,
    ChangeState,
    SchoolState,
    problems_with_change,
)
from onex.accounts.services.links import send_activation, tell
from onex.accounts.services.people import free_phone, open_account, put_on
from onex.common import files, moves, tx
from onex.common.actors import Actor, Role
from onex.common.limits import Door, Limit, enter
from onex.common.moves import leave_trace
from onex.common.origins import household
from onex.common.permits import demand
from onex.common.text import Refused, say

PROOF_KINDS = ("pdf", "png", "jpg")
MOST_PROOFS = 5
# Counted whether or not there is such a school: the answer must not tell.
RECOVERY_DOOR = Door("accounts.recovery", say("找回院校账号"), Limit("address", 5, 3_600), Limit("target", 3, 86_400))
NO_ACCOUNT = say("没有待启用的管理员账号。")
ALREADY_OPEN = say("已有一份同类变更申请尚未办结，请先等待审核或撤回。")


@dataclass(frozen=True)
class ChangeInput:
    """A request as typed; which fields count depends on the kind."""

    kind: ChangeKind
    reason: str
    new_name: str = ""
    person_name: str = ""
    person_phone: str = ""
    person_email: str = ""
    username: str = ""
    keeps_administrator: bool = False


def facts_of_input(values: ChangeInput, school: School, has_proof: bool) -> ChangeFacts:
    """What the rules judge before there is a row."""
    return _facts(_row(values, school), has_proof)


def change_facts(row: InstitutionChange) -> ChangeFacts:
    """What the rules judge, as the tables say it now."""
    return _facts(row, queries.proofs_of(row).exists())


def _facts(row: InstitutionChange, has_proof: bool) -> ChangeFacts:
    return ChangeFacts(
        kind=row.kind,
        old_name=row.school.name,
        new_name=row.new_name,
        reason=row.reason,
        person_name=row.person_name,
        person_phone=row.person_phone,
        person_email=row.person_email,
        username=row.username,
        keeps_administrator=row.keeps_administrator,
        administrator_found=_administrator(row) is not None,
        has_proof=has_proof,
        is_school_open=row.school.state == SchoolState.ACTIVE,
        name_taken=queries.school_name_is_taken(row.new_name, change=row, school=row.school),
        username_taken=bool(row.username) and queries.new_account_is_taken(row.username, row.school),
    )


def _row(values: ChangeInput, school: School) -> InstitutionChange:
    row = InstitutionChange(kind=values.kind, school=school)
    return _fill(row, values)


def _fill(row: InstitutionChange, values: ChangeInput) -> InstitutionChange:
    row.old_name = row.school.name
    row.reason = values.reason.strip()
    row.new_name = "".join(values.new_name.split()) if row.kind == ChangeKind.NAME else ""
    if row.kind != ChangeKind.NAME:
        row.person_name = values.person_name.strip()
        row.person_phone = values.person_phone.strip()
        row.person_email = values.person_email.strip()
        row.keeps_administrator = row.kind == ChangeKind.RECOVERY and values.keeps_administrator
        row.username = "" if row.keeps_administrator else values.username.strip()
    return row


def file_change(values: ChangeInput, proof: Any, *, by: Actor, at: datetime) -> InstitutionChange:
    """A signed-in school asks its province for another name or another administrator.

    Raises Refused for other hats, for what is missing or wrong, and while another request of the kind is open.
    """
    school = queries.school_of(by)
    demand("accounts.change_file", by, school)
    row = _row(values, school)
    row.old_user_id = by.user_id if values.kind == ChangeKind.ADMINISTRATOR else None
    return _keep(row, proof, by=by, at=at)


def ask_for_recovery(
    code: str, values: ChangeInput, proof: Any, *, address: str, at: datetime
) -> InstitutionChange | None:
    """Somebody without an account asks for the school with this code; None when there is no such school.

    Pages give one answer for both. Raises TooMany when asked too often, Refused for what is missing or wrong in itself.
    """
    code = normalised(code)
    files.check(proof, PROOF_KINDS)
    enter(RECOVERY_DOOR, at=at, address=household(address), target=code)
    school = queries.institution_by_code(code)
    if school is None:
        return None
    row = _row(values, school)
    row.submitted_at = at
    by = Actor(None, row.person_name, Role.SYSTEM, None, school.name, address=address)
    with tx.write():
        row.save()
        leave_trace(row, "submit", by=by, at=at, to_state=row.state)
    files.attach(row, queries.PROOF, proof, by=by, at=at, kinds=PROOF_KINDS)
    return row


def _keep(row: InstitutionChange, proof: Any, *, by: Actor, at: datetime) -> InstitutionChange:
    files.check(proof, PROOF_KINDS)
    problems = problems_with_change(_facts(row, has_proof=True))
    if problems:
        raise Refused(*(sentence for sentences in problems.values() for sentence in sentences))
    row.submitted_at = at
    try:
        with tx.write():
            if queries.open_change(row.school, row.kind) is not None:
                raise Refused(ALREADY_OPEN)
            row.save()
            leave_trace(row, "submit", by=by, at=at, to_state=row.state)
    except IntegrityError as clash:
        raise Refused(ALREADY_OPEN) from clash
    files.attach(row, queries.PROOF, proof, by=by, at=at, kinds=PROOF_KINDS)
    return row


def amend_change(change: InstitutionChange, values: ChangeInput, proof: Any, *, by: Actor, at: datetime) -> None:
    """Correct a returned request and hand it in again; a new letter is added to the ones there are.

    Raises Refused with everything that is missing or wrong, and unless it was returned.
    """
    if proof:
        files.check(proof, PROOF_KINDS)
        if queries.proofs_of(change).count() >= MOST_PROOFS:
            raise Refused(say("证明材料最多上传 {n} 个文件。", n=MOST_PROOFS))
    with tx.write():
        row = moves.lock(change)
        demand("accounts.change_amend", by, row)
        if row.state == ChangeState.RETURNED:
            _fill(row, values).save()
        move_change(row, "resubmit", by=by, at=at)
    if proof:
        files.attach(change, queries.PROOF, proof, by=by, at=at, kinds=PROOF_KINDS)


def move_change(change: InstitutionChange, move: str, *, by: Actor, at: datetime, note: str = "") -> InstitutionChange:
    """Approve, return, refuse, hand in again or withdraw.

    An approved name is the school's name from now on; for an approved administrator the account is made and its link
    sent, and the old one is told. Raises Refused.
    """
    flow = CHANGE_FLOWS[ChangeKind(change.kind)]
    decided = {"decided_at": at} if move in ("approve", "refuse", "withdraw") else {}
    filed = {"submitted_at": at} if move == "resubmit" else {}
    with tx.write():
        if move == "approve":
            moves.lock(School.objects.get(pk=change.school_id))  # two requests for one school, one after the other
        row = moves.move(
            flow, change, move, by=by, at=at, note=note, facts=change_facts, sets={**decided, **filed} or None
        )
        if move == "approve":
            _apply(row, by=by, at=at)
    if move == "approve" and row.kind != ChangeKind.NAME:
        _tell_old_ones(row, by=by, at=at)
        _send_link(row, by=by, at=at)
    elif row.kind == ChangeKind.RECOVERY and move == "refuse":
        tell(
            row,
            row.person_email,
            say("找回院校账号的申请未通过"),
            say(
                "{name}：\n\n“{school}”找回账号的申请未通过。理由：{note}",
                name=row.person_name,
                school=row.school.name,
                note=note,
            ),
            by=by,
            at=at,
        )
    row.refresh_from_db()
    return row


def _apply(row: InstitutionChange, *, by: Actor, at: datetime) -> None:
    if row.kind == ChangeKind.NAME:
        school = School.objects.get(pk=row.school_id)
        # What it was called is frozen at the decision: the history of names is read from these rows.
        InstitutionChange.objects.filter(pk=row.pk).update(old_name=school.name)
        Organisation.objects.filter(pk=school.pk).update(name=row.new_name)
        leave_trace(school, "rename", by=by, at=at, note=row.new_name, data={"from": school.name, "to": row.new_name})
        return
    user = _administrator(row) if row.keeps_administrator else queries.colleague(row.username, row.school)
    if user is None:
        user = open_account(
            row.username, row.person_name, "", by=by, at=at, phone=free_phone(row.person_phone), email=row.person_email
        )
    InstitutionChange.objects.filter(pk=row.pk).update(new_user=user)
    row.new_user = user


def _administrator(row: InstitutionChange) -> User | None:
    """The administrator of this name, for a recovery that keeps the account; None when there is none or several."""
    found = [hat.user for hat in queries.administrators_of(row.school).filter(user__name=row.person_name)[:2]]
    return found[0] if len(found) == 1 else None


def _tell_old_ones(row: InstitutionChange, *, by: Actor, at: datetime) -> None:
    """Whoever acts for the school now hears of it at the address they had: a forged letter must not stay unnoticed."""
    hats = queries.administrators_of(row.school).filter(user=row.new_user_id)
    for hat in hats if row.keeps_administrator else _ending_hats(row):
        if not hat.user.email:
            continue
        words = {
            "name": hat.user.name,
            "school": row.school.name,
            "kind": CHANGE_FLOWS[ChangeKind(row.kind)].label,
            "province": row.school.province.name,
            "person": row.person_name,
        }
        if row.keeps_administrator:
            text = say(
                "{name}：\n\n“{school}”{kind}的申请已由{province}通过，激活链接已发到申请函所留的邮箱。"
                "\n\n如果这不是贵校的申请，请立即联系{province}。",
                **words,
            )
        else:
            text = say(
                "{name}：\n\n“{school}”{kind}的申请已由{province}通过，新的管理员是{person}。"
                "对方启用账号后，您的账号将不再代表该校办理业务。\n\n如果这不是贵校的申请，请立即联系{province}。",
                **words,
            )
        tell(row, hat.user.email, say("院校账号管理员变更：{school}", school=row.school.name), text, by=by, at=at)


def _send_link(row: InstitutionChange, *, by: Actor, at: datetime) -> bool:
    if row.new_user is None:
        raise Refused(NO_ACCOUNT)
    return send_activation(row, row.new_user, row.person_email, row.school.name, by=by, at=at)


def send_change_link_again(change: InstitutionChange, *, by: Actor, at: datetime) -> bool:
    """The activation link of an approved request once more; the one before ends. Answers whether it could be sent.

    Raises Refused for whoever may not review, and unless the new administrator has yet to take over.
    """
    demand("accounts.change_review", by, change)
    if change.state != ChangeState.APPROVED:
        raise Refused(NO_ACCOUNT)
    return _send_link(change, by=by, at=at)


def _ending_hats(row: InstitutionChange) -> list[Membership]:
    """Whose hat ends when the new administrator takes over: the one who handed over; after a loss, all there are."""
    hats = queries.administrators_of(row.school).exclude(user=row.new_user_id)
    if row.kind == ChangeKind.ADMINISTRATOR:
        hats = hats.filter(user=row.old_user_id)
    return list(hats)


def take_over(user: User, *, at: datetime) -> int:
    """This person has just activated their account: the school's hat passes over to them; answers at how many schools.

    Call it in the transaction of the activation: there is never a moment without an administrator, nor with nobody
    named for it.
    """
    waiting = InstitutionChange.objects.select_related("school").filter(new_user=user, state=ChangeState.APPROVED)
    rows = list(waiting.exclude(kind=ChangeKind.NAME))
    for row in rows:
        with tx.write():
            by = Actor(user.pk, user.name, Role.SYSTEM, None, row.school.name)
            moves.move(CHANGE_FLOWS[ChangeKind(row.kind)], row, "take_over", by=by, at=at)
            put_on(user, Role.SCHOOL, row.school, by=by, at=at)
            # The letter names where this person is reached from now on.
            found = User.objects.get(pk=user.pk)
            owner = queries.user_by_phone(row.person_phone)
            found.phone = row.person_phone if owner in (None, user) else found.phone  # a phone has one account
            found.email = row.person_email
            found.save(update_fields=["phone", "phone_index", "email", "email_index"])
            if not row.keeps_administrator:
                for hat in _ending_hats(row):
                    Membership.objects.filter(pk=hat.pk).update(is_active=False)
                    leave_trace(hat, "take", by=by, at=at, note=str(say("管理员已变更")))
    return len(rows)
