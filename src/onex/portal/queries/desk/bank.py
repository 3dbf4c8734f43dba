"""Those who make papers, and those who mark what was written on them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min

from onex.bank import queries as bank
from onex.bank.models import Paper
from onex.bank.rules import PaperState
from onex.common.actors import Actor
from onex.common.text import say
from onex.marking import queries as marking
from onex.marking.models import Script
from onex.marking.rules import ScriptState
from onex.portal.queries.desk.parts import Parts, more, some
from onex.portal.rules import Figure, Start, Task


def _figures(actor: Actor) -> list[Figure]:
    items = bank.items_seen_by(actor).order_by().count()
    states = dict(bank.papers_seen_by(actor).order_by().values_list("state").annotate(n=Count("pk", distinct=True)))
    return [
        Figure(items, say("试题"), None, "bank:item-list"),
        Figure(states.get(PaperState.FROZEN, 0), say("已封试卷"), None, "bank:paper-list"),
        Figure(states.get(PaperState.DRAFT, 0), say("草稿试卷"), None, "bank:paper-list"),
    ]


def author(actor: Actor, at: datetime) -> Parts:
    figures = _figures(actor)
    start = (
        Start(
            say("继续充实题库"),
            say("导入新题，或用相同题号的新内容更正旧题。组卷和封卷由组卷员办理，命题员不组卷。"),
            say("导入试题"),
            "bank:item-import",
        )
        if figures[0].value
        else Start(
            say("从导入试题开始"),
            say("题库还是空的。导入试题后，组卷员即可按考核方案组卷。"),
            say("导入试题"),
            "bank:item-import",
        )
    )
    return [], figures, start


def reviewer(actor: Actor, at: datetime) -> Parts:
    start = Start(
        say("审读题目与试卷"),
        say("可以查看本机构的全部题目和试卷。在平台上登记审题意见的功能尚未开放，意见请线下转交命题员。"),
        say("查看题库"),
        "bank:item-list",
    )
    return [], _figures(actor), start


def assembler(actor: Actor, at: datetime) -> Parts:
    drafts = bank.papers_seen_by(actor).filter(state=PaperState.DRAFT)

    def task(row: Paper) -> Task:
        return Task(
            say("核对并封卷：{title}", title=row.title),
            say("去核对"),
            "bank:paper-detail",
            (row.pk,),
            since=row.created_at,
        )

    figures = _figures(actor)
    start = (
        Start(
            say("组一份新试卷"),
            say("按考核方案从题库抽题组卷；核对无误后封卷，考务才能选用。"),
            say("组卷"),
            "bank:paper-assemble",
        )
        if figures[0].value
        else Start(
            say("等待命题员导入试题"),
            say("题库还是空的。命题员导入试题后，即可按考核方案组卷。"),
            say("查看题库"),
            "bank:item-list",
        )
    )
    rest = more(say("草稿试卷"), "bank:paper-list")
    return some(drafts.order_by("created_at"), task, rest), figures, start


def assessor(actor: Actor, at: datetime) -> Parts:
    jobs = marking.jobs_for(actor)
    waiting = jobs.order_by().aggregate(n=Count("pk"), since=Min("created_at"))
    marked = marking.marked_count(actor)
    tasks = []
    if waiting["n"]:
        tasks.append(
            Task(
                say("评阅 {n} 份主观任务", n=waiting["n"]),
                say("开始评阅"),
                "marking:job-list",
                since=waiting["since"],
                note=say("答卷只有密号，看不到考生和院校。"),
            )
        )
    scripts = Script.objects.filter(session__plan_level__plan__organisation=actor.organisation_id)
    done = scripts.filter(state=ScriptState.SCORED).count()
    figures = [
        Figure(waiting["n"], say("待评阅"), None, "marking:job-list"),
        Figure(marked, say("我已评阅"), None, "marking:job-list"),
        Figure(done, say("全部评完的答卷"), None, "marking:job-list", say("本机构")),
    ]
    start = Start(
        say("没有待评阅的任务"),
        say("考试收卷后，需要人工评阅的任务会分到这里，按密号依次评阅。"),
        say("查看我的评分"),
        "marking:job-list",
    )
    return tasks, figures, start
