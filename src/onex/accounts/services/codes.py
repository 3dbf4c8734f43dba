"""What is sent to people: six digits, links, and the notice that they have an account already.

Codes are short, so each is bound to whom it was sent to; five guesses are allowed (`doors.CODE`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError

from onex.accounts import queries
from onex.accounts.models import OnceToken, User
from onex.accounts.rules import NO_LONGER_GOOD, TokenPurpose
from onex.accounts.services.links import reset_url, sign_in_url
from onex.accounts.services.tokens import issue_token, look_at_token, redeem_token
from onex.common import tx
from onex.common.actors import SYSTEM
from onex.common.post import send_mail, send_sms
from onex.common.sealed import blind_index
from onex.common.text import Refused, say

NOBODY = "00000000-0000-0000-0000-000000000000"


def send_sign_in_code(user: User, *, at: datetime) -> bool:
    """Six digits to this person's phone, else to their e-mail; False when they have neither or are disabled."""
    if not user.is_active or not (user.phone or user.email):
        return False
    code = _issue(TokenPurpose.SIGN_IN, str(user.pk), user, at)
    text = say("您正在登录 OneX，验证码 {code}，10 分钟内有效。如非本人操作，请勿告诉任何人。", code=code)
    if user.phone:
        send_sms(user.phone, text)
    else:
        send_mail(user.email, say("OneX 登录验证码"), text)
    return True


def send_reset(user: User, *, at: datetime) -> bool:
    """A link by e-mail, else a code by text message, to set a new password; False when nothing can be sent."""
    if not user.is_active or not (user.phone or user.email):
        return False
    if user.email:
        raw = issue_token(TokenPurpose.RESET, user, by=SYSTEM, at=at)
        text = say(
            "{name}：\n\n有人在 OneX 为账号 {account} 申请重设密码。请在 30 分钟内打开下面的地址设置新密码：\n\n"
            "{url}\n\n如果不是您本人申请的，不必理会，密码不会改变。",
            name=user.name,
            account=user.username,
            url=reset_url(raw),
        )
        send_mail(user.email, say("OneX 重设密码"), text)
    else:
        code = _issue(TokenPurpose.RESET, str(user.pk), user, at)
        send_sms(
            user.phone, say("您正在重设 OneX 密码，验证码 {code}，30 分钟内有效。如非本人操作，请忽略。", code=code)
        )
    return True


def send_phone_code(phone: str, *, at: datetime) -> None:
    """Six digits to a phone that wants an account; to one that has an account already, where to use it.

    Only the phone's owner learns which: the page is the same.
    """
    if queries.user_by_phone(phone) is not None:
        text = say("您的手机号已有 OneX 账号，请直接登录 {url}；忘记密码可在登录页重设。", url=sign_in_url())
        send_sms(phone, text)
        return
    code = _issue(TokenPurpose.PHONE, phone, None, at)
    send_sms(phone, say("您正在注册 OneX 云课程账号，验证码 {code}，10 分钟内有效。", code=code))


def redeem_code(purpose: TokenPurpose, whom: str, code: str, *, at: datetime) -> OnceToken:
    """Use the code up. Raises Refused when it is not the one that was sent, was used or is too old."""
    return redeem_token(_secret(purpose, whom, code), purpose, at=at)


def proves_by_code(code: str, *, at: datetime) -> Callable[[User | None, bool], bool]:
    """For `door.prove`: whether the code sent for signing in is this one; used up only beside a right password."""

    def also(user: User | None, is_right: bool) -> bool:
        open_it = redeem_token if is_right else look_at_token
        whom = str(user.pk) if user is not None else NOBODY
        try:
            open_it(_secret(TokenPurpose.SIGN_IN, whom, code), TokenPurpose.SIGN_IN, at=at)
        except Refused:
            return False
        return True

    return also


def _issue(purpose: TokenPurpose, whom: str, user: User | None, at: datetime) -> str:
    """A new code; earlier ones for the same end. Digits that this person once had are rolled again."""
    to = blind_index(whom, "code sent to")
    for _try in range(20):
        code = f"{secrets.randbelow(1_000_000):06d}"
        try:
            with tx.write():
                if user is None:
                    OnceToken.objects.filter(purpose=purpose, data__to=to, used_at__isnull=True).update(used_at=at)
                issue_token(purpose, user, by=SYSTEM, at=at, data={"to": to}, secret=_secret(purpose, whom, code))
        except IntegrityError:
            continue
        return code
    raise Refused(NO_LONGER_GOOD)


def _secret(purpose: TokenPurpose, whom: str, code: str) -> str:
    # Keyed: a million digests of six digits are soon tried by who holds the table, not by who lacks the key.
    return blind_index(f"{whom} {code}", f"code {purpose}")
