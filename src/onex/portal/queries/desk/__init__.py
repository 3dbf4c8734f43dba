"""What waits for a person, what changed, and the figures that matter, by the hat they wear.

Built from the other apps' own reads, so a desk shows nothing that its owner could not find in a list. Every kind of
task costs one or two queries however many rows wait. One file for each audience; `changes` is for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from onex.common.actors import Actor, Role
from onex.portal.queries.desk import authorities, bank, organisation, people, platform, school, site
from onex.portal.queries.desk.changes import LATELY, changes_for
from onex.portal.queries.desk.parts import Parts
from onex.portal.queries.student import home_of_student
from onex.portal.rules import Desk, oldest_first

__all__ = ["DESKS", "LATELY", "changes_for", "desk_of"]


def desk_of(actor: Actor, at: datetime) -> Desk:
    """The home of this hat."""
    tasks, figures, start = DESKS.get(actor.role, platform.onlooker)(actor, at)
    return Desk(oldest_first([*tasks, *people.invitations(actor)]), figures, changes_for(actor, at), start)


DESKS: dict[Role, Callable[[Actor, datetime], Parts]] = {
    Role.SCHOOL: school.school,
    Role.REGISTRAR: school.registrar,
    Role.PROVINCE: authorities.province,
    Role.CITY: authorities.city,
    Role.ORG: organisation.organisation,
    Role.SITE_REVIEWER: organisation.site_reviewer,
    Role.FINANCE: organisation.finance,
    Role.TRAINER: organisation.trainer,
    Role.EDITOR: platform.editor,
    Role.AUTHOR: bank.author,
    Role.REVIEWER: bank.reviewer,
    Role.ASSEMBLER: bank.assembler,
    Role.ASSESSOR: bank.assessor,
    Role.SITE_MANAGER: site.manager,
    Role.SITE_INVIGILATOR: site.onlooker,
    Role.TECH: site.onlooker,
    Role.ADMIN: people.admin,
    Role.SYSTEM_ADMIN: people.system_admin,
    Role.SECURITY_ADMIN: people.security_admin,
    Role.OPERATOR: platform.operator,
    Role.AUDITOR: platform.auditor,
    Role.STUDENT: home_of_student,
}
