"""Taking and giving back training places: one conditional UPDATE and one line in the ledger."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Model

from onex.common import tx
from onex.common.actors import Actor
from onex.common.text import Refused, say
from onex.pilots.models import PilotApplication, PlacesMove
from onex.pilots.queries import places_held
from onex.pilots.rules import ApplicationState, problems_on_release, problems_on_take


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
        return _line(application, count, subject, by, at, reason)


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
        PilotApplication.objects.select_for_update(no_key=True).get(pk=application.pk)
        held = places_held(application, subject._meta.label_lower, subject.pk)
        problems = problems_on_release(held, count)
        if problems:
            raise Refused(*problems)
        PilotApplication.objects.filter(pk=application.pk, used_count__gte=count).update(
            used_count=F("used_count") - count
        )
        return _line(application, -count, subject, by, at, reason)


def _line(
    application: PilotApplication, count: int, subject: Model, by: Actor, at: datetime, reason: str
) -> PlacesMove:
    return PlacesMove.objects.create(
        application=application,
        count=count,
        reason=reason,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        actor_id=by.user_id,
        actor_label=by.label,
        at=at,
    )
