"""An exam site's own people: whoever runs it names invigilators, the others see what is to come."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from onex.common.actors import Actor
from onex.common.text import say
from onex.portal.queries.desk.parts import Parts
from onex.portal.queries.desk.school import sessions_without_staff
from onex.portal.rules import Figure, Start
from onex.sittings import queries as sittings
from onex.sittings.rules import SessionState
from onex.venues import queries as venues


def _figures(actor: Actor, at: datetime) -> list[Figure]:
    sessions = sittings.sessions_seen_by(actor).order_by()
    machines = venues.sites_seen_by(actor).order_by().aggregate(n=Sum("machine_count", default=0))["n"]
    return [
        Figure(sessions.filter(slot__ends_at__gt=at).count(), say("未结束的场次"), None, "sittings:session-list"),
        Figure(sessions.filter(state=SessionState.ENDED).count(), say("已结束的场次"), None, "sittings:session-list"),
        Figure(machines, say("考试机"), say("台"), "venues:site-list"),
    ]


def manager(actor: Actor, at: datetime) -> Parts:
    start = Start(
        say("没有待安排监考员的场次"),
        say("考务编排考场后，需要您安排监考员的场次会列在这里；站点的工作人员在“本机构人员”里邀请。"),
        say("查看考试场次"),
        "sittings:session-list",
    )
    return sessions_without_staff(actor, at), _figures(actor, at), start


def onlooker(actor: Actor, at: datetime) -> Parts:
    start = Start(
        say("查看本考点的场次"),
        say("这里可以查看本考点的场次安排。监考在考试当天用监考通知单上的口令进入考场，不在这里办理。"),
        say("查看考试场次"),
        "sittings:session-list",
    )
    return [], _figures(actor, at), start
