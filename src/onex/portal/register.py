"""The register of personal fields (privacy/fields.csv) in words: what is kept, why, on which ground, for how long.

No Django here. The file has one row for every field of every model; the words of its codes stand below, so that the
page people read and the table engineers keep cannot say two things.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from onex.common.text import Say, say

COLUMNS = ("model", "field", "personal", "kind", "class", "purpose", "basis", "retention", "sealed", "mask")

KINDS = {
    "name": say("姓名"),
    "id_number": say("证件号码"),
    "id_index": say("证件号码的加密索引（不能还原）"),
    "phone": say("手机号或联系电话"),
    "phone_index": say("手机号的加密索引（不能还原）"),
    "email": say("邮箱"),
    "email_index": say("邮箱的加密索引（不能还原）"),
    "birth": say("出生日期"),
    "gender": say("性别"),
    "photo": say("照片"),
    "schooling": say("学籍信息：学号、专业、班级、入学年份"),
    "account": say("登录账号、身份与登录时间"),
    "secret": say("口令、凭证的摘要（不能还原）"),
    "ticket": say("准考证号、座位与考场登录码"),
    "answers": say("答卷、答案与考场记录"),
    "scores": say("得分、成绩与评语"),
    "certificate": say("证书编号与证书事项"),
    "file": say("上传的文件及文件名"),
    "address": say("网络来源地址"),
    "activity": say("操作记录与经办人"),
    "consent": say("同意书与监护人信息"),
    "request": say("个人信息申请及理由"),
    "message": say("发给您的消息、阅读时间和接收方式"),
}
CLASSES = {"public": say("公开"), "internal": say("内部"), "sensitive": say("敏感")}
PURPOSES = {
    "account": say("登录账号、辨认本人、保护账号安全"),
    "contact": say("与院校、考核站点和机构联系"),
    "registration": say("组织报名：核对考生身份、避免重复报名"),
    "exam": say("组织考试：编排座位、核验入场、保存答卷"),
    "results": say("评卷、公布成绩、处理复核"),
    "notice": say("把申报、审核和考务的进展通知您"),
    "certificate": say("签发证书并供公众查验"),
    "rights": say("办理您的查阅、更正和删除申请"),
    "audit": say("留存操作记录，接受监督和审计"),
}
BASES = {
    "contract": say("为您提供所申请的服务所必需（个人信息保护法第十三条第一款第二项）"),
    "consent": say("您的单独同意（第十三条第一款第一项、第二十九条）"),
    "duty": say("履行法定职责或法定义务（第十三条第一款第三项；网络安全法）"),
    "published": say("本人或机构已经公开的信息（第十三条第一款第六项）"),
}
RETENTIONS = {
    "account": say("账号使用期间；注销时删除"),
    "organisation": say("机构在平台办理业务期间"),
    "roster": say("在校及离校后 2 年；从未报名的，到期自动删除；已报名的随考试档案"),
    "import": say("确认或放弃导入后立即删除，未处理的 7 天后自动删除"),
    "draft": say("未提交或被退回的注册，1 年后自动删除"),
    "exam": say("随考试档案保存；申请删除时去除可识别本人的内容"),
    "certificate": say("证书有效期内长期保存；申请删除时去除可识别本人的内容"),
    "token": say("用过或失效 30 天后自动删除"),
    "notice": say("读过 1 年、或 2 年未读后自动删除；注销时删除"),
    "signin": say("登录结束 6 个月后自动删除"),
    "count": say("计数结束 1 小时后自动删除"),
    "session": say("登录会话到期后自动删除"),
    "job": say("后台任务结束 7 天后自动删除"),
    "trace": say("至少 3 年，法律另有规定的从其规定"),
    "edition": say("该版指南使用期间"),
}
MASKS = {
    "": say("只对办理业务的人显示"),
    "id": say("只显示前 3 位和后 4 位"),
    "phone": say("只显示前 3 位和后 4 位"),
    "email": say("只显示首字母和域名"),
    "birth": say("只显示年份"),
    "name": say("对院校和主办机构显示；公开查验须先输入姓名"),
    "never": say("从不显示"),
}


@dataclass(frozen=True)
class Entry:
    """One field of one model, as the register says."""

    model: str
    field: str
    personal: str
    kind: str = ""
    grade: str = ""
    purpose: str = ""
    basis: str = ""
    retention: str = ""
    sealed: str = ""
    mask: str = ""

    @property
    def name(self) -> str:
        return f"{self.model}.{self.field}"

    @property
    def is_personal(self) -> bool:
        return self.personal == "yes"


def read(path: Path) -> list[Entry]:
    """Every row of the register. Raises ValueError when the head is another."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    if tuple(head) != COLUMNS:
        raise ValueError(f"{path.name}: the head is {head}")
    return [Entry(*row) for row in rows if row]


def write(path: Path, entries: Iterable[Entry]) -> None:
    """The register in its order: by model, then by field."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for one in sorted(entries, key=lambda one: one.name):
            lines.writerow(
                (one.model, one.field, one.personal, one.kind, one.grade, one.purpose, one.basis, one.retention,
                 one.sealed, one.mask)
            )  # fmt: skip


def problems_of(entries: Iterable[Entry]) -> list[str]:
    """What a row lacks, as sentences for engineers."""
    found = []
    for one in entries:
        if one.personal not in ("yes", "no"):
            found.append(f"{one.name}: say whether it is personal: yes or no")
        elif one.is_personal:
            words = (
                ("kind", one.kind, KINDS),
                ("class", one.grade, CLASSES),
                ("purpose", one.purpose, PURPOSES),
                ("basis", one.basis, BASES),
                ("retention", one.retention, RETENTIONS),
                ("mask", one.mask, MASKS),
            )
            found += [f"{one.name}: unknown {head} “{code}”" for head, code, known in words if code not in known]
        elif any((one.kind, one.grade, one.purpose, one.basis, one.retention, one.mask)):
            found.append(f"{one.name}: says it is not personal and yet gives a purpose")
    return found


@dataclass(frozen=True)
class Line:
    """One line of the notice: a kind of fact and the ways it is kept."""

    kind: Say
    grade: Say
    bases: tuple[Say, ...]
    retentions: tuple[Say, ...]
    is_sealed: bool
    masks: tuple[Say, ...]


def notice(entries: Iterable[Entry]) -> list[tuple[Say, list[Line]]]:
    """The register as people read it: for each purpose its kinds of facts, each with the strictest class."""
    rows = [one for one in entries if one.is_personal]
    found = []
    for code, purpose in PURPOSES.items():
        by_kind = {kind: [one for one in rows if (one.purpose, one.kind) == (code, kind)] for kind in KINDS}
        lines = [_line(kind, some) for kind, some in by_kind.items() if some]
        if lines:
            found.append((purpose, lines))
    return found


def _line(kind: str, rows: list[Entry]) -> Line:
    grade = max((one.grade for one in rows), key=list(CLASSES).index)
    return Line(
        KINDS[kind],
        CLASSES[grade],
        tuple(words for code, words in BASES.items() if any(one.basis == code for one in rows)),
        tuple(words for code, words in RETENTIONS.items() if any(one.retention == code for one in rows)),
        any(one.sealed == "yes" for one in rows),
        tuple(words for code, words in MASKS.items() if any(one.mask == code for one in rows)),
    )
