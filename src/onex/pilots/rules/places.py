"""培训名额: what an approval grants, registrations use and cancellations give back. 0 ≤ used ≤ approved, always."""

from __future__ import annotations

from datetime import datetime

from onex.common.text import Say, say
from onex.pilots.rules.applications import ApplicationState
from onex.pilots.rules.plans import year_of


def problems_on_take(
    state: str, approved_count: int | None, used_count: int, wanted: int, year: int, at: datetime
) -> list[Say]:
    """Why these places cannot be taken, with what is left. Status and places lapse with the year of the plan."""
    if wanted < 1:
        return [say("占用名额至少为 1。")]
    if state != ApplicationState.APPROVED or approved_count is None:
        return [say("试点申报尚未审核通过，没有可用的培训名额。")]
    if year_of(at) > year:
        return [say("{year} 年度的培训名额已随年度结束失效，请申报新年度的试点。", year=year)]
    left = approved_count - used_count
    if wanted > left:
        return [
            say(
                "培训名额不足：批准 {approved} 个，已用 {used} 个，剩余 {left} 个，本次需要 {wanted} 个。",
                approved=approved_count,
                used=used_count,
                left=left,
                wanted=wanted,
            )
        ]
    return []


def problems_on_release(taken: int, wanted: int) -> list[Say]:
    """Why these places cannot be given back: `taken` is what this subject holds now."""
    if wanted < 1:
        return [say("释放名额至少为 1。")]
    if wanted > taken:
        return [say("只占用了 {taken} 个名额，不能释放 {wanted} 个。", taken=taken, wanted=wanted)]
    return []
