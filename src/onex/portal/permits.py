"""Who may see the log."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say
from onex.portal.rules import DOOR_VERBS

Permit(
    "portal.audit_see",
    say("查看审计日志"),
    {Role.AUDITOR: EVERY, Role.SECURITY_ADMIN: Reach("", where=(("verb__in", DOOR_VERBS),))},
)
