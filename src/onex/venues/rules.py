"""The application for an exam site as a table, and what keeps a school from filing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onex.accounts.identifiers import normalised, problems_with_phone
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow

# The named place for the stamped form, and the one for whatever else supports the application.
STAMPED_FORM = "stamped_form"
MATERIAL = "material"
SLOTS = {STAMPED_FORM: say("盖章版申请表"), MATERIAL: say("其他佐证材料")}
FILE_KINDS = ("doc", "docx", "pdf")  # 支持扩展名 of the guide's form


class SiteState(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    RETURNED = "returned"
    APPROVED = "approved"


@dataclass(frozen=True)
class RoomInput:
    """A room as the school writes it down."""

    name: str
    machine_count: int
    spare_count: int = 0


@dataclass(frozen=True)
class SiteFacts:
    """What is judged when a school files its application; counts are of rows, texts as typed."""

    name: str
    region: str
    address: str
    contact_name: str
    contact_phone: str
    contact_email: str
    description: str
    level_count: int
    rooms: Sequence[tuple[str, int, int]]  # name, machines for candidates, spare machines
    has_stamped_form: bool
    has_approved_pilot: bool
    is_already_site: bool


def problems_on_apply(has_approved_pilot: bool, is_already_site: bool) -> list[Say]:
    """Why this school may not apply to this organisation at all, whatever it writes."""
    found = []
    if not has_approved_pilot:
        found.append(say("贵校还没有审核通过的证书试点申报；试点申报通过后方可申报考核站点。"))
    if is_already_site:
        found.append(say("贵校已是该评价组织的考核站点，不用重复申请。"))
    return found


def problems_on_submit(facts: SiteFacts, at: datetime) -> list[Say]:
    """Everything that keeps the application from being submitted, in words for the school."""
    found = problems_on_apply(facts.has_approved_pilot, facts.is_already_site)
    for text, title in (
        (facts.name, say("考核站点名称")),
        (facts.region, say("考核站点地址")),
        (facts.address, say("详细地址")),
        (facts.contact_name, say("联系人姓名")),
        (facts.contact_phone, say("联系人电话")),
        (facts.contact_email, say("联系人邮箱")),
        (facts.description, say("考核站点简介")),
    ):
        if not text.strip():
            found.append(say("请填写{field}", field=title))
    if facts.contact_phone.strip():
        found.extend(problems_with_phone(normalised(facts.contact_phone)))
    if facts.level_count < 1:
        found.append(say("请至少选择一种考核证书"))
    found.extend(problems_with_rooms(facts.rooms))
    if not facts.has_stamped_form:
        found.append(say("请上传盖章版申请表；没有上传会导致审核被退回。"))
    return found


def problems_on_approve(facts: SiteFacts, at: datetime) -> list[Say]:
    """What changed since the school submitted: it may have become a site, or lost its pilot application."""
    return problems_on_apply(facts.has_approved_pilot, facts.is_already_site)


def problems_with_rooms(rooms: Sequence[tuple[str, int, int]]) -> list[Say]:
    """A site needs at least one room with a machine, and every room its own name."""
    if not rooms:
        return [say("请至少填写一个考场（机房）")]
    found = [say("考场“{room}”的考试机数量应不少于 1 台", room=name) for name, machines, _ in rooms if machines < 1]
    names = [name for name, _, _ in rooms]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append(say("考场名称“{room}”重复，请加以区分", room=name))
    return found


def capacity_of(machine_counts: Iterable[int]) -> int:
    """Candidates that sit at once: machines for candidates, spare ones not counted."""
    return sum(machine_counts)


def suggested_name(school: str, certificates: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The site's name after the guide's pattern: school, certificate (levels) 考核站点.

    `certificates` are names with the level words, e.g. ("直播电商职业技能等级证书", ("初级", "中级")).
    """
    parts = [f"{name}({'、'.join(word.removesuffix('级') for word in levels)})" for name, levels in certificates]
    return f"{school}{'、'.join(parts)}考核站点"


FLOW = Workflow(
    "venues.site_application",
    SiteState.DRAFT,
    Move(
        "submit",
        (SiteState.DRAFT, SiteState.RETURNED),
        SiteState.PENDING,
        "venues.application_file",
        problems_on_submit,
        label=say("提交"),
    ),
    Move("withdraw", (SiteState.PENDING,), SiteState.DRAFT, "venues.application_file", label=say("撤回修改")),
    Move(
        "approve",
        (SiteState.PENDING,),
        SiteState.APPROVED,
        "venues.application_review",
        problems_on_approve,
        label=say("通过"),
    ),
    Move(
        "return",
        (SiteState.PENDING,),
        SiteState.RETURNED,
        "venues.application_review",
        label=say("退回"),
        needs_note=True,
    ),
    label=say("考核站点申报"),
    labels={
        SiteState.DRAFT: say("草稿"),
        SiteState.PENDING: say("待审核"),
        SiteState.RETURNED: say("已退回"),
        SiteState.APPROVED: say("审核通过"),
    },
    tones={SiteState.PENDING: "info", SiteState.RETURNED: "warn", SiteState.APPROVED: "good"},
)
# Traces that are no moves of the table, in words.
VERBS = {
    "create": say("新建申请"),
    "update": say("修改申请"),
    "attach": say("上传文件"),
    "detach": say("删除文件"),
    "open": say("设立考核站点"),
    "suspend": say("停用"),
    "restore": say("恢复启用"),
    "print": say("打印申请表"),
}
# What the school may still change.
EDITABLE = (SiteState.DRAFT, SiteState.RETURNED)
# What others than the school may look at.
FILED = (SiteState.PENDING, SiteState.RETURNED, SiteState.APPROVED)
