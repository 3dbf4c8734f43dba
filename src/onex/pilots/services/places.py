"""Taking and giving back training places, adjusting what was granted, letting it lapse with its year.

Each is one conditional UPDATE and one line in the ledger. Places are taken and given back by registration alone.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Model

from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.text import Refused, say
from onex.pilots.models import PilotApplication, PlacesMove
from onex.pilots.queries import places_held
from onex.pilots.rules import ApplicationState, PlacesKind, problems_on_release, problems_on_take


def take_places(
    application: PilotApplication, count: int, *, subject: Model, by: Actor, at: datetime, reason: str = ""
) -> PlacesMove:
    """Take `count` places for `subject`, all or none.

    The caller has asked its own permit: places are taken by whoever may register. The UPDATE itself judges whether
    enough are left, so that any number of callers at once never take more than were approved.
    Raises Refused with the figures when there are too few, or the year of the approval is over.
    """
    fresh = _judged(application, count, at)
    with tx.write():
        taken = PilotApplication.objects.filter(
            pk=application.pk,
            state=ApplicationState.APPROVED,
            approved_count__gte=F("used_count") + count,
        ).update(used_count=F("used_count") + count)
        if taken != 1:
            fresh = _judged(application, count, at)
            raise Refused(say("培训名额刚刚变动（剩余 {left} 个），请再试一次。", left=fresh.left_count))
        return write_line(
            application, PlacesKind.TAKE, count, subject=subject, by=by, at=at, reason=reason, label=str(subject)
        )


def _judged(application: PilotApplication, count: int, at: datetime) -> PilotApplication:
    fresh = PilotApplication.objects.select_related("plan").get(pk=application.pk)
    problems = problems_on_take(fresh.state, fresh.approved_count, fresh.used_count, count, fresh.plan.year, at)
    if problems:
        raise Refused(*problems)
    return fresh


def release_places(
    application: PilotApplication, count: int, *, subject: Model, by: Actor, at: datetime, reason: str = ""
) -> PlacesMove:
    """Give back `count` of the places that `subject` holds.

    Raises Refused when it holds fewer.
    """
    with tx.write():
        # Locks the row first: what the subject holds is then counted while nobody else can change it.
        row = moves.lock(application)
        held = places_held(application, subject._meta.label_lower, subject.pk)
        problems = problems_on_release(held, count)
        if problems:
            raise Refused(*problems)
        PilotApplication.objects.filter(pk=application.pk, used_count__gte=count).update(
            used_count=F("used_count") - count
        )
        line = write_line(
            application, PlacesKind.RELEASE, -count, subject=subject, by=by, at=at, reason=reason, label=str(subject)
        )
        if row.state == ApplicationState.EXPIRED:  # the year is over: what comes back lapses at once
            write_line(row, PlacesKind.LAPSE, -count, subject=row, by=by, at=at, reason=reason)
        return line


def write_line(
    application: PilotApplication,
    kind: PlacesKind,
    count: int,
    *,
    subject: Model,
    by: Actor,
    at: datetime,
    reason: str = "",
    label: str = "",
) -> PlacesMove:
    """One line of the ledger; call it in the transaction of what it tells. `label` names the subject to people."""
    return PlacesMove.objects.create(
        application=application,
        kind=kind,
        count=count,
        reason=reason[:200],
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=label[:120],
        actor_id=by.user_id,
        actor_label=by.label,
        at=at,
    )
