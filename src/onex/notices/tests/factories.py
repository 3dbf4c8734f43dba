"""Something to say, somebody to say it to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onex.accounts.models import Membership, Organisation, User
from onex.accounts.tests.factories import NOON, a_hat, a_province, a_school, an_actor
from onex.common.actors import Actor, Role
from onex.common.text import say
from onex.notices import services
from onex.notices.models import Notice, Sending
from onex.notices.rules import TEMPLATES, Pace, Template

__all__ = ["NOON", "RETURNED", "URGENT", "a_notice", "a_sending", "a_template", "an_officer", "somebody", "told_to"]

RETURNED = "notices.sample"
URGENT = "notices.sample_urgent"


def a_template(code: str = RETURNED, **values: Any) -> Template:
    """What a later app would declare; the same again is the same."""
    if code in TEMPLATES:
        return TEMPLATES[code]
    filled: dict[str, Any] = {
        "kind": say("试点申报"),
        "label": say("申报被退回"),
        "subject": say("{school}的申报被退回"),
        "text": say("{school}的申报因“{reason}”被退回，请在 {until} 前修改后重新提交。"),
        "placeholders": {"school": say("院校"), "reason": say("退回理由"), "until": say("截止时间")},
        "audience": (Role.SCHOOL, Role.REGISTRAR, Role.PROVINCE),
    }
    return Template(code, **filled | values)


def an_urgent_template() -> Template:
    return a_template(URGENT, is_urgent=True, label=say("申报即将截止"))


def some_values(**values: Any) -> Mapping[str, Any]:
    return {"school": "钱江职业技术学院", "reason": "缺少师资表", "until": NOON} | values


def an_officer(province: Organisation | None = None) -> Actor:
    """Who sends, unless told otherwise."""
    return an_actor(Role.PROVINCE, province or a_province())


def somebody(
    organisation: Organisation | None = None,
    role: Role = Role.SCHOOL,
    *,
    email: str = "zhou@example.edu.cn",
    phone: str = "",
) -> Membership:
    """Somebody in a hat, with an address to be told at."""
    hat = a_hat(role, organisation or a_school())
    hat.user.email, hat.user.phone = email, phone
    hat.user.save()
    return hat


def a_sending(
    organisation: Any,
    roles: Any = (Role.SCHOOL,),
    *,
    code: str = RETURNED,
    by: Actor | None = None,
    at: Any = NOON,
    **more: Any,
) -> Sending:
    """Told to everybody there who wears one of these roles. Raises ValueError when it was told before."""
    a_template() if code == RETURNED else an_urgent_template()
    values = more.pop("values", some_values())
    found = services.tell(
        code, organisation=organisation, roles=roles, values=values, by=by or an_officer(), at=at, **more
    )
    if found is None:
        raise ValueError("told before")
    return found


def told_to(hat: Membership, **more: Any) -> Notice:
    """What this person got of a sending to their organisation."""
    sending = a_sending(hat.organisation, (Role(hat.role),), **more)
    return sending.notices.get(user=hat.user)


def a_notice(user: User | None = None, **more: Any) -> Notice:
    """One notice to one new person of a school."""
    return told_to(somebody(), **more)


def prefers(user: User, pace: Pace, code: str = RETURNED) -> None:
    """This person chose how they want this kind."""
    hat = user.memberships.select_related("organisation").get()
    a_template()
    actor = Actor(user.pk, user.name, Role(hat.role), hat.organisation_id, hat.organisation.name)
    services.choose({code: pace}, by=actor, at=NOON)
