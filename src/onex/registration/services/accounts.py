"""Students' own accounts: slips are printed, redeemed by their student, ended; an account is switched off and on."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from onex.accounts.models import Membership, OnceToken, School, User
from onex.accounts.rules import TokenPurpose
from onex.accounts.services import end_tokens, issue_tokens, look_at_token, use_up
from onex.accounts.services.door import is_own_password, spot_of
from onex.accounts.services.passwords import hashed_password, keep_password, refuse_password, refuse_weak
from onex.accounts.services.people import open_account, put_on
from onex.accounts.services.tokens import digest_of
from onex.common import limits, moves, pdf, tx
from onex.common.actors import Actor, Role
from onex.common.permits import demand, seen
from onex.common.text import Refused, say
from onex.registration import queries
from onex.registration.models import GuardianConsent, Student
from onex.registration.rules.students import (
    NOT_THIS_SLIP,
    NOTICE_VERSION,
    SLIPS_AT_ONCE,
    Relation,
    is_named,
    needs_guardian,
)

# Failures only: a class of fifty that activates from one address within minutes comes through, and a code of 59 random
# bits is not found by sixty tries in ten minutes. The target is the slip itself: its name is not tried out.
ACTIVATION = limits.Door(
    "registration.student_activate",
    say("激活学生账号"),
    limits.Limit("address", 60, 600),
    limits.Limit("site", 600, 600),  # from a school's own registered range
    limits.Limit("target", 5, 900),
)


@dataclass(frozen=True)
class Slip:
    """What is printed for one student; the code exists nowhere else."""

    student: Student
    code: str
    expires_at: datetime


def issue_slips(rows: QuerySet[Student], *, by: Actor, at: datetime) -> list[Slip]:
    """New slips for those of these students whose accounts this actor manages; their earlier codes end.

    Students with an account get a slip that sets a new password. Raises Refused when nobody is left or too many are.
    """
    chosen = seen("registration.student_account", by, rows).order_by("-entry_year", "class_name", "student_no")
    with tx.write():
        # Keys first, rows by their keys: one locking statement over nested sets of keys took PostgreSQL minutes for ten
        # thousand students that it had no statistics of.
        keys = list(chosen.values_list("pk", flat=True)[: SLIPS_AT_ONCE + 1])
        if not keys:
            raise Refused(say("所选范围内没有需要发放激活单的学生。"))
        if len(keys) > SLIPS_AT_ONCE:
            raise Refused(say("一次最多发放 {n} 张激活单，请分批选择班级。", n=SLIPS_AT_ONCE))
        held = Student.objects.select_for_update(no_key=True, of=("self",)).in_bulk(keys)
        students = [held[key] for key in keys if key in held]
        _refuse_accounts(students)
        # A name that cannot be printed is found before the earlier codes end, not after.
        pdf.demand_glyphs("".join(f"{one.name}{one.class_name}{one.student_no}" for one in students))
        end_tokens([slip for student in students if (slip := student.slip_id) is not None], at=at)
        names = _free_names(sum(student.account is None for student in students))
        issued = issue_tokens(TokenPurpose.STUDENT, len(students), by=by, at=at)
        for student, (token, _) in zip(students, issued, strict=True):
            student.slip = token
            student.account = student.account or names.pop()
        Student.objects.bulk_update(students, ["slip", "account"], batch_size=500)
        _trace_slips(students, by=by, at=at)
    return [Slip(student, code, token.expires_at) for student, (token, code) in zip(students, issued, strict=True)]


def _refuse_accounts(students: Sequence[Student]) -> None:
    """A password is set anew only by the school whose slip opened the account: the account may reach other schools."""
    known = queries.with_account(Student.objects.filter(pk__in=[s.pk for s in students if s.user_id]))
    for student in known.select_related("user"):
        if student.user.username != student.account:
            raise Refused(say("该生使用在其他院校开通的账号，密码请在开通账号的院校重置。"))
        if not student.is_enabled:
            raise Refused(say("该生的账号已停用，请先启用再发放激活单。"))


def _trace_slips(students: Sequence[Student], *, by: Actor, at: datetime) -> None:
    if len(students) == 1:
        moves.leave_trace(students[0], "issue_slip", by=by, at=at)
        return
    for school in School.objects.filter(pk__in={student.school_id for student in students}):
        mine = [student for student in students if student.school_id == school.pk]
        classes = sorted({f"{student.entry_year} {student.class_name}" for student in mine})
        moves.leave_trace(school, "issue_slips", by=by, at=at, data={"count": len(mine), "classes": classes})


def _free_names(count: int) -> list[str]:
    """Account names nobody has: an s and eight random digits, which tell neither school nor person."""
    found: set[str] = set()
    while len(found) < count:
        found |= {f"s{secrets.randbelow(10**8):08d}" for _ in range(count - len(found))}
        found -= set(Student.objects.filter(account__in=found).values_list("account", flat=True))
        found -= set(User.objects.filter(username__in=found).values_list("username", flat=True))
    return list(found)


def revoke_slip(student: Student, *, by: Actor, at: datetime) -> None:
    """The printed code opens nothing any more. Raises Refused when there is none to take back."""
    demand("registration.student_account", by, student)
    with tx.write():
        student = moves.lock(student)
        slip = OnceToken.objects.filter(student=student, used_at__isnull=True).first()
        if slip is None:
            raise Refused(say("该生没有未使用的激活单。"))
        end_tokens([slip.pk], at=at)
        Student.objects.filter(pk=student.pk).update(slip=None)
        moves.leave_trace(student, "revoke_slip", by=by, at=at)


def disable_account(student: Student, *, by: Actor, at: datetime) -> None:
    """The student is out at the next request and cannot come in for this school. Raises Refused without an account."""
    demand("registration.student_account", by, student)
    with tx.write():
        student = moves.lock(student)
        if not _hats(student).filter(is_active=True).exists():
            raise Refused(say("该生没有启用中的账号。"))
        _take_off(student, at=at)
        moves.leave_trace(student, "disable_account", by=by, at=at)


def enable_account(student: Student, *, by: Actor, at: datetime) -> None:
    """Let the student in again. Raises Refused without an account."""
    demand("registration.student_account", by, student)
    with tx.write():
        student = moves.lock(student)
        if student.user is None:
            raise Refused(say("该生还没有账号，请发放激活单。"))
        put_on(student.user, Role.STUDENT, student.school, by=by, at=at)
        moves.leave_trace(student, "enable_account", by=by, at=at)


def forget_account(student: Student, *, at: datetime) -> None:
    """Before a student leaves the roster: the slip ends and the hat goes, unless another row of the school keeps it."""
    end_tokens([student.slip_id] if student.slip_id else [], at=at)
    others = Student.objects.filter(school=student.school_id, user=student.user_id).exclude(pk=student.pk)
    if student.user_id and not others.exists():
        _take_off(student, at=at)


def _hats(student: Student) -> QuerySet[Membership]:
    return Membership.objects.filter(
        user=student.user_id, organisation=student.school_id, role=Role.STUDENT, user__isnull=False
    )


def _take_off(student: Student, *, at: datetime) -> None:
    _hats(student).update(is_active=False)
    end_tokens([student.slip_id] if student.slip_id else [], at=at)


# --- the student's side ----------------------------------------------------------------------------------------------


def look_at_slip(code: str, name: str, *, address: str, at: datetime) -> tuple[OnceToken, Student]:
    """The slip that this code and this name open together, for showing what is behind it.

    Raises TooMany after too many failures, and Refused with one sentence whatever was wrong.
    """
    keys = {**spot_of(address).keys, "target": digest_of(code, TokenPurpose.STUDENT)}
    limits.enter(ACTIVATION, at=at, **keys)  # counted before it is judged: forty at once are forty tries
    try:
        token = look_at_token(code, TokenPurpose.STUDENT, at=at)
    except Refused:
        student = None
    else:
        student = queries.student_of_slip(token)
    if student is None or not is_named(name, student.name):
        raise Refused(NOT_THIS_SLIP)
    limits.give_back(ACTIVATION, at=at, **keys)
    return token, student


@dataclass(frozen=True)
class Guardian:
    """Who consents for a student under 14."""

    name: str
    relation: Relation
    phone: str


def activate(slip: UUID, password: str, *, guardian: Guardian | None = None, by: Actor, at: datetime) -> User:
    """Use up a slip that was looked at: open the account, or join it to the person's account at another school.

    Who has an account already gives its password, and chooses a new one only by a slip of the school that opened it.
    Raises Refused for a slip that is no longer good, a weak or wrong password, and a missing guardian.
    """
    token = queries.open_slip(slip, at)
    student = queries.student_of_slip(token) if token is not None else None
    if token is None or student is None:
        raise Refused(NOT_THIS_SLIP)
    if needs_guardian(student.birth_on, at) and guardian is None and student.user_id is None:
        raise Refused(say("未满 14 周岁，需要监护人同意后才能激活。"))
    earlier = None if student.user_id else queries.earlier_account_of(student)
    if earlier is not None:
        _prove(earlier, password, by=by, at=at)
        hashed = ""
    else:
        _refuse_password(student, password)
        hashed = hashed_password(password)  # outside the transaction: it takes its time on purpose
    with tx.write():
        student = moves.lock(student)
        use_up(token, at=at)
        if student.slip_id != token.pk or (earlier is None) != (
            student.user_id is not None or queries.earlier_account_of(student) is None
        ):
            raise Refused(NOT_THIS_SLIP)  # printed again, or activated elsewhere, while the form was being filled
        user = earlier or _opened(student, hashed, by=by, at=at)
        Student.objects.filter(pk=student.pk).update(user=user)
        put_on(user, Role.STUDENT, student.school, by=by, at=at)
        if guardian is not None:
            GuardianConsent.objects.create(
                student=student,
                name=guardian.name,
                relation=guardian.relation,
                phone=guardian.phone,
                given_at=at,
                text_version=NOTICE_VERSION,
            )
        if student.user_id is None:
            data: dict[str, Any] = {"notice": NOTICE_VERSION, "guardian": guardian is not None}
            moves.leave_trace(student, "activate", by=by, at=at, data=data)
        else:
            moves.leave_trace(student, "set_password", by=by, at=at)
    return User.objects.get(pk=user.pk)


def _opened(student: Student, hashed: str, *, by: Actor, at: datetime) -> User:
    """The account of this student's slip: a new one, or the same with its new password."""
    if student.user_id is None:
        return open_account(student.account or "", student.name, hashed, by=by, at=at)
    user = User.objects.get(pk=student.user_id)
    return keep_password(user, hashed, by=by, at=at)


def _refuse_password(student: Student, password: str) -> None:
    """Raises Refused for a password that a student may not have."""
    if student.user is not None:
        refuse_password(student.user, password)
    else:
        school = student.school
        words = (school.name, school.province.region_name, student.student_no)
        refuse_weak(password, student.account or "", student.name, *words, is_staff=False)


def _prove(user: User, password: str, *, by: Actor, at: datetime) -> None:
    """Raises TooMany and Refused unless this is the password of the account that the slip joins.

    Counted for the account: a school that prints slip after slip for somebody else's student guesses no further.
    """
    keys = {**spot_of(by.address).keys, "target": f"account {user.pk}"}
    limits.enter(ACTIVATION, at=at, **keys)
    if not (user.is_active and is_own_password(user, password)):
        raise Refused(say("已有账号的密码不正确。忘记密码时，请到开通该账号的院校重新发放激活单。"))
    limits.give_back(ACTIVATION, at=at, **keys)
