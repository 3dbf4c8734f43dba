"""Who may see the log, and who may ask for and decide on what the platform holds about people."""

from onex.common.actors import Role
from onex.common.permits import EVERY, USER, Permit, Reach
from onex.common.text import say
from onex.portal.rules import DOOR_VERBS

Permit(
    "portal.audit_see",
    say("查看审计日志"),
    {Role.AUDITOR: EVERY, Role.SECURITY_ADMIN: Reach("", where=(("verb__in", DOOR_VERBS),))},
)

_OF_SCHOOL = Reach("school")
_OWN = Reach("user", to=USER)
# Asked of the student: the school files and exports on behalf of its own.
Permit("portal.erasure_file", say("代学生申请删除个人信息"), {Role.SCHOOL: _OF_SCHOOL, Role.REGISTRAR: _OF_SCHOOL})
Permit("portal.data_export", say("代学生导出个人信息"), {Role.SCHOOL: _OF_SCHOOL, Role.REGISTRAR: _OF_SCHOOL})
# Asked of the account itself.
Permit(
    "portal.erasure_own",
    say("申请删除本人的个人信息"),
    {Role.STUDENT: Reach("pk", to=USER), Role.LEARNER: Reach("pk", to=USER)},
)
Permit(
    "portal.erasure_see",
    say("查看个人信息删除申请"),
    {
        Role.SCHOOL: _OF_SCHOOL,
        Role.REGISTRAR: _OF_SCHOOL,
        Role.STUDENT: _OWN,
        Role.LEARNER: _OWN,
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit("portal.erasure_decide", say("办理个人信息删除申请"), {Role.SCHOOL: _OF_SCHOOL, Role.OPERATOR: EVERY})
Permit(
    "portal.erasure_withdraw",
    say("撤回个人信息删除申请"),
    {Role.SCHOOL: _OF_SCHOOL, Role.REGISTRAR: _OF_SCHOOL, Role.STUDENT: _OWN, Role.LEARNER: _OWN},
)
Permit("portal.erasure_finish", say("完成个人信息删除"), {Role.SYSTEM: EVERY})
