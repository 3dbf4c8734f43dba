"""Who may do what with results: the organisation computes and releases, schools and authorities see what is public."""

from onex.common.actors import Role
from onex.common.permits import EVERY, USER, Permit, Reach
from onex.common.text import say
from onex.results.rules import SHOWN_STATES

_SHOWN = (("release__state__in", SHOWN_STATES),)

Permit("results.manage", say("核算与发布成绩"), {Role.ORG: Reach("plan_level__plan__organisation")})
Permit(
    "results.see",
    say("查看成绩"),
    {
        Role.ORG: Reach("entry__plan_level__plan__organisation"),
        Role.SCHOOL: Reach("entry__student__school", where=_SHOWN),
        Role.REGISTRAR: Reach("entry__student__school", where=_SHOWN),
        Role.PROVINCE: Reach("entry__student__school__province", where=_SHOWN),
        Role.STUDENT: Reach("entry__student__user", to=USER, where=_SHOWN),
        Role.OPERATOR: Reach("", where=_SHOWN),
        Role.AUDITOR: EVERY,
    },
)
