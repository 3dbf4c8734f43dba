"""Numbers that identify people and institutions, judged by their own structure. Pure: today is an argument."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date

from onex.common.text import Say, say

# GB/T 2260 provinces, and 81–83: residence permits of Hong Kong, Macao and Taiwan residents (same structure).
PROVINCE_PREFIXES = frozenset(
    (
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
        "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
    )
)  # fmt: skip
OLDEST = 100  # years; older is a slip of the pen

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def normalised(text: str) -> str:
    """As people mean it: half width, no blanks or invisible characters, capital letters."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(c for c in wide if not c.isspace() and unicodedata.category(c) != "Cf").upper()


def problems_with_id_number(text: str, today: date) -> list[Say]:
    """Why this is no ID number (GB 11643-1999): the first fault found, for the others follow from it.

    `text` as `normalised`: no blanks, half width, capital X.
    """
    if re.fullmatch(r"[0-9]{15}", text):
        return [say("这是 15 位旧身份证号，请填写 18 位身份证号")]
    if len(text) != 18:
        return [say("身份证号应为 18 位，现在是 {n} 位", n=len(text))]
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return [say("身份证号只能由数字组成，末位可以是 X")]
    if text[:2] not in PROVINCE_PREFIXES:
        return [say("身份证号前两位 {code} 不是省级代码", code=text[:2])]
    born = _date(text[6:14])
    if born is None:
        return [say("身份证号中的出生日期 {day} 不存在", day=text[6:14])]
    if born > today or today.year - born.year > OLDEST:
        return [say("身份证号中的出生日期 {day} 不合理", day=born)]
    if check_character(text) != text[17]:
        return [say("身份证号的校验位不正确，请核对是否有输错的数字")]
    return []


def check_character(number: str) -> str:
    """The 18th character that the first 17 digits ask for (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]


def birth_date_of(number: str) -> date:
    """The birth date in a valid ID number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex_of(number: str) -> str:
    """`male` or `female`, by the 17th digit of a valid ID number."""
    return "male" if int(number[16]) % 2 else "female"


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


# --- 统一社会信用代码, GB 32100-2015: no I, O, S, V, Z

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(3**place % 31 for place in range(17))
CENTRAL = "10"  # registered with a central authority, which has no province


def problems_with_credit_code(text: str, regions: Collection[str] = ()) -> list[Say]:
    """Why this is no unified social credit code: the first fault. `regions`: GB/T 2260 prefixes it must be of, if any.

    `text` as `normalised`.
    """
    if len(text) != 18:
        return [say("统一社会信用代码应为 18 位，现在是 {n} 位", n=len(text))]
    foreign = sorted(set(text) - set(_CREDIT_ALPHABET))
    if foreign:
        return [say("统一社会信用代码中不会出现“{characters}”", characters="".join(foreign))]
    if credit_check_character(text) != text[17]:
        return [say("统一社会信用代码的校验位不正确，请核对是否有输错的字符")]
    if regions and text[2:4] not in {*regions, CENTRAL}:
        return [say("统一社会信用代码的登记地（第 3、4 位 {code}）与所选省份不一致", code=text[2:4])]
    return []


def credit_check_character(code: str) -> str:
    """The 18th character that the first 17 ask for."""
    total = sum(_CREDIT_ALPHABET.index(c) * weight for c, weight in zip(code, _CREDIT_WEIGHTS, strict=False))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


# --- 组织机构代码, GB 11714

_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def problems_with_org_code(text: str) -> list[Say]:
    """Why this is no organisation code of nine characters. `text` as `normalised`, without its hyphen."""
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", text):
        return [say("组织机构代码应为 9 位数字或字母")]
    rest = 11 - sum(int(c, 36) * weight for c, weight in zip(text, _ORG_WEIGHTS, strict=False)) % 11
    if text[8] != {10: "X", 11: "0"}.get(rest, str(rest)):
        return [say("组织机构代码的校验位不正确")]
    return []


# --- 学校标识码: two digits of type, two of province, six of serial; no check digit

SCHOOL_KINDS = {"36": say("中等职业学校"), "41": say("普通高校"), "42": say("成人高校"), "93": say("中等职业培训机构")}
_HIGHER = ("41", "42")  # their serial is 0 and the five digits of the 院校代码


def problems_with_school_code(text: str, regions: Collection[str], kinds: Collection[str]) -> list[Say]:
    """Why this is no school identifier of a school of these `kinds` (keys of SCHOOL_KINDS) in these `regions`."""
    if not re.fullmatch(r"[0-9]{10}", text):
        return [say("学校标识码应为 10 位数字")]
    found = []
    if text[:2] not in SCHOOL_KINDS:
        found.append(say("学校标识码前两位 {code} 不是可以申报的学校类别（36、41、42、93）", code=text[:2]))
    elif text[:2] not in kinds:
        found.append(
            say("学校标识码前两位 {code} 表示{kind}，与所选学校类型不一致", code=text[:2], kind=SCHOOL_KINDS[text[:2]])
        )
    if text[2:4] not in regions:
        found.append(say("学校标识码第 3、4 位 {code} 与所选省份不一致", code=text[2:4]))
    if text[:2] in _HIGHER and text[4] != "0":
        found.append(say("高等学校的学校标识码第 5 位应为 0，其后是 5 位院校代码"))
    return found


# --- names and telephones


def problems_with_name(text: str) -> list[Say]:
    """Why this is no person's name: 2 to 30 characters, no blanks or digits; · joins parts of a minority name."""
    if not 2 <= len(text) <= 30:
        return [say("姓名应为 2 到 30 个字")]
    # Surrogate-free rare characters are letters too; what is no letter, mark or middle dot is a slip.
    if any(c != "·" and unicodedata.category(c)[0] not in "LM" for c in text) or "··" in text:
        return [say("姓名中不能有空格、数字或符号，少数民族姓名用“·”连接")]
    return []


def phone_as_meant(text: str) -> str:
    """A telephone number as people mean it: half width, no blanks; a mobile without its dashes and country code."""
    number = normalised(text)
    mobile = number.replace("-", "").removeprefix("+86")
    return mobile if re.fullmatch(r"1[3-9][0-9]{9}", mobile) else number


def problems_with_phone(text: str) -> list[Say]:
    """Why nobody can be rung up here: a mobile number, or a landline with its area code."""
    if re.fullmatch(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?", text):
        return []
    return [say("请填写 11 位手机号，或带区号的固定电话，例如 025-83152910")]


def problems_with_email(text: str) -> list[Say]:
    """Why no e-mail reaches anybody here: one @, a domain with a dot, nothing that mail servers quarrel about."""
    local, at, domain = text.rpartition("@")
    labels = domain.split(".")
    sound = (
        re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", local)
        and not local.startswith(".")
        and not local.endswith(".")
        and ".." not in local
        and len(labels) > 1
        and len(text) <= 254
        and all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", label) for label in labels)
    )
    return [] if at and sound else [say("请填写有效的邮箱地址，例如 jwc@example.edu.cn")]
