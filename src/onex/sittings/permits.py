"""Who may do what with sessions: the organisation arranges, the hosting site staffs, a school prints its tickets.

A school whose students sit elsewhere sees the session once tickets are out, and of its seats only its own students'.
A student then has the own ticket.
"""

from onex.common.actors import Role
from onex.common.permits import EVERY, USER, Permit, Reach
from onex.common.text import say
from onex.sittings.rules import TICKETS_OUT

ORGANISED = Reach("plan_level__plan__organisation")
AT_THE_SITE = Reach("site__unit")  # its own people, who may be others than the school's
_SCHOOL = (
    Reach("site__school"),
    Reach("seats__entry__student__school", where=(("state__in", TICKETS_OUT),)),
)

Permit("sittings.arrange", say("编排考场"), {Role.ORG: ORGANISED})
Permit("sittings.progress", say("结束场次"), {Role.ORG: ORGANISED, Role.SYSTEM: EVERY})
Permit(
    "sittings.see",
    say("查看考试场次"),
    {
        Role.ORG: ORGANISED,
        Role.SCHOOL: _SCHOOL,
        Role.REGISTRAR: _SCHOOL,
        Role.SITE_MANAGER: AT_THE_SITE,
        Role.SITE_INVIGILATOR: AT_THE_SITE,
        Role.TECH: AT_THE_SITE,
        Role.PROVINCE: Reach("site__school__province"),
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit(
    "sittings.seats",
    say("查看座位"),
    {
        Role.ORG: Reach("session__plan_level__plan__organisation"),
        Role.SCHOOL: (Reach("session__site__school"), Reach("entry__student__school")),
        Role.REGISTRAR: (Reach("session__site__school"), Reach("entry__student__school")),
        Role.SITE_MANAGER: Reach("session__site__unit"),
        Role.PROVINCE: Reach("session__site__school__province"),
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit(
    "sittings.staff",
    say("安排监考员"),
    {Role.ORG: ORGANISED, Role.SCHOOL: Reach("site__school"), Role.SITE_MANAGER: AT_THE_SITE},
)
Permit(
    "sittings.ticket",
    say("打印准考证"),
    {
        Role.ORG: Reach("session__plan_level__plan__organisation"),
        Role.SCHOOL: Reach("entry__student__school"),
        Role.STUDENT: Reach("entry__student__user", to=USER, where=(("session__state__in", TICKETS_OUT),)),
        Role.REGISTRAR: Reach("entry__student__school"),
    },
)
