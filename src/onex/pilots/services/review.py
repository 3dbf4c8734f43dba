"""The reviewers' workbench: who has which application in hand, and how much each signal counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from onex.accounts.models import Province, User
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.pilots import queries
from onex.pilots.models import PilotApplication, SignalWeight
from onex.pilots.rules import MOST_WEIGHT, SIGNAL_LABELS, Signal


def take_application(application: PilotApplication, *, by: Actor, at: datetime) -> PilotApplication:
    """Take one that nobody has in hand. Raises Refused when somebody was faster, or it waits no more."""
    me = queries.colleague_by_key(by, str(by.user_id))
    return _given(application, me, by=by, at=at, only_if_free=True)


def assign_applications(applications: Sequence[PilotApplication], to: User | None, *, by: Actor, at: datetime) -> int:
    """Give these to one colleague, or back to nobody, all or none; answers how many changed hands.

    Raises Refused for somebody who does not review here, for one that waits no more, and for whoever belongs to the
    school that applies.
    """
    if to is not None and queries.colleague_by_key(by, str(to.pk)) is None:
        raise Refused(say("只能分派给本机构同一身份的同事。"))
    with tx.write():
        changed = [row for row in applications if row.assignee_id != (to.pk if to else None)]
        for row in changed:
            _given(row, to, by=by, at=at)
    return len(changed)


def _given(
    application: PilotApplication, to: User | None, *, by: Actor, at: datetime, only_if_free: bool = False
) -> PilotApplication:
    with tx.write():
        row = moves.lock(application)
        demand("pilots.assign", by, row)
        if not queries.applications_waiting_for(by).filter(pk=row.pk).exists():
            raise Refused(say("“{school}”的申报已不在待审核之列，请刷新后再看。", school=row.school.name))
        if to is None and row.assignee is None:
            return row
        if only_if_free and row.assignee is not None and row.assignee_id != by.user_id:
            raise Refused(say("这份申报已由{name}经办，不能重复领取。", name=row.assignee.name))
        if to is not None and queries.has_interest(to.pk, row):
            raise Refused(say("{name}在“{school}”任职，须回避，不能分派。", name=to.name, school=row.school.name))
        PilotApplication.objects.filter(pk=row.pk).update(assignee=to, assigned_at=at if to else None)
        verb = "hand_back" if to is None else "take" if to.pk == by.user_id else "assign"
        moves.leave_trace(row, verb, by=by, at=at, data={"to": to.name if to else ""})
        return moves.lock(row)


def set_weights(province: Province, weights: Mapping[str, int], *, by: Actor, at: datetime) -> None:
    """Let each signal count as much as this province wants. Raises Refused for a weight that is none."""
    demand("pilots.signals_manage", by, province)
    for signal in Signal:
        if not 0 <= weights.get(signal, -1) <= MOST_WEIGHT:
            raise Refused(say("“{signal}”的权重应为 0 到 {n} 的整数。", signal=SIGNAL_LABELS[signal], n=MOST_WEIGHT))
    with tx.write():
        before = queries.weights_of(province.pk)
        for signal in Signal:
            SignalWeight.objects.update_or_create(
                province=province, code=signal.value, defaults={"weight": weights[signal]}
            )
        moves.leave_trace(province, "weights", by=by, at=at, data={"before": before, "after": dict(weights)})


def reset_weights(province: Province, *, by: Actor, at: datetime) -> None:
    """Back to what counts everywhere. Raises Refused."""
    demand("pilots.signals_manage", by, province)
    with tx.write():
        before = queries.weights_of(province.pk)
        SignalWeight.objects.filter(province=province).delete()
        moves.leave_trace(
            province, "weights_reset", by=by, at=at, data={"before": before, "after": queries.default_weights()}
        )
