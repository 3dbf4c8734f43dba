"""Telling the people concerned, by role and stage, in the transaction of what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from onex.accounts.models import Organisation
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.text import Say, say
from onex.notices.services import Letter, tell, tell_each
from onex.pilots import queries
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import ApplicationState, Reminder, batch_label, corrections_end
from onex.pilots.rules.notices import ADJUSTED, OF_PLANS, REMIND_REVIEWERS, REMIND_SCHOOL, TO_REVIEWERS, TO_SCHOOL


def notify_of_move(application: PilotApplication, move: str, *, by: Actor, at: datetime, note: str = "") -> None:
    """Tell the school what was decided, and the office that has to look next what waits there."""
    if (template := TO_SCHOOL.get(move)) is not None:
        _tell_school(template.code, application, by=by, at=at, **_said_to_school(application, move, note))
    if (template := TO_REVIEWERS.get(move)) is not None:
        for office, role in _offices(application, move):
            tell(
                template.code,
                organisation=office,
                roles=(role,),
                values=_words(application),
                by=by,
                at=at,
                link=_address(application),
                subject_row=application,
            )


def notify_of_decisions(decided: Sequence[tuple[PilotApplication, str, str]], *, by: Actor, at: datetime) -> None:
    """Tell what `notify_of_move` tells of each of many: application, move and note."""
    letters: dict[tuple[str, Role], list[Letter]] = {}
    for row, move, note in decided:
        if (template := TO_SCHOOL.get(move)) is not None:
            values = {**_words(row), **_said_to_school(row, move, note)}
            letters.setdefault((template.code, Role.SCHOOL), []).append(Letter(row.school, values, _address(row), row))
        if (template := TO_REVIEWERS.get(move)) is not None:
            for office, role in _offices(row, move):
                letters.setdefault((template.code, role), []).append(Letter(office, _words(row), _address(row), row))
    for (code, role), some in letters.items():
        tell_each(code, some, roles=(role,), by=by, at=at)


def _said_to_school(application: PilotApplication, move: str, note: str) -> dict[str, Any]:
    """What the notice of a move says beside which application it is."""
    said: dict[str, dict[str, Any]] = {
        "return": {"note": note, "until": _correct_until(application)},
        "approve": {
            "approved": application.approved_count,
            "requested": application.requested_count,
            "note": say("说明：{note}", note=note) if note else "",
        },
        "reject": {"note": note},
        "correct": {"note": note},
    }
    return said.get(move, {})


def notify_of_adjustment(application: PilotApplication, *, by: Actor, at: datetime, note: str) -> None:
    """Tell the school that the number granted is another now, and why."""
    more = {"approved": application.approved_count, "note": note}
    _tell_school(ADJUSTED.code, application, by=by, at=at, **more)


def notify_of_plan(plan: PilotPlan, what: str, *, by: Actor, at: datetime, note: str = "") -> None:
    """Tell every school and city of the province that a plan is there, is another now, or is gone."""
    for offices, role in queries.offices_of(plan.province):
        tell(
            OF_PLANS[what].code,
            organisation=offices,
            roles=(role,),
            values={
                "province": plan.province.name,
                "batch": _batch(plan),
                "opens": plan.opens_at,
                "closes": plan.closes_at,
                "note": note,
            },
            by=by,
            at=at,
            link=reverse("pilots:plan-detail", args=[plan.pk]),
            subject_row=plan,
        )


def remind_school(application: PilotApplication, reminder: Reminder, until: datetime, *, at: datetime) -> None:
    """Tell the school of the deadline of what is in its hands."""
    _tell_school(REMIND_SCHOOL[reminder].code, application, by=SYSTEM, at=at, until=until)


def remind_office(
    plan: PilotPlan, organisation: UUID, role: Role, count: int, until: datetime, *, at: datetime
) -> None:
    """Tell an office how much waits there under a plan, and until when it is to be decided."""
    tell(
        REMIND_REVIEWERS.code,
        organisation=queries.offices(organisation),
        roles=(role,),
        values={"batch": _batch(plan), "count": count, "until": until},
        by=SYSTEM,
        at=at,
        link=reverse("pilots:review-queue"),
        subject_row=plan,
    )


def _tell_school(code: str, application: PilotApplication, *, by: Actor, at: datetime, **more: Any) -> None:
    tell(
        code,
        organisation=application.school,
        roles=(Role.SCHOOL,),
        values={**_words(application), **more},
        by=by,
        at=at,
        link=_address(application),
        subject_row=application,
    )


def _offices(application: PilotApplication, move: str) -> list[tuple[Organisation, Role]]:
    """Whose desk it lies on; after a withdrawal, whose it lay on last is not known any more: the first reviewer's."""
    plan, city = application.plan, application.school.city
    looks_first = move != "pass" and plan.requires_city_approval and city is not None
    if application.state == ApplicationState.WITHDRAWN and application.submitted_at is None:
        return []  # nobody ever saw the draft
    if looks_first and city is not None:
        return [(city, Role.CITY)]
    return [(plan.province, Role.PROVINCE)]


def _correct_until(application: PilotApplication) -> datetime:
    plan = application.plan
    return corrections_end(plan.closes_at, plan.corrections_until)


def _words(application: PilotApplication) -> dict[str, Any]:
    plan = application.plan
    return {"school": application.school.name, "level": application.level.name, "batch": _batch(plan)}


def _batch(plan: PilotPlan) -> Say:
    return say("{year} {batch}", year=plan.year, batch=batch_label(plan.batch))


def _address(application: PilotApplication) -> str:
    return reverse("pilots:application-detail", args=[application.pk])
