"""Those who look after people and organisations: an organisation's administrator, and two of the operator's three."""

from __future__ import annotations

from datetime import datetime

from onex.accounts import queries as accounts
from onex.accounts.models import Organisation
from onex.accounts.rules import Standing
from onex.common.actors import Actor, Role
from onex.common.text import say
from onex.portal.queries import audit
from onex.portal.queries.desk.parts import PEOPLE, Parts
from onex.portal.queries.desk.platform import alarms
from onex.portal.rules import Figure, Start, Task


def invitations(actor: Actor) -> list[Task]:
    """Hats that somebody asked this person to put on, whatever hat they wear now."""
    return [
        Task(
            say("接受邀请：{organisation} · {role}", organisation=hat.organisation.name, role=Role(hat.role).label),
            say("去答复"),
            "accounts:hat-choose",
            since=hat.invited_at,
        )
        for hat in accounts.invitations_of(actor)
    ]


def _own(actor: Actor) -> list[Figure]:
    """How the people of the own organisation stand."""
    counts = accounts.standing_counts(accounts.people_of(Organisation.objects.get(pk=str(actor.organisation_id))))
    waiting = counts.get(Standing.WAITING, 0) + counts.get(Standing.INVITED, 0)
    return [
        Figure(counts.get(Standing.ACTIVE, 0), say("在用人员"), PEOPLE, "accounts:people-home"),
        Figure(waiting, say("待激活或接受邀请"), PEOPLE, "accounts:people-home"),
        Figure(counts.get(Standing.SUSPENDED, 0), say("已停用"), PEOPLE, "accounts:people-home"),
    ]


def admin(actor: Actor, at: datetime) -> Parts:
    start = Start(
        say("管理本机构人员"),
        say("邀请同事、更改身份，离岗的及时停用或移出；被收回的身份在其下一次操作时失效。"),
        say("查看人员"),
        "accounts:people-home",
    )
    return [], _own(actor), start


def system_admin(actor: Actor, at: datetime) -> Parts:
    accounts_, headless = accounts.account_counts(), accounts.organisations_without_head()
    figures = [
        Figure(
            Organisation.objects.filter(is_active=True).count(),
            say("在用机构"),
            None,
            "accounts:organisation-list",
            say("{n} 个还没有管理员", n=headless),
        ),
        Figure(accounts_["all"], say("账号"), None, "accounts:people-home"),
        Figure(accounts_["disabled"], say("停用的账号"), None, "accounts:people-home"),
    ]
    start = Start(
        say("管理机构与账号"),
        say("新建机构并邀请其第一位管理员。安全管理员和审计员的身份由安全管理员授予，不由您授予。"),
        say("查看机构"),
        "accounts:organisation-list",
    )
    return [], figures, start


def security_admin(actor: Actor, at: datetime) -> Parts:
    figures = [
        Figure(
            accounts.privileged_people(),
            say("系统、安全和审计管理员"),
            PEOPLE,
            "accounts:people-home",
            say("三类身份不能是同一个人"),
        ),
        alarms(actor, at),
        Figure(
            audit.denied_count(actor, at),
            say("被拒绝与失败"),
            None,
            "portal:audit-list",
            say("最近 {n} 天", n=audit.ALARM_DAYS),
        ),
    ]
    start = Start(
        say("授予和收回管理员身份"),
        say("系统管理员、安全管理员和审计员由您任命；自己的身份由另一位安全管理员更改。"),
        say("查看人员"),
        "accounts:people-home",
    )
    return [], figures, start
