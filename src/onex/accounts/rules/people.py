"""Where a person stands with an organisation, and what must be said when one is invited."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from onex.accounts.identifiers import phone_as_meant
from onex.accounts.rules.registration import problems_with_username
from onex.common.actors import Role
from onex.common.text import Say, say


class Standing(StrEnum):
    """How an organisation's administrator sees somebody."""

    ACTIVE = "active"
    WAITING = "waiting"  # the account has no password yet
    INVITED = "invited"  # has an account and has not accepted yet
    SUSPENDED = "suspended"  # by this organisation
    DISABLED = "disabled"  # the account itself, everywhere


STANDING_LABELS = {
    Standing.ACTIVE: say("在用"),
    Standing.WAITING: say("待激活"),
    Standing.INVITED: say("待接受邀请"),
    Standing.SUSPENDED: say("已停用"),
    Standing.DISABLED: say("账号已停用"),
}
STANDING_TONES = {
    Standing.ACTIVE: "good",
    Standing.WAITING: "info",
    Standing.INVITED: "info",
    Standing.SUSPENDED: "warn",
    Standing.DISABLED: "bad",
}
# What is traced on a person or on one of their hats, in the words of the timeline.
PEOPLE_ACTS = {
    "create": say("建立账号"),
    "give": say("授予身份"),
    "take": say("收回身份"),
    "invite": say("邀请"),
    "invite_sent": say("发送邀请"),
    "invite_failed": say("邀请未能发出"),
    "accept": say("接受邀请"),
    "decline": say("谢绝邀请"),
    "contact": say("更正联系方式"),
    "suspend": say("停用"),
    "restore": say("恢复"),
    "remove": say("移出机构"),
    "disable": say("停用账号"),
    "enable": say("恢复账号"),
    "activate": say("激活账号"),
    "reset": say("凭链接重设密码"),
    "set_password": say("设置密码"),
    "unlock": say("解除登录锁定"),
    "sessions_end": say("结束登录"),
    "factor_add": say("添加第二重验证"),
    "factor_remove": say("移除第二重验证"),
    "factor_reset": say("重置第二重验证"),
    "recovery_codes_renew": say("重新生成恢复代码"),
}


def problems_with_invitation(name: str, email: str, phone: str, roles: Collection[Role]) -> list[Say]:
    """What an invitation lacks."""
    found = []
    if not name.strip():
        found.append(say("请填写姓名"))
    if not email.strip() and not phone.strip():
        found.append(say("请填写邮箱或手机号，激活链接将发送到那里。"))
    if not roles:
        found.append(NO_HAT)
    return found


def name_taken(username: str) -> Say:
    """Why this account cannot be opened: somebody has its name."""
    return say("登录账号“{username}”已被使用，请换一个。", username=username)


NO_HAT = say("请至少选择一个身份")
MOST_AT_ONCE = 200


def is_mobile(phone: str) -> bool:
    """Whether text messages reach this number: 11 digits of the mainland."""
    return re.fullmatch(r"1[3-9][0-9]{9}", phone) is not None


@dataclass(frozen=True)
class InvitedLine:
    """One pasted line as it was understood, with what is wrong with it."""

    number: int
    name: str = ""
    username: str = ""
    email: str = ""
    phone: str = ""
    roles: tuple[Role, ...] = ()
    asked: tuple[str, ...] = ()
    problems: tuple[Say, ...] = ()


def parse_people(text: str, words: Mapping[str, Role]) -> list[InvitedLine]:
    """People as they are pasted: name, account, e-mail or phone, hats; columns by tabs, else by commas or blanks.

    The head of a sheet, pasted along, is nobody.
    `words` are the hats that may be given, as they are written.
    """
    found: list[InvitedLine] = []
    known: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        told = line.strip()
        parts = told.split("\t") if "\t" in told else re.split(r",|，|\s+", told)
        cells = [part.strip() for part in parts if part.strip()]
        if not cells or (cells[0] in ("姓名", "Name") and not found):
            continue
        row = _line(number, cells, words)
        if row.username.casefold() in known and row.username:
            row = replace(row, problems=(*row.problems, say("名单中有相同的登录账号“{name}”", name=row.username)))
        known.add(row.username.casefold())
        found.append(row)
    return found


def _line(number: int, cells: list[str], words: Mapping[str, Role]) -> InvitedLine:
    name, username, address = (*cells[:3], "", "", "")[:3]
    meant = phone_as_meant(address)
    address = meant if is_mobile(meant) else address
    asked = [word for cell in cells[3:] for word in re.split(r"[、;；/]", cell) if word]
    email, phone = (address, "") if "@" in address else ("", address)
    roles = tuple(words[word] for word in asked if word in words)
    problems = [*problems_with_username(username)]
    problems += [say("没有可授予的身份“{word}”", word=word) for word in asked if word not in words]
    if phone and not is_mobile(phone):
        problems.append(say("“{text}”不是邮箱或 11 位手机号", text=phone))
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        problems.append(say("“{text}”不是邮箱或 11 位手机号", text=email))
    if not asked or roles:
        problems += problems_with_invitation(name, email, phone, roles)
    return InvitedLine(number, name[:40], username[:40], email, phone, roles, tuple(asked), tuple(problems))
