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


# Who looks after an organisation's people. The operator has three such hats, each with its own share (below).
HEADS: dict[OrganisationKind, tuple[Role, ...]] = {
    K.OPERATOR: ADMINISTRATORS,
    K.PROVINCE: (Role.ADMIN,),
    K.CITY: (Role.ADMIN,),
    K.EVALUATION_ORG: (Role.ADMIN,),
    K.SCHOOL: (Role.SCHOOL,),
    K.SITE: (Role.SITE_MANAGER,),
}
OWN_PEOPLE = (Role.ADMIN, Role.SCHOOL, Role.SITE_MANAGER)  # administrators of one organisation


def hats_to_give(by: Role, kind: str) -> tuple[Role, ...]:
    """The hats that somebody in this hat gives and takes at an organisation of this kind they reach.

    The split of 等保: the system administrator makes accounts and every organisation's first administrator, but none of
    the three administrators; those come from the security administrator, who gives nothing else; the auditor gives
    nothing. Students come from their school's roster.
    """
    place = OrganisationKind(kind)
    if by in OWN_PEOPLE:
        return tuple(role for role in HATS[place] if role != Role.STUDENT) if place != K.OPERATOR else ()
    if by == Role.SYSTEM_ADMIN:
        return HEADS[place] if place != K.OPERATOR else tuple(r for r in HATS[place] if r not in ADMINISTRATORS)
    if by == Role.SECURITY_ADMIN and place == K.OPERATOR:
        return ADMINISTRATORS
    return ()


def problems_with_hats(
    by: Role,
    kind: str,
    held: Iterable[Role],
    wanted: Iterable[Role],
    *,
    is_self: bool,
    others: Iterable[Role],
) -> list[Say]:
    """Why this person's hats at an organisation may not become `wanted`; `others` are those its other people wear."""
    if is_self:
        return [say("不能更改自己的身份，也不能停用或移出自己，请由另一位管理员办理。")]
    before, after, mine = set(held), set(wanted), hats_to_give(by, kind)
    found = [
        say("“{role}”不由您当前的身份（{by}）授予或收回。", role=role.label, by=by.label)
        for role in HATS[OrganisationKind(kind)]
        if role in before ^ after and role not in mine
    ]
    return found + problems_with_losing(kind, before - after, others)


def problems_with_losing(kind: str, lost: Iterable[Role], others: Iterable[Role]) -> list[Say]:
    """Why an organisation may not do without these hats of a person: nobody of the `others` would look after it."""
    gone, kept = set(lost), set(others)
    return [
        say("这是本机构最后一位“{role}”，请先任命另一位。", role=role.label)
        for role in HEADS[OrganisationKind(kind)]
        if role in gone and role not in kept
    ]
