"""What the walks tried, held against what docs/security.md says they try, and docs/security.zh-CN.md in its words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from onex.config.env import ROOT

DOCS = ROOT / "docs"
CHINESE = {
    "permits, reading": "权限：读取",
    "permits, sending": "权限：提交",
    "permits, stranger": "权限：未登录者",
    "permits, exam room": "权限：考场",
    "moves": "流程操作",
    "headers": "响应头",
    "csrf": "CSRF",
    "reading": "只读不写",
    "exam gate": "考场接口",
    "addresses": "个地址",
    "kinds of move": "种操作",
    "hats": "个身份",
    "own row": "次本单位的记录",
    "foreign row": "次外单位的记录",
    "seen row": "次只能查看的记录",
    "no row": "次无记录",
    "no permit": "次无权限",
    "with the permit": "次有权限（办成，或说明为何不能办）",
    "tries": "次尝试",
    "answers": "次应答",
    "reads": "次读取",
}


def compare(walk: str, counts: Mapping[str, int]) -> None:
    """The pages name at least nine tenths and at most all of what this walk tried: it grows with the product.

    A line of the page: `| walk | 1,234 own row, … |`. Raises AssertionError with the line it should have.
    """
    _compare("security.md", walk, counts)
    _compare("security.zh-CN.md", CHINESE[walk], {CHINESE[what]: n for what, n in counts.items()})


def _compare(page: str, walk: str, counts: Mapping[str, int]) -> None:
    lines = (DOCS / page).read_text("utf-8").splitlines()
    told = next((line for line in lines if line.startswith(f"| {walk} |")), "")
    wanted = f"| {walk} | " + ", ".join(f"{n:,} {what}" for what, n in counts.items()) + " |"
    figures = {what.strip(): int(n.replace(",", "")) for n, what in re.findall(r"(\d[\d,]*) ([^\d,|]+)", told)}
    fits = figures.keys() == counts.keys() and all(0.9 * n <= figures[what] <= n for what, n in counts.items())
    assert fits, f"docs/{page} should say: {wanted}"
