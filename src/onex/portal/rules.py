"""What the portal says of the cycle, and how it sorts dates, notices and waiting things: no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from onex.accounts.rules import ORGANISATION_ACTS, PEOPLE_ACTS
from onex.catalog.rules import BEIJING, Level
from onex.common import months
from onex.common.months import SheetDay
from onex.common.text import Say, say
from onex.common.workflow import FLOWS, Move, Workflow

# --- the cycle, for somebody who has never heard of it -------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step of the cycle: what happens, by whom, and the public page that tells more ("" when there is none)."""

    title: Say
    who: Say
    text: Say
    icon: str
    address: str = ""


CYCLE = (
    Step(
        say("发布申报计划"),
        say("省级教育行政部门"),
        say("公布本年度的申报批次、申报时间和开放的证书。"),
        "speakerphone",
        "portal:news-list",
    ),
    Step(
        say("申报证书试点"),
        say("试点院校"),
        say("按证书和等级申请培训人数，审核通过后取得名额。"),
        "clipboard-list",
        "portal:how-to-apply",
    ),
    Step(
        say("教学与师资培训"),
        say("试点院校、教师"),
        say("用配套教材和云课程开展教学，教师参加师资培训。"),
        "books",
        "portal:training",
    ),
    Step(
        say("申报考核站点"),
        say("试点院校"),
        say("报送机房与监控条件和盖章申请表，由培训评价组织审核。"),
        "building-community",
        "portal:how-to-apply",
    ),
    Step(
        say("报名与考场编排"),
        say("试点院校、培训评价组织"),
        say("院校为学生集中报名，组织编排座位、发放准考证。"),
        "armchair",
        "portal:calendar",
    ),
    Step(
        say("理论与实训考核"),
        say("考生"),
        say("全部机考；作答随写随存，断网或换机后接着考。"),
        "device-desktop",
        "portal:standard-list",
    ),
    Step(
        say("评阅与成绩"),
        say("培训评价组织、考评员"),
        say("客观题自动评分，主观任务匿名评阅，先公示后发布。"),
        "checklist",
    ),
    Step(
        say("发证与查验"),
        say("培训评价组织、用人单位"),
        say("证书带编号和签名二维码，任何人都可以查验真伪。"),
        "shield-check",
        "certificates:verify",
    ),
)


@dataclass(frozen=True)
class Audience:
    """Somebody the site is for, and what they begin with."""

    title: Say
    text: Say
    icon: str
    action: Say
    address: str


AUDIENCES = (
    Audience(
        say("试点院校"),
        say("申报证书试点和考核站点，导入学生，集中报名，打印准考证和证书。"),
        "school",
        say("看看怎样申报"),
        "portal:how-to-apply",
    ),
    Audience(
        say("教育行政部门"),
        say("发布申报计划，审核院校注册和试点申报，掌握名额的批准与使用。"),
        "building-bank",
        say("登录业务平台"),
        "accounts:sign-in",
    ),
    Audience(
        say("培训评价组织"),
        say("审核考核站点，组卷、编排、评阅，公示成绩，签发和撤销证书。"),
        "award",
        say("登录业务平台"),
        "accounts:sign-in",
    ),
    Audience(
        say("学生、家长与用人单位"),
        say("了解证书考什么、何时考、费用多少；凭编号和姓名查验证书。"),
        "users",
        say("了解证书与标准"),
        "portal:standard-list",
    ),
)


# --- the calendar --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class HalfDay:
    """A stretch of time in which a sitting is sat."""

    starts_at: datetime
    ends_at: datetime

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(BEIJING).date()


@dataclass(frozen=True)
class Held:
    """A certificate in a sitting, with its levels. `certificate` is a row of the catalogue."""

    certificate: Any
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class CalendarRow:
    """One certificate's sitting of the guide's calendar."""

    number: int
    name: str
    held: Held
    half_days: tuple[HalfDay, ...]
    plan: Any = None  # the key of the sitting that the organisation announced; the guide's own have none


@dataclass(frozen=True)
class Occasion:
    """What is sat in the same half days: a sitting with all its certificates."""

    name: str
    half_days: tuple[HalfDay, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Month:
    """A month's sheet, Monday first, with the sittings that begin in it."""

    first: date
    weeks: tuple[tuple[SheetDay, ...], ...]
    occasions: tuple[Occasion, ...]


def in_order(rows: Iterable[CalendarRow]) -> list[CalendarRow]:
    """Sittings by date, then certificate."""
    return sorted(rows, key=lambda row: (row.half_days, row.held.certificate.code))


def narrowed(rows: Iterable[CalendarRow], certificate: str, level: str = "") -> list[CalendarRow]:
    """The rows of one certificate, with one level alone; "" is every one."""
    found = [row for row in rows if certificate in ("", row.held.certificate.code)]
    if not level:
        return found
    kept = [(row, tuple(one for one in row.held.levels if str(one.value) == level)) for row in found]
    return [replace(row, held=Held(row.held.certificate, levels)) for row, levels in kept if levels]


def occasions_of(rows: Iterable[CalendarRow]) -> list[Occasion]:
    """Sittings that share name and half days as one, by date."""
    found: dict[tuple[tuple[HalfDay, ...], str], list[Held]] = {}
    for row in in_order(rows):
        found.setdefault((row.half_days, row.name), []).append(row.held)
    return [Occasion(name, half_days, tuple(held)) for (half_days, name), held in found.items()]


def months_of(rows: Iterable[CalendarRow]) -> list[Month]:
    """The months in which something is sat, with their sheets."""
    occasions = occasions_of(rows)
    days = {half.day for occasion in occasions for half in occasion.half_days}
    return [
        Month(
            first,
            months.sheet_of(first, days),
            tuple(one for one in occasions if one.half_days[0].day.replace(day=1) == first),
        )
        for first in months.months_of(days)
    ]


def next_occasion(occasions: Iterable[Occasion], at: datetime) -> Occasion | None:
    """The first sitting whose last half day is not over."""
    ahead = [one for one in occasions if one.half_days and one.half_days[-1].ends_at > at]
    return min(ahead, key=lambda one: one.half_days, default=None)


# --- news ----------------------------------------------------------------------------------------------------------

NOTICES = "notices"  # the section (通知公告) of what the platform itself announces
PLAN_NEWS, SITTING_NEWS = "plan", "sitting"  # the beginnings of the addresses of our own notices


@dataclass(frozen=True)
class News:
    """A line of the news list. What the guide prints has a month and a day only; the rest has its moment."""

    slug: str
    section: str
    label: Any
    title: Any
    published_at: datetime | None = None
    month_day: str = ""
    summary: Any = ""
    row: Any = None  # the plan or the sitting it tells of


# --- the home of a role --------------------------------------------------------------------------------------------

SHOWN_OF_A_KIND = 5  # more of the same kind become one line that leads to their list


@dataclass(frozen=True)
class Task:
    """Something that waits for this person, `count` of them when they are one line."""

    title: Say
    action: Say
    address: str
    args: tuple[Any, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    until_label: Say | None = None
    note: Say | None = None
    query: str = ""
    count: int = 1


@dataclass(frozen=True)
class Figure:
    """A figure that matters to this person, with where it comes from."""

    value: int
    label: Say
    unit: Say | None
    address: str
    note: Say | None = None


@dataclass(frozen=True)
class Start:
    """How to go on when nothing waits."""

    title: Say
    text: Say
    action: Say
    address: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Change:
    """Something that somebody else did lately to what this person may see."""

    at: datetime
    who: str
    what: Say
    state: Say
    tone: str
    subject: Say
    note: str
    address: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Desk:
    """Everything on the home of a role."""

    tasks: Sequence[Task]
    figures: Sequence[Figure]
    changes: Sequence[Change]
    start: Start

    @property
    def count(self) -> int:
        return sum(task.count for task in self.tasks)

    @property
    def next_task(self) -> Task | None:
        """The one next step: the nearest deadline, else what has waited longest."""
        with_deadline = [(task.until, n) for n, task in enumerate(self.tasks) if task.until is not None]
        return self.tasks[min(with_deadline)[1] if with_deadline else 0] if self.tasks else None


def oldest_first(tasks: Iterable[Task]) -> list[Task]:
    """What has waited longest at the top; what has no beginning (the remainder of a kind) at the end."""
    return sorted(tasks, key=lambda task: (task.since is None, task.since.timestamp() if task.since else 0))


def greeting(name: str, count: int) -> Say:
    """The headline of a desk."""
    if not count:
        return say("{name}，您好", name=name)
    return say("{name}，您有 {n} 件事要办", name=name, n=count)


# --- the log, in an auditor's words --------------------------------------------------------------------------------

# What is traced besides the moves of workflows, whose tables bring their own words.
_OWN_VERBS: dict[str, Say] = {
    "sign_in": say("登录"),
    "sign_out": say("退出登录"),
    "hat": say("切换身份"),
    "second_factor": say("第二重验证"),
    "password_again": say("再次输入密码"),
    "denied": say("越权访问"),
    "alarm": say("告警"),
    "export": say("导出"),
    "choose": say("选择消息接收方式"),
    "save": say("修改消息模板"),
    "change": say("修改已发布的计划"),
    "issue_list": say("制发批准名单"),
    "weights": say("设置审核提示权重"),
    "weights_reset": say("恢复默认提示权重"),
    "view": say("查看试题或试卷"),
    "reveal": say("查看完整个人信息"),
    "reveal_alarm": say("频繁查看完整个人信息"),
    "print_tickets": say("打印准考证"),
    "print_room_list": say("打印考场清单"),
    "print": say("打印证书"),
    "print_word": say("下载 Word 申请表"),
    "create_change": say("新建变更申请"),
    "become_new": say("原站点已撤销，转为新的申请"),
    "view_photo": say("查看证件照"),
    "load": say("考务包装入考场"),
    "granted": say("考场加时"),
    "collect": say("收卷"),
    "set_aside": say("答卷包待查"),
    "issue": say("签发证书"),
    "compute": say("核算成绩"),
    "import_items": say("导入试题"),
    "build": say("建立试卷"),
    "assemble": say("组卷"),
    "preview": say("预览学生名单"),
    "create": say("新建"),
    "update": say("修改"),
    "remove": say("删除"),
    "give": say("授予身份"),
    "attach": say("上传文件"),
    "detach": say("删除文件"),
    "open": say("启用"),
    "suspend": say("停用"),
    "restore": say("恢复"),
    "audit_retention": say("按保存期限清理"),
    "audit_head_accept": say("接受审计链现有末端"),
    "retention": say("按保存期限清理个人信息"),
    "export_person": say("导出本人信息"),
    "delete": say("移除登记网段"),
    "issue_slip": say("打印激活单"),
    "issue_slips": say("按班级打印激活单"),
    "revoke_slip": say("作废激活单"),
    "disable_account": say("停用学生账号"),
    "enable_account": say("恢复学生账号"),
    "set_photo": say("上传证件照"),
    "update_by_roster": say("按导入的名单更新"),
    "preview_photos": say("成批上传证件照"),
    "keep_photos": say("成批保存证件照"),
    "discard_photos": say("放弃未确认的证件照"),
    "remove_photo": say("删除证件照"),
    "revoke_token": say("吊销接口令牌"),
    "api_write": say("通过接口写入"),
    "webhook_rotate": say("更换签名密钥"),
    "webhook_pause": say("暂停接收地址"),
    "webhook_resume": say("恢复接收地址"),
    "webhook_ping": say("测试接收地址"),
    "webhook_resend": say("重新推送事件"),
    "recount_roster": say("重新统计在籍学生数"),
}
# Of accounts and organisations the log says what their own pages say.
_WORDS = PEOPLE_ACTS | ORGANISATION_ACTS
VERBS: dict[str, Say] = _OWN_VERBS | {verb: word for verb, word in _WORDS.items() if verb not in _OWN_VERBS}
# What traces tell besides who, what and when, in words.
DATA_WORDS: dict[str, Say] = {
    "kind": say("种类"),
    "file": say("文件"),
    "count": say("数量"),
    "before": say("最近一小时已导出"),
    "filters": say("筛选条件"),
    "path": say("页面地址"),
    "method": say("请求方式"),
    "permit": say("所需权限"),
    "door": say("登录方式"),
    "agent": say("浏览器"),
    "why": say("原因"),
    "login": say("账号摘要"),
    "title": say("名称"),
    "digest": say("内容摘要"),
    "package": say("考务包摘要"),
    "theory": say("理论考核试卷"),
    "practical": say("实训考核试卷"),
    "item": say("题号"),
    "items": say("题号"),
    "number": say("编号"),
    "points": say("评分"),
    "passed": say("合格人数"),
    "minutes": say("加时（分钟）"),
    "part": say("部分"),
    "grants": say("加时经过"),
    "bundle": say("答卷包摘要"),
    "decisions": say("考场处置"),
    "slot": say("材料"),
    "sha256": say("文件摘要"),
    "seed": say("种子"),
    "counts": say("数量"),
    "approved_count": say("批准人数"),
    "used_count": say("已使用人数"),
    "granted": say("台账批准合计"),
    "taken": say("台账占用合计"),
    "live": say("有效报名"),
}
# What an alarm is about.
ALARMS: dict[str, Say] = {
    "volume": say("大量导出"),
    "probing": say("连续越权访问"),
    "head": say("审计链末端与本机所记不符"),
    "reveal": say("频繁查看完整个人信息"),
    "places": say("名额不一致"),
}
ALARM_VERBS = ("alarm", "reveal_alarm")  # the second as earlier versions wrote it: such rows stay and are read
# What the security administrator may see of the log: the door, and what went wrong at it.
DOOR_VERBS = (
    "sign_in",
    "sign_out",
    "hat",
    "sessions_end",
    "second_factor",
    "password_again",
    "factor_add",
    "factor_remove",
    "factor_reset",
    "recovery_codes_renew",
    "activate",
    "reset",
    "set_password",
    "unlock",
    "denied",
    *ALARM_VERBS,
)
OUTCOMES: dict[str, tuple[Say, str]] = {
    "done": (say("完成"), "neutral"),
    "denied": (say("被拒绝"), "warn"),
    "failed": (say("失败"), "warn"),
}


def _flows_of(subject_type: str) -> list[Workflow]:
    """The workflows of the app a trace's subject belongs to first, then all others."""
    app = subject_type.split(".")[0]
    return sorted(FLOWS.values(), key=lambda flow: (flow.code.split(".")[0] != app, flow.code))


def verb_word(verb: str, subject_type: str = "") -> Say | str:
    """What was done, as people say it; the bare verb when no table has a word for it."""
    own = [flow for flow in _flows_of(subject_type) if flow.code.split(".")[0] == subject_type.split(".")[0]]
    for flow in own:
        if (word := flow.act(verb)) != verb:
            return word
    if verb in VERBS:
        return VERBS[verb]
    return next((word for flow in _flows_of("") if (word := flow.act(verb)) != verb), verb)


def state_word(state: str, subject_type: str) -> tuple[Say | str, str]:
    """A state's word and tone by the workflow of its app that has it."""
    for flow in _flows_of(subject_type):
        if state in {one.value for one in flow.states}:
            return flow.word(state), flow.tone(state)
    return state, "neutral"


def verb_choices() -> list[tuple[str, Say | str]]:
    """Every verb there can be, with its word: what a filter offers."""
    moves = {move.name for flow in FLOWS.values() for move in flow.moves}
    acts = {act for flow in FLOWS.values() for act in flow.acts}
    return [(verb, verb_word(verb)) for verb in [*VERBS, *sorted((moves | acts) - set(VERBS))]]


# --- the right to be forgotten ------------------------------------------------------------------------------------


class ErasureState(StrEnum):
    FILED = "filed"
    APPROVED = "approved"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ErasureFacts:
    """How many entries of the person still wait for their released result, and whether they hold other hats."""

    open_entries: int = 0
    other_hats: Sequence[str] = ()


def problems_on_erase(facts: ErasureFacts, at: datetime) -> list[Say]:
    """What must be over before somebody can be forgotten."""
    found = []
    if facts.open_entries:
        found.append(say("还有 {n} 项报名没有公布成绩，请在成绩发布或取消报名后再办理。", n=facts.open_entries))
    if facts.other_hats:
        found.append(say("该账号还担任：{hats}。请先由所在机构解除。", hats="、".join(facts.other_hats)))
    return found


ERASURE = Workflow(
    "portal.erasure",
    ErasureState.FILED,
    Move(
        "approve",
        (ErasureState.FILED,),
        ErasureState.APPROVED,
        "portal.erasure_decide",
        problems_on_erase,
        label=say("同意删除"),
        is_grave=True,
    ),
    Move(
        "refuse",
        (ErasureState.FILED,),
        ErasureState.REFUSED,
        "portal.erasure_decide",
        label=say("不予删除"),
        needs_note=True,
    ),
    Move("withdraw", (ErasureState.FILED,), ErasureState.WITHDRAWN, "portal.erasure_withdraw", label=say("撤回申请")),
    Move("finish", (ErasureState.APPROVED,), ErasureState.DONE, "portal.erasure_finish", label=say("完成删除")),
    label=say("个人信息删除申请"),
    labels={
        ErasureState.FILED: say("待办理"),
        ErasureState.APPROVED: say("正在删除"),
        ErasureState.DONE: say("已删除"),
        ErasureState.REFUSED: say("不予删除"),
        ErasureState.WITHDRAWN: say("已撤回"),
    },
    tones={ErasureState.FILED: "warn", ErasureState.APPROVED: "info", ErasureState.DONE: "good"},
    acts={"file": say("提出申请")},
)
REFUSE_REASONS = (
    say("无法确认申请人就是本人，请携带证件到所在院校办理。"),
    say("成绩正在复核，请在复核结束后再申请。"),
)
