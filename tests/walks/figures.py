"""What the walks tried, held against what docs/security.md says they try."""

from __future__ import annotations

import re
from collections.abc import Mapping

from onex.config.env import ROOT

PAGE = ROOT / "docs" / "security.md"


def compare(walk: str, counts: Mapping[str, int]) -> None:
    """The page names at least nine tenths and at most all of what this walk tried: it grows with the product.

    A line of the page: `| walk | 1,234 own row | … |`. Raises AssertionError with the line it should have.
    """
    told = next((line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| {walk} |")), "")
    wanted = f"| {walk} | " + ", ".join(f"{n:,} {what}" for what, n in sorted(counts.items())) + " |"
    figures = {what.strip(): int(n.replace(",", "")) for n, what in re.findall(r"(\d[\d,]*) ([a-z ]+)", told)}
    fits = all(0.9 * n <= figures.get(what, 0) <= n for what, n in counts.items())
    assert fits, f"docs/security.md should say: {wanted}"
