"""What the guide prints, read from its own tables (not from the catalogue's data): the other side of the comparison."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

import onex.catalog

TABLES = (Path(onex.catalog.__path__[0]) / "tests" / "guide-2024-tables.txt").read_text("utf-8")
DAY = re.compile(r"^(?:(第.次统考)\t)?\s*(\d+)月(\d+)日\t([^\t]*)\t(\d\d:\d\d)-(\d\d:\d\d)$", re.M)


@dataclass(frozen=True)
class HalfDay:
    month: int
    day: int
    starts: str
    ends: str


def half_days() -> list[HalfDay]:
    """Every half day of both calendars, in the order of print: two for each of the fourteen sittings."""
    return [HalfDay(int(m), int(d), starts, ends) for _, m, d, _, starts, ends in DAY.findall(TABLES)]


def fees() -> list[str]:
    return re.findall(r"级：(\d+) 元/人次", TABLES)


def counts() -> list[tuple[str, str, str]]:
    """(domains, tasks, skill points) of each certificate."""
    return re.findall(r"高度凝练 (\d+) 大工作领域、(\d+) 个工作任务、(\d+) 个技能点", TABLES)


def training() -> list[tuple[str, str, str, str]]:
    """(month, level, content, mode) of both calendars."""
    return re.findall(r"^(\d+) 月\t(.级)\t([^\t]+)\t(线.{3})$", TABLES, re.M)


def contacts() -> list[tuple[str, str, str]]:
    """(name, provinces, telephone) of the regional contacts."""
    return re.findall(r"^(.老师)\t([^\t]+)\t(\d{11})$", TABLES, re.M)


def sections() -> list[tuple[str, str, str, str]]:
    """(kind, number, marks each, marks in all) of the theory part."""
    return re.findall(r"^(.{3,5}题)\t(\d+)\t(\d+)\t(\d+)$", TABLES, re.M)


def weights() -> list[str]:
    """Every percentage of both certificates."""
    return re.findall(r"(\d+)%", TABLES)


def books() -> list[str]:
    return re.findall(r"^(\S+)（.级）$", TABLES, re.M)


def text_of(page: str) -> str:
    """What a person reads of a page: the words of <main> and foot without mark-up, white space joined."""
    body = re.sub(r"(?s)<(script|style).*?</\1>", " ", page[page.index("<main") :])
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
