"""A student's own account: what state it is in, who must consent, what a photo must be. No database."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from onex.common.text import Say, say
from onex.registration.rules.plans import BEIJING

CONSENT_AGE = 14  # PIPL 31: below it a guardian consents
SLIPS_AT_ONCE = 5_000


class AccountState(StrEnum):
    """How far a student is on the way to an account. It follows from the slip and the hat; nobody sets it."""

    NONE = "none"
    ISSUED = "issued"
    LAPSED = "lapsed"
    ACTIVE = "active"
    DISABLED = "disabled"

    @property
    def label(self) -> Say:
        return _STATE_LABELS[self]

    @property
    def tone(self) -> str:
        return _STATE_TONES[self]


_S = AccountState
_STATE_LABELS = {
    _S.NONE: say("未发放激活单"),
    _S.ISSUED: say("已发放，待激活"),
    _S.LAPSED: say("激活单已过期"),
    _S.ACTIVE: say("已激活"),
    _S.DISABLED: say("已停用"),
}
_STATE_TONES = {_S.NONE: "neutral", _S.ISSUED: "info", _S.LAPSED: "warn", _S.ACTIVE: "good", _S.DISABLED: "bad"}
NOT_ACTIVATED = (_S.NONE, _S.ISSUED, _S.LAPSED)


def account_state(has_user: bool, is_enabled: bool, slip_until: datetime | None, at: datetime) -> AccountState:
    """`slip_until`: until when the slip that nobody used is good; None without one."""
    if has_user:
        return _S.ACTIVE if is_enabled else _S.DISABLED
    if slip_until is None:
        return _S.NONE
    return _S.ISSUED if at < slip_until else _S.LAPSED


@dataclass(frozen=True)
class ClassKey:
    """A class as the roster knows it: two years may both have a “1 班”."""

    entry_year: int
    class_name: str

    def __str__(self) -> str:
        return f"{self.entry_year}:{self.class_name}"

    @classmethod
    def parse(cls, text: str) -> ClassKey | None:
        """What `str` made; None for anything else."""
        year, colon, name = text.partition(":")
        return cls(int(year), name) if colon and year.isascii() and year.isdigit() and len(year) == 4 else None


def classes_in(texts: Sequence[str]) -> list[ClassKey]:
    """The classes that a form chose, without what is none."""
    return [key for key in map(ClassKey.parse, texts) if key is not None]


# One sentence for a wrong code, a wrong name, a used and an expired slip: guessing teaches nothing.
NOT_THIS_SLIP = say("激活码或姓名不正确，或激活单已用过、已过期。请核对后再试；仍不行时请班主任重新发放激活单。")


def is_named(typed: str, name: str) -> bool:
    """Whether this is the student's name, however the keyboard wrote its blanks and dots."""
    return _bare(typed) == _bare(name) != ""


def _bare(name: str) -> str:
    kept = unicodedata.normalize("NFKC", name)
    return "".join(c for c in kept if not c.isspace() and c not in "·•・‧∙⋅.").casefold()


# --- consent ---------------------------------------------------------------------------------------------------------


class Relation(StrEnum):
    FATHER = "father"
    MOTHER = "mother"
    OTHER = "other"

    @property
    def label(self) -> Say:
        return RELATION_LABELS[self]


RELATION_LABELS = {
    Relation.FATHER: say("父亲"),
    Relation.MOTHER: say("母亲"),
    Relation.OTHER: say("其他监护人"),
}
NOTICE_VERSION = "2026-11"
# What a student agrees to (PIPL 17, 28–30): who, what, why, how long, with whom, and how to take it back.
NOTICE: tuple[tuple[Say, Say], ...] = (
    (
        say("谁在处理"),
        say("您所在的学校导入您的信息并为您报名；培训评价组织用它组织考试和发证；平台按他们的委托保存。"),
    ),
    (
        say("处理什么"),
        say("姓名、身份证号、性别、出生日期、手机号、学号、专业和班级、证件照，以及报名、答卷、成绩和证书。"),
    ),
    (
        say("为什么"),
        say("核对考生身份、编排考场、评阅、发证和查验证书。不用于推荐、广告，也不对您画像。"),
    ),
    (
        say("敏感信息"),
        say(
            "身份证号和证件照属于敏感个人信息：加密保存，页面上遮盖显示，只完整打印在准考证和证书上，每次打印都有记录。"
        ),
    ),
    (
        say("保存多久"),
        say("成绩和证书记录长期保存以供查验；其他信息在离校且没有未结束的考试后按学校的要求删除。"),
    ),
    (
        say("您的权利"),
        say("可以随时在“我的信息”查看，向学校提出更正、复制、删除或撤回同意；撤回后不能再报名，已取得的证书不受影响。"),
    ),
)


def needs_guardian(birth_on: date, at: datetime) -> bool:
    """Whether somebody born then is under 14 today (Beijing)."""
    today = at.astimezone(BEIJING).date()
    had_birthday = (today.month, today.day) >= (birth_on.month, birth_on.day)
    return today.year - birth_on.year - (0 if had_birthday else 1) < CONSENT_AGE


# --- the photo -------------------------------------------------------------------------------------------------------

PHOTO_KINDS = ("jpg", "png")
PHOTO_WIDTH, PHOTO_HEIGHT = 295, 413  # one inch at 300 dots: less is a smudge on paper
PHOTO_PIXELS = 25_000_000
PHOTO_BYTES = 2_000_000
ADVISED_BYTES = (40_000, 200_000)


def problems_with_photo(width: int, height: int, size: int) -> list[Say]:
    """What keeps a picture from being a photo for papers."""
    found = []
    if size > PHOTO_BYTES:
        found.append(say("照片超过 2 MB，请压缩后再上传。"))
    if width * height > PHOTO_PIXELS:
        found.append(say("照片像素过大（{w}×{h}），请缩小后再上传。", w=width, h=height))
    if width < PHOTO_WIDTH or height < PHOTO_HEIGHT:
        found.append(
            say(
                "照片只有 {w}×{h} 像素，打印会模糊；请上传不小于 {mw}×{mh} 像素的照片。",
                w=width,
                h=height,
                mw=PHOTO_WIDTH,
                mh=PHOTO_HEIGHT,
            )
        )
    elif width >= height:
        found.append(say("照片应为竖版（高大于宽），请裁剪后再上传。"))
    return found


def advice_on_photo(size: int) -> list[Say]:
    """What is unusual about a photo that is kept all the same."""
    low, high = ADVISED_BYTES
    if low <= size <= high:
        return []
    return [say("照片大小为 {n} KB，一般要求 40–200 KB；已保存，请确认打印清晰。", n=round(size / 1000))]
