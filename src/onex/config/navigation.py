"""The side navigation, one table: which hat sees which addresses, in the guide's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from onex.common.actors import Actor, Role
from onex.common.permits import PERMITS, holds
from onex.common.text import Say, say
from onex.notices.queries import unread_count
from onex.pilots.queries import waiting_count


@dataclass(frozen=True)
class Link:
    title: Say
    address: str  # "<app>:<name>"
    permit: str  # a permit's code, or "signed-in"
    count: Callable[[Actor], int] | None = None  # how much waits there


@dataclass(frozen=True)
class Section:
    title: Say
    icon: str
    links: tuple[Link, ...]


SECTIONS: tuple[Section, ...] = (
    Section(say("首页"), "home", (Link(say("工作台"), "portal:desk", "signed-in"),)),
    Section(
        say("证书管理"),
        "certificate",
        (
            Link(say("审核工作台"), "pilots:review-queue", "pilots.queue_see", waiting_count),
            Link(say("证书试点申报"), "pilots:application-list", "pilots.application_see"),
            Link(say("证书申报计划"), "pilots:plan-list", "pilots.plan_see"),
            Link(say("对应专业"), "pilots:mapping-list", "catalog.majors_see"),
            Link(say("试点申报统计"), "pilots:oversight", "pilots.oversight"),
            Link(say("名额台账"), "pilots:places-list", "pilots.places_see"),
            Link(say("名额核对"), "registration:places-check", "pilots.places_check"),
        ),
    ),
    Section(
        say("机构与人员"),
        "users",
        (
            Link(say("院校注册"), "accounts:registration-list", "accounts.registration_see"),
            Link(say("院校档案"), "accounts:institution-list", "accounts.institution_see"),
            Link(say("本校信息"), "accounts:school-home", "accounts.school_edit"),
            Link(say("开设专业"), "catalog:major-list", "accounts.school_edit"),
            Link(say("院校信息变更"), "accounts:change-list", "accounts.change_see"),
            Link(say("机构"), "accounts:organisation-list", "accounts.organisation_see"),
            Link(say("本机构人员"), "accounts:people-home", "accounts.people_see"),
            Link(say("登记网段"), "accounts:network-list", "accounts.network_manage"),
        ),
    ),
    Section(
        say("考务管理"),
        "clipboard-list",
        (
            Link(say("考核站点"), "venues:application-list", "venues.application_see"),
            Link(say("已设站点"), "venues:site-list", "venues.site_see"),
            Link(say("考试计划"), "registration:plan-list", "registration.plan_see"),
            Link(say("学生名单"), "registration:student-list", "registration.student_see"),
            Link(say("学生账号"), "registration:account-list", "registration.student_account"),
            Link(say("考试报名"), "registration:entry-list", "registration.entry_see"),
            Link(say("考核费用"), "registration:fee-statement", "registration.fee_see"),
        ),
    ),
    Section(
        say("考场与场次"),
        "device-desktop",
        (
            Link(say("编排考场"), "sittings:session-arrange", "sittings.arrange"),
            Link(say("考试场次"), "sittings:session-list", "sittings.see"),
        ),
    ),
    Section(
        say("题库与组卷"),
        "books",
        (
            Link(say("题库"), "bank:item-list", "bank.see"),
            Link(say("试卷"), "bank:paper-list", "bank.see"),
        ),
    ),
    Section(
        say("阅卷与成绩"),
        "checklist",
        (
            Link(say("收卷与阅卷"), "marking:session-list", "marking.collect"),
            Link(say("我的评分"), "marking:job-list", "marking.mark"),
            Link(say("成绩发布"), "results:release-list", "results.manage"),
            Link(say("成绩"), "results:result-list", "results.see"),
        ),
    ),
    Section(
        say("证书"),
        "award",
        (
            Link(say("签发证书"), "certificates:release-list", "certificates.issue"),
            Link(say("已签发证书"), "certificates:certificate-list", "certificates.see"),
        ),
    ),
    Section(
        say("数据接口"),
        "plug-connected",
        (
            Link(say("接口令牌"), "integrations:token-list", "integrations.token_see"),
            Link(say("事件推送"), "integrations:webhook-list", "integrations.webhook_manage"),
        ),
    ),
    Section(
        say("安全与审计"),
        "shield-check",
        (
            Link(say("审计日志"), "portal:audit-list", "portal.audit_see"),
            Link(say("个人信息删除申请"), "portal:erasure-list", "portal.erasure_see"),
        ),
    ),
)

# A student has three things to look at, in a student's words; what is about the account is in everybody's menu.
OF_STUDENTS: tuple[Section, ...] = (
    Section(
        say("首页"),
        "home",
        (
            Link(say("工作台"), "portal:desk", "signed-in"),
            Link(say("我的考试"), "portal:my-exams", "registration.own_data"),
            Link(say("我的信息"), "registration:own-data", "registration.own_data"),
        ),
    ),
)


# Pages whose address lies below another link than the one they belong to: filing begins at a plan; and what a
# reviewer opened from the queue is a part of it (`_belonging`).
BELONG = {
    "pilots:application-create": "pilots:application-list",
    "pilots:application-several": "pilots:application-list",
}

# The columns of the public site, in the guide's order; everybody sees all of them.
PUBLIC: tuple[tuple[Say, str], ...] = (
    (say("首页"), "portal:home"),
    (say("证书与标准"), "portal:standard-list"),
    (say("考试计划"), "portal:calendar"),
    (say("师资培训"), "portal:training"),
    (say("配套教材"), "portal:textbook-list"),
    (say("云课程"), "portal:cloud-course"),
    (say("通知公告"), "portal:news-list"),
    (say("证书查验"), "certificates:verify"),
    (say("联系我们"), "portal:contact-list"),
)


def public_navigation(path: str) -> list[dict[str, Any]]:
    """The columns of the public site; current is the one whose pages this path belongs to."""
    root = reverse("portal:home")
    found = [(title, reverse(address)) for title, address in PUBLIC]
    return [
        {"title": title, "url": url, "current": path == url or (url != root and path.startswith(url))}
        for title, url in found
    ]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the public columns and the sections of this hat; the longest matching address is current."""
    actor = getattr(request, "actor", None)
    columns = public_navigation(request.path)
    if actor is None:
        return {"navigation": [], "public_navigation": columns}
    shown: list[dict[str, Any]] = []
    for section in OF_STUDENTS if actor.role == Role.STUDENT else SECTIONS:
        items = [
            {
                "title": link.title,
                "url": reverse(link.address),
                "address": link.address,
                "within": _within(link, actor),
                "current": False,
                "badge": link.count(actor) if link.count else 0,
            }
            for link in section.links
            if link.permit == "signed-in" or (link.permit in PERMITS and holds(link.permit, actor))
        ]
        if items:
            shown.append({"title": section.title, "icon": section.icon, "items": items})
    matching = [
        (len(start), item)
        for section in shown
        for item in section["items"]
        for start in item["within"]
        if request.path.startswith(start)
    ]
    if belonging := [item for section in shown for item in section["items"] if item["address"] == _belonging(request)]:
        belonging[0]["current"] = True
    elif matching:
        max(matching, key=lambda found: found[0])[1]["current"] = True
    return {"navigation": shown, "public_navigation": columns}


def _belonging(request: HttpRequest) -> str:
    """The link of a page that belongs to another than its address says; empty for all others."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name == "pilots:application-detail" and "from" in request.GET:
        return "pilots:review-queue"
    return BELONG.get(name, "")


def bell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the unread notices of the person, asked for only by pages that draw the bell."""
    actor = getattr(request, "actor", None)
    return {"inbox_count": SimpleLazyObject(lambda: unread_count(actor)) if actor is not None else 0}


def _within(link: Link, actor: Actor) -> list[str]:
    """Where the pages of this link begin; those of people stand below their organisation, the own one or a site."""
    starts = [reverse(link.address)]
    if link.address == "accounts:people-home":
        starts.append(reverse("accounts:organisation-list"))
        if actor.organisation_id is not None:
            starts.append(reverse("accounts:person-list", args=[actor.organisation_id]))
    return starts
