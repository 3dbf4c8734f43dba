"""Telling the people concerned, in the transaction of what they are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from onex.common.actors import SYSTEM, Actor
from onex.notices.services import tell
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.rules.notices import APPLICANTS, CHANGED, CONCERNED, DUE, OF_APPLICATIONS, OF_SITES, REVIEWERS


def notify_of_application(
    application: SiteApplication, move: str, site: ExamSite | None, *, by: Actor, at: datetime, note: str = ""
) -> None:
    """A new submission to the organisation, its decision to the school; a withdrawal is told to nobody."""
    if (template := OF_APPLICATIONS.get(move)) is None:
        return
    facts: dict[str, Any] = {
        "school": application.school.name,
        "site": str(application),
        "organisation": application.organisation.name,
        "note": note,
        "until": site.valid_until if site is not None else "",
    }
    to_reviewers = move == "submit"
    if move == "approve" and application.changes is not None:
        template = CHANGED
    tell(
        template.code,
        organisation=application.organisation if to_reviewers else application.school,
        roles=REVIEWERS if to_reviewers else APPLICANTS,
        values={name: facts[name] for name in template.placeholders},
        by=by,
        at=at,
        link=reverse("venues:application-detail", args=[application.pk]),
        subject_row=application,
    )


def notify_of_site(site: ExamSite, move: str, *, by: Actor, at: datetime, note: str = "") -> None:
    """Tell the school and the site's own people what its organisation, or the calendar, made of it."""
    template = OF_SITES[move]
    facts = {**_words(site), "note": note}
    tell(
        template.code,
        organisation=(site.school, site.unit),
        roles=CONCERNED,
        values={name: facts[name] for name in template.placeholders},
        by=by,
        at=at,
        link=_address(site),
        subject_row=site,
    )


def notify_of_last_day(site: ExamSite, *, at: datetime) -> None:
    """Tell whoever asks for the yearly confirmation, and whoever gives it."""
    tell(
        DUE.code,
        organisation=(site.school, site.unit, site.organisation),
        roles=(*CONCERNED, *REVIEWERS),
        values=_words(site),
        by=SYSTEM,
        at=at,
        link=_address(site),
        subject_row=site,
    )


def _words(site: ExamSite) -> dict[str, Any]:
    return {"site": site.name, "organisation": site.organisation.name, "until": site.valid_until}


def _address(site: ExamSite) -> str:
    return reverse("venues:site-detail", args=[site.pk])
