"""Named writes: a site is suspended, restored, confirmed for another year, revoked, or its year runs out."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q

from onex.common import jobs, moves, tx
from onex.common.actors import SYSTEM, Actor
from onex.venues import queries
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.rules import SITE_FLOW, confirmed_until
from onex.venues.services.notifying import notify_of_last_day, notify_of_site


def move_site(site: ExamSite, move: str, *, by: Actor, at: datetime, note: str = "") -> ExamSite:
    """Make one move of the table; a confirmation gives the site another year. A site that is not in use takes no new
    candidates, those it has stay.

    Raises Refused with every reason.
    """
    with tx.write():
        sets, data = None, None
        if move == "confirm":
            until = confirmed_until(queries.standing_of(moves.lock(site), at))
            sets, data = {"valid_until": until}, {"valid_until": until}
        moved = moves.move(
            SITE_FLOW,
            site,
            move,
            by=by,
            at=at,
            note=note,
            facts=lambda row: queries.standing_of(row, at),
            sets=sets,
            data=data,
        )
        if move == "revoke":
            _set_free(moved, by=by, at=at)
        notify_of_site(moved, move, by=by, at=at, note=note)
    return moved


def _set_free(site: ExamSite, *, by: Actor, at: datetime) -> None:
    """What would have changed the site asks for a new one from now on; else it would bar the school from applying."""
    for application in queries.changes_under_way(site):
        SiteApplication.objects.filter(pk=application.pk).update(changes=None)
        moves.leave_trace(application, "become_new", by=by, at=at)


def expire_sites(*, at: datetime) -> jobs.Swept:
    """Close the sites whose year is over and that nobody confirmed; twice is once."""
    return jobs.for_each(queries.sites_to_expire(at), lambda site: move_site(site, "expire", by=SYSTEM, at=at))


def remind_of_sites(*, at: datetime) -> jobs.Swept:
    """Remind of the last day, once for each year of a site."""
    return jobs.for_each(queries.sites_to_remind_of(at), lambda site: _remind(site, at))


def _remind(site: ExamSite, at: datetime) -> None:
    with tx.write():
        untold = Q(reminded_until=None) | ~Q(reminded_until=F("valid_until"))
        if not ExamSite.objects.filter(untold, pk=site.pk).update(reminded_until=F("valid_until")):
            return  # another sweep was quicker
        moves.leave_trace(site, "remind_due", by=SYSTEM, at=at, data={"until": site.valid_until})
        notify_of_last_day(site, at=at)
