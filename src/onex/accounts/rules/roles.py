"""Which hats an organisation may give, which never sit on one head, and which need a second factor."""

from __future__ import annotations

from collections.abc import Iterable

from onex.accounts.rules.organisations import OrganisationKind
from onex.common.actors import Role
from onex.common.text import Say, say

K = OrganisationKind
# The hats of each kind of organisation, in the order in which a form offers them.
HATS: dict[OrganisationKind, tuple[Role, ...]] = {
    K.OPERATOR: (
        Role.OPERATOR,
        Role.SYSTEM_ADMIN,
        Role.SECURITY_ADMIN,
        Role.AUDITOR,
        Role.EDITOR,
        Role.TECH,
        Role.LEARNER,
    ),
    K.PROVINCE: (Role.PROVINCE, Role.ADMIN),
    K.CITY: (Role.CITY, Role.ADMIN),
    K.EVALUATION_ORG: (
        Role.ORG,
        Role.AUTHOR,
        Role.REVIEWER,
        Role.ASSEMBLER,
        Role.SITE_REVIEWER,
        Role.TRAINER,
        Role.FINANCE,
        Role.EDITOR,
        Role.ASSESSOR,
        Role.ADMIN,
    ),
    K.SCHOOL: (Role.SCHOOL, Role.REGISTRAR, Role.TEACHER, Role.STUDENT),
    K.SITE: (Role.SITE_MANAGER, Role.SITE_INVIGILATOR, Role.TECH),
}
# 等保 (GB/T 22239-2019, 8.1.4.2): the system, security and audit administrators are three persons.
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
# Nobody sees a whole paper from its first draft to its release alone (trust.md A.3).
APART: tuple[tuple[Role, ...], ...] = (ADMINISTRATORS, (Role.AUTHOR, Role.REVIEWER, Role.ASSEMBLER))
# Everybody above a student proves a second factor where the installation asks for it.
WITHOUT_SECOND_FACTOR = (Role.STUDENT, Role.LEARNER)


def needs_second_factor(roles: Iterable[Role]) -> bool:
    """Whether one of these hats is above a student's."""
    return any(role not in WITHOUT_SECOND_FACTOR for role in roles)


def problems_with_hat(role: Role, kind: str, held: Iterable[Role]) -> list[Say]:
    """Why somebody who holds these hats may not put on this one at an organisation of this kind."""
    found = []
    if role not in HATS.get(OrganisationKind(kind), ()):
        found.append(say("这类机构没有“{role}”这个身份。", role=role.label))
    for group in APART:
        other = next((one for one in held if one in group and one != role), None)
        if role in group and other is not None:
            found.append(say("“{role}”和“{other}”不能是同一个人。", role=role.label, other=other.label))
    return found
