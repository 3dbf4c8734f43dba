"""Who acts: a person, the role they chose, the organisation they act for. No Django here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from onex.common.text import Say, say


class Role(StrEnum):
    """The hats of the cycle (domain.md §1). One person may own several and wears one at a time."""

    OPERATOR = "operator"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    ADMIN = "admin"
    PROVINCE = "province"
    CITY = "city"
    ORG = "org"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    ASSEMBLER = "assembler"
    SITE_REVIEWER = "site_reviewer"
    TRAINER = "trainer"
    FINANCE = "finance"
    EDITOR = "editor"
    ASSESSOR = "assessor"
    SCHOOL = "school"
    REGISTRAR = "registrar"
    SITE_MANAGER = "site_manager"
    SITE_INVIGILATOR = "site_invigilator"
    TECH = "tech"
    TEACHER = "teacher"
    STUDENT = "student"
    LEARNER = "learner"
    SYSTEM = "system"

    @property
    def label(self) -> Say:
        return _ROLE_LABELS[self]


_ROLE_LABELS = {
    Role.OPERATOR: say("平台运营"),
    Role.SYSTEM_ADMIN: say("系统管理员"),
    Role.SECURITY_ADMIN: say("安全管理员"),
    Role.AUDITOR: say("审计员"),
    Role.ADMIN: say("机构管理员"),
    Role.PROVINCE: say("省级教育行政部门"),
    Role.CITY: say("地市级教育局"),
    Role.ORG: say("培训评价组织考务"),
    Role.AUTHOR: say("命题员"),
    Role.REVIEWER: say("审题员"),
    Role.ASSEMBLER: say("组卷员"),
    Role.SITE_REVIEWER: say("站点审核"),
    Role.TRAINER: say("培训管理"),
    Role.FINANCE: say("财务"),
    Role.EDITOR: say("内容编辑"),
    Role.ASSESSOR: say("考评员"),
    Role.SCHOOL: say("试点院校"),
    Role.REGISTRAR: say("院校报名员"),
    Role.SITE_MANAGER: say("考点主任"),
    Role.SITE_INVIGILATOR: say("考点监考员"),
    Role.TECH: say("技术支持"),
    Role.TEACHER: say("教师"),
    Role.STUDENT: say("学生"),
    Role.LEARNER: say("云课程学员"),
    Role.SYSTEM: say("系统"),
}


# Whose organisation is a school and who act for all of it.
OF_A_SCHOOL = (Role.SCHOOL, Role.REGISTRAR)


@dataclass(frozen=True)
class Actor:
    """A person in a hat. `organisation_id` is the organisation the hat belongs to; None only for the system."""

    user_id: UUID | None
    name: str
    role: Role
    organisation_id: UUID | None
    organisation_name: str = ""
    address: str = field(default="", compare=False)  # where the request came from, for the trace

    @property
    def label(self) -> str:
        """How traces name the actor: name and organisation, frozen at the time of the act."""
        return f"{self.name}（{self.organisation_name}）" if self.organisation_name else self.name


# Sweeps and the clock act under this name; it holds only the permits that name Role.SYSTEM.
SYSTEM = Actor(user_id=None, name="系统", role=Role.SYSTEM, organisation_id=None)


def visitor(address: str = "") -> Actor:
    """Somebody who has not signed in (a failed sign-in, a public form): named so in traces, with the address."""
    return replace(SYSTEM, name="访客", address=address)
