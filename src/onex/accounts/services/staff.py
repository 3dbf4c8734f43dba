"""An organisation's people: invited, re-roled, laid aside and let go by its own administrators.

Everything asks `accounts.people_manage` of the organisation and then `rules.problems_with_hats`: nobody touches their
own hats or such as are not theirs to give, and an organisation keeps an administrator.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db.models import Q, QuerySet

from onex.accounts.models import Membership, Organisation, User
from onex.accounts.queries import NO_PASSWORD
from onex.accounts.rules import (
    ADMINISTRATORS,
    LIVES,
    NO_HAT,
    InvitedLine,
    OrganisationKind,
    TokenPurpose,
    WhyEnded,
    problems_with_hat,
    problems_with_hats,
    problems_with_invitation,
    problems_with_losing,
    problems_with_username,
)
from onex.accounts.services.links import activation_url
from onex.accounts.services.organisations import ensure_operator
from onex.accounts.services.people import open_account, put_on
from onex.accounts.services.sessions import end_all, end_wearing
from onex.accounts.services.tokens import issue_token
from onex.common import moves, post, tx
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.limits import Door, Limit, enter
from onex.common.masks import mask_phone
from onex.common.models import DONE, FAILED
from onex.common.moves import leave_trace
from onex.common.permits import demand
from onex.common.text import Refused, Say, say

# Inviting by account name tells whether an account exists; sending costs money. Neither is for trying all day.
INVITING = Door("accounts.invite", say("邀请人员"), Limit("account", 300, 3600))
NEEDS_REASON = say("请写明理由")


@dataclass(frozen=True)
class Invitation:
    """Somebody new: who they are and where the activation link goes."""

    username: str
    name: str
    email: str = ""
    phone: str = ""


def invite(
    organisation: Organisation, invited: Invitation, roles: Collection[Role], *, by: Actor, at: datetime
) -> tuple[User, bool]:
    """A new account with these hats and no password; its link goes out by e-mail, else as a text message.

    Answers the person and whether the link was taken. Raises Refused, or TooMany.
    """
    demand("accounts.people_manage", by, organisation)
    enter(INVITING, at=at, account=str(by.user_id))
    problems = [
        *problems_with_username(invited.username),
        *problems_with_invitation(invited.name, invited.email, invited.phone, roles),
        *problems_with_hats(by.role, organisation.kind, (), roles, is_self=False, others=()),
    ]
    if problems:
        raise Refused(*problems)
    with tx.write():
        user = open_account(
            invited.username,
            invited.name.strip(),
            make_password(None),
            by=by,
            at=at,
            phone=invited.phone.strip(),
            email=invited.email.strip(),
        )
        for role in sorted(roles):
            put_on(user, role, organisation, by=by, at=at)
    return user, send_link(user, organisation, by=by, at=at)


def invite_existing(
    organisation: Organisation, username: str, roles: Collection[Role], *, by: Actor, at: datetime
) -> User:
    """Ask somebody who has an account, by its exact name, to put on these hats; they accept where hats are chosen.

    Who has no hat at all could not sign in to accept and gets them at once. Raises Refused, or TooMany.
    """
    demand("accounts.people_manage", by, organisation)
    enter(INVITING, at=at, account=str(by.user_id))
    if not roles:
        raise Refused(NO_HAT)
    user = User.objects.filter(username__iexact=username.strip(), is_active=True).first()
    if user is None:
        raise Refused(
            say("没有登录账号“{username}”，请核对；还没有账号的，请填写姓名和联系方式邀请。", username=username)
        )
    problems = problems_with_hats(
        by.role, organisation.kind, (), roles, is_self=user.pk == by.user_id, others=()
    ) + _apart(roles, organisation.kind)
    if problems:
        raise Refused(*problems)
    with tx.write():
        moves.lock(user)
        if rows_of(user, organisation).exists():
            raise Refused(say("“{name}”已是本机构人员，请在其记录中更改身份。", name=user.username))
        is_idle = not user.memberships.filter(is_active=True, organisation__is_active=True).exists()
        for role in sorted(roles):
            if is_idle:
                put_on(user, role, organisation, by=by, at=at)
            else:
                hat, _ = Membership.objects.update_or_create(
                    user=user,
                    role=role.value,
                    organisation_id=organisation.pk,
                    defaults={"is_active": False, "invited_at": at, "suspended_at": None},
                )
                leave_trace(hat, "invite", by=by, at=at)
    return user


def _apart(roles: Collection[Role], kind: str) -> list[Say]:
    # Only the hats of this invitation are judged: what else the person wears is told to nobody but them.
    chosen = sorted(roles)
    return [problem for n, role in enumerate(chosen) for problem in problems_with_hat(role, kind, chosen[:n])]


def answer_invitation(hat: Membership, is_accepted: bool, *, by: Actor, at: datetime) -> Membership:
    """The invited person puts the hat on, or says no. Raises Refused for anybody else, and for a hat that clashes."""
    with tx.write():
        row = moves.lock(hat)
        if row.user_id != by.user_id or row.invited_at is None:
            raise Refused(say("这个邀请已经处理过，或者不是发给您的。"))
        if not is_accepted:
            Membership.objects.filter(pk=row.pk).update(invited_at=None)
            leave_trace(row, "decline", by=by, at=at)
        else:
            Membership.objects.filter(pk=row.pk).update(invited_at=None)
            put_on(row.user, Role(row.role), row.organisation, by=by, at=at)
            leave_trace(row, "accept", by=by, at=at)
    row.refresh_from_db()
    return row


def resend(
    user: User, organisation: Organisation, *, by: Actor, at: datetime, email: str = "", phone: str = ""
) -> bool:
    """A new activation link, the earlier one ends; to a corrected address when one is given. Raises Refused."""
    with tx.write():
        user = _theirs(user, organisation, by)
        if user.has_usable_password():
            raise Refused(say("“{name}”的账号已经激活，忘记密码请用登录页的“忘记密码”。", name=user.name))
        if user.memberships.filter(is_active=True).exclude(organisation=organisation.pk).exists():
            raise Refused(say("这个账号由另一机构建立，请由该机构重发邀请。"))
        _refuse_to_touch(user, organisation, _roles(rows_of(user, organisation)), by)
        values = {name: text.strip() for name, text in (("email", email), ("phone", phone)) if text.strip()}
        if any(getattr(user, name) != text for name, text in values.items()):
            User.objects.filter(pk=user.pk).update(**values)
            leave_trace(user, "contact", by=by, at=at)
    user.refresh_from_db()
    enter(INVITING, at=at, account=str(by.user_id))
    return send_link(user, organisation, by=by, at=at)


def send_link(user: User, organisation: Organisation, *, by: Actor, at: datetime) -> bool:
    """A fresh once-only link to this person; whether it was taken. Outside of any transaction: it cannot be unsent."""
    raw = issue_token(TokenPurpose.ACTIVATE, user, by=by, at=at, data={"organisation": str(organisation.pk)})
    words = {
        "name": user.name,
        "organisation": organisation.name,
        "username": user.username,
        "days": LIVES[TokenPurpose.ACTIVATE].days,
        "url": activation_url(raw),
    }
    try:
        if user.email:
            text = say(
                "{name}：\n\n“{organisation}”邀请您使用 1+X 证书平台，您的登录账号是 {username}。请在 {days} 天内"
                "打开下面的链接设置密码，链接只能使用一次：\n\n{url}\n\n如果您不知道这件事，请不要打开链接。",
                **words,
            )
            post.send_mail(user.email, say("激活您的账号：{organisation}", organisation=organisation.name), text)
        else:
            post.send_sms(
                user.phone,
                say(
                    "{organisation}邀请您使用 1+X 证书平台，账号 {username}。{days} 天内打开链接设置密码：{url}",
                    **words,
                ),
            )
        is_sent = True
    except OSError:  # smtplib's errors are OSErrors too
        is_sent = False
    with tx.write():
        note = hidden_email(user.email) if user.email else mask_phone(user.phone)
        leave_trace(
            user, "invite_sent" if is_sent else "invite_failed", by=by, at=at, note=note,
            outcome=DONE if is_sent else FAILED,
        )  # fmt: skip
    return is_sent


def hidden_email(email: str) -> str:
    """`z***@example.edu.cn`."""
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"


def change_hats(
    user: User, organisation: Organisation, wanted: Collection[Role], *, by: Actor, at: datetime, note: str = ""
) -> None:
    """Exactly these hats here from now on; taking one away needs a reason. Raises Refused."""
    with tx.write():
        user = _theirs(user, organisation, by)
        held = _worn(user, organisation)
        if rows_of(user, organisation).filter(suspended_at__isnull=False).exists():
            raise Refused(say("“{name}”已停用，请先恢复再更改身份。", name=user.name))
        if not wanted:
            raise Refused(say("至少保留一个身份；要移出本机构，请用“移出机构”。"))
        _refuse(user, organisation, held, by, wanted=wanted)
        taken = held - set(wanted)
        if taken and not note.strip():
            raise Refused(NEEDS_REASON)
        for hat in rows_of(user, organisation).filter(role__in=taken):
            _take_off(hat, "take", by=by, at=at, note=note)
        for role in sorted(set(wanted) - held):
            put_on(user, role, organisation, by=by, at=at)


def set_suspended(
    user: User, organisation: Organisation, is_suspended: bool, *, by: Actor, at: datetime, note: str
) -> None:
    """Lay all of a person's hats here aside, or give them back. Their hats elsewhere stay. Raises Refused."""
    if not note.strip():
        raise Refused(NEEDS_REASON)
    with tx.write():
        user = _theirs(user, organisation, by)
        if is_suspended:
            rows = rows_of(user, organisation).filter(is_active=True)
            _refuse(user, organisation, _roles(rows), by)
            for hat in rows:
                _take_off(hat, "suspend", by=by, at=at, note=note, suspended_at=at)
        else:
            rows = rows_of(user, organisation).filter(suspended_at__isnull=False)
            _refuse_to_touch(user, organisation, _roles(rows), by)
            for hat in rows:
                Membership.objects.filter(pk=hat.pk).update(suspended_at=None)
                put_on(user, Role(hat.role), organisation, by=by, at=at)
                leave_trace(hat, "restore", by=by, at=at, note=note)


def remove(user: User, organisation: Organisation, *, by: Actor, at: datetime, note: str) -> None:
    """Let a person go: no hat here any more, no invitation either; the account and what they did stay.

    Raises Refused.
    """
    if not note.strip():
        raise Refused(NEEDS_REASON)
    with tx.write():
        user = _theirs(user, organisation, by)
        rows = rows_of(user, organisation)
        _refuse_to_touch(user, organisation, _roles(rows), by)
        _refuse(user, organisation, _worn(user, organisation), by)
        for hat in rows:
            _take_off(hat, "remove", by=by, at=at, note=note)


def set_account_active(user: User, is_active: bool, *, by: Actor, at: datetime, note: str) -> None:
    """Shut a person out everywhere, or let them in again; for the platform's own administrators.

    One who is among the three administrators is the security administrator's business. Raises Refused.
    """
    demand("accounts.account_disable", by, user)
    if not note.strip():
        raise Refused(NEEDS_REASON)
    with tx.write():
        row = moves.lock(user)
        if row.pk == by.user_id:
            raise Refused(say("不能停用自己的账号。"))
        worn = Membership.objects.filter(user=row, is_active=True)
        if by.role != Role.SECURITY_ADMIN and worn.filter(role__in=ADMINISTRATORS).exists():
            raise Refused(say("系统管理员、安全管理员和审计员的账号只能由安全管理员停用或恢复。"))
        if not is_active:
            for hat in worn.select_related("organisation"):
                others = _others(row, hat.organisation)
                if last := problems_with_losing(hat.organisation.kind, [Role(hat.role)], others):
                    raise Refused(*last)
        if User.objects.filter(pk=row.pk, is_active=not is_active).update(is_active=is_active):
            leave_trace(row, "enable" if is_active else "disable", by=by, at=at, note=note)
            if not is_active:  # now, not at their next request: enabled again, no old session comes back
                end_all(row, by=by, at=at, why=WhyEnded.DISABLED, note=note)


def rows_of(user: User, organisation: Organisation) -> QuerySet[Membership]:
    """What a person has with an organisation: hats worn, laid aside or offered, but none that was taken away.

    A student's is none of the staff's: the roster gives and takes it.
    """
    standing = Q(is_active=True) | Q(invited_at__isnull=False) | Q(suspended_at__isnull=False)
    found: QuerySet[Membership] = user.memberships.filter(standing, organisation=organisation.pk)
    return found.exclude(role=Role.STUDENT)


def _theirs(user: User, organisation: Organisation, by: Actor) -> User:
    """The person, locked; the administrators of one organisation wait for one another, lest the last two let each
    other go at the same moment."""
    demand("accounts.people_manage", by, Organisation.objects.get(pk=organisation.pk))
    moves.lock(Organisation.objects.get(pk=organisation.pk))
    if not rows_of(user, organisation).exists():
        raise Refused(say("“{name}”不是本机构人员。", name=user.name))
    return moves.lock(user)


def _worn(user: User, organisation: Organisation) -> set[Role]:
    return _roles(rows_of(user, organisation).filter(is_active=True))


def _roles(rows: QuerySet[Membership]) -> set[Role]:
    return {Role(role) for role in rows.values_list("role", flat=True)}


def _others(user: User, organisation: Organisation) -> set[Role]:
    """The hats that somebody else could use here now."""
    found = Membership.objects.filter(organisation=organisation.pk, is_active=True, user__is_active=True)
    return _roles(found.exclude(user=user.pk).exclude(user__in=User.objects.filter(NO_PASSWORD)))


def _refuse(user: User, organisation: Organisation, held: set[Role], by: Actor, wanted: Collection[Role] = ()) -> None:
    # Who never came in looks after nobody: a wrong first invitation can be taken back.
    others = _others(user, organisation) if user.has_usable_password() else held
    is_self = user.pk == by.user_id
    if problems := problems_with_hats(by.role, organisation.kind, held, wanted, is_self=is_self, others=others):
        raise Refused(*problems)


def _refuse_to_touch(user: User, organisation: Organisation, roles: set[Role], by: Actor) -> None:
    # As if these hats were given: they must all be this administrator's to give, and somebody else's to wear.
    _refuse(user, organisation, set(), by, wanted=roles)


def _take_off(
    hat: Membership, verb: str, *, by: Actor, at: datetime, note: str, suspended_at: datetime | None = None
) -> None:
    Membership.objects.filter(pk=hat.pk).update(is_active=False, invited_at=None, suspended_at=suspended_at)
    end_wearing(hat, at=at)
    leave_trace(hat, verb, by=by, at=at, note=note)


@dataclass(frozen=True)
class Invited:
    """What became of a pasted list."""

    invited: tuple[User, ...]
    refused: tuple[InvitedLine, ...]


def invite_many(organisation: Organisation, lines: Sequence[InvitedLine], *, by: Actor, at: datetime) -> Invited:
    """Invite everybody on the list; whoever could not be is answered with the reason and keeps nobody else out."""
    done, refused = [], []
    for line in lines:
        person = Invitation(line.username, line.name, line.email, line.phone)
        try:
            done.append(invite(organisation, person, line.roles, by=by, at=at)[0])
        except Refused as wrong:
            refused.append(replace(line, problems=tuple(Say(str(reason)) for reason in wrong.reasons)))
    return Invited(tuple(done), tuple(refused))


def appoint_first(role: Role, person: Invitation, *, operator: str, at: datetime) -> str:
    """The first of the operator's three administrators, by whoever installs the platform; answers the activation link.

    Raises Refused once somebody has the hat.
    """
    if problems := problems_with_username(person.username):
        raise Refused(*problems)
    with tx.write():
        # An operator that is there keeps its name.
        place = Organisation.objects.filter(kind=OrganisationKind.OPERATOR).first() or ensure_operator(operator)
        place = moves.lock(place)
        if Membership.objects.filter(organisation=place, role=role, is_active=True).exists():
            raise Refused(say("已有“{role}”；其他人员请在平台的人员页邀请。", role=role.label))
        user = open_account(person.username, person.name.strip(), make_password(None), by=SYSTEM, at=at)
        put_on(user, role, place, by=SYSTEM, at=at)
    return activation_url(issue_token(TokenPurpose.ACTIVATE, user, by=SYSTEM, at=at))
