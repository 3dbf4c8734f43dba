"""Arranged, released and published sessions for tests, on the guide's own level and the shipped items."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from onex.accounts.tests.factories import an_actor, an_evaluation_org
from onex.bank import services as bank
from onex.bank.models import Paper
from onex.bank.tests import factories as shipped
from onex.catalog import queries as catalog
from onex.catalog.models import CertificateLevel
from onex.catalog.services import load_guide
from onex.common.actors import Actor, Role
from onex.pilots.tests.factories import NOON
from onex.registration import services as registration
from onex.registration.models import ExamPlanLevel
from onex.registration.tests.factories import an_entered
from onex.sittings import services
from onex.sittings.models import ExamSession
from onex.venues.tests.factories import an_org_officer

LATER = NOON + timedelta(days=11)  # registration is over by then


def the_level() -> CertificateLevel:
    """直播电商（初级） of the guide."""
    load_guide(at=NOON)
    return catalog.level_by_code("101", 1)


@cache
def _theory() -> tuple[dict[str, Any], ...]:
    return tuple(shipped.theory_items())


def an_author() -> Actor:
    return an_actor(Role.AUTHOR, an_evaluation_org())


def an_assembler() -> Actor:
    return an_actor(Role.ASSEMBLER, an_evaluation_org())


def frozen_papers(level: CertificateLevel) -> tuple[Paper, Paper]:
    """A theory and a practical paper, frozen."""
    author, assembler = an_author(), an_assembler()
    bank.import_items(level, _theory(), by=author, at=NOON)
    theory = bank.assemble_theory(level, seed=1, by=assembler, at=NOON)
    _, practical = bank.import_practical(level, shipped.practical(), by=author, at=NOON)
    return (
        bank.move_paper(theory, "freeze", by=assembler, at=NOON),
        bank.move_paper(practical, "freeze", by=assembler, at=NOON),
    )


def a_closed_level(number: int = 3, **values: Any) -> ExamPlanLevel:
    """So many accepted candidates of one school at its own site, registration closed."""
    entries = an_entered(number, level=the_level(), **values)
    plan_level = entries[0].plan_level
    officer = an_org_officer(plan_level.plan.organisation)
    for entry in entries:
        registration.move_entry(entry, "accept", by=officer, at=NOON)
    return registration.move_plan_level(plan_level, "close", by=officer, at=LATER, note="试点考点，人数按批准执行")


def an_arranged_session(number: int = 3, **values: Any) -> ExamSession:
    plan_level = a_closed_level(number, **values)
    officer = an_org_officer(plan_level.plan.organisation)
    return services.arrange(plan_level, seed=7, by=officer, at=LATER)[0]


def a_staffed_session(number: int = 3, **values: Any) -> ExamSession:
    """Arranged, with papers and staff: everything but the decisions."""
    session = an_arranged_session(number, **values)
    officer = an_org_officer(session.plan_level.plan.organisation)
    theory, practical = frozen_papers(session.plan_level.level)
    services.bind_papers(session, theory, practical, by=officer, at=LATER)
    rooms = {seat.room: ["李建国"] for seat in session.seats.select_related("room")}
    services.name_staff(session, "周敏", rooms, by=officer, at=LATER)
    return ExamSession.objects.get(pk=session.pk)


def a_published_session(number: int = 3, **values: Any) -> ExamSession:
    """In its exam room."""
    session = a_staffed_session(number, **values)
    officer = an_org_officer(session.plan_level.plan.organisation)
    session = services.release(session, by=officer, at=LATER)
    return services.publish(session, by=officer, at=LATER)
