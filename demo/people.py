"""Invented people and institutions: plausible, valid by their check digits, and nobody real.

ID numbers follow GB 11643-1999, school codes the ministry's ten digits, credit codes GB 32100-2015.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

SURNAMES = (
    *"王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余",
    *"于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯",
    *("欧阳", "司徒", "诸葛", "上官"),
)
GIVEN = (
    *re.findall(
        "..", "子涵雨桐浩然思远梓萱宇轩欣怡一诺嘉豪诗琪俊杰梦洁志强佳琪文博雅婷天佑晓彤明哲若曦家乐静怡振华语嫣"
    ),
    *re.findall("..", "泽宇可欣建国婉清鹏飞芷若书恒心怡晨阳紫薇立群雪莹海涛艺璇少杰清妍博文慧敏"),
    *"鑫磊婷蕊毅琳昊璐峰悦",
)
# Names of minorities carry the middle dot (U+00B7), rare characters stand in real rosters too.
UNUSUAL = ("阿依努尔·买买提", "巴特尔·苏和", "扎西·才让", "龚䶮", "卓玛·央金", "艾力·吐尔逊")
# County codes of 江苏 and its neighbours (GB/T 2260).
COUNTIES = (
    *("320102", "320104", "320106", "320111", "320115", "320205", "320311", "320412", "320506", "320602", "321002"),
    *("340104", "341102", "330106", "370102", "410105", "650102", "150102"),
)


def id_number(county: str, born: date, serial: int) -> str:
    """An ID number (GB 11643-1999): county, birth date, serial (odd for men) and the check character."""
    digits = f"{county}{born:%Y%m%d}{serial:03d}"
    return digits + _ID_CHECKS[sum(int(d) * w for d, w in zip(digits, _ID_WEIGHTS, strict=True)) % 11]


def credit_code(body: str) -> str:
    """A unified social credit code (GB 32100-2015) from its first 17 characters; the organisation's own check
    character (GB 11714) is the author's to get right."""
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(body))
    return body + _CREDIT_ALPHABET[(31 - total % 31) % 31]


def organisation_code(body: str) -> str:
    """Nine characters of an organisation code (GB 11714): eight and their check."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    values = [int(c) if c.isdigit() else ord(c) - 55 for c in body]
    check = 11 - sum(v * w for v, w in zip(values, weights, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def is_masked(shown: str, number: str) -> bool:
    """Whether this is the ID number with at least the whole birth date hidden and nothing false shown."""
    agrees = len(shown) == len(number) and all(a in ("*", b) for a, b in zip(shown, number, strict=True))
    return agrees and set(shown[6:14]) == {"*"}


@dataclass(frozen=True)
class Pupil:
    """One student as the school's office writes it down."""

    name: str
    id_number: str
    born_on: date
    is_male: bool
    student_no: str
    major_code: str
    major_name: str
    class_name: str
    phone: str
    entry_year: int


@dataclass(frozen=True)
class SchoolFacts:
    """What the school knows of itself when it registers."""

    name: str
    school_code: str
    credit_code: str
    address: str
    contact: str
    phone: str
    email: str
    username: str
    majors: tuple[tuple[str, str], ...]
    foreign_major: tuple[str, str]  # offered, but not mapped to the certificate


MAPPED = (("530701", "电子商务"), ("530704", "网络营销与直播电商"), ("530706", "商务数据分析与应用"))
FOREIGN = ("530302", "大数据与会计")


def a_school(run: int) -> SchoolFacts:
    """The school of the `run`-th story told in this installation; its name says that it is for show.

    The codes are made up: no such 院校代码 (999xx) is given out.
    """
    number = 99_900 + run
    return SchoolFacts(
        name="江苏演示职业技术学院" if run == 1 else f"江苏演示第{run}职业技术学院",
        school_code=f"41320{number}",
        credit_code=credit_code("12320000" + organisation_code(f"{46_600_000 + number:08d}")),
        address=f"江宁区演示大道 {run} 号",
        contact="周教务",
        phone=f"138{run:04d}6688",
        email="jiaowu@demo.example.cn",
        username="demo-school" if run == 1 else f"demo-school-{run}",
        majors=(*MAPPED, FOREIGN),
        foreign_major=FOREIGN,
    )


def pupils(count: int, run: int, today: date) -> list[Pupil]:
    """Invented students of the mapped majors, the same for the same run; the last one is of a foreign major.

    No name twice: the story finds people by it, as an office does.
    """
    chance = random.Random(f"onex {run}")
    year = today.year - 1  # second-year students, 18 to 20 years old
    names = _names(count, chance)
    found: list[Pupil] = []
    taken: set[str] = set()
    for place, name in enumerate(names, start=1):
        while True:
            born = date(year - 18, 9, 1) + timedelta(days=chance.randrange(-365, 365))
            is_male = chance.random() < 0.45
            serial = chance.randrange(100, 499) * 2 + is_male
            number = id_number(chance.choice(COUNTIES), born, serial)
            if number not in taken:
                break
        taken.add(number)
        code, major = FOREIGN if place == count else MAPPED[place % len(MAPPED)]
        class_name = f"{major[:2]}{year % 100}{(place // 45) % 9 + 1:02d}班"
        phone = f"1{chance.choice('356789')}{chance.randrange(10**9):09d}"
        found.append(
            Pupil(name, number, born, is_male, f"{year}{run:02d}{place:05d}", code, major, class_name, phone, year)
        )
    return found


def _names(count: int, chance: random.Random) -> list[str]:
    names = list(UNUSUAL[: max(2, count // 15)])
    known = set(names)
    while len(names) < count:
        name = chance.choice(SURNAMES) + chance.choice(GIVEN)
        if len(known) > len(SURNAMES) * len(GIVEN) // 3:  # the ordinary ones become rare
            name += chance.choice("儿之安宁川江林")
        if name not in known:
            known.add(name)
            names.append(name)
    chance.shuffle(names)
    return names


SITE_STAFF = ("陈监考", "李监考", "王监考", "赵监考", "孙监考", "钱监考", "吴监考", "郑监考")
CHIEF = "刘主考"
