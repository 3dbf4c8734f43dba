"""Photos by the hundred: whose a file is, by its name. No database; nothing is opened."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onex.accounts.identifiers import normalised
from onex.common.text import Say, say
from onex.registration.rules.students import is_named

_ID = re.compile(r"[0-9]{17}[0-9X]")
_NAMED = re.compile(r"(.+?)[_\-\s]+([0-9]{17}[0-9X])")
_NUMBER = re.compile(r"[0-9A-Z-]{1,30}")
_LONGEST = 100
NOT_NAMED = say("文件名应为“姓名_身份证号”、学号或身份证号")
ENDINGS = ("jpg", "jpeg", "png")


@dataclass(frozen=True)
class Claim:
    """Whom a file name says it shows: by ID number, by student number or, where it may be both, by either."""

    id_number: str = ""
    student_no: str = ""
    name: str = ""


@dataclass(frozen=True)
class Holder:
    """A student of the school whom a claim may mean."""

    key: Any
    name: str


def claim_of(path: str) -> Claim | Say:
    """Whom this file of an archive is said to show, or why it says nobody. Folders in the archive do not matter."""
    stem, _, ending = path.rpartition("/")[2].rpartition(".")
    if not stem or ending.lower() not in ENDINGS:
        return say("不是 .jpg、.jpeg 或 .png 文件")
    if len(stem) > _LONGEST:  # in an archive a name may have 65,535 characters, which no pattern shall see
        return NOT_NAMED
    text = unicodedata.normalize("NFKC", stem).strip()
    if match := _NAMED.fullmatch(text.upper()):
        return Claim(id_number=match[2], name=text[: match.end(1)])
    bare = normalised(text)
    if _ID.fullmatch(bare):
        return Claim(id_number=bare, student_no=bare)
    if _NUMBER.fullmatch(bare):
        return Claim(student_no=bare)
    return NOT_NAMED


def holder_of(claim: Claim, by_id: Mapping[str, Holder], by_no: Mapping[str, Holder]) -> Holder | Say:
    """The student who is meant, or why nobody is."""
    found = by_id.get(claim.id_number) or by_no.get(claim.student_no)
    if found is None:
        return say("学生库中没有这个学号或身份证号的学生，请先导入学生名单")
    if claim.name and not is_named(claim.name, found.name):
        return say("文件名中的姓名与学生库中该身份证号的姓名不一致")
    return found
