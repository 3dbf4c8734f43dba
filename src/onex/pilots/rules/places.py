"""培训名额: what an approval grants, registrations use and cancellations give back. 0 ≤ used ≤ approved, always."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onex.common.text import Say, say
from onex.pilots.rules.applications import ApplicationState, TotalFacts, problem_with_total
from onex.pilots.rules.plans import year_of


class PlacesKind(StrEnum):
    """What a line of the ledger says."""

    GRANT = "grant"  # an approval gave them
    ADJUST = "adjust"  # the province changed what it granted
    UNGRANT = "ungrant"  # the decision was taken back
    TAKE = "take"
    RELEASE = "release"
    LAPSE = "lapse"  # left over when the year ended


PLACES_KINDS = [(kind.value, kind.name) for kind in PlacesKind]
PLACES_LABELS = {
    PlacesKind.GRANT: say("批准"),
    PlacesKind.ADJUST: say("调整"),
    PlacesKind.UNGRANT: say("更正结论"),
    PlacesKind.TAKE: say("占用"),
    PlacesKind.RELEASE: say("释放"),
    PlacesKind.LAPSE: say("到期失效"),
}
# Which kinds add up to approved_count, and which to used_count.
GRANTING = (PlacesKind.GRANT, PlacesKind.ADJUST, PlacesKind.UNGRANT)
USING = (PlacesKind.TAKE, PlacesKind.RELEASE)


@dataclass(frozen=True)
class AdjustFacts:
    """What is judged when a province changes what it granted; `totals` leave this application itself out."""

    state: str
    year: int
    requested_count: int
    approved_count: int | None
    used_count: int
    wanted: int | None
    reason: str
    totals: tuple[TotalFacts, ...] = ()


def problems_on_adjust(facts: AdjustFacts, at: datetime) -> list[Say]:
    """Why the province cannot change what it granted: never below used, above what was asked for or over a total."""
    wanted = facts.wanted
    if facts.state == ApplicationState.EXPIRED or year_of(at) > facts.year:
        return [say("{year} 年度的培训名额已随年度结束失效，不能再调整。", year=facts.year)]
    if facts.state != ApplicationState.APPROVED or facts.approved_count is None:
        return [say("只有审核通过且在有效期内的申报可以调整批准人数。")]
    if wanted is None or wanted < 1:
        return [say("请填写调整后的批准人数，至少 1 人。")]
    if wanted == facts.approved_count:
        return [say("批准人数没有变化，仍是 {n} 人。", n=facts.approved_count)]
    found = []
    if wanted < facts.used_count:
        found.append(say("已使用 {used} 个名额，批准人数不能少于此数。", used=facts.used_count))
    if wanted > facts.requested_count:
        found.append(say("批准培训总人数不能超过申请的 {n} 人。", n=facts.requested_count))
    if not facts.reason.strip():
        found.append(say("请写明调整的理由，院校会看到。"))
    if wanted > facts.approved_count:  # giving back is never over a total
        found.extend(problem for one in facts.totals if (problem := problem_with_total(one, wanted)))
    return found


@dataclass(frozen=True)
class LedgerFacts:
    """The counters of an application beside the sums of its ledger; `live` entries where somebody counted them."""

    approved_count: int | None
    used_count: int
    granted: int
    taken: int
    live: int | None = None


def problems_with_ledger(facts: LedgerFacts) -> list[Say]:
    """What does not agree: 0 ≤ used ≤ approved, each counter is the sum of its lines, each used place has its entry."""
    approved, used = facts.approved_count or 0, facts.used_count
    found = []
    if not 0 <= used <= approved:
        found.append(say("已使用 {used} 个，不在 0 与批准的 {approved} 个之间。", used=used, approved=approved))
    if facts.granted != approved:
        found.append(say("批准 {approved} 个，而台账中批准与调整合计 {sum} 个。", approved=approved, sum=facts.granted))
    if facts.taken != used:
        found.append(say("已使用 {used} 个，而台账中占用与释放合计 {sum} 个。", used=used, sum=facts.taken))
    if facts.live is not None and facts.live != used:
        found.append(say("已使用 {used} 个，而有效报名有 {n} 条。", used=used, n=facts.live))
    return found


def problems_on_take(
    state: str, approved_count: int | None, used_count: int, wanted: int, year: int, at: datetime
) -> list[Say]:
    """Why these places cannot be taken, with what is left. Status and places lapse with the year of the plan."""
    if wanted < 1:
        return [say("占用名额至少为 1。")]
    if state == ApplicationState.EXPIRED or (state == ApplicationState.APPROVED and year_of(at) > year):
        return [say("{year} 年度的培训名额已随年度结束失效，请申报新年度的试点。", year=year)]
    if state != ApplicationState.APPROVED or approved_count is None:
        return [say("试点申报尚未审核通过，没有可用的培训名额。")]
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
