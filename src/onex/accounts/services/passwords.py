"""The only place that sets a password."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from onex.accounts import queries
from onex.accounts.models import OnceToken, PasswordHistory, User
from onex.accounts.rules import (
    PROFILES,
    PasswordProfile,
    TokenPurpose,
    is_too_old,
    normalised_password,
    problems_with_password,
)
from onex.common import tx
from onex.common.actors import Actor
from onex.common.moves import leave_trace
from onex.common.text import Refused, Say, say

_AGAIN = say("最近用过的 {n} 个密码不能再用，请换一个。", n=5)
KEPT = 5  # hashes; what `mlps3` compares with


def profile() -> PasswordProfile:
    """What this installation demands of passwords."""
    return PROFILES[settings.PASSWORD_PROFILE]


def password_help(is_staff: bool = True) -> Say:
    """The demands in one sentence, for beside the field."""
    now = profile()
    shortest = now.shortest_staff if is_staff else now.shortest
    if now.kinds:
        return say("至少 {n} 位，含大写字母、小写字母、数字、其他符号中的 {k} 类。", n=shortest, k=now.kinds)
    return say("至少 {n} 位，什么字符都可以，包括空格和汉字；几个不相关的词连起来既好记又安全。", n=shortest)


@cache
def _leaked() -> frozenset[str]:
    # 20,000 of the most used: what a guesser tries first. Django ships them.
    return frozenset(CommonPasswordValidator().passwords)


def is_leaked(raw: str) -> bool:
    """Whether it stands in the list of leaked passwords, in whatever case."""
    low = normalised_password(raw).lower().strip()
    return low in _leaked()


def refuse_weak(password: str, username: str, name: str, *words: str, is_staff: bool = True) -> None:
    """Raises Refused with everything that makes this password too easy to guess."""
    problems = problems_with_password(
        password, profile(), is_staff=is_staff, words=(username, name, *words), is_leaked=is_leaked(password)
    )
    if problems:
        raise Refused(*problems)


def refuse_password(user: User, raw: str) -> None:
    """Raises Refused for a password that this person may not have: too weak, or one of their last.

    Slow, as hashes are: call it outside transactions.
    """
    refuse_weak(raw, user.username, user.name, *queries.words_about(user), is_staff=queries.is_staff(user))
    if profile().not_again:
        text = normalised_password(raw)
        before = list(user.passwords.values_list("password", flat=True)[: profile().not_again])
        if any(check_password(text, hashed) for hashed in {*before, user.password}):
            raise Refused(_AGAIN)


def hashed_password(raw: str) -> str:
    """The hash that is stored of it."""
    return make_password(normalised_password(raw))


def set_password(user: User, raw: str, *, by: Actor, at: datetime) -> User:
    """Give this person a new password. Every other session and every reset or sign-in code of theirs ends with it.

    Raises Refused with everything that is wrong with it.
    """
    refuse_password(user, raw)
    return keep_password(user, hashed_password(raw), by=by, at=at)


def keep_password(user: User, hashed: str, *, by: Actor, at: datetime) -> User:
    """The second half of `set_password`: for services that do more in the same transaction, and hash before it."""
    with tx.write():
        User.objects.filter(pk=user.pk).update(password=hashed)
        remember_password(user, hashed, at=at)
        ended = (TokenPurpose.RESET, TokenPurpose.ACTIVATE, TokenPurpose.SIGN_IN, TokenPurpose.STUDENT)
        OnceToken.objects.filter(user=user, purpose__in=ended, used_at__isnull=True).update(used_at=at)
        leave_trace(user, "set_password", by=by, at=at)
    user.password = hashed
    return user


def rehash_password(user: User, raw: str) -> User:
    """The same password under today's parameters of the hash, when it was just proved."""
    hashed = hashed_password(raw)
    with tx.write():
        User.objects.filter(pk=user.pk, password=user.password).update(password=hashed)
        PasswordHistory.objects.filter(user=user, password=user.password).update(password=hashed)
    user.password = hashed
    return user


def remember_password(user: User, hashed: str, *, at: datetime) -> None:
    """Write down when a password began, and forget all but the last few."""
    PasswordHistory.objects.create(user=user, password=hashed, set_at=at)
    kept = list(PasswordHistory.objects.filter(user=user).values_list("pk", flat=True)[:KEPT])
    PasswordHistory.objects.filter(user=user).exclude(pk__in=kept).delete()


def must_renew(user: User, *, at: datetime) -> bool:
    """Whether the profile asks this person for a new password before they go on."""
    now = profile()
    if not now.staff_days:
        return False
    return is_too_old(now, is_staff=queries.is_staff(user), set_at=queries.last_password_at(user), at=at)
