"""A province changes how many places it granted, between what is used and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.pilots import queries
from onex.pilots.models import PilotApplication
from onex.pilots.rules import AdjustFacts, ApplicationState, PlacesKind, TotalFacts, problems_on_adjust
from onex.pilots.services.notifying import notify_of_adjustment
from onex.pilots.services.places import write_line
from onex.pilots.services.told import tell_of_application


@dataclass(frozen=True)
class AdjustEffect:
    """What an adjustment would change: places granted and left before and after, and the totals it counts against."""

    before: int
    after: int
    used: int
    totals: tuple[TotalFacts, ...]

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def left_before(self) -> int:
        return self.before - self.used

    @property
    def left_after(self) -> int:
        return self.after - self.used


def rehearse_adjust(
    application: PilotApplication,
    approved_count: int | None,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    revision: int | None = None,
) -> AdjustEffect:
    """What `adjust_places` would do, without doing it. Raises Refused with what it would say."""
    return _effect(PilotApplication.objects.get(pk=application.pk), approved_count, by, at, note, revision)


def adjust_places(
    application: PilotApplication,
    approved_count: int | None,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    revision: int | None = None,
) -> PilotApplication:
    """Grant this many places instead of what was granted; whoever takes one at this moment is never cut off.

    `revision` is that of the screen it was decided on. Raises Refused with every reason.
    """
    with tx.write():
        moves.lock(application.plan)  # before the application, as approving does: two must not both fit into one total
        row = moves.lock(application)
        effect = _effect(row, approved_count, by, at, note, revision)
        changed = PilotApplication.objects.filter(
            pk=row.pk, state=ApplicationState.APPROVED, used_count__lte=effect.after
        ).update(approved_count=effect.after, revision=F("revision") + 1)
        if changed != 1:
            raise Refused(say("这条记录刚刚被别人改动，请刷新后再看。"))
        write_line(row, PlacesKind.ADJUST, effect.difference, subject=row, by=by, at=at, reason=note)
        data = {"before": effect.before, "approved_count": effect.after, "used_count": effect.used}
        moves.leave_trace(row, "adjust", by=by, at=at, note=note, data=data)
        adjusted = PilotApplication.objects.get(pk=row.pk)
        tell_of_application(adjusted, "adjust", at=at)
        notify_of_adjustment(adjusted, by=by, at=at, note=note)
        return adjusted


def _effect(
    row: PilotApplication, wanted: int | None, by: Actor, at: datetime, note: str, revision: int | None
) -> AdjustEffect:
    demand("pilots.places_adjust", by, row)
    if revision is not None and revision != row.revision:
        raise Refused(say("这份申报在您打开页面之后有了变动，请刷新后核对现在的人数，再决定是否调整。"))
    totals = tuple(queries.totals_for(row))
    facts = AdjustFacts(
        row.state,
        row.plan.year,
        row.requested_count,
        row.approved_count,
        row.used_count,
        wanted,
        note,
        totals,
    )
    problems = problems_on_adjust(facts, at)
    if problems:
        raise Refused(*problems)
    return AdjustEffect(row.approved_count or 0, wanted or 0, row.used_count, totals)
