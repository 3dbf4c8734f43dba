"""Who passes: the rule is data of the scheme, marks are decimals, and nothing is ever rounded up."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from onex.catalog.rules.words import PassRuleKind
from onex.common.text import Say, say


class PassRule(Protocol):
    """What a scheme says about passing; a row of the table and a struct of the data both have it."""

    @property
    def theory_full_mark(self) -> int: ...
    @property
    def theory_pass_mark(self) -> int: ...
    @property
    def practical_full_mark(self) -> int: ...
    @property
    def practical_pass_mark(self) -> int: ...
    @property
    def pass_rule(self) -> str: ...
    @property
    def theory_percent(self) -> int: ...
    @property
    def practical_percent(self) -> int: ...
    @property
    def total_pass_mark(self) -> int: ...
    @property
    def mark_decimals(self) -> int: ...


def kept(mark: Decimal | int, decimals: int = 1) -> Decimal:
    """The mark with as many decimals as the scheme keeps; the rest is cut off, so 59.95 stays below 60.

    Raises TypeError for a float: binary fractions have already been rounded by somebody else.
    """
    if isinstance(mark, float):
        raise TypeError("marks are Decimal or int, never float")
    return Decimal(mark).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN)


def problems_on_passing(scheme: PassRule, theory: Decimal | int | None, practical: Decimal | int | None) -> list[Say]:
    """Everything that keeps these marks from being a pass, in words for the candidate; None means not sat.

    Raises ValueError for a mark below zero or above the full mark of its part.
    """
    found = []
    marks = {}
    for part, mark, full in (
        (say("理论考核"), theory, scheme.theory_full_mark),
        (say("实训考核"), practical, scheme.practical_full_mark),
    ):
        if mark is None:
            found.append(say("{part}没有成绩", part=part))
        elif not 0 <= mark <= full:
            raise ValueError(f"a mark of {mark} is outside 0 to {full}")
        else:
            marks[part.msgid] = kept(mark, scheme.mark_decimals)
    if found:
        return found
    theory_kept, practical_kept = marks.values()
    if scheme.pass_rule == PassRuleKind.WEIGHTED:
        whole = (theory_kept * scheme.theory_percent + practical_kept * scheme.practical_percent) / 100
        total = kept(whole, scheme.mark_decimals)
        if total < scheme.total_pass_mark:
            return [say("总分 {mark} 分，未达到 {least} 分", mark=total, least=scheme.total_pass_mark)]
        return []
    for part, mark_kept, least in (
        (say("理论考核"), theory_kept, scheme.theory_pass_mark),
        (say("实训考核"), practical_kept, scheme.practical_pass_mark),
    ):
        if mark_kept < least:
            found.append(say("{part} {mark} 分，未达到 {least} 分", part=part, mark=mark_kept, least=least))
    return found


def passes(scheme: PassRule, theory: Decimal | int | None, practical: Decimal | int | None) -> bool:
    """True when these marks earn the certificate under this scheme."""
    return not problems_on_passing(scheme, theory, practical)
