"""Addresses that go out by e-mail, and the e-mail that carries an activation link.

Their host is the installation's own, whatever a request claimed (trust.md A.6 31).
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Model
from django.urls import reverse

from onex.accounts.models import User
from onex.accounts.rules import LINK_FAILED, LINK_SENT, LIVES, TOLD, TOLD_FAILED, TokenPurpose
from onex.accounts.services.tokens import issue_token
from onex.common import post, tx
from onex.common.actors import Actor
from onex.common.masks import mask_email
from onex.common.models import DONE, FAILED
from onex.common.moves import leave_trace
from onex.common.text import say


def activation_url(raw: str) -> str:
    """The page where a new account sets its password."""
    return f"{settings.PUBLIC_URL}{reverse('accounts:activate', args=[raw])}"


def reset_url(raw: str) -> str:
    """The page where a forgotten password is set anew."""
    return f"{settings.PUBLIC_URL}{reverse('accounts:password-reset', args=[raw])}"


def sign_in_url() -> str:
    """The door."""
    return f"{settings.PUBLIC_URL}{reverse('accounts:sign-in')}"


def send_activation(row: Model, user: User, email: str, school: str, *, by: Actor, at: datetime) -> bool:
    """A new once-only link to this address, earlier ones end; traced on the row that asked for it.

    Answers whether the mail server took it: what was decided stands either way, and the link can be sent again. Call it
    outside of the transaction of the decision, for a mail cannot be taken back.
    """
    raw = issue_token(TokenPurpose.ACTIVATE, user, by=by, at=at, data={"purpose": "institution"})
    text = say(
        "{name}：\n\n“{school}”在 1+X 证书平台的账号 {username} 已经可以启用。请在 {days} 天内打开下面的链接设置密码，"
        "链接只能使用一次：\n\n{url}\n\n如果您不知道这件事，请不要打开链接，并联系所在省份的省级教育行政部门。",
        name=user.name,
        school=school,
        username=user.username,
        days=LIVES[TokenPurpose.ACTIVATE].days,
        url=activation_url(raw),
    )
    is_sent = _sent(email, say("启用院校账号：{school}", school=school), text)
    _note(row, LINK_SENT if is_sent else LINK_FAILED, email, is_sent, by=by, at=at)
    return is_sent


def tell(row: Model, email: str, subject: object, text: object, *, by: Actor, at: datetime) -> bool:
    """One e-mail about this row, traced as told or not told."""
    is_sent = _sent(email, subject, text)
    _note(row, TOLD if is_sent else TOLD_FAILED, email, is_sent, by=by, at=at)
    return is_sent


def _sent(email: str, subject: object, text: object) -> bool:
    try:
        post.send_mail(email, str(subject), str(text))
    except OSError:  # smtplib's errors are OSErrors too
        return False
    return True


def _note(row: Model, verb: str, email: str, is_sent: bool, *, by: Actor, at: datetime) -> None:
    with tx.write():
        leave_trace(row, verb, by=by, at=at, note=mask_email(email), outcome=DONE if is_sent else FAILED)
