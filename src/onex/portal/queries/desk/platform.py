"""Who runs the platform, and who looks on."""

from __future__ import annotations

from datetime import datetime

from onex.accounts.models import School
from onex.common.actors import Actor
from onex.common.text import say
from onex.pilots.rules import year_of
from onex.portal.queries import audit
from onex.portal.queries.desk.authorities import registrations_waiting
from onex.portal.queries.desk.institutions import changes_waiting
from onex.portal.queries.desk.parts import Parts, issued, of_the_guide, places_of
from onex.portal.rules import Figure, Start
from onex.registration import queries as registration


def operator(actor: Actor, at: datetime) -> Parts:
    schools = School.objects.filter(is_active=True).count()
    figures = [
        Figure(schools, say("院校"), None, "accounts:registration-list"),
        *places_of(actor, year_of(at))[:1],
        issued(actor),
    ]
    start = Start(
        say("没有待审核的院校注册"),
        say("院校注册一般由所在省份审核；需要平台协助时，您也可以审核。"),
        say("查看院校注册"),
        "accounts:registration-list",
    )
    return [*registrations_waiting(actor), *changes_waiting(actor)], figures, start


def auditor(actor: Actor, at: datetime) -> Parts:
    plans = registration.plans_seen_by(actor).order_by().count()
    figures = [alarms(actor, at), Figure(plans, say("考试计划"), None, "registration:plan-list"), issued(actor)]
    start = Start(
        say("查看审计日志"),
        say("审计员可以查看全部操作记录和各环节的业务，不办理业务；每条记录都能核对是否被改动。"),
        say("查看审计日志"),
        "portal:audit-list",
    )
    return [], figures, start


def alarms(actor: Actor, at: datetime) -> Figure:
    """What the log raised lately."""
    count = audit.alarm_count(actor, at)
    return Figure(count, say("告警"), None, "portal:audit-list", say("最近 {n} 天", n=audit.ALARM_DAYS))


def editor(actor: Actor, at: datetime) -> Parts:
    start = Start(
        say("内容管理尚未开放"),
        say("新闻、公告和下载的编辑将在这里办理；目前公告由申报计划和报名通知自动发布。"),
        say("查看通知公告"),
        "portal:news-list",
    )
    return [], of_the_guide(), start


def onlooker(actor: Actor, at: datetime) -> Parts:
    """A hat whose own work is not on the platform yet (教师): what the guide offers."""
    start = Start(
        say("从云课程开始"),
        say("云课程学习平台开放后，您的课程和教师权限申请会列在这里；现在可以先了解申请流程和需要准备的材料。"),
        say("了解云课程"),
        "portal:cloud-course",
    )
    return [], of_the_guide(), start
