"""The application for an exam site as a table, and what keeps a school from filing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onex.accounts.identifiers import normalised, problems_with_phone
from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow
from onex.venues.rules.rooms import RoomInput, problems_with_rooms

# The named place for the stamped form, and the one for whatever else supports the application.
STAMPED_FORM = "stamped_form"
MATERIAL = "material"
SLOTS = {STAMPED_FORM: say("盖章版申请表"), MATERIAL: say("其他佐证材料")}
FILE_KINDS = ("doc", "docx", "pdf")  # 支持扩展名 of the guide's form
# What only a person can see of the stamped form; both are confirmed before a site is approved. The sentence that the
# reviewer ticks, and the one that refuses without the tick.
SEAL_PRESENT, DATA_EQUAL = "seal_present", "data_equal"
CHECKS = {
    SEAL_PRESENT: say("盖章版申请表上有学校公章，清晰可辨"),
    DATA_EQUAL: say("盖章版申请表的内容与本页填报一致"),
}
CHECKS_MISSING = {
    SEAL_PRESENT: say("请先打开盖章版申请表，确认有学校公章后勾选；没有公章的请退回。"),
    DATA_EQUAL: say("请先核对盖章版申请表与填报内容，一致后勾选；不一致的请退回。"),
}
CHECKS_KEPT = {SEAL_PRESENT: say("有公章"), DATA_EQUAL: say("内容一致")}  # as the timeline tells it


class SiteState(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    RETURNED = "returned"
    APPROVED = "approved"


@dataclass(frozen=True)
class Checked:
    """What the reviewer confirmed of the stamped form, and which submission of the application was on their screen."""

    ticks: frozenset[str] = frozenset()
    submitted_at: datetime | None = None


NOTHING_CHECKED = Checked()


@dataclass(frozen=True)
class ChangeFacts:
    """Of an application that changes a site: whether the site may be changed, and whether anything would."""

    is_revoked: bool
    is_different: bool


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
    rooms: Sequence[RoomInput]
    has_stamped_form: bool
    has_approved_pilot: bool
    is_already_site: bool
    ticks: frozenset[str] = frozenset()  # of CHECKS, by the reviewer
    is_what_was_looked_at: bool = True  # not withdrawn, changed and submitted anew since the reviewer opened it
    changes: ChangeFacts | None = None  # of an application that changes a site; None: it asks for a new one


def problems_on_apply(has_approved_pilot: bool, is_already_site: bool) -> list[Say]:
    """Why this school may not apply to this organisation at all, whatever it writes."""
    found = []
    if not has_approved_pilot:
        found.append(say("贵校还没有审核通过的证书试点申报；试点申报通过后方可申报考核站点。"))
    if is_already_site:
        found.append(
            say("贵校已是该评价组织的考核站点，不用重复申请；信息、证书或考场有变化的，请在“已设站点”里申请变更。")
        )
    return found


def problems_on_change(has_approved_pilot: bool, is_revoked: bool) -> list[Say]:
    """Why this site may not be changed, whatever is written."""
    found = []
    if not has_approved_pilot:
        found.append(say("贵校还没有审核通过的证书试点申报；试点申报通过后方可申报考核站点。"))
    if is_revoked:
        found.append(say("该考核站点已撤销，不能申请变更；请重新申报。"))
    return found


def _problems_at_all(facts: SiteFacts) -> list[Say]:
    if facts.changes is None:
        return problems_on_apply(facts.has_approved_pilot, facts.is_already_site)
    return problems_on_change(facts.has_approved_pilot, facts.changes.is_revoked)


def problems_on_submit(facts: SiteFacts, at: datetime) -> list[Say]:
    """Everything that keeps the application from being submitted, in words for the school."""
    found = _problems_at_all(facts)
    if facts.changes is not None and not facts.changes.is_different:
        found.append(say("变更申请的内容与现有站点相同，请先填写要变更的内容。"))
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
    """What changed since the school submitted, and what the reviewer has not confirmed of the stamped form."""
    found = _problems_at_all(facts)
    if not facts.has_stamped_form:
        found.append(say("申请没有盖章版申请表，请退回。"))
    elif not facts.is_what_was_looked_at:
        found.append(say("您打开页面之后，学校撤回修改并重新提交了申请；请刷新页面，重新核对盖章版申请表。"))
    else:
        found.extend(sentence for tick, sentence in CHECKS_MISSING.items() if tick not in facts.ticks)
    return found


@dataclass(frozen=True)
class Portrait:
    """What an application says of a site, and what a site is: the same words, so the two can be compared."""

    name: str
    region: str
    address: str
    contact_name: str
    contact_phone: str
    contact_email: str
    levels: tuple[str, ...]
    rooms: tuple[RoomInput, ...]


@dataclass(frozen=True)
class Difference:
    """One thing that a change application changes, in the words of the form."""

    what: Say
    before: str
    after: str


def differences(before: Portrait, after: Portrait) -> list[Difference]:
    """What would be another than it is, in the order of the form."""
    texts = {
        "name": say("考核站点名称"),
        "region": say("考核站点地址"),
        "address": say("详细地址"),
        "contact_name": say("联系人姓名"),
        "contact_phone": say("联系人电话"),
        "contact_email": say("联系人邮箱"),
    }
    pairs = [(word, getattr(before, name), getattr(after, name)) for name, word in texts.items()]
    pairs.append((say("考核证书"), "、".join(sorted(before.levels)), "、".join(sorted(after.levels))))
    pairs.append((say("考场（机房）"), _rooms_in_words(before.rooms), _rooms_in_words(after.rooms)))
    return [Difference(what, old, new) for what, old, new in pairs if old != new]


def _rooms_in_words(rooms: Iterable[RoomInput]) -> str:
    return "、".join(sorted(room.in_words for room in rooms if room.machine_count))


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
    "create_change": say("新建变更申请"),
    "become_new": say("原站点已撤销，转为新的申请"),
    "update": say("修改申请"),
    "attach": say("上传文件"),
    "detach": say("删除文件"),
    "print": say("打印申请表"),
    "print_word": say("下载 Word 申请表"),
}
# What the school may still change.
EDITABLE = (SiteState.DRAFT, SiteState.RETURNED)
# What others than the school may look at.
FILED = (SiteState.PENDING, SiteState.RETURNED, SiteState.APPROVED)
