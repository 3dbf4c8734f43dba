"""Who acts: a person, the role they chose, the organisation they act for. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from onex.common.text import Say, say


class Role(StrEnum):
    """The hats of the cycle (domain.md §1). One person may own several and wears one at a time."""

    OPERATOR = "operator"
    PROVINCE = "province"
    CITY = "city"
    ORG = "org"
    AUTHOR = "author"
    ASSESSOR = "assessor"
    SCHOOL = "school"
    TEACHER = "teacher"
    AUDITOR = "auditor"
    SYSTEM = "system"

    @property
    def label(self) -> Say:
        return _ROLE_LABELS[self]


_ROLE_LABELS = {
    Role.OPERATOR: say("平台运营"),
    Role.PROVINCE: say("省级教育行政部门"),
    Role.CITY: say("地市级教育局"),
    Role.ORG: say("培训评价组织考务"),
    Role.AUTHOR: say("命题与组卷"),
    Role.ASSESSOR: say("考评员"),
    Role.SCHOOL: say("试点院校"),
    Role.TEACHER: say("教师"),
    Role.AUDITOR: say("审计员"),
    Role.SYSTEM: say("系统"),
}


@dataclass(frozen=True)
class Actor:
    """A person in a hat. `organisation_id` is the organisation the hat belongs to; None only for the system."""

    user_id: UUID | None
    name: str
    role: Role
    organisation_id: UUID | None
    organisation_name: str = ""

    @property
    def label(self) -> str:
        """How traces name the actor: name and organisation, frozen at the time of the act."""
        return f"{self.name}（{self.organisation_name}）" if self.organisation_name else self.name


# Sweeps and the clock act under this name; it holds only the permits that name Role.SYSTEM.
SYSTEM = Actor(user_id=None, name="系统", role=Role.SYSTEM, organisation_id=None)
