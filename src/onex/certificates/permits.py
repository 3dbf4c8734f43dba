"""Who may do what with certificates: the organisation issues and revokes, schools print their students'."""

from onex.common.actors import Role
from onex.common.permits import EVERY, USER, Permit, Reach
from onex.common.text import say

ORGANISED = Reach("result__entry__plan_level__plan__organisation")
SCHOOLS = Reach("result__entry__student__school")

Permit("certificates.issue", say("签发证书"), {Role.ORG: Reach("plan_level__plan__organisation")})
Permit("certificates.revoke", say("撤销证书"), {Role.ORG: ORGANISED})
Permit(
    "certificates.see",
    say("查看证书"),
    {
        Role.ORG: ORGANISED,
        Role.SCHOOL: SCHOOLS,
        Role.REGISTRAR: SCHOOLS,
        Role.PROVINCE: Reach("result__entry__student__school__province"),
        Role.STUDENT: Reach("result__entry__student__user", to=USER),
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit(
    "certificates.print",
    say("打印证书"),
    {
        Role.ORG: ORGANISED,
        Role.SCHOOL: SCHOOLS,
        Role.REGISTRAR: SCHOOLS,
        Role.STUDENT: Reach("result__entry__student__user", to=USER),
    },
)
